import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { ParleyError } from '../errors.js';

/**
 * Runs before the worker of `@ffmpeg/ffmpeg`, which is written for browsers: gives it `self`, `postMessage` and, in place of
 * `importScripts`, a way to load the core from disk with its wasm bytes at hand, so that nothing is fetched.
 */
const BOOTSTRAP = `
const { readFileSync } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
globalThis.self = globalThis;
self.location = { href: '' };
self.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
self.importScripts = (corePath) => {
  const createCore = require(corePath);
  const wasmBinary = readFileSync(corePath.replace(/\\.js$/, '.wasm'));
  self.createFFmpegCore = (options) => createCore({ ...options, wasmBinary });
};
import(workerData.workerUrl).then(() => parentPort.on('message', (data) => self.onmessage({ data })));
`;

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

type Reply = { id: number; type: string; data: unknown };
type Notice = { type: 'LOG'; data: { message: string } } | { type: 'PROGRESS' };
type Pending = { resolve: (data: unknown) => void; reject: (error: Error) => void };

/** ffmpeg failed as a program, as opposed to refusing its input: it crashed, ran out of memory or of time. */
export class FfmpegFailure extends Error {
  override readonly name = 'FfmpegFailure';
}

function parseLog(message: string): FfmpegLogLine | undefined {
  const match = /^(?:\[[^\]]* @ 0x[0-9a-f]+\] )*\[(\w+)\] (.*)$/s.exec(message.slice(0, MAX_LOG_LINE_LENGTH));
  return match === null ? undefined : { level: match[1]!, text: match[2]!.trim() };
}

/**
 * ffmpeg 5 compiled to wasm, in a thread of its own with a file system in memory: it sees no disk, no network and no
 * environment. Speaks the message protocol of `@ffmpeg/ffmpeg` 0.12 (`{ id, type, data }`, types LOAD, WRITE_FILE, EXEC,
 * FFPROBE, READ_FILE), whose own class refuses to run in Node. Every method rejects with FfmpegFailure once the thread has
 * failed or the deadline has passed. Call `close()` in every case.
 */
export class FfmpegWorker {
  readonly #worker: Worker;
  readonly #deadline: NodeJS.Timeout;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #failure: FfmpegFailure | undefined;
  #log: FfmpegLogLine[] = [];

  private constructor(location: FfmpegLocation, deadlineMs: number) {
    this.#worker = new Worker(BOOTSTRAP, {
      eval: true,
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      workerData: { workerUrl: location.workerUrl },
    });
    this.#worker.on('message', (message: Reply | Notice) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(`ffmpeg crashed: ${error.message}`));
    this.#worker.on('exit', () => this.#fail('ffmpeg ended'));
    this.#deadline = setTimeout(() => {
      this.#fail(`ffmpeg was not done after ${deadlineMs / 1000} s`);
      void this.#worker.terminate();
    }, deadlineMs);
  }

  /** Starts the thread and loads the core (about 0.2 to 0.4 s). `deadlineMs` is for the worker's whole life. */
  static async start(location: FfmpegLocation, deadlineMs: number): Promise<FfmpegWorker> {
    const worker = new FfmpegWorker(location, deadlineMs);
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

  /** Runs ffmpeg; its exit status and what it logged at `-v level+warning`. */
  async exec(args: readonly string[]): Promise<{ status: number; log: readonly FfmpegLogLine[] }> {
    this.#log = [];
    const status = (await this.#call('EXEC', { args })) as number;
    return { status, log: this.#log };
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
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, type, data });
    });
  }

  #receive(message: Reply | Notice): void {
    if (!('id' in message)) {
      if (message.type !== 'LOG' || this.#log.length >= MAX_LOG_LINES) return;
      const line = parseLog(message.data.message);
      if (line !== undefined) this.#log.push(line);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.type === 'ERROR') pending?.reject(new FfmpegFailure(String(message.data)));
    else pending?.resolve(message.data);
  }

  #fail(problem: string): void {
    this.#failure ??= new FfmpegFailure(problem);
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
