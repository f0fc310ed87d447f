import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { messageOf, ParleyError } from '../../errors.js';
import type { SharedBytes } from '../byte-source.js';
import { THREAD_SOURCE } from './thread.js';

/** So much sound may be on its way from the thread. */
const MAX_AHEAD_BYTES = 2 ** 20;
/** Places in the memory that both threads see: bytes on their way, 1 when no more is wanted, reads of the recording. */
const [AHEAD_BYTES, STOPPED, READS] = [0, 1, 2];

const MAX_LOG_LINES = 100;
const MAX_LOG_LINE_LENGTH = 300;

/** Where the two packages are on this machine. */
type FfmpegLocation = { workerUrl: string; corePath: string };

/**
 * Finds `@ffmpeg/ffmpeg` and its optional peer `@ffmpeg/core`, seen from a module's URL.
 * @throws ParleyError `input_unusable` when the core is not installed, with the command that installs it.
 */
export function locateFfmpeg(fromUrl: string = import.meta.url): FfmpegLocation {
  const require = createRequire(fromUrl);
  try {
    const workerUrl = pathToFileURL(require.resolve('@ffmpeg/ffmpeg/worker')).href;
    return { workerUrl, corePath: require.resolve('@ffmpeg/core') };
  } catch (cause) {
    throw new ParleyError(
      'input_unusable',
      'reading this kind of file needs ffmpeg: run "npm install @ffmpeg/core@0.12.10" ' +
        '(licence GPL-2.0-or-later, therefore not installed by default), or convert the file to a 48 kHz WAV',
      { cause },
    );
  }
}

/** One message of ffmpeg: `[mp3 @ 0x1] [error] text` has level `error`. */
export type FfmpegLogLine = { level: string; text: string };

/** What the thread shows as its file `/recording`: these parts of the bytes, one after the other. */
export type ThreadRecording = SharedBytes & { spans: readonly { at: number; length: number }[] };

/** How ffmpeg ended: its exit status and what it logged at `-v level+warning`. */
export type FfmpegResult = { status: number; log: readonly FfmpegLogLine[] };

/** What Node has; its types name only the kinds of object. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<WebAssembly.Module> };

/** The core as it was compiled last, for as long as memory is not wanted for something else. */
let lastCore: { corePath: string; module: WeakRef<WebAssembly.Module> } | undefined;

/** Threads share what is compiled of the core: its functions are compiled when they first run, once for all of them. */
async function compiledCore(corePath: string): Promise<WebAssembly.Module> {
  const known = lastCore?.corePath === corePath ? lastCore.module.deref() : undefined;
  if (known !== undefined) return known;
  try {
    const module = await WebAssembly.compile(await readFile(corePath.replace(/\.js$/, '.wasm')));
    lastCore = { corePath, module: new WeakRef(module) };
    return module;
  } catch (cause) {
    throw new FfmpegFailure(`the core of ffmpeg cannot be loaded: ${messageOf(cause)}`, { cause });
  }
}

type Reply = { id: number; type: string; data: unknown };
type Notice =
  { type: 'LOG'; data: { message: string } } | { type: 'PROGRESS' } | { type: 'SOUND'; data: Uint8Array };
type Pending = { resolve: (data: unknown) => void; reject: (error: Error) => void };

/** ffmpeg failed as a program, as opposed to refusing its input: it crashed, ran out of memory or of time. */
export class FfmpegFailure extends Error {
  override readonly name = 'FfmpegFailure';
}

/** Some of what the core throws is no error and no text. */
function reasonOf(data: unknown): string {
  return typeof data === 'string' && !data.startsWith('[object') ? data : 'ffmpeg ended unexpectedly';
}

function parseLog(message: string): FfmpegLogLine | undefined {
  const match = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )*\[(\w+)\] (.*)$/s.exec(message.slice(0, MAX_LOG_LINE_LENGTH));
  return match === null ? undefined : { level: match[1]!, text: match[2]!.trim() };
}

/**
 * ffmpeg 5 compiled to wasm, in a thread of its own with a file system in memory: it sees no disk, no network and no
 * environment, only the recording that it was started for, as `/recording`. Speaks the message protocol of `@ffmpeg/ffmpeg`
 * 0.12 (`{ id, type, data }`, types LOAD, WRITE_FILE, EXEC, FFPROBE, READ_FILE), whose own class refuses to run in Node. Every
 * method rejects with FfmpegFailure once the thread has failed, or has neither read nor made anything for as long as the
 * deadline. Call `close()` in every case.
 */
export class FfmpegWorker {
  readonly #worker: Worker;
  readonly #deadlineMs: number;
  readonly #flow: Int32Array;
  readonly #pending = new Map<number, Pending>();
  /** Sound that was handed over and not yet taken. */
  #blocks: Uint8Array[] = [];
  #wake: (() => void) | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #lastId = 0;
  #failure: FfmpegFailure | undefined;
  #log: FfmpegLogLine[] = [];

