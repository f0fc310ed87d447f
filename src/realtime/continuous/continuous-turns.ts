import type { EngineLag } from './engine-lag.js';
import { OpenTurns, type OpenTurnsOptions } from './open-turns.js';
import type { CutItem, TimeWindow } from '../session.js';
import { isWhole, translateAgain, type ContinuousTurn } from './continuous-turn.js';

/** A turn that was said and has been silent for so long since its translation is done. */
const SETTLED_MS = 2_500;
/** A turn that nothing was said to for so long has no translation: it was in the target language. */
const EMPTY_MS = 8_000;
/** Once a turn is over for so long and another has begun, what comes belongs to the next, pause or not. */
const LATEST_MS = 10_000;
/** Words that come so long after the last speech are none of it (silence makes such models invent some). */
const SOURCE_WINDOW_MS = 8_000;
const OUTPUT_WINDOW_MS = 20_000;

const CONNECTION_LOST = { outcome: 'failed', detail: 'the connection was lost' } as const;

/** Utterances of which it is known when they were said, for words that come later. */
const REMEMBERED_UTTERANCES = 32;
/** Words this far from an utterance are none of it. */
const WORDS_BESIDE_MS = 1_500;
/** A word may be told to have been said so much before the speech that it is the beginning of. */
const SAID_BESIDE_MS = 400;
/** Where words come late, those of a turn are all there so long after its end. */
const SOURCE_LATE_MS = 1_500;

/** What turns need of their session. */
export type ContinuousTurnsOptions = Omit<OpenTurnsOptions, 'onEnding'> & {
  lag: EngineLag;
  /** The words of an utterance come so long after its voice; 0: ahead of it. */
  textLateMs: number;
};

/**
 * Turns where the service knows none: what the speaker says is cut at their pauses, by our own VAD, and what the engine
 * says is cut at its own, and laid against the former in order. The engine works behind the speaker by seconds and tells
 * nothing of which words belong to which, so that is an estimate: a translation belongs to the oldest turn that still
 * waits for one. Its text moves on to the next turn at the end of a sentence, its voice, which comes later, at a pause behind
 * one. A turn to which the engine was silent for longer than it ever took is passed over. Where the server tells when words were
 * said, those of the speaker belong to the turn of that time, and those of the engine to what was being heard then.
 */
export class ContinuousTurns {
  readonly #options: ContinuousTurnsOptions;
  readonly #open: OpenTurns;
  /** The turn whose translation is being said, and the item that carries it. */
  #utterance: { turn: ContinuousTurn; outputId: string } | undefined;
  /** Of the utterance that goes on, nothing more is to be heard. */
  #muted = false;
  #utteranceNumber = 0;
  /** What was said when, on the server's clock; oldest first. */
  readonly #spoken: { readonly turn: ContinuousTurn; readonly fromMs: number; toMs: number }[] = [];
  #lastSpeechMs = -Infinity;
  /** When the engine last said anything. */
  #lastOutputMs = -Infinity;

