import { closeSync, constants, fchmodSync, openSync, writeSync } from 'node:fs';
import { messageOf, ParleyError } from '../../errors.js';

const FLUSH_CHARACTERS = 64 * 1024;

/** Replaces what is at `path`, never through a symbolic link that somebody left there. */
const REPLACE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/** Opens `path` for writing, empty. Throws ParleyError `usage` when it cannot be written. */
export function openForReplacing(path: string, mode = 0o644): number {
  try {
    const descriptor = openSync(path, REPLACE, mode);
    if (mode !== 0o644) fchmodSync(descriptor, mode); // the mode above counts for a new file only
    return descriptor;
  } catch (cause) {
    throw new ParleyError('usage', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Writes a whole file, see {@link openForReplacing}. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const descriptor = openForReplacing(path);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    writeAll(descriptor, bytes, path);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes all of `bytes` where the file stands. Throws ParleyError `usage` when it cannot. */
export function writeAll(descriptor: number, bytes: Uint8Array, path: string): void {
  try {
    for (let offset = 0; offset < bytes.length;) {
      offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
    }
  } catch (cause) {
    throw new ParleyError('usage', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** A text file written line by line, in blocks of 64 KiB, so that a long run holds only one block in memory. */
export class LineFile {
  readonly path: string;
  readonly #descriptor: number;
  #pending: string[] = [];
  #pendingCharacters = 0;
  #open = true;

  constructor(path: string, mode?: number) {
    this.path = path;
    this.#descriptor = openForReplacing(path, mode);
  }

  /** Appends `line`, which holds no line break of its own. After `close`, does nothing. */
  write(line: string): void {
    if (!this.#open) return;
    this.#pending.push(line);
    this.#pendingCharacters += line.length;
    if (this.#pendingCharacters >= FLUSH_CHARACTERS) this.#flush();
  }

  /** Writes what is held and closes the file. Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#flush();
    } finally {
      closeSync(this.#descriptor);
    }
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(`${this.#pending.join('\n')}\n`);
    this.#pending = [];
    this.#pendingCharacters = 0;
    writeAll(this.#descriptor, bytes, this.path);
  }
}
