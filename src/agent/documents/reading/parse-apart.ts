/** Files are parsed in a process of their own: what is hostile in them ends that process, and nothing else waits for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { ParleyError } from '../../../errors.js';
import { packageRoot } from '../../../package-root.js';
import {
  MAX_ARCHIVE_ENTRIES,
  MAX_PAGES,
  MAX_TEXT_CHARS,
  MAX_UNPACKED_BYTES,
  READ_AT_ONCE,
  READING_MEMORY_MIB,
  READING_TIMEOUT_MS,
} from '../limits.js';
import { PARSER_SOURCE } from './parser-source.js';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const itemSchema = z.tuple([z.string(), z.number(), z.number(), z.number(), z.number(), z.number()]);
/** A run of text on a page: words, left, baseline, width, height in points, and 1 where a line ends after it. */
export type PdfItem = z.infer<typeof itemSchema>;
const answerSchema = z.union([
  z.object({ problem: z.string(), detail: z.string().optional() }),
  z.object({ events: z.array(z.string()) }),
  z.object({ pages: z.array(z.array(itemSchema)), title: z.string() }),
]);

/** What the process found. */
export type Parsed =
  | { readonly events: readonly string[] }
  | { readonly pages: readonly (readonly PdfItem[])[]; readonly title: string };

let running = 0;
const waiting: (() => void)[] = [];

/**
 * Parses a file. HTML and Markdown come as UTF-8.
 * @throws ParleyError `input_unusable` that says what is wrong with the file, and what took too long or too much memory.
 */
export async function parseApart(
  kind: 'html' | 'markdown' | 'docx' | 'pdf',
  bytes: Uint8Array,
  { timeoutMs = READING_TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<Parsed> {
  if (running >= READ_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await parsed(kind, bytes, timeoutMs);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

async function parsed(kind: string, bytes: Uint8Array, timeoutMs: number): Promise<Parsed> {
  const limits = JSON.stringify({
    chars: MAX_TEXT_CHARS,
    pages: MAX_PAGES,
    entries: MAX_ARCHIVE_ENTRIES,
    unpackedBytes: MAX_UNPACKED_BYTES,
  });
  const output = await runParser([kind, limits], bytes, timeoutMs);
  const { data } = answerSchema.safeParse(jsonOf(output));
  if (data === undefined) throw unusable('it cannot be read');
  if ('problem' in data) throw unusable(data.problem);
  return data;
}

function unusable(problem: string): ParleyError {
  return new ParleyError('input_unusable', `the document cannot be read: ${problem}`);
}

async function runParser(args: readonly string[], bytes: Uint8Array, timeoutMs: number): Promise<string> {
  const node = [
    `--max-old-space-size=${READING_MEMORY_MIB}`,
    '--input-type=module',
    '--eval',
    PARSER_SOURCE,
    '--',
  ];
  // Packages are found from here; no key of ours is in its environment.
  const child = spawn(process.execPath, [...node, ...args], {
    cwd: packageRoot(),
    env: {},
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  let size = 0;
  let problem: string | undefined;
  const stop = (why: string): void => {
    problem ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop(`it took longer than ${timeoutMs / 1_000} s`), timeoutMs);
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) stop('too much text');
    else chunks.push(chunk);
  });
  child.stdin.on('error', () => undefined); // it ended before it had read all
  child.stdin.end(bytes);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (problem !== undefined || code !== 0) throw unusable(problem ?? 'reading it took too much memory');
    return Buffer.concat(chunks).toString('utf8');
  } catch (cause) {
    if (cause instanceof ParleyError) throw cause;
    throw new ParleyError('service_unavailable', 'the process that reads documents cannot be started', {
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