  private constructor(
    workerUrl: string,
    module: WebAssembly.Module,
    deadlineMs: number,
    recording: ThreadRecording | undefined,
  ) {
    this.#deadlineMs = deadlineMs;
    const flow = new Int32Array(new SharedArrayBuffer(12));
    this.#flow = flow;
    this.#worker = new Worker(THREAD_SOURCE, {
      eval: true,
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      workerData: { workerUrl, module, recording, flow, maxAheadBytes: MAX_AHEAD_BYTES },
    });
    this.#worker.on('message', (message: Reply | Notice) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(`ffmpeg crashed: ${error.message}`));
    this.#worker.on('exit', () => this.#fail('ffmpeg ended'));
  }

  /** Starts the thread with the core: about 0.2 s for the first, a fifth of that for one soon after it. */
  static async start(
    location: FfmpegLocation,
    deadlineMs: number,
    recording?: ThreadRecording,
  ): Promise<FfmpegWorker> {
    const module = await compiledCore(location.corePath);
    const worker = new FfmpegWorker(location.workerUrl, module, deadlineMs, recording);
    try {
      await worker.#call('LOAD', { coreURL: location.corePath });
    } catch (error) {
      await worker.close();
      throw error;
    }
    return worker;
  }

  async writeFile(path: string, data: Uint8Array): Promise<void> {
    await this.#call('WRITE_FILE', { path, data });
  }

  async readFile(path: string): Promise<Uint8Array> {
    return (await this.#call('READ_FILE', { path })) as Uint8Array;
  }

  /** Runs ffmpeg to its end. */
  async exec(args: readonly string[]): Promise<FfmpegResult> {
    this.#log = [];
    const status = (await this.#call('EXEC', { args })) as number;
    return { status, log: this.#log };
  }

  /**
   * Runs ffmpeg and gives what it writes to its file `/sound` as it comes, at most a mebibyte ahead of whoever takes it; the
   * result follows at the end. Leaving early stops ffmpeg.
   */
  async *stream(args: readonly string[]): AsyncGenerator<Uint8Array, FfmpegResult, undefined> {
    Atomics.store(this.#flow, STOPPED, 0);
    Atomics.store(this.#flow, AHEAD_BYTES, 0);
    this.#blocks = [];
    let result: FfmpegResult | undefined;
    let failure: Error | undefined;
    const running = this.exec(args)
      .then(
        (ended) => (result = ended),
        (error: unknown) => (failure = error instanceof Error ? error : new FfmpegFailure(messageOf(error))),
      )
      .finally(() => this.#wake?.());
    try {
      for (;;) {
        const block = this.#blocks.shift();
        if (block !== undefined) {
          Atomics.sub(this.#flow, AHEAD_BYTES, block.length);
          Atomics.notify(this.#flow, AHEAD_BYTES);
          yield block;
        } else if (result !== undefined) {
          return result;
        } else if (failure !== undefined) {
          throw failure;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      Atomics.store(this.#flow, STOPPED, 1);
      Atomics.notify(this.#flow, AHEAD_BYTES);
      await running;
      this.#blocks = [];
    }
  }

  /** Runs ffprobe; have it write to a file, since its exit status is lost in the core's wrapper (always -1). */
  async probe(args: readonly string[]): Promise<readonly FfmpegLogLine[]> {
    this.#log = [];
    await this.#call('FFPROBE', { args });
    return this.#log;
  }

  /** Ends the thread and frees its memory. */
  async close(): Promise<void> {
    clearTimeout(this.#deadline);
    await this.#worker.terminate();
  }

  #call(type: string, data: object): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = ++this.#lastId;
    if (this.#pending.size === 0) this.#watch();
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, type, data });
    });
  }

  /** Gives up when nothing moves, other than because nobody takes what is there. */
  #watch(): void {
    clearTimeout(this.#deadline);
    const seen = Atomics.load(this.#flow, READS);
    this.#deadline = setTimeout(() => {
      if (this.#pending.size === 0) return;
      const moved = Atomics.load(this.#flow, READS) !== seen || this.#blocks.length > 0;
      if (moved) {
        this.#watch();
        return;
      }
      this.#fail(`ffmpeg was not done after ${this.#deadlineMs / 1000} s`);
      void this.#worker.terminate();
    }, this.#deadlineMs);
  }

  #receive(message: Reply | Notice): void {
    if (!('id' in message)) {
      if (message.type === 'SOUND') {
        this.#blocks.push(message.data);
        this.#wake?.();
      }
      if (message.type !== 'LOG' || this.#log.length >= MAX_LOG_LINES) return;
      const line = parseLog(message.data.message);
      if (line !== undefined) this.#log.push(line);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (this.#pending.size === 0) clearTimeout(this.#deadline);
    if (message.type === 'ERROR') pending?.reject(new FfmpegFailure(reasonOf(message.data)));
    else pending?.resolve(message.data);
  }

  #fail(problem: string): void {
    this.#failure ??= new FfmpegFailure(problem);
    clearTimeout(this.#deadline);
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
