import { FRAME_MS, FRAME_SAMPLES, VoiceActivity } from './voice-activity.js';
import type { TurnDetection } from '../config/session-config.js';

/** A boundary of speech; positions are samples since the session began, without padding or silence. */
export type SpeechBoundary =
  { kind: 'started'; onsetSample: number } | { kind: 'stopped'; endSample: number; silenceMs: number };

const TRIGGER_FRAMES = 3; // of the last TRIGGER_WINDOW: 30 ms of voice
const TRIGGER_WINDOW = 5;
const LOOK_BACK_FRAMES = 60;
const GAP_FRAMES = 8; // the closure of a plosive after the first consonant
const UNVOICED_TAIL_FRAMES = 30; // the longest consonant cluster at the end of a word
const QUIETEST_SPEECH_DBFS = -60;

/** Semantic VAD judges by level and pitch like server VAD; these are its fixed values. */
const SEMANTIC_THRESHOLD = 0.5;
const SEMANTIC_PREFIX_MS = 300;
const COMPLETE_PHRASE_MS = 500;
const EAGERNESS_MS = {
  low: { complete: 1_600, longest: 8_000 },
  medium: { complete: 800, longest: 4_000 },
  auto: { complete: 800, longest: 4_000 },
  high: { complete: 400, longest: 2_000 },
} as const;

/** The activation threshold in force, 0 to 1. */
function thresholdOf(detection: TurnDetection): number {
  return detection.type === 'server_vad' ? detection.threshold : SEMANTIC_THRESHOLD;
}

/** How much audio before the onset belongs to the turn, in milliseconds. */
export function prefixPaddingMs(detection: TurnDetection): number {
  return detection.type === 'server_vad' ? detection.prefix_padding_ms : SEMANTIC_PREFIX_MS;
}

/**
 * The silence that ends a turn of `speechMs`, in milliseconds. For semantic VAD the stand-in has a rule of its own: at
 * least half a second of speech counts as a finished phrase and ends after a short pause (low 1.6 s, medium and auto
 * 0.8 s, high 0.4 s); anything shorter ("uhm") waits for the documented longest (8, 4, 2 s).
 */
function endingSilenceMs(detection: TurnDetection, speechMs: number): number {
  if (detection.type === 'server_vad') return detection.silence_duration_ms;
  const pause = EAGERNESS_MS[detection.eagerness];
  return speechMs >= COMPLETE_PHRASE_MS ? pause.complete : pause.longest;
}

/**
 * Where speech starts and stops in a stream of 24 kHz samples. Everything is counted in samples, so the answer does not
 * depend on how the audio is cut into events or when they arrive.
 */
export class TurnDetector {
  readonly #activity = new VoiceActivity();
  readonly #levels = new Float64Array(LOOK_BACK_FRAMES).fill(-100); // ring, by frame number
  readonly #voiced = new Uint8Array(TRIGGER_WINDOW);
  #frame = 0; // frames seen since the session began
  #lastVoicedFrame = -Infinity;
  #onsetFrame = 0;
  #endFrame = 0; // after the last frame of speech
  #speaking = false;

  /** Speech has started and not stopped. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** Takes the next frame of {@link FRAME_SAMPLES} samples; returns the boundary it brings to light, if any. */
  push(pcm: Int16Array, detection: TurnDetection): SpeechBoundary | undefined {
    const activity = this.#activity.push(pcm, this.#speaking);
    const frame = this.#frame++;
    this.#levels[frame % LOOK_BACK_FRAMES] = activity.levelDbfs;
    const probability = activity.probability;
    const voiced = probability > 0 && probability >= thresholdOf(detection);
    this.#voiced[frame % TRIGGER_WINDOW] = voiced ? 1 : 0;
    if (activity.voicing > 0.5) this.#lastVoicedFrame = frame;
    const quietest = Math.max(QUIETEST_SPEECH_DBFS, activity.noiseFloorDbfs + 6);

    if (!this.#speaking) {
      if (!voiced || this.#voiced.reduce((sum, flag) => sum + flag, 0) < TRIGGER_FRAMES) return undefined;
      this.#speaking = true;
      this.#onsetFrame = this.#findOnset(frame, quietest);
      this.#endFrame = frame + 1;
      return { kind: 'started', onsetSample: this.#onsetFrame * FRAME_SAMPLES };
    }
    if (activity.levelDbfs > quietest && frame - this.#lastVoicedFrame <= UNVOICED_TAIL_FRAMES) {
      this.#endFrame = frame + 1;
      return undefined;
    }
    const silenceMs = endingSilenceMs(detection, (this.#endFrame - this.#onsetFrame) * FRAME_MS);
    if ((this.#frame - this.#endFrame) * FRAME_MS < silenceMs) return undefined;
    this.#stop();
    return { kind: 'stopped', endSample: this.#endFrame * FRAME_SAMPLES, silenceMs };
  }

  /** Forgets the speech in progress: the buffer was committed or cleared by the client. */
  reset(): void {
    this.#endFrame = this.#frame;
    this.#stop();
  }

  #stop(): void {
    this.#speaking = false;
    this.#voiced.fill(0);
  }

  /** The first frame of the stretch of sound that ends in `frame`, short gaps included. */
  #findOnset(frame: number, quietest: number): number {
    let onset = frame;
    const oldest = Math.max(this.#endFrame, 0, frame - LOOK_BACK_FRAMES + 1);
    for (let index = frame; index >= oldest && onset - index <= GAP_FRAMES; index--) {
      if (this.#levels[index % LOOK_BACK_FRAMES]! > quietest) onset = index;
    }
    return onset;
  }
}
