/** Sends captions to the meeting, each topic at its own pace, so that a busy language never holds up another. */
import type { Clock } from '../clock.js';
import type { PublishOptions } from '../room/room.js';
import type { Caption } from './caption.js';
import { type SendCounters, TopicLane } from './topic-lane.js';

/** Topics that are remembered; of more than that, those with nothing to send are forgotten. */
const MAX_LANES = 64;

/** Where a caption goes, and as which text for those who read only that. */
export type Edition = {
  readonly topic: string;
  readonly text: string;
  /** To these participants only; absent: to everyone. */
  readonly sendOnly?: readonly string[];
};

/** What a publisher is made of. */
export type CaptionPublisherOptions = {
  clock: Clock;
  send: (topic: string, text: string, options: PublishOptions) => Promise<void>;
  /** Final captions are kept by the meeting for those who come later. Partial ones never are. */
  persistFinals: boolean;
  /** Told once when sending begins to fail, and again only after everything could be sent. */
  onTrouble: (message: string) => void;
};

/** See the file's comment. */
export class CaptionPublisher {
  readonly counters: SendCounters = { sent: 0, failed: 0, dropped: 0 };
  readonly #options: CaptionPublisherOptions;
  readonly #lanes = new Map<string, TopicLane>();
  #troubled = new Set<string>();

  constructor(options: CaptionPublisherOptions) {
    this.#options = options;
  }

  /** Takes the present state of a caption for each of `editions`. */
  publish(caption: Caption, editions: readonly Edition[]): void {
    const persist = caption.final && this.#options.persistFinals ? { persist: true } : {};
    for (const { topic, text, sendOnly } of editions) {
      const to = sendOnly === undefined ? {} : { sendOnly };
      const options: PublishOptions = { payload: caption, ...persist, ...to };
      this.#laneOf(topic).publish({ key: caption.segmentId, final: caption.final, text, options });
    }
  }

  /** Resolves when every final caption was sent, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.flush(timeoutMs)));
  }

  /** Nothing is sent any more. */
  close(): void {
    for (const lane of this.#lanes.values()) lane.close();
  }

  #laneOf(topic: string): TopicLane {
    const known = this.#lanes.get(topic);
    if (known !== undefined) return known;
    for (const [other, lane] of this.#lanes) {
      if (this.#lanes.size < MAX_LANES) break;
      if (lane.idle) this.#lanes.delete(other);
    }
    const { clock, send } = this.#options;
    const lane = new TopicLane({
      clock,
      send: (text, options) => send(topic, text, options),
      counters: this.counters,
      onTrouble: (reason) => {
        this.#trouble(topic, reason);
      },
    });
    this.#lanes.set(topic, lane);
    return lane;
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
