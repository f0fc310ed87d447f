import { isBackchannel } from '../../interpreter/route/backchannel.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Metric } from '../../metrics.js';
import type { Interjections } from '../listening/interjections.js';
import type { MeetingAudioInput } from '../listening/meeting-audio-input.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { ENGINES } from '../../realtime/engines.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPart, RouteSessionView } from '../meeting-part.js';

/** What words a sound was made of is waited for so long. */
const WORDS_WITHIN_MS = 2_500;
/** A speech detector goes on for so long after a sound has ended. */
const DETECTED_LATER_MS = 100;
/** A server may take a shorter silence for the end of a turn than our own speech detector does, by so much at most. */
const HEARD_TO_END_WITHIN_MS = 300;
/** A turn is another person's when so much of it was their voice. */
const MOSTLY_COPIED = 0.6;
/** Turns that began so lately may turn out to be copies. */
const LATELY_MS = 4_000;

/** What turns are screened by. */
export type TurnScreeningOptions = {
  clock: Clock;
  interjections: Interjections;
  /** What of speech was another person's voice in the same room. */
  copies: Pick<MeetingAudioInput, 'copiedShareOf' | 'events'>;
  /** The longest sound that may be a backchannel, as things are now; 0: every turn is interpreted. */
  backchannelMaxMs: () => number;
  /** Called for somebody whose short sound was words: whatever they said it over gives way. */
  interrupt: (speakerId: string) => void;
};

/** A turn that is held until its words are known. */
type Held = {
  readonly session: RouteSessionView;
  readonly turnId: string;
  /** Who spoke. */
  readonly speakerId: string;
  timer: TimerHandle | undefined;
};

/**
 * Keeps backchannels from being interpreted: a short sound that somebody makes while others have the word is held until its
 * words are known, and dropped where they are none, or only say that somebody listens; other words interrupt. Drops what is another person's voice, heard
 * by a second microphone of the same room.
 */
export class TurnScreening implements MeetingPart {
  readonly name = 'turn screening';
  readonly #options: TurnScreeningOptions;
  readonly #sessions = new Set<RouteSessionView>();
  readonly #held = new Set<Held>();
  #backchannels = 0;
  #copies = 0;

  constructor(options: TurnScreeningOptions) {
    this.#options = options;
    options.copies.events.on('copied', (speakerId) => {
      this.#dropCopies(speakerId);
    });
  }

  session(session: RouteSessionView): void {
    const { events } = session;
    this.#sessions.add(session);
    // What is translated while it is said would be heard before it is known how long it is.
    if (ENGINES[session.engine].continuous)
      events.on('speechStarted', ({ turnId }) => {
        this.#began(session, turnId);
      });
    events.on('speechStopped', ({ turnId }) => {
      this.#said(session, turnId);
    });
    events.on('sourceTranscript', ({ final }) => {
      if (final) this.#judgeAll(session.spec.speakerId);
    });
    events.on('translationTranscript', ({ turnId, final }) => {
      if (!final) return;
      for (const held of this.#held)
        if (held.turnId === turnId && held.session === session) this.#judge(held, true);
    });
    events.on('state', ({ kind }) => {
      if (kind !== 'ended') return;
      this.#sessions.delete(session);
      for (const held of this.#held) if (held.session === session) this.#release(held);
    });
  }

  closing(): void {
    for (const held of this.#held) this.#release(held);
  }

  metrics(): readonly Metric[] {
    return [
      {
        name: 'backchannels',
        help: 'Turns that only said that somebody listens, and were not interpreted.',
        kind: 'counter',
        value: this.#backchannels,
      },
      {
        name: 'turns_of_copies',
        help: 'Turns that were another person’s voice in the same room, and were interpreted under that person’s name only.',
        kind: 'counter',
        value: this.#copies,
      },
    ];
  }

  /** A turn's speech begins: where it begins over others it is held until it has gone on for too long, or is over. */
  #began(session: RouteSessionView, turnId: string): void {
    const { interjections, backchannelMaxMs } = this.#options;
    const maxMs = backchannelMaxMs();
    if (maxMs <= 0 || !interjections.isAside(speakerOf(session, turnId))) return;
    const held = this.#hold(session, turnId);
    this.#wait(held, maxMs + DETECTED_LATER_MS, () => {
      if (interjections.isAside(held.speakerId)) this.#release(held);
      else this.#wait(held, WORDS_WITHIN_MS, () => this.#release(held));
    });
  }

