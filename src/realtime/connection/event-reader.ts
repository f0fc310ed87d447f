import type { EventEmitter } from '../../events.js';
import type { ParsedEvent } from '../protocol/parse-event.js';
import { BoundedMap } from '../../bounded-map.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import type { ParsedMessage } from '../transport.js';

/** Events remembered to recognise one that arrives twice. */
const REMEMBERED_EVENTS = 64;
/** Kinds of unknown and malformed events that are reported; those beyond are only counted. */
const MAX_REPORTED_KINDS = 64;
/** Characters from the end of a message that tell it from another one with the same id and length. */
const FINGERPRINT_CHARS = 64;

/** A known event, or the type of one whose fields are wrong: that it came can matter all the same. */
export type ReadEvent<Event> =
  { kind: 'event'; event: Event } | { kind: 'malformed'; type: string | undefined };

/**
 * What arrives from a server, before anyone acts on it: parsed, unknown and malformed events counted, repeats left out.
 */
export class EventReader<Event extends object> {
  readonly #parse: (message: string | ParsedMessage) => ParsedEvent<Event>;
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: SessionCounters;
  readonly #recent = new BoundedMap<true>(REMEMBERED_EVENTS);
  readonly #reported = new Set<string>();

  constructor(options: {
    /** The parser of the session's kind: kinds share names of events that differ in their fields. */
    parse: (message: string | ParsedMessage) => ParsedEvent<Event>;
    events: EventEmitter<SessionEvents>;
    counters: SessionCounters;
  }) {
    this.#parse = options.parse;
    this.#events = options.events;
    this.#counters = options.counters;
  }

  /** Takes one message, `raw` where it was parsed already. Undefined when there is nothing to act on. */
  take(text: string, raw?: ParsedMessage): ReadEvent<Event> | undefined {
    const parsed = this.#parse(raw ?? text);
    switch (parsed.kind) {
      case 'event':
        return this.#isRepeated(parsed.event, text) ? undefined : parsed;
      case 'unknown':
        this.#counters.unknownEvents++;
        this.#report('unknown_event', parsed.type, 'the server sends events that this version does not know');
        return undefined;
      case 'malformed':
        this.#counters.malformedEvents++;
        this.#report('malformed_event', parsed.type, `the server sent a malformed event: ${parsed.problem}`);
        return { kind: 'malformed', type: parsed.type };
    }
  }

  /** Once per kind. */
  #report(kind: 'unknown_event' | 'malformed_event', type: string | undefined, what: string): void {
    const key = `${kind} ${type ?? ''}`;
    if (this.#reported.has(key) || this.#reported.size >= MAX_REPORTED_KINDS) return;
    this.#reported.add(key);
    const message = `${what} (${type ?? 'no type'})`;
    this.#events.emit('notice', { kind, message, ...(type === undefined ? {} : { code: type }) });
  }

  /** An id alone is not enough: there are servers that give every event the same one. */
  #isRepeated(event: Event, text: string): boolean {
    const id = 'event_id' in event ? event.event_id : undefined;
    if (typeof id !== 'string' || id === '') return false;
    const fingerprint = copyOf(`${text.length} ${id} ${text.slice(-FINGERPRINT_CHARS)}`);
    if (this.#recent.has(fingerprint)) return true;
    this.#recent.set(fingerprint, true);
    return false;
  }
}

/** Tells what `text` tells, in memory of its own: a part of a string keeps the whole of it, and a message can be large. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
