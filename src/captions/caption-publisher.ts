/**
 * Sends captions to the meeting: final ones all, in order; partial ones at most four a second, the newest state of each
 * turn only. Nothing that goes wrong here stops anything else.
 */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';
import type { PublishOptions } from '../room/room.js';
import { type Caption, CAPTIONS_TOPIC } from './caption.js';

/** Between two partial captions. */
export const PARTIAL_INTERVAL_MS = 250;
/** Before what could not be sent is tried again. */
export const RETRY_MS = 1_000;
/** A message that was neither sent nor refused in this time counts as not sent. */
export const SEND_TIMEOUT_MS = 10_000;
/** Final captions that wait; the oldest are dropped and counted. */
export const MAX_WAITING_FINALS = 200;
/** Turns with a partial caption that waits; the oldest are dropped. */
const MAX_WAITING_PARTIALS = 32;

/** What a publisher counts. */
export type PublisherCounters = {
  sent: number;
  failed: number;
  /** Finals that were never sent. */
  dropped: number;
};

/** See the file's comment. */
export class CaptionPublisher {
  readonly counters: PublisherCounters = { sent: 0, failed: 0, dropped: 0 };
  readonly #clock: Clock;
  readonly #send: (topic: string, text: string, options: PublishOptions) => Promise<void>;
  readonly #onTrouble: (message: string) => void;
  readonly #finals: Caption[] = []; // oldest first
  readonly #partials = new Map<string, Caption>(); // by turn, longest waiting first
  #nextPartialMs = -Infinity;
  #notBeforeMs = -Infinity;
  #sending = false;
  #troubled = false;
  #closed = false;
  #timer: TimerHandle | undefined;
  readonly #waiters = new Set<() => void>();

  constructor(options: {
    clock: Clock;
    send: (topic: string, text: string, options: PublishOptions) => Promise<void>;
    /** Told once when sending begins to fail, and again only after it has worked. */
    onTrouble: (message: string) => void;
  }) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#onTrouble = options.onTrouble;
  }

  /** Takes the present state of a caption. */
  publish(caption: Caption): void {
    if (this.#closed) return;
    if (caption.final) {
      this.#partials.delete(caption.turnId);
      this.#finals.push(caption);
      if (this.#finals.length > MAX_WAITING_FINALS) {
        this.#finals.shift();
        this.counters.dropped++;
      }
    } else {
      this.#partials.set(caption.turnId, caption);
      if (this.#partials.size > MAX_WAITING_PARTIALS) {
        const [oldest] = this.#partials.keys();
        if (oldest !== undefined) this.#partials.delete(oldest);
      }
    }
    this.#pump();
  }

  /** Resolves when every final caption was sent, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#finals.length === 0 && !this.#sending) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(done, timeoutMs);
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
    this.counters.dropped += this.#finals.length;
    this.#finals.length = 0;
    this.#partials.clear();
    this.#settle();
  }

  #pump(): void {
    if (this.#sending || this.#closed) return;
    const nowMs = this.#clock.nowMs();
    const [partial] = this.#partials.values();
    const next = this.#finals[0] ?? partial;
    if (next === undefined) {
      this.#settle();
      return;
    }
    const dueMs = Math.max(this.#notBeforeMs, next.final ? -Infinity : this.#nextPartialMs);
    this.#timer?.cancel();
    if (dueMs > nowMs) {
      this.#timer = this.#clock.setTimer(() => {
        this.#pump();
      }, dueMs - nowMs);
      return;
    }
    if (next.final) {
      this.#finals.shift();
    } else {
      this.#partials.delete(next.turnId);
      this.#nextPartialMs = nowMs + PARTIAL_INTERVAL_MS;
    }
    this.#sendOne(next);
  }

  #sendOne(caption: Caption): void {
    this.#sending = true;
    let over = false;
    const finish = (failure?: string): void => {
      if (over) return;
      over = true;
      timeout.cancel();
      this.#sending = false;
      if (failure === undefined) {
        this.counters.sent++;
        this.#troubled = false;
      } else {
        this.#failed(caption, failure);
      }
      this.#pump();
    };
    const timeout = this.#clock.setTimer(() => {
      finish('the meeting does not answer');
    }, SEND_TIMEOUT_MS);
    const text = caption.translatedText || caption.sourceText;
    this.#send(CAPTIONS_TOPIC, text, { payload: caption }).then(
      () => {
        finish();
      },
      (error: unknown) => {
        finish(messageOf(error));
      },
    );
  }

  #failed(caption: Caption, message: string): void {
    this.counters.failed++;
    this.#notBeforeMs = this.#clock.nowMs() + RETRY_MS;
    if (this.#closed) {
      if (caption.final) this.counters.dropped++;
      return;
    }
    if (caption.final) this.#finals.unshift(caption);
    if (this.#troubled) return;
    this.#troubled = true;
    this.#onTrouble(`captions cannot be sent to the meeting at present: ${message}`);
  }

  #settle(): void {
    if (this.#finals.length > 0) return;
    for (const done of [...this.#waiters]) done();
  }
}
