/** A speaker's audio as sessions take it, from samples that a test has. */
import { SpeechDetector, StreamingResampler } from '../../audio/index.js';
import type { InterpretingSession } from '../../src/realtime/session.js';
import { AudioChunk } from '../../src/realtime/uplink/audio-chunk.js';

/** Quieter samples are no speech. */
const LOUD = 500;
const PIECE_SAMPLES = 480;

const pauses = new WeakMap<object, number>();

/** One chunk, whatever its length; speech is whatever is loud. */
export function chunkOf(pcm: Int16Array, atMs: number, pauseMs = pcm.length / 24): AudioChunk {
  const loud = pcm.some((sample) => Math.abs(sample) > LOUD);
  return new AudioChunk(pcm.slice(), atMs, loud, loud ? 0 : pauseMs);
}

/** Gives a session samples as one chunk of a speaker who is silent where they are quiet. */
export function append(
  session: Pick<InterpretingSession, 'appendAudio'>,
  pcm: Int16Array,
  atMs: number,
): void {
  const chunk = chunkOf(pcm, atMs, (pauses.get(session) ?? 0) + pcm.length / 24);
  pauses.set(session, chunk.pauseMs);
  session.appendAudio(chunk);
}

/** A speaker's audio as it is, in chunks of 20 ms at most, judged by the detector that meetings use. */
export class JudgedSpeech {
  readonly #take: (chunk: AudioChunk) => void;
  readonly #upsampler = new StreamingResampler(24_000, 48_000);
  readonly #detector = new SpeechDetector(48_000);

  /** Needs `loadResampler()` and `loadSpeechDetector()` to have resolved. */
  constructor(take: (chunk: AudioChunk) => void) {
    this.#take = take;
  }

  push(pcm: Int16Array, atMs: number): void {
    for (let from = 0; from < pcm.length; from += PIECE_SAMPLES) {
      const piece = pcm.slice(from, from + PIECE_SAMPLES);
      const speaking = this.#detector.push(this.#upsampler.process(piece));
      const { pauseMs } = this.#detector;
      this.#take(new AudioChunk(piece, atMs + from / 24, speaking && pauseMs === 0, pauseMs));
    }
  }
}
