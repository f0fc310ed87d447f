import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { counter, type Metric } from '../../metrics.js';
import type { DataMessage, PublishOptions } from '../room.js';
import type { RoomData } from '../sdk/rejoining-room.js';
import { CustomEventReader, eventsOf } from './custom-events.js';
import { EventQueue } from './event-queue.js';
import type { StreamCall } from './sdk-types.js';

type OnMessage = (message: DataMessage) => void;

/** What of a call messages go through. */
export type CustomEvents = Pick<StreamCall, 'sendCustomEvent' | 'on'>;

const incomingSchema = z.object({ user: z.object({ id: z.string().min(1) }), custom: z.unknown() });

/** The room's data channel over custom events, which everybody gets who watches the call. */
export class StreamData implements RoomData<CustomEvents> {
  readonly #ownId: string;
  readonly #onProblem: (text: string) => void;
  readonly #topics = new Map<string, readonly OnMessage[]>();
  readonly #queue: EventQueue;
  readonly #reader: CustomEventReader;
  #stopListening: (() => void) | undefined;

  constructor(options: { ownId: string; clock: Clock; onProblem: (text: string) => void }) {
    this.#ownId = options.ownId;
    this.#onProblem = options.onProblem;
    this.#queue = new EventQueue(options.clock);
    this.#reader = new CustomEventReader(options.clock);
  }

  attach(events: CustomEvents): void {
    this.detach();
    this.#stopListening = events.on('custom', (event) => this.#receive(event));
    this.#queue.open((event) => events.sendCustomEvent({ ...event }));
  }

  detach(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#queue.close();
  }

  async send(topic: string, text: string, options: PublishOptions): Promise<void> {
    const { persist = false, sendOnly, payload = {} } = options;
    if (sendOnly !== undefined || persist)
      throw new ParleyError(
        'internal',
        `a call of Stream cannot ${persist ? 'keep messages' : 'send to some only'}: ${topic} was not sent`,
      );
    await this.#queue.add(topic, eventsOf({ topic, text, payload }, randomBytes(6).toString('hex')));
  }

  subscribe(topic: string, onMessage: OnMessage): () => void {
    const entry: OnMessage = (message) => onMessage(message);
    this.#topics.set(topic, [...(this.#topics.get(topic) ?? []), entry]);
    return () => {
      const others = (this.#topics.get(topic) ?? []).filter((other) => other !== entry);
      if (others.length > 0) this.#topics.set(topic, others);
      else this.#topics.delete(topic);
    };
  }

  metrics(): readonly Metric[] {
    const { sent, failed, refused, slowedDown } = this.#queue.counters;
    return [
      counter('custom_events_sent', 'Custom events that the service took.', sent),
      counter('custom_events_slowed', 'How often the service had had too many custom events.', slowedDown),
      counter('data_messages_failed', 'Messages that could not be sent.', failed),
      counter('data_messages_refused', 'Messages that were not taken, because too many waited.', refused),
      counter(
        'data_messages_incomplete',
        'Messages of others of which not all parts came.',
        this.#reader.givenUp,
      ),
      counter(
        'data_messages_unreadable',
        'Custom events for a topic that are no message.',
        this.#reader.unreadable,
      ),
    ];
  }

  #receive(event: unknown): void {
    const incoming = incomingSchema.safeParse(event);
    if (!incoming.success || incoming.data.user.id === this.#ownId) return;
    const senderId = incoming.data.user.id;
    const message = this.#reader.read(senderId, incoming.data.custom);
    if (message === undefined) return;
    for (const listener of this.#topics.get(message.topic) ?? []) {
      try {
        listener({ ...message, senderId });
      } catch (error) {
        this.#onProblem(`a listener of topic ${message.topic} failed: ${messageOf(error)}`);
      }
    }
  }
}
