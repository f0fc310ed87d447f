import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import type { Clock } from '../../clock.js';
import type { SessionCounters } from '../session.js';
import type { ListenerDelay } from './listener-delay.js';
import type { TranslateTurns } from './translate-turns.js';
import { ZeroFiller } from './zero-filler.js';

/** Zeros for so long, or nothing for so long, are a pause between two utterances. */
const UTTERANCE_GAP_MS = 600;
const NOTHING_COMES_MS = 1_000;
const SAMPLE_BYTES = 2;

/** What output needs of its session. */
export type TranslateOutputOptions = {
  clock: Clock;
  turns: TranslateTurns;
  delay: ListenerDelay;
  counters: SessionCounters;
  /** All input is over: what is left is finite, comes all at once, and is said however long it takes. */
  draining: () => boolean;
  /** Called once, at the first speech that is left to captions. */
  onDropped: () => void;
};

/**
 * What a translation engine says, from its deltas to the turns: filler taken out, and what comes too late left unsaid.
 */
export class TranslateOutput {
  readonly #options: TranslateOutputOptions;
  #filler = new ZeroFiller();
  #lastAudioMs = 0;
  #oddByte: number | undefined;

  constructor(options: TranslateOutputOptions) {
    this.#options = options;
  }

  /** One delta: 24 kHz mono PCM16 as base64, of any length. */
  take(base64: string): void {
    const { clock, delay, counters } = this.#options;
    const pcm = this.#decode(base64);
    const nowMs = clock.nowMs();
    counters.audioReceivedMs += pcm.length / REALTIME_SAMPLES_PER_MS;
    this.#lastAudioMs = nowMs;
    const fillerBeforeMs = this.#filler.droppedMs;
    const heard = this.#filler.process(pcm, delay.behindMs(nowMs));
    counters.fillerDroppedMs += this.#filler.droppedMs - fillerBeforeMs;
    if (heard.length > 0) this.#say(heard, nowMs);
    if (this.#filler.silentMs >= UTTERANCE_GAP_MS) this.#endUtterance();
  }

  /** Ends an utterance that nothing more comes of; to be called a few times a second. */
  tick(): void {
    if (this.#options.clock.nowMs() - this.#lastAudioMs >= NOTHING_COMES_MS) this.#endUtterance();
  }

  /** What follows comes from another connection. */
  connectionLost(): void {
    this.#endUtterance();
    this.#filler = new ZeroFiller();
    this.#oddByte = undefined;
  }

  #say(pcm: Int16Array, nowMs: number): void {
    const { turns, delay, counters, draining, onDropped } = this.#options;
    const durationMs = pcm.length / REALTIME_SAMPLES_PER_MS;
    const audible = delay.admit(durationMs, nowMs, { begins: turns.betweenUtterances, finite: draining() });
    if (!audible) {
      if (counters.lateAudioDroppedMs === 0) onDropped();
      counters.lateAudioDroppedMs += durationMs;
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
    const samples = Math.floor(bytes.length / SAMPLE_BYTES);
    this.#oddByte = bytes.length % SAMPLE_BYTES === 1 ? bytes[bytes.length - 1] : undefined;
    const whole = bytes.byteOffset % SAMPLE_BYTES === 0 ? bytes : Uint8Array.from(bytes);
    return new Int16Array(whole.buffer, whole.byteOffset, samples);
  }
}
