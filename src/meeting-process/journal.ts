/**
 * What a meeting process keeps of its meeting until somebody has put it into the database: lines of JSON in a folder of the
 * meeting's own, 0700, in files of 0600. A process that is killed loses nothing that was appended a moment before: a line is
 * handed to the kernel at once, and to the disk (fdatasync) within a second, so that a power cut costs a second at most.
 */
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BotEvent } from '../bot/event-log.js';
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf } from '../errors.js';

/** A file that is as large is followed by another one, so that what is acknowledged can be removed. */
const SEGMENT_BYTES = 256 * 1024;
/** One that is acknowledged as a whole is removed from this size on. */
const CUT_BYTES = 16 * 1024;
/** A database that is away for a very long time does not fill the disk. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Lines that wait for a disk that is slow; further ones are dropped and counted. */
const MAX_WAITING = 10_000;
const SYNC_MS = 1_000;
/** After a write that failed. */
const RETRY_MS = 5_000;

/** Events of the moment are not kept. */
const PASSING: ReadonlySet<BotEvent['type']> = new Set(['speaking', 'engine', 'instructions']);

/** Whether a journal keeps this event: of captions only the final ones. */
export function isKept(event: BotEvent): boolean {
  return !PASSING.has(event.type) && !(event.type === 'caption' && !event.final);
}

type Line = { readonly seq: number; readonly text: string };
type Segment = { readonly path: string; lastSeq: number; bytes: number };

/** The journal of one stay in a meeting, being written. */
export class Journal {
  readonly #folder: string;
  readonly #epoch: number;
  readonly #clock: Clock;
  readonly #onState: (failing: boolean, message?: string) => void;
  #waiting: Line[] = [];
  /** Complete, oldest first. */
  readonly #closed: Segment[] = [];
  #current: { readonly segment: Segment; readonly file: FileHandle } | undefined;
  #number = 0;
  #acknowledged = 0;
  #totalBytes = 0;
  #failing = false;
  #retryAtMs = -Infinity;
  #lost = 0;
  #syncTimer: TimerHandle | undefined;
  #syncIsDue = false;
  #running: Promise<void> | undefined;
  #isOver = false;

  /** `onState` is told when lines cannot be kept, and when they can be again. */
  constructor(options: {
    folder: string;
    epoch: number;
    clock: Clock;
    onState: (failing: boolean, message?: string) => void;
  }) {
    this.#folder = options.folder;
    this.#epoch = options.epoch;
    this.#clock = options.clock;
    this.#onState = options.onState;
  }

  /** Events that could not be kept. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes an event, unless it is one of the moment. Returns at once and never throws. */
  append(event: BotEvent, atMs: number): void {
    if (!isKept(event)) return;
    if (this.#isOver || this.#waiting.length >= MAX_WAITING) {
      this.#lost++;
      return;
    }
    this.#waiting.push({ seq: event.seq, text: `${JSON.stringify({ at: atMs, event })}\n` });
    this.#pump();
  }

  /** Events up to this one are kept elsewhere. */
  acknowledge(seq: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, seq);
    this.#pump();
  }

  /** Resolves when all of it is on disk, or cannot be. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.#syncTimer?.cancel();
    this.#syncIsDue = true;
    this.#pump();
    await this.#running;
    await this.#current?.file.close().catch(() => undefined);
    this.#current = undefined;
  }

  #pump(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // what is appended in the same moment goes in one write
    for (;;) {
      if (this.#waiting.length > 0) await this.#write();
      else if (this.#syncIsDue) await this.#sync();
      else if (!(await this.#cut())) return;
    }
  }

  async #write(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    if (this.#failing && this.#clock.nowMs() < this.#retryAtMs && !this.#isOver) {
      this.#lost += lines.length;
      return;
    }
    const text = lines.map((line) => line.text).join('');
    try {
      if (this.#totalBytes > MAX_BYTES) throw new Error('256 MiB of it wait for the database');
      const { segment, file } = (this.#current ??= await this.#open());
      await file.appendFile(text);
      const bytes = Buffer.byteLength(text);
      segment.bytes += bytes;
      segment.lastSeq = lines.at(-1)!.seq;
      this.#totalBytes += bytes;
      this.#syncTimer ??= this.#clock.setTimer(() => {
        this.#syncTimer = undefined;
        this.#syncIsDue = true;
        this.#pump();
      }, SYNC_MS);
      if (segment.bytes >= SEGMENT_BYTES) await this.#finishSegment();
      this.#setFailing(false);
    } catch (error) {
      this.#lost += lines.length;
      this.#retryAtMs = this.#clock.nowMs() + RETRY_MS;
      await this.#finishSegment().catch(() => undefined); // its last line may be torn: nothing follows it
      this.#setFailing(true, `the journal cannot be written: ${messageOf(error)}`);
    }
  }

  async #open(): Promise<{ segment: Segment; file: FileHandle }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = join(this.#folder, segmentName(this.#epoch, this.#number++));
    return { segment: { path, lastSeq: 0, bytes: 0 }, file: await open(path, 'ax', 0o600) };
  }

  async #finishSegment(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    this.#closed.push(current.segment);
    await current.file.datasync();
    await current.file.close();
  }

  async #sync(): Promise<void> {
    this.#syncIsDue = false;
    await this.#current?.file.datasync().catch((error: unknown) => {
      this.#setFailing(true, `the journal cannot be kept on disk: ${messageOf(error)}`);
    });
  }

  /** Removes what is acknowledged. Returns whether there was something. */
  async #cut(): Promise<boolean> {
    const current = this.#current?.segment;
    if (current !== undefined && current.bytes >= CUT_BYTES && current.lastSeq <= this.#acknowledged)
      await this.#finishSegment().catch(() => undefined);
    const [oldest] = this.#closed;
    if (oldest === undefined || oldest.lastSeq > this.#acknowledged) return false;
    this.#closed.shift();
    this.#totalBytes -= oldest.bytes;
    await rm(oldest.path, { force: true }).catch(() => undefined);
    return true;
  }

  #setFailing(failing: boolean, message?: string): void {
    if (failing === this.#failing) return;
    this.#failing = failing;
    this.#onState(failing, message);
  }
}

/** `000007-000002.jsonl`: names sort as they were written. */
function segmentName(epoch: number, number: number): string {
  return `${String(epoch).padStart(6, '0')}-${String(number).padStart(6, '0')}.jsonl`;
}
