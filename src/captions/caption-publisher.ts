import { BoundedMap } from '../bounded-map.js';
import type { Clock } from '../clock.js';
import type { PublishOptions } from '../room/room.js';
import type { Caption } from './caption.js';
import { namedLine } from './cue.js';
import type { SendData } from './room-sender.js';
import { type SendCounters, TopicQueue } from './topic-queue.js';
import { CHAT_TOPIC } from './topics.js';

/** Captions that are known to be in the chat; a correction of one is not posted again. */
const MAX_POSTED = 1_000;
/** Topics that are remembered; of more than that, those with nothing to send are forgotten. */
const MAX_QUEUES = 64;

/** Where a caption goes, and as which text for those who read only that. */
export type Edition = {
  readonly topic: string;
  readonly text: string;
  /** In place of the caption that is published, for these readers. */
  readonly caption?: Caption;
  /** To these participants only; absent: to everyone. */
  readonly sendOnly?: readonly string[];
  /** Who is known to read it; absent: those it is sent to only. */
  readonly readerIds?: readonly string[];
};

/** What becomes of final captions beside being sent. */
export type PublisherSettings = {
  /** They are kept by the meeting for those who come later. Partial ones never are. */
  persistFinals: boolean;
  /** Each is posted to the chat too, once, for those who read it and did not say it. */
  chat: boolean;
};

/** What a publisher is made of. */
type CaptionPublisherOptions = {
  clock: Clock;
  send: SendData;
  settings: PublisherSettings;
  /** Told once when sending begins to fail, and again only after everything could be sent. */
  onTrouble: (message: string) => void;
};

/** Sends captions to the meeting, each topic at its own pace, so that a busy language never holds up another. */
export class CaptionPublisher {
  readonly counters: SendCounters = { sent: 0, failed: 0, dropped: 0 };
  readonly #options: CaptionPublisherOptions;
  #settings: PublisherSettings;
  readonly #queues = new Map<string, TopicQueue>();
  readonly #troubled = new Set<string>();
  /** By segment and topic, oldest first. */
  readonly #posted = new BoundedMap<true>(MAX_POSTED);
  #closed = false;

  constructor(options: CaptionPublisherOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  get settings(): PublisherSettings {
    return this.#settings;
  }

  /** For captions that are published from now on. */
  configure(settings: PublisherSettings): void {
    this.#settings = settings;
  }

  /** Takes the present state of a caption for each of `editions`; after {@link close}, final ones are counted as dropped. */
  publish(caption: Caption, editions: readonly Edition[]): void {
    if (this.#closed) {
      if (caption.final) this.counters.dropped += editions.length;
      return;
    }
    const { segmentId: key, final } = caption;
    for (const edition of editions) {
      const { topic, text, sendOnly } = edition;
      const options = {
        payload: edition.caption ?? caption,
        ...this.#kept(caption),
        ...(sendOnly === undefined ? {} : { sendOnly }),
      };
      this.#queueOf(topic).publish({ key, final, text, options });
      if (this.#settings.chat && final && text !== '') this.#post(caption, edition);
    }
  }

  /** Resolves when every final caption was sent, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.flush(timeoutMs)));
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) queue.close();
  }

  /** What was said stays; what somebody was told is stale by the time that they come back. */
  #kept({ kind, final }: Caption): PublishOptions {
    return final && kind === 'speech' && this.#settings.persistFinals ? { persist: true } : {};
  }

  #post(caption: Caption, { topic, text, ...to }: Edition): void {
    const { kind, segmentId, speakerId, speakerName } = caption;
    const sendOnly = (to.sendOnly ?? to.readerIds ?? []).filter((id) => id !== speakerId);
    const key = `${segmentId}\n${topic}`;
    if (sendOnly.length === 0 || this.#posted.has(key)) return;
    this.#posted.set(key, true);
    const line = kind === 'notice' ? text : namedLine(speakerName, text);
    const options = { sendOnly, ...this.#kept(caption) };
    this.#queueOf(CHAT_TOPIC).publish({ key, final: true, text: line, options });
  }

  #queueOf(topic: string): TopicQueue {
    const known = this.#queues.get(topic);
    if (known !== undefined) return known;
    for (const [other, queue] of this.#queues) {
      if (this.#queues.size < MAX_QUEUES) break;
      if (queue.idle) this.#queues.delete(other);
    }
    const { clock, send } = this.#options;
    const queue = new TopicQueue({
      clock,
      send: (text, options) => send(topic, text, options),
      counters: this.counters,
      onTrouble: (reason) => {
        this.#trouble(topic, reason);
      },
    });
    this.#queues.set(topic, queue);
    return queue;
  }

  #trouble(topic: string, reason: string | undefined): void {
    if (reason === undefined) {
      this.#troubled.delete(topic);
      return;
    }
    if (this.#troubled.size === 0)
      this.#options.onTrouble(`captions cannot be sent to the meeting at present: ${reason}`);
    this.#troubled.add(topic);
  }
}
