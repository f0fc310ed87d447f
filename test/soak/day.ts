/**
 * A day of meeting: four people in two languages who speak in turn and sometimes at once, sessions that expire, and lines that
 * are cut again and again. What became of every phrase is counted.
 */
import type { EngineName } from '../../src/realtime/engines.js';
import { seededRandom } from '../../src/seeded-random.js';
import { type MemorySample, sampleMemory } from './memory-watch.js';
import { type Cut, Tally } from './tally.js';
import { type CounterTotals, EnduringWorld } from './world.js';

/** Two leave their microphones on all day, two mute themselves whenever they do not speak. Each has a voice of their own. */
const PEOPLE = [
  { id: 'ana', language: 'es', mutes: false, pitch: 0.97 },
  { id: 'ben', language: 'en', mutes: false, pitch: 1.03 },
  { id: 'luis', language: 'es', mutes: true, pitch: 1.05 },
  { id: 'dora', language: 'en', mutes: true, pitch: 0.95 },
] as const;
/** From the last word to the hand at the button. */
const MUTES_AFTER_MS = 300;
/** From the end of one phrase to the beginning of the next: below zero they overlap. */
const GAP_MS = { least: -1_000, most: 5_000 };
/** After a cut the server refuses lines for a while, at most so long. */
const LONGEST_OUTAGE_MS = 4_000;
/** Sessions that are not ready again so long after that have not recovered. */
const RECOVERED_WITHIN_MS = 60_000;
/** What is being said when the day ends is said to its end. */
const LAST_WORDS_MS = 5_000;
const DRAIN_MS = 60_000;

export type DayOptions = {
  engine: EngineName;
  durationMs: number;
  sessionDurationMs: number;
  cutEveryMs: number;
  sampleEveryMs: number;
  seed: number;
  /** What is sent arrives within so long. */
  stepMs: number;
  onSample?: (sample: MemorySample) => void;
};

/** A cut as it went: from the server being back to all sessions being ready again. */
export type CutRecord = { atMs: number; outageMs: number; recoveredMs: number };

/** A cut from which not every session is back. */
type RunningCut = { window: Cut; healMs: number; record: CutRecord };

export type DayResult = {
  tally: Tally;
  cuts: CutRecord[];
  samples: MemorySample[];
  /** What the process held when the meeting was over, and before it began. */
  handlesBefore: Readonly<Record<string, number>>;
  handlesAfter: Readonly<Record<string, number>>;
  /** Sessions that were opened, and the sum of all their counters. */
  sessionsOpened: number;
  totals: CounterTotals;
  phrases: number;
  /** Different notices, numbers in them left out, and how often they came. */
  notices: ReadonlyMap<string, number>;
  wallMs: number;
};

/** Runs one. Throws where sessions do not come back after a cut. */
export async function runDay(options: DayOptions): Promise<DayResult> {
  const startedMs = performance.now();
  const { engine, sessionDurationMs, seed, stepMs } = options;
  const handlesBefore = sampleMemory(0).handles;
  const world = await EnduringWorld.open({
    engine,
    seed,
    stepMs,
    server: { sessionDurationMs },
  });
  const day = new Day(world, options);
  await day.run();
  const totals = world.totals();
  await settledHandles();
  return {
    ...day.result,
    handlesBefore,
    handlesAfter: sampleMemory(0).handles,
    sessionsOpened: world.sessionsOpened,
    totals,
    wallMs: performance.now() - startedMs,
  };
}

