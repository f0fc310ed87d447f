import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { CustomEvent } from './custom-events.js';
import { isRateLimit } from './errors.js';

/** Events a second, by our own choice: the service limits requests and names no figure for these. */
const EVENTS_PER_SECOND = 5;
/** So many may go out at once after a pause. */
const BURST_EVENTS = 10;
/** Events that wait; a message that does not fit any more is refused, and whoever sends it tries again. */
export const MAX_WAITING_EVENTS = 48;
/** The service says that there are too many: so long nothing is sent, then twice as long, and so on. */
const PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 8_000;
/** One that was neither taken nor refused in this time counts as not sent. */
const SEND_TIMEOUT_MS = 10_000;
/** Times that one event is sent. */
const MAX_ATTEMPTS = 4;

/** One message on its way: its events go out in order, and nothing between them. */
type Waiting = {
  readonly topic: string;
  readonly events: readonly CustomEvent[];
  sent: number;
  attempts: number;
  resolve: () => void;
  reject: (error: ParleyError) => void;
};

/** Custom events on their way out: one after the other, no more than the service takes. */
export class EventQueue {
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = []; // the first one is on its way
  #send: ((event: CustomEvent) => Promise<unknown>) | undefined;
  #timer: TimerHandle | undefined;
  /** The event that is on its way; what became of an earlier one counts no more. */
  #onTheWay: object | undefined;
  #allowance = BURST_EVENTS;
  #allowanceAtMs = 0;
  readonly counters = { sent: 0, failed: 0, refused: 0, slowedDown: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** There is a line to send through. */
  open(send: (event: CustomEvent) => Promise<unknown>): void {
    this.#send = send;
    this.#pump();
  }

  /** The line is gone: what waits is not sent. */
  close(): void {
    this.#send = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#onTheWay = undefined;
    for (const message of this.#waiting.splice(0)) {
      this.counters.failed++;
      message.reject(notSent(message.topic, 'the connection to the call is down'));
    }
  }

  /** Resolves when all of them are sent. Rejects with a ParleyError `service_unavailable` where one is not. */
  add(topic: string, events: readonly CustomEvent[]): Promise<void> {
    if (this.#send === undefined) return Promise.reject(notSent(topic, 'not in the meeting'));
    const waiting = this.#waiting.reduce((sum, message) => sum + message.events.length - message.sent, 0);
    if (waiting + events.length > MAX_WAITING_EVENTS) {
      this.counters.refused++;
      return Promise.reject(notSent(topic, `${waiting} events wait already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ topic, events, sent: 0, attempts: 0, resolve, reject });
      this.#pump();
    });
  }

  #pump(): void {
    const [message] = this.#waiting;
    if (
      message === undefined ||
      this.#send === undefined ||
      this.#onTheWay !== undefined ||
      this.#timer !== undefined
    )
      return;
    const waitMs = this.#takeTurn();
    if (waitMs > 0) {
      this.#pause(waitMs);
      return;
    }
    message.attempts++;
    const event = {};
    this.#onTheWay = event;
    const ended = (act: () => void): void => {
      if (this.#onTheWay !== event) return;
      this.#onTheWay = undefined;
      tooLong.cancel();
      act();
    };
    const tooLong = this.#clock.setTimer(() => {
      ended(() => this.#failed(message, new Error(`no answer within ${SEND_TIMEOUT_MS / 1_000} s`)));
    }, SEND_TIMEOUT_MS);
    this.#send(message.events[message.sent]!).then(
      () => ended(() => this.#sent(message)),
      (error: unknown) => ended(() => this.#failed(message, error)),
    );
  }

  #sent(message: Waiting): void {
    this.counters.sent++;
    message.sent++;
    message.attempts = 0;
    if (message.sent === message.events.length) {
      this.#remove(message);
      message.resolve();
    }
    this.#pump();
  }

  #failed(message: Waiting, error: unknown): void {
    if (isRateLimit(error) && message.attempts < MAX_ATTEMPTS) {
      this.counters.slowedDown++;
      this.#pause(Math.min(PAUSE_MS * 2 ** (message.attempts - 1), MAX_PAUSE_MS));
      return;
    }
    if (this.#remove(message)) {
      this.counters.failed++;
      message.reject(notSent(message.topic, messageOf(error), error));
    }
    this.#pump();
  }

  #remove(message: Waiting): boolean {
    const index = this.#waiting.indexOf(message);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  #pause(durationMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      this.#pump();
    }, durationMs);
  }

  /** Takes one event of what may be sent now, or says how long to wait for it. */
  #takeTurn(): number {
    const nowMs = this.#clock.nowMs();
    const grown = ((nowMs - this.#allowanceAtMs) * EVENTS_PER_SECOND) / 1_000;
    this.#allowance = Math.min(BURST_EVENTS, this.#allowance + grown);
    this.#allowanceAtMs = nowMs;
    if (this.#allowance < 1) return Math.ceil(((1 - this.#allowance) * 1_000) / EVENTS_PER_SECOND);
    this.#allowance--;
    return 0;
  }
}

function notSent(topic: string, why: string, cause?: unknown): ParleyError {
  return new ParleyError('service_unavailable', `nothing could be sent on ${topic}: ${why}`, {
    retryable: true,
    cause,
  });
}
