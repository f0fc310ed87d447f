/**
 * The topics of one meeting. The server itself says who sent a message and when; what a client claims of that is not
 * read. Everything is bounded: topics, history, the size of a message, how often one may publish.
 */
import type { Clock } from '../../../clock.js';
import { encodeEnvelope, encodeServerMessage, type PublishRequest } from './pubsub-codec.js';

/** Topics that one participant may have made at a time; those of others are never fewer for it. */
const MAX_TOPICS_EACH = 50;
const MAX_TOPIC_CHARS = 200;
const MAX_HISTORY = 500; // messages per topic
const HISTORY_BATCH = 100;
const MAX_RECIPIENTS = 100;
/** The SDK's own limit for a payload is 15 KiB (ERROR_PAYLOAD_TOO_LARGE); text may be as long, and there is framing. */
export const MAX_MESSAGE_BYTES = 32 * 1024;
/** Messages per second that one participant may publish, and how many at once after a pause. */
const PUBLISH_PER_SECOND = 100;
const PUBLISH_BURST = 300;

/** One connection of one participant. `send` says whether there was room for the bytes. */
export interface PubSubConnection {
  readonly participantId: string;
  readonly participantName: string;
  send(data: Uint8Array): boolean;
}

type Kept = { bytes: Uint8Array; senderId: string; sendOnly: readonly string[] };
type Topic = {
  /** Who was the first to name it. */
  readonly makerId: string;
  readonly subscribers: Set<PubSubConnection>;
  readonly history: Kept[];
  sequence: number;
};

function mayRead(message: Kept, participantId: string): boolean {
  return message.sendOnly.length === 0 || message.sendOnly.includes(participantId);
}

export class PubSub {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Topic>();
  /** How many of the topics each participant has made. */
  readonly #made = new Map<string, number>();
  readonly #budgets = new Map<string, { left: number; atMs: number }>();
  #dropped = 0;
  #persisted = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Messages that a connection had no room for. */
  get droppedCount(): number {
    return this.#dropped;
  }

  /** Subscribes and sends what is kept: at most `oldMessageLimit` messages, all of them when it is negative. */
  subscribe(connection: PubSubConnection, name: string, oldMessageLimit: number, requestId: string): void {
    const topic = this.#topic(name, connection.participantId);
    if (topic === undefined) {
      connection.send(encodeEnvelope({ ack: { requestId, ok: false, error: 'No such topic can be made.' } }));
      return;
    }
    topic.subscribers.add(connection);
    const readable = topic.history.filter((message) => mayRead(message, connection.participantId));
    const old =
      oldMessageLimit < 0 ? readable : oldMessageLimit === 0 ? [] : readable.slice(-oldMessageLimit);
    if (old.length === 0) connection.send(encodeEnvelope({ ack: { requestId, ok: true } }));
    for (let start = 0; start < old.length; start += HISTORY_BATCH) {
      connection.send(
        encodeEnvelope({
          batch: {
            topic: name,
            payloads: old.slice(start, start + HISTORY_BATCH).map(({ bytes }) => bytes),
            batchType: 'old-messages',
            isLast: start + HISTORY_BATCH >= old.length,
            batchSeq: start / HISTORY_BATCH,
            ...(start === 0 ? { requestId } : {}), // the first batch answers the request
          },
        }),
      );
    }
  }

  unsubscribe(connection: PubSubConnection, name: string): void {
    const topic = this.#topics.get(name);
    topic?.subscribers.delete(connection);
    if (topic !== undefined) this.#forgetUnused(name, topic);
  }

  /** Hands a message on. Returns why not, when it cannot be. */
  publish(connection: PubSubConnection, request: PublishRequest): string | undefined {
    const size = Buffer.byteLength(request.message) + request.payload.length;
    if (size > MAX_MESSAGE_BYTES)
      return `A message may have ${MAX_MESSAGE_BYTES} bytes, this one has ${size}.`;
    if (request.sendOnly.length > MAX_RECIPIENTS) return `At most ${MAX_RECIPIENTS} recipients can be named.`;
    if (!this.#maySend(connection.participantId))
      return `At most ${PUBLISH_PER_SECOND} messages a second can be sent.`;
    const topic = this.#topic(request.topic, connection.participantId);
    if (topic === undefined) return 'No such topic can be made.';
    const toAll = request.sendOnly.length === 0;
    const seqNum = toAll ? ++topic.sequence : 0;
    const bytes = encodeServerMessage({
      message: request.message,
      payload: request.payload,
      timestamp: new Date(this.#clock.epochMs()).toISOString(),
      senderId: connection.participantId,
      senderName: connection.participantName,
      persistMsgId: request.persist ? String(++this.#persisted) : '',
      messageId: request.messageId,
      sendOnly: request.sendOnly,
      seqNum,
    });
    const message: Kept = { bytes, senderId: connection.participantId, sendOnly: request.sendOnly };
    if (request.persist) {
      topic.history.push(message);
      if (topic.history.length > MAX_HISTORY) topic.history.shift();
    }
    const data = encodeEnvelope({
      batch: {
        topic: request.topic,
        payloads: [bytes],
        batchType: 'realtime',
        startSeq: seqNum,
        endSeq: seqNum,
        isLast: true,
      },
    });
    for (const subscriber of topic.subscribers) {
      if (mayRead(message, subscriber.participantId) && !subscriber.send(data)) this.#dropped++;
    }
    this.#forgetUnused(request.topic, topic);
    return undefined;
  }

  /** Forgets a connection. */
  remove(connection: PubSubConnection): void {
    for (const name of [...this.#topics.keys()]) this.unsubscribe(connection, name);
  }

  #forgetUnused(name: string, topic: Topic): void {
    if (topic.subscribers.size > 0 || topic.history.length > 0 || !this.#topics.delete(name)) return;
    const made = (this.#made.get(topic.makerId) ?? 1) - 1;
    if (made === 0) this.#made.delete(topic.makerId);
    else this.#made.set(topic.makerId, made);
  }

  #topic(name: string, makerId: string): Topic | undefined {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const made = this.#made.get(makerId) ?? 0;
    if (name === '' || name.length > MAX_TOPIC_CHARS || made >= MAX_TOPICS_EACH) return undefined;
    const topic: Topic = { makerId, subscribers: new Set(), history: [], sequence: 0 };
    this.#topics.set(name, topic);
    this.#made.set(makerId, made + 1);
    return topic;
  }

  #maySend(participantId: string): boolean {
    const nowMs = this.#clock.nowMs();
    const budget = this.#budgets.get(participantId) ?? { left: PUBLISH_BURST, atMs: nowMs };
    budget.left = Math.min(PUBLISH_BURST, budget.left + ((nowMs - budget.atMs) / 1000) * PUBLISH_PER_SECOND);
    budget.atMs = nowMs;
    this.#budgets.set(participantId, budget);
    if (budget.left < 1) return false;
    budget.left--;
    return true;
  }
}