  constructor(options: ContinuousTurnsOptions) {
    this.#options = options;
    this.#open = new OpenTurns({
      ...options,
      onEnding: (turn) => {
        if (this.#utterance?.turn === turn) this.endUtterance();
      },
    });
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#open.all.length === 0;
  }

  /** The next audio begins an utterance. */
  get betweenUtterances(): boolean {
    return this.#utterance === undefined;
  }

  /** The meeting's time from which on something waits to be translated; undefined where nothing does. */
  get waitsFromMs(): number | undefined {
    return this.#open.first?.startMs;
  }

  /** The speaker began to speak; does nothing where a turn is being said already. */
  started(startMs: number): void {
    if (this.#open.beingSaid !== undefined) return;
    this.#lastSpeechMs = this.#options.nowMs();
    this.#open.begin(startMs);
  }

  /** The speaker paused: the turn is whole. */
  stopped(endMs: number): void {
    const turn = this.#open.beingSaid;
    if (turn === undefined) return;
    this.#lastSpeechMs = this.#options.nowMs();
    this.#open.commit(turn, endMs);
  }

  /** What was said until `atMs` is a turn, although the speaker goes on. */
  split(atMs: number): void {
    const turn = this.#open.beingSaid;
    if (turn === undefined || atMs <= turn.startMs) return;
    this.stopped(atMs);
    this.started(atMs);
  }

  /** A piece of what the speaker said; `said`: when, by the meeting's time, where that is known. */
  sourceText(delta: string, said?: TimeWindow): void {
    const turn =
      said === undefined
        ? this.#open.all.find(({ sourceFinal }) => !sourceFinal)
        : this.#turnSaidAt(middleOf(said));
    if (turn === undefined || this.#quietMs > SOURCE_WINDOW_MS) {
      this.#options.counters.lateDeltas++;
      return;
    }
    this.#open.addSource(turn, delta, said === undefined, said);
  }

  /** A piece of what the engine says; `window`: where it is on the server's clock, where that is known. */
  translationText(delta: string, window?: TimeWindow): void {
    const turn =
      (window === undefined ? undefined : this.#turnSpokenAt(middleOf(window))) ?? this.#textTurn();
    if (turn === undefined) return;
    const beganMs = this.#spoken.find((spoken) => spoken.turn === turn)?.fromMs;
    const spoken =
      window === undefined || beganMs === undefined
        ? undefined
        : { fromMs: window.fromMs - beganMs, toMs: window.toMs - beganMs };
    if (!this.#open.addTranslation(turn, delta, spoken)) return;
    this.#lastOutputMs = this.#options.nowMs();
    if (!turn.translation.endsSentence || !this.#mayMoveOn(turn)) return;
    turn.textPast = true;
    if (isWhole(turn)) this.#saidWhole(turn);
  }

  /** What the engine says: 24 kHz mono PCM16 without filler. `heard`: the listener is to hear it. `window`: on the server's clock. */
  audio(pcm: Int16Array, heard: boolean, window?: TimeWindow): void {
    const { counters, events, nowMs } = this.#options;
    const turn = this.#voiceTurn();
    if (turn === undefined) return;
    if (this.#utterance === undefined) {
      counters.responses++;
      this.#utterance = { turn, outputId: `${this.#options.keyPrefix}.u${++this.#utteranceNumber}` };
      this.#muted = turn.unwanted;
      turn.voice = 'saying';
    }
    turn.outputAtMs = nowMs();
    this.#lastOutputMs = turn.outputAtMs;
    if (window !== undefined) this.#noteSpoken(turn, window);
    this.#muted ||= !heard;
    if (this.#muted) counters.lateDeltas++;
    else events.emit('audio', { turnId: turn.turnId, outputId: this.#utterance.outputId, pcm });
  }

  /** The engine paused: what it says next is another utterance. */
  endUtterance(): void {
    const utterance = this.#utterance;
    if (utterance === undefined) return;
    this.#utterance = undefined;
    const { turn, outputId } = utterance;
    turn.voice = 'said';
    this.#options.events.emit('audioEnded', { turnId: turn.turnId, outputId });
    if (isWhole(turn) && this.#mayMoveOn(turn)) this.#saidWhole(turn);
  }

  /** Playback of an item was cleared: nothing more of it is said. */
  cut(item: CutItem): void {
    if (this.#utterance?.outputId !== item.outputId) return;
    this.#muted = true;
    this.#utterance.turn.cut ||= !item.heardToEnd;
  }

  /** Nothing more of a turn's translation is said; where the engine is with it by now, it is told to the end. */
  cancel(turnId: string): void {
    const turn = this.#open.all.find((open) => open.turnId === turnId);
    if (turn === undefined) return;
    turn.unwanted = true;
    if (this.#utterance?.turn === turn) this.#muted = true;
  }

  /** Ends the turns that are done by now; to be called a few times a second. */
  tick(): void {
    const nowMs = this.#options.nowMs();
    if (this.#options.textLateMs > 0) this.#open.finishSources(nowMs - SOURCE_LATE_MS);
    for (const turn of [...this.#open.all]) {
      if (turn.committedAtMs === undefined) return;
      const overMs = nowMs - turn.committedAtMs;
      const silentMs = turn.outputAtMs === undefined ? undefined : nowMs - turn.outputAtMs;
      const settledMs = turn.voicePast ? this.#options.textLateMs : SETTLED_MS;
      const settled = silentMs === undefined ? overMs >= EMPTY_MS : silentMs >= settledMs;
      if (!settled || overMs < settledMs) return; // in order: those behind it wait for it
      this.#open.end(turn);
    }
  }

  /**
   * The connection was lost, with everything in it from `answeredToMs` on. A translation that was being heard is over: whole if the
   * engine had paused behind it, else failed. Everything else waits for the next connection, and so does what is said from there on
   * in a turn that was being translated while it was said. Returns how many failed.
   */
  connectionLost(answeredToMs: number): number {
    const beingSaid = this.#open.beingSaid;
    let failed = 0;
    this.#spoken.length = 0; // the next connection has a clock of its own
    for (const turn of [...this.#open.all]) {
      if (turn.voice === undefined) {
        translateAgain(turn);
        continue;
      }
      if (turn === beingSaid) this.split(answeredToMs);
      const isFailed = turn === beingSaid || !isWhole(turn);
      if (isFailed) failed++;
      this.#open.end(turn, isFailed && !turn.cut ? CONNECTION_LOST : undefined);
    }
    return failed;
  }

  /** While there is no connection: what was said before `keptFromMs` cannot be sent any more. Returns how much speech that was. */
  dropStale(keptFromMs: number): { turns: number; speechMs: number } {
    const stale = this.#open.all.filter(
      ({ startMs, committedAtMs }) => committedAtMs !== undefined && startMs < keptFromMs,
    );
    for (const turn of stale) this.#open.end(turn, CONNECTION_LOST);
    return { turns: stale.length, speechMs: stale.reduce((sum, turn) => sum + turn.endMs - turn.startMs, 0) };
  }

  /**
   * There is a connection again, which hears what was said from `keptFromMs` on: every turn waits for its translation from now on.
   * Returns how much speech came too late for that.
   */
  resume(keptFromMs: number): { turns: number; speechMs: number } {
    const beingSaid = this.#open.beingSaid;
    if (beingSaid !== undefined && beingSaid.startMs < keptFromMs) this.split(keptFromMs);
    const stale = this.dropStale(keptFromMs);
    this.waitAnew();
    return stale;
  }

  /** What waits for its translation waits from now on. */
  waitAnew(): void {
    const nowMs = this.#options.nowMs();
    for (const turn of this.#open.all) if (turn.committedAtMs !== undefined) turn.committedAtMs = nowMs;
  }

  /** Nothing more comes: what is open is done as it is, or was lost with its connection. */
  finish(how: 'done' | 'lost' = 'done'): void {
    for (const turn of [...this.#open.all]) {
      const lost = how === 'lost' && !turn.cut && !isWhole(turn);
      this.#open.end(turn, lost ? CONNECTION_LOST : undefined);
    }
  }

  /** The engine is through with a turn; where words are late, the last of them are waited for. */
  #saidWhole(turn: ContinuousTurn): void {
    if (this.#options.textLateMs > 0) turn.voicePast = true;
    else this.#open.end(turn);
  }

  #noteSpoken(turn: ContinuousTurn, { fromMs, toMs }: TimeWindow): void {
    const last = this.#spoken.at(-1);
    if (last?.turn === turn) {
      last.toMs = toMs;
      return;
    }
    this.#spoken.push({ turn, fromMs, toMs });
    if (this.#spoken.length > REMEMBERED_UTTERANCES) this.#spoken.shift();
  }

  /** The open turn whose translation was being heard then, or nearly. */
  #turnSpokenAt(atMs: number): ContinuousTurn | undefined {
    const distance = ({ fromMs, toMs }: TimeWindow): number => Math.max(fromMs - atMs, atMs - toMs, 0);
    let nearest: { turn: ContinuousTurn; beside: number } | undefined;
    for (const { turn, ...window } of this.#spoken) {
      const beside = distance(window);
      if (beside > WORDS_BESIDE_MS || beside >= (nearest?.beside ?? Infinity)) continue;
      if (this.#open.all.includes(turn)) nearest = { turn, beside };
    }
    return nearest?.turn;
  }

  /** The turn of that time, or nearly; where its words were told as final already, the one behind it. */
  #turnSaidAt(saidAtMs: number): ContinuousTurn | undefined {
    const { all, beingSaid } = this.#open;
    const within = all.findIndex(
      (turn) => turn.startMs <= saidAtMs && (saidAtMs <= turn.endMs || turn === beingSaid),
    );
    const nearest =
      within >= 0 ? within : all.findLastIndex(({ startMs }) => startMs <= saidAtMs + SAID_BESIDE_MS);
    return all.find(({ sourceFinal }, index) => index >= nearest && !sourceFinal);
  }

  /** How long nobody has spoken. */
  get #quietMs(): number {
    return this.#open.beingSaid === undefined ? this.#options.nowMs() - this.#lastSpeechMs : 0;
  }

  /** The turn that the engine is translating aloud. What it says long after the last speech belongs to none. */
  #voiceTurn(): ContinuousTurn | undefined {
    if (this.#utterance === undefined) this.#passOver();
    const turn = this.#toBeSaid;
    if (turn !== undefined && this.#mayMoveOn(turn) && this.#isOverdue(turn)) this.#open.end(turn);
    return this.#waiting(this.#toBeSaid);
  }

  get #toBeSaid(): ContinuousTurn | undefined {
    return this.#open.all.find(({ voicePast }) => !voicePast);
  }

  /** The turn that the engine is translating in writing. */
  #textTurn(): ContinuousTurn | undefined {
    if (this.#utterance === undefined) this.#passOver();
    const turn = this.#open.all.find(({ textPast }) => !textPast);
    if (turn !== undefined && this.#mayMoveOn(turn) && this.#isOverdue(turn)) turn.textPast = true;
    return this.#waiting(this.#open.all.find(({ textPast }) => !textPast));
  }

  /** A turn that something is said to; where none waits for it, one of its own. */
  #waiting(turn: ContinuousTurn | undefined): ContinuousTurn | undefined {
    if (turn === undefined) return this.#lateTurn();
    if (turn.outputAtMs === undefined) this.#learnLag(turn);
    return turn;
  }

  /** Ends turns at which the engine was silent for too long, while others wait behind them. */
  #passOver(): void {
    for (;;) {
      const turn = this.#open.first;
      if (turn?.committedAtMs === undefined || turn.outputAtMs !== undefined || this.#open.all.length < 2)
        return;
      const silentSinceMs = Math.max(turn.committedAtMs, this.#lastOutputMs);
      if (this.#options.nowMs() - silentSinceMs <= this.#options.lag.latestMs) return;
      this.#open.end(turn);
    }
  }

  /** Certain is only the lag of a turn that waits alone, for an engine that was saying nothing else. */
  #learnLag({ committedAtMs }: ContinuousTurn): void {
    if (this.#open.all.length > 1) return;
    const { lag, nowMs } = this.#options;
    if (committedAtMs === undefined) lag.note(0);
    else if (this.#lastOutputMs < committedAtMs) lag.note(nowMs() - committedAtMs);
  }

  /** Words that come after all turns seemed done are a turn of their own, so that nothing is lost. */
  #lateTurn(): ContinuousTurn | undefined {
    if (this.#quietMs > OUTPUT_WINDOW_MS) {
      this.#options.counters.lateDeltas++;
      return undefined;
    }
    const nowMs = this.#options.nowMs();
    const turn = this.#open.begin(nowMs);
    this.#open.commit(turn, nowMs);
    return turn;
  }

  /** Its translation has begun, it was said, and another turn waits behind it. */
  #mayMoveOn(turn: ContinuousTurn): boolean {
    return (
      turn.committedAtMs !== undefined && turn.outputAtMs !== undefined && this.#open.all.at(-1) !== turn
    );
  }

  #isOverdue({ committedAtMs }: ContinuousTurn): boolean {
    return committedAtMs !== undefined && this.#options.nowMs() - committedAtMs > LATEST_MS;
  }
}

function middleOf({ fromMs, toMs }: TimeWindow): number {
  return (fromMs + toMs) / 2;
}
