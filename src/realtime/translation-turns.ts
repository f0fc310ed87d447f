/**
 * Turns where the service knows none: what the speaker says is cut at their pauses, by our own ear, and what the engine
 * says is cut at its own, and laid against the former in order. The engine works behind the speaker by seconds and tells
 * nothing of which words belong to which, so that is an estimate: a translation belongs to the oldest turn that still
 * waits for one, and a pause or the end of a sentence moves on to the next turn.
 */
import type { EventEmitter } from '../events.js';
import { JoinedText } from './joined-text.js';
import type { CutItem, SessionCounters, SessionEvents } from './session.js';

/** A turn that was said and has been silent for so long since its translation is done. */
const SETTLED_MS = 2_500;
/** A turn that nothing was said to for so long has no translation: it was in the target language. */
const EMPTY_MS = 8_000;
/** Once a turn is over for so long and another has begun, what comes belongs to the next, pause or not. */
const LATEST_MS = 10_000;
/** Words that come so long after the last speech are none of it (silence makes such models invent some). */
const SOURCE_WINDOW_MS = 8_000;
const OUTPUT_WINDOW_MS = 20_000;
/** Turns that wait at once; the oldest are ended beyond that. */
const MAX_OPEN_TURNS = 32;

type Turn = {
  readonly turnId: string;
  readonly startMs: number;
  endMs: number;
  /** When it was committed, by the clock; undefined while it is being said. */
  committedAtMs: number | undefined;
  readonly source: JoinedText;
  sourceFinal: boolean;
  readonly translation: JoinedText;
  /** When something of its translation last came; undefined: nothing has. */
  outputAtMs: number | undefined;
  /** Its translation was cut: by whoever barged in. */
  cut: boolean;
};

/** What turns need of their session. */
export type TranslationTurnsOptions = {
  /** Turn and output ids begin with it. */
  keyPrefix: string;
  nowMs: () => number;
  /** The speaker is transcribed. */
  transcribes: () => boolean;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
};

/** See the file's comment. */
export class TranslationTurns {
  readonly #options: TranslationTurnsOptions;
  /** Those that are not done, oldest first; the last one may be being said. */
  readonly #turns: Turn[] = [];
  /** The turn whose translation is being said, and the item that carries it. */
  #utterance: { turn: Turn; outputId: string } | undefined;
  /** Of the utterance that goes on, nothing more is to be heard. */
  #muted = false;
  #turnNumber = 0;
  #utteranceNumber = 0;
  #lastSpeechMs = -Infinity;

  constructor(options: TranslationTurnsOptions) {
    this.#options = options;
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#turns.length === 0;
  }

  /** The next audio begins an utterance. */
  get betweenUtterances(): boolean {
    return this.#utterance === undefined;
  }

