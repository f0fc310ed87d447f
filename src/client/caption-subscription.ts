/** The subscription to one topic of captions at a time, through changes of language and reconnects. */
import type { Meeting, MeetingMessage, MeetingTopicListeners } from './api.js';
import { isFor, parseCaption, type Segment } from './captions.js';

type Subscription = { readonly topic: string; readonly listeners: MeetingTopicListeners };

/** Follows the topic that is wanted, once the meeting is joined. */
export class CaptionSubscription {
  readonly #pubSub: Meeting['pubSub'];
  readonly #ownId: string;
  readonly #keptCaptions: number;
  readonly #onMessage: (senderId: string, segment: Segment) => void;
  readonly #onFailure: (cause: unknown) => void;
  #isJoined = false;
  #wanted: string | undefined;
  #current: Subscription | undefined;
  /** The work that counts; what began before a reconnect does not. */
  #work: object | undefined;

  constructor(
    { pubSub, localParticipant }: Pick<Meeting, 'pubSub' | 'localParticipant'>,
    keptCaptions: number,
    events: { onMessage: (senderId: string, segment: Segment) => void; onFailure: (cause: unknown) => void },
  ) {
    this.#pubSub = pubSub;
    this.#ownId = localParticipant.id;
    this.#keptCaptions = keptCaptions;
    this.#onMessage = events.onMessage;
    this.#onFailure = events.onFailure;
  }

  /** The meeting is joined, maybe again: nothing is subscribed to. */
  joined(): void {
    this.#isJoined = true;
    this.#current = this.#work = undefined;
    void this.#update();
  }

  /** The meeting is left: nothing can be said to it. */
  left(): void {
    this.#isJoined = false;
  }

  /** Receives this topic from now on; undefined for none. */
  follow(topic: string | undefined): void {
    this.#wanted = topic;
    void this.#update();
  }

  /** One step at a time, and the new subscription before the old one goes. */
  async #update(): Promise<void> {
    if (!this.#isJoined || this.#work !== undefined) return;
    const work = (this.#work = {});
    while (this.#work === work && this.#current?.topic !== this.#wanted) {
      const former = this.#current;
      this.#current = this.#wanted === undefined ? undefined : this.#subscriptionTo(this.#wanted);
      try {
        if (this.#current !== undefined)
          await this.#pubSub.subscribe(this.#current.topic, this.#current.listeners, {
            oldMessageLimit: this.#keptCaptions,
          });
        if (former !== undefined)
          await this.#pubSub.unsubscribe(former.topic, former.listeners).catch(() => undefined); // dropped below
      } catch (cause) {
        if (this.#work !== work) return;
        this.#current = former;
        this.#onFailure(cause);
        break; // tried again with the next choice, or when the meeting is joined again
      }
    }
    if (this.#work === work) this.#work = undefined;
  }

  #subscriptionTo(topic: string): Subscription {
    const receive = (message: MeetingMessage, kept: boolean): void => {
      const { senderId } = message;
      if (typeof senderId !== 'string' || topic !== this.#wanted || !isFor(this.#ownId, message)) return;
      const segment = parseCaption(senderId, message, kept);
      if (segment !== undefined) this.#onMessage(senderId, segment);
    };
    return {
      topic,
      listeners: {
        onMessageReceived: (message) => receive(message, false),
        onOldMessagesReceived: (messages) => {
          for (const message of messages) receive(message, true);
        },
      },
    };
  }
}
