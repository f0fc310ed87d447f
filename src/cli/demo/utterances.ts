import { measureLevel } from '../../../audio/index.js';
import { REALTIME_RATE_HZ } from '../../../audio/rates.js';

const AUDIBLE_DBFS = -50;
/** Longer than any pause inside a phrase, shorter than between two. */
const END_SILENCE_MS = 600;
const MARGIN_MS = 200;
const MAX_UTTERANCE_MS = 20_000;

export type Utterance = { pcm24k: Int16Array; startedAtMs: number; endedAtMs: number };

/** Cuts what an interpreter says into utterances: audible speech, with the silence around it as its bounds. */
export class Utterances {
  readonly #onUtterance: (utterance: Utterance) => void;
  #chunks: Int16Array[] = [];
  #heldMs = 0;
  #startedAtMs: number | undefined;
  #lastAudibleMs = 0;

  constructor(onUtterance: (utterance: Utterance) => void) {
    this.#onUtterance = onUtterance;
  }

  /** 24 kHz mono, a few milliseconds at a time; `atMs` is the time of the first sample. */
  push(pcm24k: Int16Array, atMs: number): void {
    if (pcm24k.length === 0) return;
    const endMs = atMs + (pcm24k.length / REALTIME_RATE_HZ) * 1_000;
    const audible = measureLevel(pcm24k).rmsDbfs > AUDIBLE_DBFS;
    this.#chunks.push(pcm24k.slice());
    this.#heldMs += endMs - atMs;
    if (audible) {
      this.#startedAtMs ??= atMs;
      this.#lastAudibleMs = endMs;
    }
    if (this.#startedAtMs === undefined) this.#forget();
    else if (endMs - this.#lastAudibleMs >= END_SILENCE_MS || this.#heldMs >= MAX_UTTERANCE_MS) this.#end();
  }

  /** Before an utterance, only its margin is kept. */
  #forget(): void {
    while (this.#heldMs > MARGIN_MS) {
      const oldest = this.#chunks.shift();
      this.#heldMs -= ((oldest?.length ?? 0) / REALTIME_RATE_HZ) * 1_000;
    }
  }

  #end(): void {
    const pcm24k = new Int16Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      pcm24k.set(chunk, at);
      at += chunk.length;
    }
    const startedAtMs = this.#startedAtMs ?? 0;
    this.#chunks = [];
    this.#heldMs = 0;
    this.#startedAtMs = undefined;
    this.#onUtterance({ pcm24k, startedAtMs, endedAtMs: this.#lastAudibleMs });
  }
}
