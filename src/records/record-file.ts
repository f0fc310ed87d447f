import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, ParleyError } from '../errors.js';

/** The one file of a record's folder. */
export const RECORD_FILE = 'meeting.jsonl';
/** Lines that wait for a disk that is slow; further ones are dropped and counted. */
const MAX_WAITING_LINES = 10_000;
/** Records that begin in the same second. */
const MAX_SAME_NAME = 100;

/**
 * A meeting's record on disk: a folder of its own with one file of JSON lines that is only ever appended to, readable by its
 * owner alone. Every line is handed to the disk as soon as it can be, without holding up the meeting.
 */
export class RecordFile {
  /** The record's folder. */
  readonly path: string;
  #lost = 0;
  readonly #file: FileHandle;
  readonly #onTrouble: (message: string) => void;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;
  #troubled = false;

  private constructor(path: string, file: FileHandle, onTrouble: (message: string) => void) {
    this.path = path;
    this.#file = file;
    this.#onTrouble = onTrouble;
  }

  /**
   * Begins a record in a new folder of `directory`, which is made where there is none. `onTrouble` is told once when lines
   * cannot be written. Throws ParleyError `usage` when it cannot be begun.
   */
  static async create(
    directory: string,
    about: { meetingId: string; epochMs: number },
    onTrouble: (message: string) => void,
  ): Promise<RecordFile> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = await newFolder(join(directory, nameOf(about)));
      return new RecordFile(path, await open(join(path, RECORD_FILE), 'ax', 0o600), onTrouble);
    } catch (cause) {
      throw new ParleyError('usage', `--record ${directory} cannot be written: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  /** Lines that were never written. */
  get lost(): number {
    return this.#lost;
  }

  /** Appends a line, which holds no line break of its own. */
  write(line: string): void {
    if (this.#closed || this.#waiting.length >= MAX_WAITING_LINES) {
      this.#lost++;
      return;
    }
    this.#waiting.push(line);
    this.#writing ??= this.#drain();
  }

  /** Resolves when everything is on disk, or cannot be written. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(`${lines.join('\n')}\n`);
        await this.#file.datasync();
      } catch (error) {
        this.#lost += lines.length;
        if (!this.#troubled) this.#onTrouble(`the record cannot be written: ${messageOf(error)}`);
        this.#troubled = true;
      }
    }
    this.#writing = undefined;
  }
}

/** `2026-11-21T03-08-15Z-abcd-efgh-ijkl`. */
function nameOf({ meetingId, epochMs }: { meetingId: string; epochMs: number }): string {
  const time = new Date(epochMs).toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  return `${time}-${meetingId.replace(/[^\w-]/g, '_').slice(0, 80)}`;
}

async function newFolder(wanted: string): Promise<string> {
  for (let number = 1; ; number++) {
    const path = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await mkdir(path, { mode: 0o700 });
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || number === MAX_SAME_NAME) throw error;
    }
  }
}
