/** What a translation engine says, from its deltas to the turns: filler taken out, and what comes too late left unsaid. */
import type { Clock } from '../clock.js';
import { ListenerDelay } from './listener-delay.js';
import type { TranslationTurns } from './translation-turns.js';
import { ZeroFiller } from './zero-filler.js';

/** Zeros for so long, or nothing for so long, are a pause between two utterances. */
const UTTERANCE_GAP_MS = 600;
const NOTHING_COMES_MS = 1_000;
const SAMPLES_PER_MS = 24;

/** What became of the audio that the engine sent, in milliseconds. */
export type TranslationAudioTally = {
  receivedMs: number;
  /** Zero filler, left out. */
  fillerMs: number;
  /** Speech left to captions, since the listener would have been too far behind. */
  droppedMs: number;
};

/** What output needs of its session. */
export type TranslationOutputOptions = {
  clock: Clock;
  turns: TranslationTurns;
  /** All input is over: what is left is finite, comes all at once, and is said however long it takes. */
  draining: () => boolean;
  /** Called once, at the first speech that is left to captions. */
  onDropped: () => void;
};

/** See the file's comment. */
export class TranslationOutput {
  readonly #options: TranslationOutputOptions;
  readonly #filler = new ZeroFiller();
  readonly #delay = new ListenerDelay();
  #receivedMs = 0;
  #droppedMs = 0;
  #lastAudioMs = 0;
  #oddByte: number | undefined;
  /** Playback is full: nothing is said while it is. */
  held = false;

  constructor(options: TranslationOutputOptions) {
    this.#options = options;
  }

  /** What became of the audio so far. */
  get tally(): TranslationAudioTally {
    return { receivedMs: this.#receivedMs, fillerMs: this.#filler.droppedMs, droppedMs: this.#droppedMs };
  }

  /** One delta: 24 kHz mono PCM16 as base64, of any length. */
  take(base64: string): void {
    const pcm = this.#decode(base64);
    const nowMs = this.#options.clock.nowMs();
    this.#receivedMs += pcm.length / SAMPLES_PER_MS;
    this.#lastAudioMs = nowMs;
    const heard = this.#filler.process(pcm, this.#delay.behindMs(nowMs));
    if (heard.length > 0) this.#say(heard, nowMs);
    if (this.#filler.silentMs >= UTTERANCE_GAP_MS) this.#endUtterance();
  }

  /** Ends an utterance that nothing more comes of; to be called a few times a second. */
  look(): void {
    if (this.#options.clock.nowMs() - this.#lastAudioMs >= NOTHING_COMES_MS) this.#endUtterance();
  }

  /** Playback was cleared: nobody is behind. */
  cleared(): void {
    this.#delay.clear();
  }

  #say(pcm: Int16Array, nowMs: number): void {
    const { turns, draining, onDropped } = this.#options;
    const durationMs = pcm.length / SAMPLES_PER_MS;
    const admitted = draining() || this.#delay.admit(durationMs, nowMs, turns.betweenUtterances);
    const audible = admitted && !this.held;
    if (!audible) {
      if (this.#droppedMs === 0) onDropped();
      this.#droppedMs += durationMs;
    }
    turns.audio(pcm, audible);
  }

  #endUtterance(): void {
    this.#filler.endUtterance();
    this.#options.turns.endUtterance();
  }

  /** Samples of one delta; a sample cut in two by its end is put together again. */
  #decode(base64: string): Int16Array {
    let bytes = Buffer.from(base64, 'base64');
    if (this.#oddByte !== undefined) bytes = Buffer.concat([Buffer.of(this.#oddByte), bytes]);
    const samples = bytes.length >> 1;
    this.#oddByte = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
    const pcm = new Int16Array(samples);
    for (let index = 0; index < samples; index++) pcm[index] = bytes.readInt16LE(2 * index);
    return pcm;
  }
}
