import { BoundedMap } from '../bounded-map.js';
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { PublishOptions } from '../room/room.js';

/** Between two partial captions. */
const PARTIAL_INTERVAL_MS = 250;
/** Before what could not be sent is tried again. */
export const RETRY_MS = 1_000;
/** A final message that could not be sent so often is dropped and counted: it may be the message, not the connection. */
export const MAX_ATTEMPTS = 120;
/** A message that was neither sent nor refused in this time counts as not sent. */
const SEND_TIMEOUT_MS = 10_000;
/** Final messages that wait; the oldest are dropped and counted. */
const MAX_WAITING_FINALS = 200;
/** Segments with a partial message that waits; the oldest are dropped. */
const MAX_WAITING_PARTIALS = 32;

/** A message for one topic. Of partial ones with the same `key` only the newest counts. */
export type Outgoing = {
  readonly key: string;
  readonly final: boolean;
  readonly text: string;
  readonly options: PublishOptions;
};

/** What became of messages. */
export type SendCounters = {
  sent: number;
  failed: number;
  /** Finals that were never sent. */
  dropped: number;
};

/** What a queue is made of. */
type TopicQueueOptions = {
  clock: Clock;
  send: (text: string, options: PublishOptions) => Promise<void>;
  counters: SendCounters;
  /** Sending began to fail, for this reason, or works again. */
  onTrouble: (reason: string | undefined) => void;
};

/**
 * One topic's messages on their way to the meeting: final ones all, in order; partial ones at most four a second, the newest
 * state of each segment only. Nothing that goes wrong here stops anything else.
 */
export class TopicQueue {
  readonly #options: TopicQueueOptions;
  readonly #finals: Outgoing[] = []; // oldest first
  readonly #partials = new BoundedMap<Outgoing>(MAX_WAITING_PARTIALS); // by key, longest waiting first
  #nextPartialMs = -Infinity;
  #notBeforeMs = -Infinity;
  #sending = false;
  /** How often the first final message could not be sent. */
  #failedAttempts = 0;
  #troubled = false;
  #closed = false;
  #timer: TimerHandle | undefined;
  readonly #waiters = new Set<() => void>();

  constructor(options: TopicQueueOptions) {
    this.#options = options;
  }

  /** Nothing waits and nothing is on its way. */
  get idle(): boolean {
    return this.#finals.length === 0 && this.#partials.size === 0 && !this.#sending;
  }

  publish(message: Outgoing): void {
    if (this.#closed) return;
    if (message.final) {
      this.#partials.delete(message.key);
      this.#finals.push(message);
      if (this.#finals.length > MAX_WAITING_FINALS) {
        this.#finals.shift();
        this.#options.counters.dropped++;
      }
    } else {
      this.#partials.set(message.key, message);
    }
    this.#pump();
  }

  /** Resolves when every final message was sent, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#finals.length === 0 && !this.#sending) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(done, timeoutMs);
      const waiters = this.#waiters;
      function done(): void {
        timer.cancel();
        waiters.delete(done);
        resolve();
      }
      waiters.add(done);
    });
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#options.counters.dropped += this.#finals.length;
    this.#finals.length = 0;
    this.#partials.clear();
    this.#settle();
  }

  #pump(): void {
    if (this.#sending || this.#closed) return;
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    const [partial] = this.#partials.values();
    const next = this.#finals[0] ?? partial;
    if (next === undefined) {
      this.#settle();
      return;
    }
    const dueMs = Math.max(this.#notBeforeMs, next.final ? -Infinity : this.#nextPartialMs);
    this.#timer?.cancel();
    if (dueMs > nowMs) {
      this.#timer = clock.setTimer(() => {
        this.#pump();
      }, dueMs - nowMs);
      return;
    }
    if (next.final) {
      this.#finals.shift();
    } else {
      this.#partials.delete(next.key);
      this.#nextPartialMs = nowMs + PARTIAL_INTERVAL_MS;
    }
    this.#sendOne(next);
  }

  #sendOne(message: Outgoing): void {
    const { clock, send, counters } = this.#options;
    this.#sending = true;
    let over = false;
    const finish = (failure?: string): void => {
      if (over) return;
      over = true;
      timeout.cancel();
      this.#sending = false;
      if (failure === undefined) {
        counters.sent++;
        this.#failedAttempts = 0;
        this.#setTrouble(undefined);
      } else {
        this.#failed(message, failure);
      }
      this.#pump();
    };
    const timeout = clock.setTimer(() => {
      finish('the meeting does not answer');
    }, SEND_TIMEOUT_MS);
    send(message.text, message.options).then(
      () => {
        finish();
      },
      (error: unknown) => {
        finish(messageOf(error));
      },
    );
  }

  #failed(message: Outgoing, reason: string): void {
    const { clock, counters } = this.#options;
    counters.failed++;
    this.#notBeforeMs = clock.nowMs() + RETRY_MS;
    if (this.#closed) {
      if (message.final) counters.dropped++;
      return;
    }
    this.#setTrouble(reason);
    if (!message.final) return;
    if (++this.#failedAttempts < MAX_ATTEMPTS) {
      this.#finals.unshift(message);
    } else {
      this.#failedAttempts = 0;
      counters.dropped++;
    }
  }

  #setTrouble(reason: string | undefined): void {
    if (this.#troubled === (reason !== undefined)) return;
    this.#troubled = reason !== undefined;
    this.#options.onTrouble(reason);
  }

  #settle(): void {
    if (this.#finals.length > 0) return;
    for (const done of [...this.#waiters]) done();
  }
}
