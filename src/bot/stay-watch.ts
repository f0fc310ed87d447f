import type { Clock, TimerHandle } from '../clock.js';
import { ParleyError } from '../errors.js';
import type { MeetingInterpreter } from '../meeting/meeting.js';
import type { LeaveReason, Room } from '../room/room.js';

/** How a stay in a meeting ended; `error` where that was not in good order. */
export type StayEnd = {
  readonly reason: LeaveReason;
  /** What asked for it, where the interpreter left by itself. */
  readonly askedBy?: StayEndCause;
  readonly error?: ParleyError;
};

/** `asked`: `stop` or a signal; otherwise a limit of the settings that was reached. */
export type StayEndCause = 'asked' | 'empty' | 'max_duration' | 'budget';

/** What can end a stay beside the meeting itself. */
type StayLimits = {
  /** Leaves when nobody but interpreters has been there for so long, from joining on; undefined: it waits. */
  leaveWhenEmptyMs: number | undefined;
  maxDurationMs: number | undefined;
  /** Leaves at once. */
  signal: AbortSignal | undefined;
};

/** Ends of a meeting that are in good order. */
const GOOD_ENDS: ReadonlySet<LeaveReason['kind']> = new Set(['asked', 'removed', 'room_closed']);

/** Waits for the first of everything that can end a stay. */
export class StayWatch {
  /** Never rejects. */
  readonly ended: Promise<StayEnd>;
  readonly #meeting: MeetingInterpreter;
  readonly #options: StayLimits & { room: Room; clock: Clock };
  #end: (end: StayEnd) => void = () => undefined;
  #emptyTimer: TimerHandle | undefined;
  #durationTimer: TimerHandle | undefined;
  #joined = false;
  readonly #onAbort = (): void => {
    this.ask('stopped by a signal', 'asked');
  };

  constructor(meeting: MeetingInterpreter, options: StayLimits & { room: Room; clock: Clock }) {
    this.#meeting = meeting;
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { events } = meeting;
    events.on('state', (state) => {
      if (state.kind === 'left' && this.#joined) this.#end(endOf(state.reason));
    });
    events.on('ending', (why) => {
      this.ask(why, 'budget');
    });
    events.on('joined', () => this.#checkWhetherEmpty());
    events.on('left', () => this.#checkWhetherEmpty());
    if (options.signal?.aborted === true) this.#onAbort();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The limits run from here on. */
  joined(): void {
    this.#joined = true;
    const { room, clock, maxDurationMs } = this.#options;
    if (room.state.kind === 'left') this.#end(endOf(room.state.reason));
    if (maxDurationMs !== undefined) {
      const message = `the longest stay, ${Math.round(maxDurationMs / 60_000)} min, is over`;
      this.#durationTimer = clock.setTimer(() => this.ask(message, 'max_duration'), maxDurationMs);
    }
    this.#checkWhetherEmpty();
  }

  /** The stay is to end, for this reason; the first one counts. */
  ask(message: string, askedBy: StayEndCause): void {
    this.#end({ reason: { kind: 'asked', message }, askedBy });
  }

  close(): void {
    this.#emptyTimer?.cancel();
    this.#durationTimer?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
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
    this.#emptyTimer ??= clock.setTimer(() => this.ask(message, 'empty'), leaveWhenEmptyMs);
  }
}

function endOf(reason: LeaveReason): StayEnd {
  if (GOOD_ENDS.has(reason.kind)) return { reason };
  const error = new ParleyError('service_unavailable', `the meeting was left: ${reason.message}`);
  return { reason, error };
}
