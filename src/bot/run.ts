/** One stay in a meeting, from joining to whatever ends it. */
import type { Clock, TimerHandle } from '../clock.js';
import { ParleyError } from '../errors.js';
import type { LanguageTag } from '../languages/languages.js';
import type { Logger } from '../log.js';
import type { BriefingSettings } from '../meeting/briefing/briefing.js';
import { MeetingInterpreter } from '../meeting/meeting.js';
import type { SpeakingOptions } from '../meeting/meeting-options.js';
import type { CaptionSettings } from '../meeting/captions/meeting-captions.js';
import type { OpenSession } from '../meeting/open-session.js';
import type { EngineSettings } from '../meeting/routes/route-engine.js';
import type { MeetingBudget } from '../cost/spending.js';
import type { LeaveReason, Room, RoomState } from '../room/room.js';
import type { JoinView } from './events.js';
import { EventFeed } from './event-feed.js';

export type StayOptions = {
  meetingId: string;
  name: string;
  /** Not joined yet. */
  room: Room;
  openSession: OpenSession;
  /** Which engines interpret; absent: the conversation engine. */
  engines?: EngineSettings;
  /** What `openSession` is metered by, and what follows when its budget is spent; undefined where nothing is billed. */
  budget?: MeetingBudget | undefined;
  /** For people: where the meeting is, and who interprets. */
  place: string;
  interpreter: string;
  speaking: SpeakingOptions;
  /** What is said on joining, translated; undefined: nothing. */
  announcement: string | undefined;
  /** Empty: whatever people prefer. */
  languages: readonly LanguageTag[];
  briefing: BriefingSettings;
  /** Tells which engine interprets each route and why, and what its session is told, profiles included. */
  explain: boolean;
  maxSessions: number;
  closeAfterSilenceMs: number;
  captions: CaptionSettings;
  /** Leaves when nobody but interpreters has been there for so long, from joining on. */
  leaveWhenEmptyMs: number | undefined;
  maxDurationMs: number | undefined;
  clock: Clock;
  view: JoinView;
  log: Logger;
  /** Leaves at once. */
  signal: AbortSignal;
};

/** Why a stay came to its end. */
type End = { reason: LeaveReason; error?: ParleyError };

/** How long people's own words may take to get into their profiles, once the meeting is left. */
const LEARN_MS = 15_000;
/** Ends of a meeting that are in good order. */
const GOOD_ENDS: ReadonlySet<LeaveReason['kind']> = new Set(['asked', 'removed', 'room_closed']);

/**
 * Joins, interprets, and resolves when the meeting was left in good order: asked to, ended by its host, or by one of the
 * limits. Rejects with a ParleyError when it could not be joined, or was lost. Everything is closed in both cases.
 */
export async function stayInMeeting(options: StayOptions): Promise<void> {
  const { room, clock, log, view, explain, budget } = options;
  const teller = new EventFeed({
    clock,
    view,
    explain,
    ...(budget === undefined ? {} : { meter: budget.meter }),
  });
  const meeting = new MeetingInterpreter({
    room,
    openSession: options.openSession,
    ...(options.engines === undefined ? {} : { engines: options.engines }),
    ...options.speaking,
    ...(budget === undefined ? {} : { budget }),
    ...(options.announcement === undefined ? {} : { announcement: options.announcement }),
    name: options.name,
    languages: options.languages,
    captions: options.captions,
    briefing: options.briefing,
    maxSessions: options.maxSessions,
    closeAfterSilenceMs: options.closeAfterSilenceMs,
    clock,
    onListenerError: (error, event) => {
      log.error({ err: error, event }, 'a listener of the meeting failed');
    },
  });
  const { meetingId, name, place, interpreter } = options;
  teller.started({ meetingId, participantId: room.participantId, name, place, interpreter });
  teller.follow(meeting);
  const watch = new StayWatch(meeting, options);
  let end: End;
  try {
    await Promise.race([meeting.start(), watch.ended]);
    watch.joined();
    end = await watch.ended;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    end = { reason: reasonOf(room.state) ?? { kind: 'lost', message: error.message }, error };
  } finally {
    watch.close();
    await meeting.stop();
    await meeting.learn(LEARN_MS);
  }
  const error = errorOf(end);
  teller.ended(end.reason, error);
  if (error !== undefined) throw error;
}

function errorOf({ reason, error }: End): ParleyError | undefined {
  if (error !== undefined || GOOD_ENDS.has(reason.kind)) return error;
  return new ParleyError('service_unavailable', `the meeting was left: ${reason.message}`);
}

function reasonOf(state: RoomState): LeaveReason | undefined {
  return state.kind === 'left' ? state.reason : undefined;
}

/** Waits for the first of everything that can end a stay. */
class StayWatch {
  readonly ended: Promise<End>;
  readonly #meeting: MeetingInterpreter;
  readonly #options: StayOptions;
  #end: (end: End) => void = () => undefined;
  #emptyTimer: TimerHandle | undefined;
  #durationTimer: TimerHandle | undefined;
  #joined = false;
  readonly #onAbort = (): void => {
    this.#ask('stopped by a signal');
  };

  constructor(meeting: MeetingInterpreter, options: StayOptions) {
    this.#meeting = meeting;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { events } = meeting;
    events.on('state', (state) => {
      if (state.kind === 'left' && this.#joined) this.#end(state);
    });
    events.on('ending', (why) => {
      this.#ask(why);
    });
    events.on('joined', () => this.#checkWhetherEmpty());
    events.on('left', () => this.#checkWhetherEmpty());
    if (options.signal.aborted) this.#onAbort();
    else options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The limits run from here on. */
  joined(): void {
    this.#joined = true;
    const { room, clock, maxDurationMs } = this.#options;
    if (room.state.kind === 'left') this.#end(room.state);
    if (maxDurationMs !== undefined) {
      const message = `the longest stay, ${Math.round(maxDurationMs / 60_000)} min, is over`;
      this.#durationTimer = clock.setTimer(() => this.#ask(message), maxDurationMs);
    }
    this.#checkWhetherEmpty();
  }

  close(): void {
    this.#emptyTimer?.cancel();
    this.#durationTimer?.cancel();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #checkWhetherEmpty(): void {
    const { clock, leaveWhenEmptyMs } = this.#options;
    if (leaveWhenEmptyMs === undefined || !this.#joined) return;
    if (this.#meeting.people.length > 0) {
      this.#emptyTimer?.cancel();
      this.#emptyTimer = undefined;
      return;
    }
    const message = `nobody was in the meeting for ${Math.round(leaveWhenEmptyMs / 1000)} s`;
    this.#emptyTimer ??= clock.setTimer(() => this.#ask(message), leaveWhenEmptyMs);
  }

  #ask(message: string): void {
    this.#end({ reason: { kind: 'asked', message } });
  }
}
