/** A translation may take this long to be heard and captioned; the same phrase is not said again before. */
const SETTLED_AFTER_MS = 25_000;
/** A translation is on its way for so long behind the end of the speech: a line cut until then takes it along. */
const IN_FLIGHT_MS = 2_500;
/** What a cut took the end of may be spoken, and belong to a turn, so long after it. */
const BACKLOG_MS = 10_000;
/** Of what went wrong, the first are told. */
const MAX_FAILURES = 20;

/** Something that somebody said, and the translation into one language that should come of it. Times are the clock's. */
export type Expected = {
  speakerId: string;
  phraseId: string;
  /** The language that it is to be heard in, and its text there. */
  language: string;
  text: string;
  startMs: number;
  endMs: number;
};

/** A time in which lines were cut; `toMs` is when the last session was ready again. */
export type Cut = { fromMs: number; toMs: number };

/** How often something came; for what was said in a cut, what came all the same. */
export type TallyCounts = {
  expected: number;
  once: number;
  never: number;
  /** More than once. */
  repeated: number;
};

type Entry = Expected & { heard: number; captioned: Set<string> };

const counts = (): TallyCounts => ({ expected: 0, once: 0, never: 0, repeated: 0 });

/**
 * The bookkeeping of a long meeting: what was said, and how often each translation of it was heard and captioned. What is
 * settled is counted and forgotten, so that a day takes no more memory than a minute.
 */
export class Tally {
  /** Of what was said outside of cuts: how often it was heard, and captioned. */
  readonly heard = counts();
  readonly captioned = counts();
  /** The same of what a cut may have taken along. */
  readonly heardInCuts = counts();
  readonly captionedInCuts = counts();
  /** Heard although nobody had said it, and sound in which no phrase was understood, outside of cuts. */
  stray = 0;
  garbled = 0;
  /** What went wrong, the first of it. */
  readonly failures: string[] = [];
  readonly #open: Entry[] = []; // oldest first
  readonly #garbled: { fromMs: number; toMs: number }[] = [];
  readonly #cuts: Cut[] = [];

  /** Everything outside of cuts arrived exactly once, and nothing else. */
  get whole(): boolean {
    const { heard, captioned, heardInCuts, captionedInCuts, stray, garbled } = this;
    const missing = heard.expected - heard.once + captioned.expected - captioned.once;
    const repeated = heardInCuts.repeated + captionedInCuts.repeated;
    return missing === 0 && repeated === 0 && stray === 0 && garbled === 0;
  }

  /** Translations that are still expected. */
  get openCount(): number {
    return this.#open.length;
  }

  expect(expected: Expected): void {
    this.#open.push({ ...expected, heard: 0, captioned: new Set() });
  }

  /** A phrase was heard in a language. */
  hear(heard: { phraseId: string | undefined; language: string; fromMs: number; toMs: number }): void {
    const { phraseId, language, fromMs, toMs } = heard;
    if (phraseId === undefined) {
      this.#garbled.push({ fromMs, toMs });
      return;
    }
    const entry = this.#open.findLast(
      (each) => each.phraseId === phraseId && each.language === language && each.startMs < fromMs,
    );
    if (entry !== undefined) entry.heard++;
    else
      this.#wrong('stray', `${language}:${phraseId} was heard at ${seconds(fromMs)}, and nobody had said it`);
  }

  /** The present text of a speaker's caption; `captionId` names the turn that it is of, and `atMs` is when that was said. */
  caption(caption: {
    captionId: string;
    speakerId: string;
    language: string;
    text: string;
    atMs: number;
  }): void {
    const { captionId, speakerId, language, text, atMs } = caption;
    for (const entry of this.#open) {
      if (entry.speakerId !== speakerId || entry.language !== language) continue;
      if (atMs < entry.startMs - IN_FLIGHT_MS || atMs > entry.endMs + BACKLOG_MS) continue;
      if (text.includes(entry.text)) entry.captioned.add(captionId);
      else entry.captioned.delete(captionId);
    }
  }

  /** What is said, or on its way, in this time may be lost. `toMs` may be set later. */
  cut(cut: Cut): void {
    this.#cuts.push(cut);
    if (this.#cuts.length > 10) this.#cuts.shift();
  }

  /** Counts what must have arrived by now; at the end, with `Infinity`, everything. */
  settle(nowMs: number): void {
    const settledMs = nowMs - SETTLED_AFTER_MS;
    while (this.#open[0] !== undefined && this.#open[0].endMs < settledMs) this.#judge(this.#open.shift()!);
    while (this.#garbled[0] !== undefined && this.#garbled[0].toMs < settledMs) {
      const { fromMs, toMs } = this.#garbled.shift()!;
      if (!this.#inCut(fromMs - BACKLOG_MS, toMs))
        this.#wrong('garbled', `sound without a phrase at ${seconds(fromMs)}`);
    }
  }

  #judge(entry: Entry): void {
    const inCut = this.#inCut(entry.startMs, entry.endMs + IN_FLIGHT_MS);
    for (const [what, times, into] of [
      ['heard', entry.heard, inCut ? this.heardInCuts : this.heard],
      ['captioned', entry.captioned.size, inCut ? this.captionedInCuts : this.captioned],
    ] as const) {
      into.expected++;
      if (times === 1) into.once++;
      else if (times === 0) into.never++;
      else into.repeated++;
      if (times === 1 || (inCut && times === 0)) continue;
      const { speakerId, phraseId, language, startMs, endMs } = entry;
      const said = `${phraseId} by ${speakerId}, ${seconds(startMs)} to ${seconds(endMs)}`;
      this.#notify(`${said}, was ${what} ${times} times in ${language}${inCut ? ', in a cut' : ''}`);
    }
  }

  #inCut(fromMs: number, toMs: number): boolean {
    return this.#cuts.some((cut) => cut.fromMs <= toMs && cut.toMs >= fromMs);
  }

  #wrong(kind: 'stray' | 'garbled', failure: string): void {
    this[kind]++;
    this.#notify(failure);
  }

  #notify(failure: string): void {
    if (this.failures.length < MAX_FAILURES) this.failures.push(failure);
  }
}

function seconds(atMs: number): string {
  return `${(atMs / 1000).toFixed(2)} s`;
}
