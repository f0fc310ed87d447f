/** What happened in a meeting, put in order: what each person said, and what became of it in each language. */
import type { Caption } from '../../captions/caption.js';
import type { GuardFinding } from '../../interpreter/guard/guard.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingNotice, MeetingPerson, RouteEngineChoice } from '../../meeting/meeting-events.js';
import type { MeetingContext, MeetingPart } from '../../meeting/meeting-part.js';

/** One translation of one turn; undefined where it did not happen. Times are milliseconds of the meeting. */
export type TranslationRecord = {
  turnId: string;
  speakerId: string;
  to: LanguageTag;
  /** Segments of the turn's captions in their order, as they were at the end. */
  segments: Caption[];
  heardFromMs?: number;
  consumedToMs?: number;
  /** From the end of the speech to the first audible frame of its translation. */
  firstAudioDelayMs?: number;
  /** Its playback was cut before its end. */
  cut: boolean;
};

/** Something that was said, and its translations. */
export type PhraseRecord = {
  speakerId: string;
  startMs: number;
  endMs: number;
  sourceText: string;
  sourceLanguage: string;
  translations: TranslationRecord[];
};

/** A notice and when it came. */
type TimedNotice = MeetingNotice & { atMs: number };

/** Collects what happens in the meeting that it attaches to. Times are milliseconds since then. */
export class MeetingLog implements MeetingPart {
  readonly name = 'log of the replay';
  readonly notices: TimedNotice[] = [];
  /** Which engine interpreted each route, and why; a route whose engine changed is here again. */
  readonly engines: RouteEngineChoice[] = [];
  /** What was said as a translation, and was none. */
  readonly findings: GuardFinding[] = [];
  /** Everyone the interpreter saw, with what it knew of them last. */
  readonly people = new Map<string, MeetingPerson>();
  readonly #turns = new Map<string, TranslationRecord>();

  attach({ clock, events }: MeetingContext): void {
    const originMs = clock.nowMs();
    const atMs = (): number => clock.nowMs() - originMs;
    events.on('caption', (caption) => {
      this.#caption(caption);
    });
    events.on('playback', ({ turnId, speakerId, to, what, firstAudioDelayMs, silentAtMs }) => {
      const turn = this.#turn(turnId, speakerId, to);
      if (firstAudioDelayMs !== undefined) turn.firstAudioDelayMs ??= firstAudioDelayMs;
      if (what === 'heard') turn.heardFromMs ??= atMs();
      else if (turn.heardFromMs !== undefined) {
        turn.consumedToMs = silentAtMs === undefined ? atMs() : silentAtMs - originMs;
      }
      turn.cut ||= what === 'cut';
    });
    for (const name of ['joined', 'changed'] as const) {
      events.on(name, (person) => this.people.set(person.id, person));
    }
    events.on('engine', (choice) => this.engines.push(choice));
    events.on('notice', (notice) => this.notices.push({ ...notice, atMs: atMs() }));
  }

  doubted(_turnId: string, finding: GuardFinding): void {
    this.findings.push(finding);
  }

  /** Everything that was said, by time. */
  phrases(): PhraseRecord[] {
    const phrases: PhraseRecord[] = [];
    const turns = [...this.#turns.values()].filter(({ segments }) => segments.length > 0);
    const originals = turns.filter(({ segments }) => segments[0]!.original);
    const others = turns.filter(({ segments }) => !segments[0]!.original);
    for (const turn of [...originals, ...others]) {
      const [first] = turn.segments;
      const bounds = { startMs: first!.startMs, endMs: Math.max(...turn.segments.map(({ endMs }) => endMs)) };
      const phrase = longestOverlap(phrases, turn.speakerId, bounds);
      if (phrase === undefined || first!.original) {
        const { sourceLanguage } = first!;
        const sourceText = joined(turn.segments.map((segment) => segment.sourceText));
        phrases.push({
          speakerId: turn.speakerId,
          ...bounds,
          sourceText,
          sourceLanguage,
          translations: [turn],
        });
      } else {
        phrase.translations.push(turn);
      }
    }
    for (const { translations } of phrases) translations.sort((a, b) => (a.to < b.to ? -1 : 1));
    return phrases.sort((a, b) => a.startMs - b.startMs || (a.speakerId < b.speakerId ? -1 : 1));
  }

  #caption(caption: Caption): void {
    if (caption.kind !== 'speech') return;
    const turn = this.#turn(caption.turnId, caption.speakerId, caption.targetLanguage);
    const withdrawn = caption.final && caption.sourceText === '' && caption.translatedText === '';
    const known = turn.segments.findIndex(({ segmentId }) => segmentId === caption.segmentId);
    if (known >= 0) turn.segments.splice(known, 1, ...(withdrawn ? [] : [caption]));
    else if (!withdrawn) turn.segments.push(caption);
    turn.segments.sort((a, b) => a.part - b.part);
  }

  #turn(turnId: string, speakerId: string, to: LanguageTag): TranslationRecord {
    const known = this.#turns.get(turnId);
    if (known !== undefined) return known;
    const turn: TranslationRecord = { turnId, speakerId, to, segments: [], cut: false };
    this.#turns.set(turnId, turn);
    return turn;
  }
}

/** Texts of segments as one. */
export function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}

function longestOverlap(
  phrases: readonly PhraseRecord[],
  speakerId: string,
  bounds: { startMs: number; endMs: number },
): PhraseRecord | undefined {
  let best: PhraseRecord | undefined;
  let bestMs = 0;
  for (const phrase of phrases) {
    if (phrase.speakerId !== speakerId) continue;
    const overlapMs = Math.min(phrase.endMs, bounds.endMs) - Math.max(phrase.startMs, bounds.startMs);
    if (overlapMs > bestMs) [best, bestMs] = [phrase, overlapMs];
  }
  return best;
}
