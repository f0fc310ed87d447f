import { appendWithoutAudio, parseWithoutAudio } from '../cassette/elide-audio.js';
import { LineFile } from './safe-file.js';

/** Which way an event went. */
type WireDirection = 'client' | 'server';

/** What people said, and what services answered. */
const OWNER_ONLY = 0o600;
/** How much of a message that is no JSON object is kept. */
const MALFORMED_CHARACTERS = 500;

/**
 * `events.jsonl`: a line per event, both ways, in the order of the wire: `{atMs, direction, event}`, audio replaced by
 * its size and hash. A message that is no JSON object becomes `{atMs, direction, malformed}` with its beginning. Where there
 * are several sessions, each line names its own as `session`.
 */
export class EventLog {
  readonly #file: LineFile;
  readonly #atMs: () => number;

  /** `atMs` tells the time on the recording's clock. */
  constructor(path: string, atMs: () => number) {
    this.#file = new LineFile(path, OWNER_ONLY);
    this.#atMs = atMs;
  }

  /** Notes one message as it travelled. */
  record(direction: WireDirection, text: string, session?: string): void {
    this.#file.write(eventLine(this.#atMs(), direction, text, session));
  }

  /** Safe to call twice. */
  close(): void {
    this.#file.close();
  }
}

/** One line of the log, without its line break. Times are rounded to microseconds. */
export function eventLine(atMs: number, direction: WireDirection, text: string, session?: string): string {
  const head = {
    atMs: Math.round(atMs * 1000) / 1000,
    ...(session === undefined ? {} : { session }),
    direction,
  };
  const append = appendWithoutAudio(text);
  if (append !== undefined) return `${JSON.stringify(head).slice(0, -1)},"event":${append}}`;
  const event = parseWithoutAudio(text);
  return JSON.stringify(
    event === undefined ? { ...head, malformed: text.slice(0, MALFORMED_CHARACTERS) } : { ...head, event },
  );
}
