import { BoundedMap } from '../../bounded-map.js';
import { messageOf } from '../../errors.js';
import { ENGINES } from '../../realtime/engines.js';
import {
  type GuardFinding,
  isAnswer,
  isOwnVoice,
  judgeLanguage,
  type SpokenPhrase,
} from '../../interpreter/guard/guard.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { type LanguageDetector, loadLanguageDetector } from '../../languages/language-detector.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart, RouteSessionView } from '../meeting-part.js';

/** What was found so far. */
export type GuardCounters = { wrongLanguage: number; answers: number; ownVoice: number };

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

/** A session, and its latest turns. */
type Watch = { readonly session: RouteSessionView; readonly turns: BoundedMap<Watched> };

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
export class TranslationGuard implements MeetingPart {
  readonly name = 'translation guard';
  readonly counters: GuardCounters = { wrongLanguage: 0, answers: 0, ownVoice: 0 };
  readonly #meeting: Pick<MeetingContext, 'clock' | 'notice'>;
  readonly #loadDetector: () => Promise<LanguageDetector>;
  readonly #watches = new Set<Watch>();
  readonly #spoken: TurnRecord[] = []; // oldest first
  /** Being loaded, with the first person: it takes time and memory. */
  #loading = false;
  /** Until it is there, no language is judged. */
  #detector: LanguageDetector | undefined;

  constructor(
    meeting: Pick<MeetingContext, 'clock' | 'notice'>,
    loadDetector: () => Promise<LanguageDetector> = loadLanguageDetector,
  ) {
    this.#meeting = meeting;
    this.#loadDetector = loadDetector;
  }

  played(turn: TurnRecord, what: 'heard' | 'cut' | 'captions_only'): void {
    if (what !== 'heard' || this.#spoken.includes(turn)) return;
    this.#spoken.push(turn);
    const oldest = this.#spoken[0]!;
    if (
      this.#spoken.length > MAX_SPOKEN ||
      this.#meeting.clock.nowMs() - (oldest.playedFromMs ?? 0) > SPOKEN_MS
    )
      this.#spoken.shift();
  }

  joined(person: MeetingPerson): void {
    // Loading takes the thread for a moment: when the first person has just come in, nobody speaks yet.
    if (!person.isBot) void this.#load();
  }

  session(session: RouteSessionView): void {
    void this.#load();
    const { events } = session;
    const watch: Watch = { session, turns: new BoundedMap(MAX_TURNS) };
    this.#watches.add(watch);
    const turnOf = (turnId: string): Watched => {
      const known = watch.turns.get(turnId);
      if (known !== undefined) return known;
      const turn = { turnId, judgedChars: 0, whole: false, sourceFinal: false, found: false };
      watch.turns.set(turnId, turn);
      return turn;
    };
    events.on('translationTranscript', ({ turnId, final }) => {
      const turn = turnOf(turnId);
      turn.whole ||= final;
      this.#check(session, turn);
    });
    events.on('sourceTranscript', ({ turnId, final }) => {
      if (!final) return;
      turnOf(turnId).sourceFinal = true;
      // Other routes of this speaker take the words from this one.
      for (const other of this.#watches) {
        if (other.session.spec.speakerId !== session.spec.speakerId) continue;
        for (const turn of other.turns.values()) {
          turn.sourceFinal ||= other !== watch && this.#sourceOf(other.session, turn.turnId) !== '';
          this.#check(other.session, turn);
        }
      }
    });
    events.on('state', ({ kind }) => {
      if (kind === 'ended') this.#watches.delete(watch);
    });
  }

  async #load(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      this.#detector = await this.#loadDetector();
    } catch (error) {
      const message = `translations are not checked for their language: ${messageOf(error)}`;
      this.#meeting.notice({ kind: 'guard', message });
    }
  }

  #check(session: RouteSessionView, turn: Watched): void {
    // An engine that takes no instructions answers nobody, and speaks no other language.
    if (turn.found || !ENGINES[session.engine].instructions) return;
    const record = session.turn(turn.turnId);
    const finding = record === undefined ? undefined : this.#judge(session, turn, record);
    if (finding === undefined) return;
    turn.found = true;
    if (finding.kind === 'wrong_language') this.counters.wrongLanguage++;
    else if (finding.kind === 'answer') this.counters.answers++;
    else this.counters.ownVoice++;
    session.withhold(turn.turnId, finding);
  }

  /** What was said in a turn: by its own session's transcript, or that of another session of this speaker that heard the same. */
  #sourceOf(session: RouteSessionView, turnId: string): string {
    const record = session.turn(turnId);
    if (record?.sourceText !== '') return record?.sourceText ?? '';
    let source = '';
    let longestMs = 0;
    for (const other of this.#watches) {
      if (other.session === session || other.session.spec.speakerId !== session.spec.speakerId) continue;
      for (const id of other.turns.keys()) {
        const { startMs = 0, endMs = 0, sourceText = '' } = other.session.turn(id) ?? {};
        const overlapMs = Math.min(endMs, record.endMs) - Math.max(startMs, record.startMs);
        if (sourceText !== '' && overlapMs > longestMs) [source, longestMs] = [sourceText, overlapMs];
      }
    }
    return source;
  }

  #judge(session: RouteSessionView, turn: Watched, record: TurnRecord): GuardFinding | undefined {
    const { from, to, back } = session.spec;
    const targets = [to, back].filter((tag) => tag !== undefined);
    if (targets.length === 0) return undefined;
    const source = turn.sourceFinal ? this.#sourceOf(session, turn.turnId) : '';
    const { translatedText: translation, startMs, endMs } = record;
    if (isOwnVoice({ startMs, endMs, source }, this.#phrases())) return { kind: 'own_voice' };
    if (turn.whole && isAnswer(source, translation, from)) return { kind: 'answer' };
    const dueChars = turn.whole ? Infinity : translation.length;
    const due = dueChars - turn.judgedChars >= JUDGE_EVERY_CHARS;
    if (this.#detector === undefined || !due) return undefined;
    turn.judgedChars = dueChars;
    return judgeLanguage(translation, targets, turn.whole, this.#detector);
  }

  #phrases(): SpokenPhrase[] {
    return this.#spoken.flatMap(({ translatedText: text, playedFromMs: fromMs, playedToMs: toMs }) =>
      fromMs === undefined ? [] : [{ text, fromMs, toMs }],
    );
  }
}