  /** The speaker began to speak. */
  started(startMs: number): void {
    if (this.#beingSaid !== undefined) return;
    this.#begin(startMs);
  }

  /** The speaker paused: the turn is whole. */
  stopped(endMs: number): void {
    const turn = this.#beingSaid;
    if (turn === undefined) return;
    this.#lastSpeechMs = this.#options.nowMs();
    this.#commit(turn, endMs);
  }

  /** What was said until `atMs` is a turn, although the speaker goes on. */
  split(atMs: number): void {
    const turn = this.#beingSaid;
    if (turn === undefined || atMs <= turn.startMs) return;
    this.#commit(turn, atMs);
    this.#begin(atMs);
  }

  /** A piece of what the speaker said. */
  sourceText(delta: string): void {
    const turn = this.#sourceTurn();
    if (turn === undefined || this.#quietMs > SOURCE_WINDOW_MS) {
      this.#options.counters.lateDeltas++;
      return;
    }
    if (!turn.source.add(delta)) return;
    this.#tellSource(turn, false);
    if (turn.source.endsSentence && turn.committedAtMs !== undefined && turn !== this.#turns.at(-1)) {
      this.#finishSource(turn);
    }
  }

  /** A piece of what the engine says. */
  translationText(delta: string): void {
    const turn = this.#outputTurn();
    if (turn === undefined) return;
    if (!turn.translation.add(delta)) return;
    turn.outputAtMs = this.#options.nowMs();
    const { text } = turn.translation;
    this.#options.events.emit('translationTranscript', { turnId: turn.turnId, text, final: false });
    if (turn.translation.endsSentence && this.#mayMoveOn(turn)) this.#complete(turn);
  }

  /** What the engine says: 24 kHz mono PCM16 without filler. `heard`: the listener is to hear it. */
  audio(pcm: Int16Array, heard: boolean): void {
    const { counters, events, nowMs } = this.#options;
    const turn = this.#outputTurn();
    if (turn === undefined) return;
    if (this.#utterance?.turn !== turn) {
      this.endUtterance();
      counters.responses++;
      this.#utterance = { turn, outputId: `${this.#options.keyPrefix}.u${++this.#utteranceNumber}` };
      this.#muted = false;
    }
    turn.outputAtMs = nowMs();
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
    this.#options.events.emit('audioEnded', { turnId: turn.turnId, outputId });
    if (this.#mayMoveOn(turn)) this.#complete(turn);
  }

  /** Playback of an item was cleared: nothing more of it is said. */
  cut(item: CutItem): void {
    if (this.#utterance?.outputId !== item.outputId) return;
    this.#muted = true;
    this.#utterance.turn.cut ||= !item.heardToEnd;
  }

  /** Looks which turns are done by now; to be called a few times a second. */
  look(): void {
    const nowMs = this.#options.nowMs();
    for (const turn of [...this.#turns]) {
      if (turn.committedAtMs === undefined) return;
      const overMs = nowMs - turn.committedAtMs;
      const silentMs = turn.outputAtMs === undefined ? undefined : nowMs - turn.outputAtMs;
      const settled = silentMs === undefined ? overMs >= EMPTY_MS : silentMs >= SETTLED_MS;
      if (!settled || overMs < SETTLED_MS) return; // in order: those behind it wait for it
      this.#complete(turn);
    }
  }

  /** Nothing more comes: what is open is done as it is. */
  finish(): void {
    const turn = this.#beingSaid;
    if (turn !== undefined) this.#commit(turn, turn.endMs);
    for (const open of [...this.#turns]) this.#complete(open);
  }

  get #beingSaid(): Turn | undefined {
    const last = this.#turns.at(-1);
    return last?.committedAtMs === undefined ? last : undefined;
  }

  /** How long nobody has spoken. */
  get #quietMs(): number {
    return this.#beingSaid === undefined ? this.#options.nowMs() - this.#lastSpeechMs : 0;
  }

  #begin(startMs: number): Turn {
    const { keyPrefix, events, counters } = this.#options;
    const turn: Turn = {
      turnId: `${keyPrefix}.t${++this.#turnNumber}`,
      startMs,
      endMs: startMs,
      committedAtMs: undefined,
      source: new JoinedText(),
      sourceFinal: false,
      translation: new JoinedText(),
      outputAtMs: undefined,
      cut: false,
    };
    counters.turns++;
    this.#turns.push(turn);
    this.#lastSpeechMs = this.#options.nowMs();
    events.emit('speechStarted', { turnId: turn.turnId, startMs });
    while (this.#turns.length > MAX_OPEN_TURNS) this.#complete(this.#turns[0]!);
    return turn;
  }

  #commit(turn: Turn, endMs: number): void {
    turn.endMs = Math.max(endMs, turn.startMs);
    turn.committedAtMs = this.#options.nowMs();
    const bounds = { turnId: turn.turnId, startMs: turn.startMs, endMs: turn.endMs };
    this.#options.events.emit('speechStopped', bounds);
    this.#options.events.emit('turnCommitted', bounds);
  }

  /** The turn that the engine is translating. What it says long after the last speech belongs to none. */
  #outputTurn(): Turn | undefined {
    const turn = this.#utterance?.turn ?? this.#turns[0];
    if (turn === undefined) return this.#lateTurn();
    if (turn === this.#turns[0] && this.#mayMoveOn(turn) && this.#isOverdue(turn)) {
      this.endUtterance();
      this.#complete(turn);
      return this.#turns.at(0) ?? this.#lateTurn();
    }
    return turn;
  }

  /** Words that come after all turns seemed done are a turn of their own, so that nothing is lost. */
  #lateTurn(): Turn | undefined {
    if (this.#quietMs > OUTPUT_WINDOW_MS) {
      this.#options.counters.lateDeltas++;
      return undefined;
    }
    const nowMs = this.#options.nowMs();
    const lastSpeechMs = this.#lastSpeechMs;
    const turn = this.#begin(nowMs);
    this.#commit(turn, nowMs);
    this.#lastSpeechMs = lastSpeechMs;
    return turn;
  }

  /** Its translation has begun, it was said, and another turn waits behind it. */
  #mayMoveOn(turn: Turn): boolean {
    return turn.committedAtMs !== undefined && turn.outputAtMs !== undefined && this.#turns.at(-1) !== turn;
  }

  #isOverdue({ committedAtMs }: Turn): boolean {
    return committedAtMs !== undefined && this.#options.nowMs() - committedAtMs > LATEST_MS;
  }

  #sourceTurn(): Turn | undefined {
    return this.#turns.find(({ sourceFinal }) => !sourceFinal);
  }

  #finishSource(turn: Turn): void {
    if (turn.sourceFinal) return;
    turn.sourceFinal = true;
    if (this.#options.transcribes() || turn.source.text !== '') this.#tellSource(turn, true);
  }

  #tellSource({ turnId, source: { text } }: Turn, final: boolean): void {
    this.#options.events.emit('sourceTranscript', { turnId, text, final });
  }

  #complete(turn: Turn): void {
    const at = this.#turns.indexOf(turn);
    if (at < 0) return;
    this.#turns.splice(at, 1); // first, since ending its utterance may complete it too
    if (this.#utterance?.turn === turn) this.endUtterance();
    if (turn.committedAtMs === undefined) this.#commit(turn, turn.endMs);
    this.#finishSource(turn);
    const { turnId, translation, outputAtMs, cut } = turn;
    const { events } = this.#options;
    if (translation.text !== '') {
      events.emit('translationTranscript', { turnId, text: translation.text, final: true });
    }
    const outcome = cut ? 'cancelled' : outputAtMs === undefined ? 'empty' : 'completed';
    events.emit('turnDone', { turnId, outcome });
  }
}
