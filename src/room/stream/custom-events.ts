/**
 * Messages of a room as custom events of Stream, which carry 5 KB each. A message is `{ parley: topic, text, payload }`; a longer one
 * goes out in parts, `{ parley: topic, part: { id, index, count, data } }`, whose `data` together are base64 of the UTF-8 JSON of
 * `{ text, payload }`.
 */
import { z } from 'zod';
import { BoundedMap } from '../../bounded-map.js';
import type { Clock } from '../../clock.js';
import { ParleyError } from '../../errors.js';

/** The service takes 5 KB: of which `{"custom":…}` takes a little. */
export const MAX_EVENT_BYTES = 5_000;
const MAX_PARTS = 16;
/** What a part's own fields take, topic included, at most. */
const PART_FIELDS_BYTES = 400;
const MAX_TOPIC_CHARS = 128;
/** Messages whose parts are not all here yet; the oldest is given up. */
const MAX_INCOMPLETE = 32;
/** All parts of a message come within this, or it is given up. */
const PARTS_WITHIN_MS = 30_000;

/** One custom event. */
export type CustomEvent = Readonly<Record<string, unknown>>;
/** What is said on a topic. */
export type TopicMessage = { topic: string; text: string; payload: Readonly<Record<string, unknown>> };

/**
 * The events that carry a message, in order. `id` tells its parts from those of others. Throws ParleyError `usage` for one that 16
 * events cannot hold, or whose topic is longer than 128 characters.
 */
export function eventsOf({ topic, text, payload }: TopicMessage, id: string): readonly CustomEvent[] {
  if (topic.length > MAX_TOPIC_CHARS)
    throw new ParleyError('usage', `a topic has at most ${MAX_TOPIC_CHARS} characters`);
  const whole = { parley: topic, text, payload };
  if (bytesOf(whole) <= MAX_EVENT_BYTES) return [whole];
  const data = Buffer.from(JSON.stringify({ text, payload })).toString('base64');
  const charsPerPart = MAX_EVENT_BYTES - PART_FIELDS_BYTES - Buffer.byteLength(JSON.stringify(topic));
  const count = Math.ceil(data.length / charsPerPart);
  if (count > MAX_PARTS)
    throw new ParleyError(
      'usage',
      `a message on ${topic} is too long for a call of Stream: about ${Math.floor((MAX_PARTS * charsPerPart * 3) / 4 / 1_000)} KB can be sent`,
    );
  return Array.from({ length: count }, (_, index) => ({
    parley: topic,
    part: { id, index, count, data: data.slice(index * charsPerPart, (index + 1) * charsPerPart) },
  }));
}

function bytesOf(custom: CustomEvent): number {
  return Buffer.byteLength(JSON.stringify({ custom }));
}

const payloadSchema = z.record(z.string(), z.unknown());
const contentSchema = z.object({ text: z.string().default(''), payload: payloadSchema.default({}) });
const topicSchema = z.string().min(1).max(MAX_TOPIC_CHARS);
const wholeSchema = contentSchema.extend({ parley: topicSchema });
const partSchema = z.object({
  parley: topicSchema,
  part: z.object({
    id: z.string().min(1).max(64),
    index: z
      .int()
      .min(0)
      .max(MAX_PARTS - 1),
    count: z.int().min(2).max(MAX_PARTS),
    data: z.string().min(1).max(MAX_EVENT_BYTES),
  }),
});

type Incomplete = { topic: string; count: number; parts: Map<number, string>; sinceMs: number };

/** Reads custom events. Those of other programs are none of ours; parts are put together, as far as they come. */
export class CustomEventReader {
  readonly #clock: Clock;
  readonly #incomplete = new BoundedMap<Incomplete>(MAX_INCOMPLETE);
  #givenUp = 0;
  #unreadable = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Messages of which not all parts came. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Events that are for a topic and are no message. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** The message that is complete with this event; undefined where there is none. */
  read(senderId: string, custom: unknown): TopicMessage | undefined {
    if (typeof custom !== 'object' || custom === null || !Object.hasOwn(custom, 'parley')) return undefined;
    const part = partSchema.safeParse(custom);
    if (part.success) return this.#readPart(senderId, part.data);
    const whole = wholeSchema.safeParse(custom);
    if (!whole.success) {
      this.#unreadable++;
      return undefined;
    }
    const { parley: topic, text, payload } = whole.data;
    return { topic, text, payload };
  }

  #readPart(senderId: string, { parley: topic, part }: z.infer<typeof partSchema>): TopicMessage | undefined {
    const { id, index, count, data } = part;
    const nowMs = this.#clock.nowMs();
    const key = JSON.stringify([senderId, topic, id]);
    const known = this.#incomplete.get(key);
    const isLate = known !== undefined && nowMs - known.sinceMs > PARTS_WITHIN_MS;
    if (isLate) {
      this.#incomplete.delete(key);
      this.#givenUp++;
    }
    const message =
      known !== undefined && !isLate && known.count === count
        ? known
        : { topic, count, parts: new Map<number, string>(), sinceMs: nowMs };
    message.parts.set(index, data);
    if (message.parts.size < count) {
      if (this.#incomplete.set(key, message) !== undefined) this.#givenUp++;
      return undefined;
    }
    this.#incomplete.delete(key);
    const encoded = Array.from({ length: count }, (_, n) => message.parts.get(n) ?? '').join('');
    const content = contentSchema.safeParse(parsed(Buffer.from(encoded, 'base64').toString()));
    if (!content.success) {
      this.#unreadable++;
      return undefined;
    }
    return { topic, ...content.data };
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