  /** A turn's speech is over, by the server; `waited`: our own speech detector has had the time to hear that, too. */
  #said(session: RouteSessionView, turnId: string, waited = false): void {
    const { interjections, backchannelMaxMs } = this.#options;
    const record = session.turn(turnId);
    const maxMs = backchannelMaxMs();
    if (record === undefined) return;
    if (this.#dropsCopy(session, record)) return;
    const known = [...this.#held].find((held) => held.session === session && held.turnId === turnId);
    const speakerId = speakerOf(session, turnId);
    const isShort = record.endMs - record.startMs <= maxMs;
    if (maxMs > 0 && isShort && !waited && interjections.isAside(speakerId)) {
      const held = known ?? this.#hold(session, turnId);
      this.#wait(held, HEARD_TO_END_WITHIN_MS, () => this.#said(session, turnId, true));
      return;
    }
    if (maxMs <= 0 || !interjections.isShortAside(speakerId, record, maxMs)) {
      if (known !== undefined) this.#release(known);
      return;
    }
    const held = known ?? this.#hold(session, turnId);
    this.#wait(held, WORDS_WITHIN_MS, () => this.#judgeLate(held));
    this.#judge(held, false);
  }

  #hold(session: RouteSessionView, turnId: string): Held {
    session.hold(turnId);
    const held: Held = { session, turnId, speakerId: speakerOf(session, turnId), timer: undefined };
    this.#held.add(held);
    return held;
  }

  #wait(held: Held, delayMs: number, then: () => void): void {
    held.timer?.cancel();
    held.timer = this.#options.clock.setTimer(then, delayMs);
  }

  /** Its words are not final in time: a continuous translation writes as it hears, so that what it has not written was no word. */
  #judgeLate(held: Held): void {
    const { session, turnId } = held;
    const { sourceText } = session.turn(turnId) ?? {};
    if (
      !ENGINES[session.engine].continuous ||
      sourceText === undefined ||
      !this.#isTranscribed(session.spec.speakerId)
    )
      this.#release(held);
    else if (isBackchannel(sourceText, spokenOn(session.spec))) this.#drop(held);
    else this.#interpret(held);
  }

  /** Returns whether a turn was another person's, and is dropped. */
  #dropsCopy(session: RouteSessionView, record: TurnRecord): boolean {
    const share = this.#options.copies.copiedShareOf(speakerOf(session, record.turnId), record);
    if (record.dropped === true || share < MOSTLY_COPIED) return false;
    for (const held of this.#held)
      if (held.session === session && held.turnId === record.turnId) this.#settled(held);
    this.#copies++;
    session.drop(record.turnId);
    return true;
  }

  /** Turns of the last moments that turn out to be another person's. */
  #dropCopies(speakerId: string): void {
    const endMs = this.#options.clock.nowMs();
    for (const session of this.#sessions) {
      if (session.spec.speakerId !== speakerId) continue;
      const record = session.turnOver({ startMs: endMs - LATELY_MS, endMs });
      if (record !== undefined) this.#dropsCopy(session, record);
    }
  }

  #judgeAll(speakerId: string): void {
    for (const held of this.#held) if (held.session.spec.speakerId === speakerId) this.#judge(held, false);
  }

  /** `translated`: the whole translation is known, which tells where nothing is transcribed. */
  #judge(held: Held, translated: boolean): void {
    const { session, turnId } = held;
    const said = this.#wordsOf(session, turnId);
    if (said !== undefined) {
      if (isBackchannel(said, spokenOn(session.spec))) this.#drop(held);
      else this.#interpret(held);
      return;
    }
    const { translatedText = '' } = session.turn(turnId) ?? {};
    if (!translated || this.#isTranscribed(session.spec.speakerId)) return;
    if (isBackchannel(translatedText, translatedInto(session.spec))) this.#drop(held);
    else this.#interpret(held);
  }

  /** It says something, such as "Stop!". */
  #interpret(held: Held): void {
    this.#options.interrupt(held.speakerId);
    this.#release(held);
  }

  #isTranscribed(speakerId: string): boolean {
    for (const { spec } of this.#sessions) if (spec.speakerId === speakerId && spec.transcribes) return true;
    return false;
  }

  /** What was said, by this session's transcript or that of another of this speaker; undefined while it is not known. */
  #wordsOf(session: RouteSessionView, turnId: string): string | undefined {
    const record = session.turn(turnId);
    if (record?.sourceFinal !== false) return record?.sourceText;
    for (const other of this.#sessions) {
      if (other === session || other.spec.speakerId !== session.spec.speakerId) continue;
      const same = other.turnOver(record);
      if (same?.sourceFinal === true) return same.sourceText;
    }
    return undefined;
  }

  #drop(held: Held): void {
    if (!this.#settled(held)) return;
    this.#backchannels++;
    held.session.drop(held.turnId);
  }

  #release(held: Held): void {
    if (this.#settled(held)) held.session.release(held.turnId);
  }

  /** Returns false where that was decided before. */
  #settled(held: Held): boolean {
    held.timer?.cancel();
    return this.#held.delete(held);
  }
}

/** Who says a turn: of a session that hears everybody, whoever spoke when it began. */
function speakerOf(session: RouteSessionView, turnId: string): string {
  return session.attributionOf(turnId)?.speakerId ?? session.spec.speakerId;
}

/** Languages that what is said may be in, as far as they are known. */
function spokenOn({ from, to, back }: RouteSpec): readonly LanguageTag[] {
  return back === undefined || to === undefined ? from : [back, to];
}

/** Languages that a translation may be in. */
function translatedInto({ to, back }: RouteSpec): readonly LanguageTag[] {
  return [to, back].flatMap((tag) => tag ?? []);
}