/** Sockets that were ended need the event loop to be gone. */
async function settledHandles(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

class Day {
  readonly #world: EnduringWorld;
  readonly #options: DayOptions;
  readonly #tally = new Tally();
  readonly #cuts: CutRecord[] = [];
  readonly #samples: MemorySample[] = [];
  readonly #notices = new Map<string, number>();
  readonly #phraseIds: readonly string[];
  /** Of its own, so that the same is said at the same times whatever else is random. */
  readonly #random: () => number;
  #captions = new Map<string, { parts: Map<number, string>; atMs: number }>();
  readonly #muteAtMs = new Map<string, number>();
  #phrases = 0;
  #nextPhraseMs: number;
  #nextCutMs: number;
  #nextSampleMs: number;
  #lastSpeakerId = '';
  /** The cut that is going on: sessions are not all ready again. */
  #cut: RunningCut | undefined;

  constructor(world: EnduringWorld, options: DayOptions) {
    this.#world = world;
    this.#options = options;
    this.#phraseIds = [...world.book.keys()];
    this.#random = seededRandom(options.seed);
    const nowMs = world.clock.nowMs();
    this.#nextPhraseMs = nowMs + 3_000; // the voices have joined by then
    this.#nextCutMs = nowMs + options.cutEveryMs;
    this.#nextSampleMs = nowMs + options.sampleEveryMs;
    world.onHeard = (heard) => {
      this.#tally.hear(heard);
    };
    world.onNotice = ({ kind, message }) => {
      const what = `${kind}: ${message.replace(/\d+(\.\d+)?/g, 'N')}`;
      if (this.#notices.size < 200 || this.#notices.has(what))
        this.#notices.set(what, (this.#notices.get(what) ?? 0) + 1);
    };
    this.#followCaptions();
  }

  get result(): Pick<DayResult, 'tally' | 'cuts' | 'samples' | 'phrases' | 'notices'> {
    return {
      tally: this.#tally,
      cuts: this.#cuts,
      samples: this.#samples,
      phrases: this.#phrases,
      notices: this.#notices,
    };
  }

  async run(): Promise<void> {
    const world = this.#world;
    const { clock } = world;
    for (const { id, language, mutes, pitch } of PEOPLE) {
      world.join(id, language, { micOn: !mutes, pitch });
    }
    const endMs = clock.nowMs() + this.#options.durationMs;
    while (clock.nowMs() < endMs) {
      await world.pass(this.#options.stepMs);
      await this.#step(clock.nowMs());
    }
    this.#heal();
    await world.pass(LAST_WORDS_MS);
    await world.close(DRAIN_MS);
    this.#tally.settle(Infinity);
  }

  async #step(nowMs: number): Promise<void> {
    for (const [id, muteAtMs] of this.#muteAtMs) {
      if (nowMs < muteAtMs) continue;
      this.#world.setMicrophone(id, false);
      this.#muteAtMs.delete(id);
    }
    if (nowMs >= this.#nextPhraseMs) this.#speak(nowMs);
    if (nowMs >= this.#nextCutMs) await this.#cutConnections(nowMs);
    if (this.#cut !== undefined) this.#followCut(this.#cut, nowMs);
    if (nowMs >= this.#nextSampleMs) this.#sample(nowMs);
    this.#tally.settle(nowMs);
  }

  #speak(nowMs: number): void {
    const { book } = this.#world;
    const others = PEOPLE.filter(({ id }) => id !== this.#lastSpeakerId);
    const { id: speakerId, language: from, mutes } = others[Math.floor(this.#random() * others.length)]!;
    this.#lastSpeakerId = speakerId;
    const phraseId = this.#phraseIds[this.#phrases++ % this.#phraseIds.length]!;
    const durationMs = this.#world.say(speakerId, from, phraseId);
    const endMs = nowMs + durationMs;
    if (mutes) {
      this.#world.setMicrophone(speakerId, true);
      this.#muteAtMs.set(speakerId, endMs + MUTES_AFTER_MS);
    }
    for (const language of new Set(PEOPLE.map((person) => person.language))) {
      if (language === from) continue;
      const { text } = book.get(phraseId)!.get(language)!;
      this.#tally.expect({ speakerId, phraseId, language, text, startMs: nowMs, endMs });
    }
    this.#nextPhraseMs = endMs + GAP_MS.least + (GAP_MS.most - GAP_MS.least) * this.#random();
  }

  /** Every other cut, the server is gone for a while: busy, or not to be reached. */
  async #cutConnections(nowMs: number): Promise<void> {
    const { server } = this.#world;
    const outageMs = this.#cuts.length % 2 === 0 ? 0 : LONGEST_OUTAGE_MS * this.#random();
    if (outageMs > 0) {
      const retryAfterSeconds = this.#cuts.length % 4 === 1 ? 1 : undefined;
      server.faults.set({
        refuseConnections: { status: 503, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
      });
    }
    await this.#world.cutConnections();
    const window = { fromMs: nowMs, toMs: Infinity };
    this.#tally.cut(window);
    const record = { atMs: nowMs, outageMs, recoveredMs: Infinity };
    this.#cuts.push(record);
    this.#cut = { window, healMs: nowMs + outageMs, record };
    // not on the beat of anything else that comes again and again
    this.#nextCutMs += this.#options.cutEveryMs * (0.98 + 0.04 * this.#random());
  }

  #followCut({ window, healMs, record }: RunningCut, nowMs: number): void {
    if (nowMs < healMs) return;
    if (record.outageMs > 0) this.#world.server.faults.set({});
    if (nowMs - healMs > RECOVERED_WITHIN_MS)
      throw new Error(`not recovered from the cut at ${record.atMs} ms`);
    if (!this.#world.allReady) return;
    window.toMs = nowMs;
    record.recoveredMs = nowMs - healMs;
    this.#cut = undefined;
  }

  #heal(): void {
    this.#world.server.faults.set({});
    if (this.#cut !== undefined) this.#cut.window.toMs = this.#world.clock.nowMs();
  }

  #sample(nowMs: number): void {
    const sample = sampleMemory(nowMs);
    this.#samples.push(sample);
    this.#options.onSample?.(sample);
    this.#nextSampleMs += this.#options.sampleEveryMs;
  }

  /** A turn's captions come in parts, which may change: their text as a whole is compared. */
  #followCaptions(): void {
    const world = this.#world;
    const startedMs = world.clock.nowMs();
    world.onCaption = ({ kind, turnId, targetLanguage, part, translatedText, speakerId, startMs }) => {
      if (kind !== 'speech') return;
      const captionId = `${turnId} ${targetLanguage}`;
      const atMs = startedMs + startMs;
      const caption = this.#captions.get(captionId) ?? { parts: new Map<number, string>(), atMs };
      this.#captions.set(captionId, caption);
      caption.parts.set(part, translatedText);
      const ordered = [...caption.parts].sort(([a], [b]) => a - b).map(([, text]) => text);
      const text = ordered.filter((each) => each !== '').join(' ');
      this.#tally.caption({ captionId, speakerId, language: targetLanguage, text, atMs: caption.atMs });
      if (this.#captions.size > 200) this.#captions = new Map([...this.#captions].slice(100));
    };
  }
}
