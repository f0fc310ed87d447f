/** The room's data channel over VideoSDK's pubSub, whose subscriptions end with every connection. */
import { messageOf, ParleyError } from '../../errors.js';
import type { DataMessage, PublishOptions } from '../room.js';
import type { SdkListeners, SdkMessage, SdkPubSub } from './sdk-types.js';

type OnMessage = (message: DataMessage) => void;
type Topic = { listeners: readonly OnMessage[]; sdkListeners: SdkListeners };

/** Topics that are listened to, whatever becomes of the connection. */
export class DataChannel {
  readonly #ownId: string;
  readonly #onProblem: (text: string) => void;
  readonly #topics = new Map<string, Topic>();
  #pubSub: SdkPubSub | undefined;

  constructor(ownId: string, onProblem: (text: string) => void) {
    this.#ownId = ownId;
    this.#onProblem = onProblem;
  }

  /** The meeting is joined (again): everything is subscribed to anew. */
  attach(pubSub: SdkPubSub): void {
    this.#pubSub = pubSub;
    for (const [name, topic] of this.#topics) this.#subscribe(pubSub, name, topic.sdkListeners);
  }

  /** The connection is down; nothing can be sent. */
  detach(): void {
    this.#pubSub = undefined;
  }

  async send(topic: string, text: string, options: PublishOptions): Promise<void> {
    const pubSub = this.#pubSub;
    if (pubSub === undefined) {
      throw new ParleyError('service_unavailable', `nothing can be sent on ${topic}: not in the meeting`, {
        retryable: true,
      });
    }
    const { persist = false, sendOnly, payload } = options;
    try {
      await pubSub.publish(
        topic,
        text,
        { persist, ...(sendOnly === undefined ? {} : { sendOnly: [...sendOnly] }) },
        payload,
      );
    } catch (error) {
      throw new ParleyError(
        'service_unavailable',
        `a message on ${topic} could not be sent: ${messageOf(error)}`,
        { retryable: true, cause: error },
      );
    }
  }

  /** Calls `onMessage` for what others send on `name`, until the returned function is called. */
  subscribe(name: string, onMessage: OnMessage): () => void {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = { listeners: [], sdkListeners: this.#sdkListenersFor(name) };
      this.#topics.set(name, topic);
      if (this.#pubSub !== undefined) this.#subscribe(this.#pubSub, name, topic.sdkListeners);
    }
    const entry: OnMessage = (message) => onMessage(message);
    topic.listeners = [...topic.listeners, entry];
    return () => this.#unsubscribe(name, entry);
  }

  #unsubscribe(name: string, entry: OnMessage): void {
    const topic = this.#topics.get(name);
    if (topic?.listeners.includes(entry) !== true) return;
    topic.listeners = topic.listeners.filter((other) => other !== entry);
    if (topic.listeners.length > 0) return;
    this.#topics.delete(name);
    this.#pubSub?.unsubscribe(name, topic.sdkListeners).catch((error: unknown) => {
      this.#onProblem(`topic ${name} could not be given up: ${messageOf(error)}`);
    });
  }

  #subscribe(pubSub: SdkPubSub, name: string, listeners: SdkListeners): void {
    // Only what comes from now on: the default, all of the topic's history, is not asked for.
    pubSub.subscribe(name, listeners, { oldMessageLimit: 0 }).catch((error: unknown) => {
      if (this.#pubSub === pubSub) this.#onProblem(`topic ${name} is not heard: ${messageOf(error)}`);
    });
  }

  #sdkListenersFor(name: string): SdkListeners {
    return {
      onMessageReceived: (raw) => {
        const message = toDataMessage(name, raw);
        if (message.senderId === this.#ownId) return;
        for (const listener of this.#topics.get(name)?.listeners ?? []) {
          try {
            listener(message);
          } catch (error) {
            this.#onProblem(`a listener of topic ${name} failed: ${messageOf(error)}`);
          }
        }
      },
    };
  }
}

/** A message with every field of the type it should have. */
export function toDataMessage(topic: string, raw: SdkMessage): DataMessage {
  const { payload } = raw;
  return {
    topic,
    senderId: textOf(raw.senderId),
    text: textOf(raw.message),
    payload:
      typeof payload === 'object' && payload !== null && !Array.isArray(payload)
        ? (payload as Record<string, unknown>)
        : {},
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
}
