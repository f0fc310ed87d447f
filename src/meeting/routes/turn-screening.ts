import { isBackchannel } from '../../interpreter/route/backchannel.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Metric } from '../../metrics.js';
import type { Interjections } from '../listening/interjections.js';
import type { MeetingPart, RouteSessionView } from '../meeting-part.js';

/** What words a sound was made of is waited for so long. */
const WORDS_WITHIN_MS = 2_500;

/** What turns are screened by. */
export type TurnScreeningOptions = {
  clock: Clock;
  interjections: Interjections;
  /** The longest sound that may be a backchannel, as things are now; 0: every turn is interpreted. */
  backchannelMaxMs: () => number;
};

/** A turn that is held until its words are known. */
type Held = {
  readonly session: RouteSessionView;
  readonly turnId: string;
  readonly timer: TimerHandle;
};

/**
 * Keeps backchannels from being interpreted: a short sound that somebody makes while others have the word is held until its
 * words are known, and dropped where they are none, or only say that somebody listens.
 */
export class TurnScreening implements MeetingPart {
  readonly name = 'turn screening';
  readonly #options: TurnScreeningOptions;
  readonly #sessions = new Set<RouteSessionView>();
  readonly #held = new Set<Held>();
  #backchannels = 0;

  constructor(options: TurnScreeningOptions) {
    this.#options = options;
  }

  session(session: RouteSessionView): void {
    const { events } = session;
    this.#sessions.add(session);
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
    ];
  }

  /** A turn's speech is over. */
  #said(session: RouteSessionView, turnId: string): void {
    const { clock, interjections, backchannelMaxMs } = this.#options;
    const record = session.turn(turnId);
    const maxMs = backchannelMaxMs();
    if (record === undefined || maxMs <= 0) return;
    if (!interjections.isShortAside(session.spec.speakerId, record, maxMs)) return;
    session.hold(turnId);
    const held: Held = {
      session,
      turnId,
      timer: clock.setTimer(() => {
        this.#release(held);
      }, WORDS_WITHIN_MS),
    };
    this.#held.add(held);
    this.#judge(held, false);
  }

  #judgeAll(speakerId: string): void {
    for (const held of this.#held) if (held.session.spec.speakerId === speakerId) this.#judge(held, false);
  }

  /** `translated`: the whole translation is known, which tells where nothing is transcribed. */
  #judge(held: Held, translated: boolean): void {
    const { session, turnId } = held;
    const said = this.#wordsOf(session, turnId);
    if (said !== undefined) {
      if (isBackchannel(said, session.spec.from)) this.#drop(held);
      else this.#release(held);
      return;
    }
    const { translatedText = '' } = session.turn(turnId) ?? {};
    if (!translated || this.#isTranscribed(session.spec.speakerId)) return;
    if (isBackchannel(translatedText, session.spec.to === undefined ? [] : [session.spec.to]))
      this.#drop(held);
    else this.#release(held);
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
    held.timer.cancel();
    return this.#held.delete(held);
  }
}
