import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import type { Clock } from '../../clock.js';
import type { SessionCounters, TimeWindow } from '../session.js';
import type { ListenerDelay } from './listener-delay.js';
import type { ContinuousTurns } from './continuous-turns.js';
import { QuietFilter } from './quiet-filter.js';

/** Nothing for so long is a pause between two utterances. */
const NOTHING_COMES_MS = 1_000;
/** The quiet that takes the end of an utterance that comes in time through all filters behind this one: else it would be heard a pause late. */
const TAIL_MS = 10;
const SAMPLE_BYTES = 2;

/** What the voice of an engine comes as. */
export type OutputForm = {
  /** A sample of this magnitude is sound; 1: everything but zero. */
  quietBelow: number;
  /** So long a quiet is a pause between two utterances. */
  utteranceGapMs: number;
  /**
   * It comes as fast as it is spoken, so that a pause has passed when what follows it comes: so much of an utterance is kept back
   * until it begins, for pieces that are late. Undefined: it comes ahead of time.
   */
  leadMs: number | undefined;
  /** Words of an utterance come so long after its voice; 0: ahead of it. */
  textLateMs: number;
};

/** What output needs of its session. */
export type ContinuousOutputOptions = {
  clock: Clock;
  output: OutputForm;
  turns: ContinuousTurns;
  delay: ListenerDelay;
  counters: SessionCounters;
  /** All input is over: what is left is finite, comes all at once, and is said however long it takes. */
  draining: () => boolean;
  /** Called once, at the first speech that is left to captions. */
  onDropped: () => void;
};

function newFilter({ quietBelow, leadMs, utteranceGapMs }: OutputForm): QuietFilter {
  // What comes in time cannot fall behind by its pauses.
  return leadMs === undefined
    ? new QuietFilter(quietBelow)
    : new QuietFilter(quietBelow, utteranceGapMs, TAIL_MS);
}

/**
 * What a translation engine says, from its deltas to the turns: quiet taken out, and what comes too late left unsaid.
 */
export class ContinuousOutput {
  readonly #options: ContinuousOutputOptions;
  #filter: QuietFilter;
  #lastAudioMs = 0;
  /** Where the last delta ended on the server's clock, where that is known. */
  #positionMs: number | undefined;
  #oddByte: number | undefined;
  /** The beginning of an utterance, kept back. */
  #lead: { readonly pcm: Int16Array; readonly window: TimeWindow | undefined }[] = [];
  #leadSinceMs = 0;

  constructor(options: ContinuousOutputOptions) {
    this.#options = options;
    this.#filter = newFilter(options.output);
  }

  /** One delta: 24 kHz mono PCM16 as base64, of any length. `startMs`: where it begins on the server's clock, if it has one. */
  take(base64: string, startMs?: number): void {
    const { clock, delay, counters, output } = this.#options;
    const pcm = this.#decode(base64);
    const nowMs = clock.nowMs();
    const durationMs = pcm.length / REALTIME_SAMPLES_PER_MS;
    counters.audioReceivedMs += durationMs;
    this.#lastAudioMs = nowMs;
    const window = startMs === undefined ? undefined : { fromMs: startMs, toMs: startMs + durationMs };
    // Silence that was left out counts as much as one that was sent.
    if (startMs !== undefined && startMs - (this.#positionMs ?? startMs) >= output.utteranceGapMs)
      this.#endUtterance();
    this.#positionMs = window?.toMs;
    const droppedBeforeMs = this.#filter.droppedMs;
    const waitedMs = output.leadMs === undefined ? 0 : delay.waitedMs(nowMs);
    const heard = this.#filter.process(pcm, delay.behindMs(nowMs), waitedMs);
    counters.fillerDroppedMs += this.#filter.droppedMs - droppedBeforeMs;
    if (heard.length > 0) this.#sayOrKeep(heard, nowMs, window && this.#soundIn(window, pcm));
    if (this.#filter.silentMs >= output.utteranceGapMs) this.#endUtterance();
  }

  /** Ends an utterance that nothing more comes of; to be called a few times a second. */
  tick(): void {
    if (this.#options.clock.nowMs() - this.#lastAudioMs >= NOTHING_COMES_MS) this.#endUtterance();
  }

  /** What follows comes from another connection. */
  connectionLost(): void {
    this.#lead = [];
    this.#endUtterance();
    this.#filter = newFilter(this.#options.output);
    this.#positionMs = undefined;
    this.#oddByte = undefined;
  }

  #say(pcm: Int16Array, nowMs: number, window: TimeWindow | undefined): void {
    const { turns, delay, counters, draining, onDropped } = this.#options;
    const durationMs = pcm.length / REALTIME_SAMPLES_PER_MS;
    const audible = delay.admit(durationMs, nowMs, { begins: turns.betweenUtterances, finite: draining() });
    if (!audible) {
      if (counters.lateAudioDroppedMs === 0) onDropped();
      counters.lateAudioDroppedMs += durationMs;
    }
    turns.audio(pcm, audible, window);
  }

  /** The beginning of an utterance is where its sound is: times of words are told from there. */
  #soundIn(window: TimeWindow, pcm: Int16Array): TimeWindow {
    const { turns, output } = this.#options;
    if (!turns.betweenUtterances) return window;
    const quietSamples = pcm.findIndex((sample) => Math.abs(sample) >= output.quietBelow);
    return { ...window, fromMs: window.fromMs + Math.max(0, quietSamples) / REALTIME_SAMPLES_PER_MS };
  }

  /** An utterance begins once so much of it is there, or all of it; what follows is said as it comes. */
  #sayOrKeep(pcm: Int16Array, nowMs: number, window: TimeWindow | undefined): void {
    const { turns, output } = this.#options;
    if (!turns.betweenUtterances || output.leadMs === undefined) {
      this.#say(pcm, nowMs, window);
      return;
    }
    if (this.#lead.length === 0) this.#leadSinceMs = nowMs;
    this.#lead.push({ pcm, window });
    const keptMs = this.#lead.reduce((sum, each) => sum + each.pcm.length, 0) / REALTIME_SAMPLES_PER_MS;
    if (keptMs >= output.leadMs || nowMs - this.#leadSinceMs >= output.leadMs) this.#sayLead(nowMs);
  }

  #sayLead(nowMs: number): void {
    const lead = this.#lead;
    this.#lead = [];
    for (const { pcm, window } of lead) this.#say(pcm, nowMs, window);
  }

  #endUtterance(): void {
    this.#sayLead(this.#options.clock.nowMs());
    this.#filter.endUtterance();
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
