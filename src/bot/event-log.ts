import { EventEmitter, type EventSource } from '../events.js';
import type { Metric } from '../metrics.js';
import { redactText } from '../redaction.js';
import type { JoinEvent, JoinEventOf } from './events.js';

/** Events that are kept for consumers that are not that far yet; the oldest are forgotten. */
const MAX_KEPT = 1_000;

/** An event of a meeting. `seq` counts them all from 1, without a gap. */
export type BotEvent = JoinEvent & { readonly seq: number };

/** In place of events that a slow consumer did not take in time: so many, the last of which was `seq`. */
export type EventsLost = {
  readonly v: 1;
  readonly type: 'lost';
  readonly seq: number;
  readonly count: number;
};

/** What an interpreter emits: each event under its type, all of them under `event`, and levels, which are no events. */
export type BotEventMap = {
  [Type in JoinEvent['type']]: [event: JoinEventOf<Type> & { readonly seq: number }];
} & {
  event: [event: BotEvent];
  /** Four times a second for everyone whose microphone is on: the loudest RMS level meanwhile. */
  level: [level: { participantId: string; levelDbfs: number }];
};

/** The events of one meeting in their order: emitted as they come, and kept for a while for consumers that take their time. */
export class EventLog {
  readonly #emitter: EventEmitter<BotEventMap>;
  /** By `seq` modulo its length. */
  readonly #kept: BotEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #lastSeq = 0;
  #lost = 0;
  #isOver = false;

  /** `onListenerError` is called when a listener throws; the others and the meeting go on. */
  constructor(onListenerError: (error: unknown, eventName: string) => void) {
    this.#emitter = new EventEmitter<BotEventMap>(onListenerError);
  }

  get events(): EventSource<BotEventMap> {
    return this.#emitter;
  }

  /** What is counted of listeners and consumers. */
  get metrics(): readonly Metric[] {
    return [
      {
        name: 'event_listener_errors',
        help: 'How often a listener of the interpreter threw.',
        kind: 'counter',
        value: this.#emitter.listenerErrors,
      },
      {
        name: 'events_lost',
        help: 'Events that slow consumers did not get.',
        kind: 'counter',
        value: this.#lost,
      },
    ];
  }

  show(event: JoinEvent): void {
    const numbered: BotEvent = { ...withoutKeys(event), seq: ++this.#lastSeq };
    this.#kept[numbered.seq % MAX_KEPT] = numbered;
    // Each event goes out under its own type, which the compiler cannot see through the union.
    this.#emitter.emit(numbered.type as 'notice', numbered as BotEvent & { type: 'notice' });
    this.#emitter.emit('event', numbered);
    this.#wake();
  }

  level(participantId: string, levelDbfs: number): void {
    this.#emitter.emit('level', { participantId, levelDbfs });
  }

  /** Nothing more comes: consumers end when they have taken what there is. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Events after `seq`, as far back as they are kept, and those that come. A consumer that stops taking them harms nothing. */
  after(seq: number): AsyncIterableIterator<BotEvent | EventsLost> {
    let nextSeq = seq + 1;
    let isDone = false;
    let wake: (() => void) | undefined;
    const take = (): BotEvent | EventsLost | undefined => {
      const oldestSeq = Math.max(1, this.#lastSeq - MAX_KEPT + 1);
      if (nextSeq >= oldestSeq) return nextSeq > this.#lastSeq ? undefined : this.#kept[nextSeq++ % MAX_KEPT];
      const count = oldestSeq - nextSeq;
      this.#lost += count;
      nextSeq = oldestSeq;
      return { v: 1, type: 'lost', seq: oldestSeq - 1, count };
    };
    const next = async (): Promise<IteratorResult<BotEvent | EventsLost>> => {
      for (;;) {
        if (isDone) return { done: true, value: undefined };
        const value = take();
        if (value !== undefined) return { done: false, value };
        if (this.#isOver) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
          this.#waiting.add(resolve);
        });
      }
    };
    const iterator: AsyncIterableIterator<BotEvent | EventsLost> = {
      next,
      return: () => {
        isDone = true;
        if (wake !== undefined) this.#waiting.delete(wake);
        wake?.();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

/** Messages quote services, and services quote keys: none gets further than here, to views, records or programs. */
function withoutKeys(event: JoinEvent): JoinEvent {
  switch (event.type) {
    case 'notice':
      return { ...event, message: redactText(event.message) };
    case 'state':
    case 'left': {
      const { reason } = event;
      return reason === undefined ? event : { ...event, reason: cleanReason(reason) };
    }
    case 'ended': {
      const { reason, error } = event;
      const clean = error === undefined ? {} : { error: { ...error, message: redactText(error.message) } };
      return { ...event, reason: cleanReason(reason), ...clean };
    }
    default:
      return event;
  }
}

function cleanReason<Reason extends { message: string }>(reason: Reason): Reason {
  return { ...reason, message: redactText(reason.message) };
}
