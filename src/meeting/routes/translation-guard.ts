import type { EventSource } from '../../events.js';
import {
  type GuardFinding,
  isAnswer,
  isOwnVoice,
  judgeLanguage,
  type SpokenPhrase,
} from '../../interpreter/guard/guard.js';
import type { TurnRecord } from '../../interpreter/route/route.js';
import type { LanguageDetector } from '../../languages/language-detector.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { SessionEvents } from '../../realtime/session.js';

/** What was found so far. */
export type GuardCounters = { wrongLanguage: number; answers: number; ownVoice: number };

/** A route as the guard sees it: one speaker, and what its session translates into at present. */
export interface GuardedRoute {
  readonly speakerId: string;
  /** What the speaker speaks, as far as that is known. */
  readonly from: readonly LanguageTag[];
  /** What translations may be in; empty where there are none. */
  readonly targets: readonly LanguageTag[];
  /** The turn's record, kept up to date. */
  turn(turnId: string): TurnRecord | undefined;
  /** What was said in it, as far as it is known. */
  sourceOf(turnId: string): string;
  /** This turn's translation is none. */
  found(turnId: string, finding: GuardFinding): void;
}

type Watched = {
  readonly turnId: string;
  /** Length of the translation when its language was judged last; infinite once all of it was. */
  judgedChars: number;
  /** The whole translation is known. */
  whole: boolean;
  /** All that was said is known. */
  sourceFinal: boolean;
  found: boolean;
};

/** Turns of a session that are watched; what is older is over. */
const MAX_TURNS = 8;
/** A translation that grows is judged again after so many characters. */
const JUDGE_EVERY_CHARS = 24;
/** What was spoken lately: phrases, and for how long they count. */
const MAX_SPOKEN = 64;
const SPOKEN_MS = 60_000;

/**
 * Watches the translations of a meeting's sessions for those that are none (interpreter/guard.ts): each is found once, as early
 * as it is certain, whether or not its audio is still to be heard.
 */
export class TranslationGuard {
  readonly counters: GuardCounters = { wrongLanguage: 0, answers: 0, ownVoice: 0 };
  readonly #nowMs: () => number;
  readonly #watches = new Set<{ readonly route: GuardedRoute; readonly turns: Map<string, Watched> }>();
  readonly #spoken: TurnRecord[] = []; // oldest first
  /** Until it is set, no language is judged. */
  detector: LanguageDetector | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** One of our voices begins to speak this turn's translation, whose record is kept up to date. */
  spoke(turn: TurnRecord): void {
    if (this.#spoken.includes(turn)) return;
    this.#spoken.push(turn);
    const oldest = this.#spoken[0]!;
    if (this.#spoken.length > MAX_SPOKEN || this.#nowMs() - (oldest.playedFromMs ?? 0) > SPOKEN_MS)
      this.#spoken.shift();
  }

  /** Looks at what a session tells, from now on. To be called behind the listeners that `route` is kept up to date by. */
  watch(events: EventSource<SessionEvents>, route: GuardedRoute): void {
    const watch = { route, turns: new Map<string, Watched>() };
    this.#watches.add(watch);
    const turnOf = (turnId: string): Watched => {
      const known = watch.turns.get(turnId);
      if (known !== undefined) return known;
      const turn = { turnId, judgedChars: 0, whole: false, sourceFinal: false, found: false };
      watch.turns.set(turnId, turn);
      const [oldest] = watch.turns.keys();
      if (watch.turns.size > MAX_TURNS && oldest !== undefined) watch.turns.delete(oldest);
      return turn;
    };
    events.on('translationTranscript', ({ turnId, final }) => {
      const turn = turnOf(turnId);
      turn.whole ||= final;
      this.#tick(route, turn);
    });
    events.on('sourceTranscript', ({ turnId, final }) => {
      if (!final) return;
      turnOf(turnId).sourceFinal = true;
      // Other routes of this speaker take the words from this one.
      for (const other of this.#watches) {
        if (other.route.speakerId !== route.speakerId) continue;
        for (const turn of other.turns.values()) {
          turn.sourceFinal ||= other !== watch && other.route.sourceOf(turn.turnId) !== '';
          this.#tick(other.route, turn);
        }
      }
    });
    events.on('state', ({ kind }) => {
      if (kind === 'ended') this.#watches.delete(watch);
    });
  }

  #tick(route: GuardedRoute, turn: Watched): void {
    const record = turn.found ? undefined : route.turn(turn.turnId);
    const finding = record === undefined ? undefined : this.#judge(route, turn, record);
    if (finding === undefined) return;
    turn.found = true;
    if (finding.kind === 'wrong_language') this.counters.wrongLanguage++;
    else if (finding.kind === 'answer') this.counters.answers++;
    else this.counters.ownVoice++;
    route.found(turn.turnId, finding);
  }

  #judge(route: GuardedRoute, turn: Watched, record: TurnRecord): GuardFinding | undefined {
    const { targets, from } = route;
    if (targets.length === 0) return undefined;
    const source = turn.sourceFinal ? route.sourceOf(turn.turnId) : '';
    const { translatedText: translation, startMs, endMs } = record;
    if (isOwnVoice({ startMs, endMs, source }, this.#phrases())) return { kind: 'own_voice' };
    if (turn.whole && isAnswer(source, translation, from)) return { kind: 'answer' };
    const dueChars = turn.whole ? Infinity : translation.length;
    const due = dueChars - turn.judgedChars >= JUDGE_EVERY_CHARS;
    if (this.detector === undefined || !due) return undefined;
    turn.judgedChars = dueChars;
    return judgeLanguage(translation, targets, turn.whole, this.detector);
  }

  #phrases(): SpokenPhrase[] {
    return this.#spoken.flatMap(({ translatedText: text, playedFromMs: fromMs, playedToMs: toMs }) =>
      fromMs === undefined ? [] : [{ text, fromMs, toMs }],
    );
  }
}
