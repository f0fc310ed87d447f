import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.js';
import type { OpenTransport } from '../../realtime/transport.js';
import { LineFile } from '../output/safe-file.js';

/**
 * A cassette holds one whole session as it travelled, audio included: JSON lines, the header first, then every message
 * of both sides in the order of the wire. Headers of the connection are no part of it, so no key is in one.
 */
const CASSETTE_VERSION = 1;

const headerSchema = z.object({
  parleyCassette: z.literal(CASSETTE_VERSION),
  /** Host that the session was held with. */
  recordedFrom: z.string(),
  /** File name of the recording that was spoken. */
  input: z.string(),
  /** The options that shaped what the client sent. */
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

const atMs = z.number().nonnegative();
const entrySchema = z.union([
  z.object({ atMs, direction: z.enum(['client', 'server']), text: z.string() }),
  z.object({ atMs, opened: z.literal(true) }),
  z.object({ atMs, closed: z.object({ code: z.number().int(), reason: z.string() }) }),
]);

/** What was recorded, from where. */
type CassetteHeader = Omit<z.infer<typeof headerSchema>, 'parleyCassette'>;
/**
 * One message as text, the server's closing of the line, or, in a meeting, the moment at which the line was open; `atMs` counts on
 * the recording's clock.
 */
type CassetteEntry = z.infer<typeof entrySchema>;
/** One recorded session. */
export type Cassette = { header: CassetteHeader; entries: readonly CassetteEntry[] };

/** Reads a whole cassette. Throws ParleyError `input_missing` or `input_unusable` (with the line that is wrong). */
export function readCassette(path: string): Cassette {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ParleyError('input_missing', `cannot read the cassette ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
  const lines = content.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const header = headerSchema.safeParse(parseJson(lines[0] ?? ''));
  if (!header.success)
    throw new ParleyError('input_unusable', `${path} is not a cassette of version ${CASSETTE_VERSION}`);
  const entries = lines.slice(1).map((line, index) => {
    const entry = entrySchema.safeParse(parseJson(line));
    if (!entry.success)
      throw new ParleyError('input_unusable', `the cassette ${path} is damaged at line ${index + 2}`);
    return entry.data;
  });
  return { header: header.data, entries };
}

/**
 * Writes a cassette while a session runs. The file is for its owner only (mode 0600), since it holds voices. A message
 * that holds one of `secrets` ends the recording: the file is removed and {@link CassetteRecorder.refusal} says why.
 */
export class CassetteRecorder {
  readonly #file: LineFile;
  readonly #atMs: () => number;
  readonly #secrets: readonly string[];
  readonly #timesOpening: boolean;
  #refusal: ParleyError | undefined;

  /** `timesOpening`: how long the line took to open is kept, too, since its time counts. */
  constructor(
    path: string,
    header: CassetteHeader,
    options: { atMs: () => number; secrets: readonly string[]; timesOpening?: boolean },
  ) {
    this.#file = new LineFile(path, 0o600);
    this.#atMs = options.atMs;
    this.#timesOpening = options.timesOpening ?? false;
    this.#secrets = options.secrets.filter((secret) => secret.length >= 8);
    this.#write(JSON.stringify({ parleyCassette: CASSETTE_VERSION, ...header }));
  }

  /** Set once a message held a secret and the recording was thrown away. */
  get refusal(): ParleyError | undefined {
    return this.#refusal;
  }

  /** Wraps `open` so that the line it opens is recorded. A cassette holds one line: a second one is refused. */
  record(open: OpenTransport): OpenTransport {
    let opened = false;
    return async (handlers) => {
      if (opened)
        throw new ParleyError('internal', 'a cassette holds one connection, and this is the second');
      opened = true;
      const line = await open({
        message: (text) => {
          this.#message('server', text);
          handlers.message(text);
        },
        closed: (close) => {
          this.#write(JSON.stringify({ atMs: this.#atMs(), closed: close }));
          handlers.closed(close);
        },
      });
      if (this.#timesOpening) this.#write(JSON.stringify({ atMs: this.#atMs(), opened: true }));
      return {
        get bufferedAmountBytes() {
          return line.bufferedAmountBytes;
        },
        get sentCount() {
          return line.sentCount;
        },
        get receivedCount() {
          return line.receivedCount;
        },
        send: (text) => {
          this.#message('client', text);
          line.send(text);
        },
        sendAudio: (message) => {
          this.#message('client', message.text);
          line.sendAudio(message);
        },
        close: (code, reason) => {
          line.close(code, reason);
        },
      };
    };
  }

  /** Safe to call twice. */
  close(): void {
    this.#file.close();
  }

  #message(direction: 'client' | 'server', text: string): void {
    this.#write(JSON.stringify({ atMs: this.#atMs(), direction, text }));
  }

  #write(line: string): void {
    if (this.#refusal !== undefined) return;
    if (this.#secrets.some((secret) => line.includes(secret))) {
      this.#refusal = new ParleyError('internal', 'a message held a configured key: no cassette was kept');
      this.#file.close();
      rmSync(this.#file.path, { force: true });
      return;
    }
    this.#file.write(line);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
