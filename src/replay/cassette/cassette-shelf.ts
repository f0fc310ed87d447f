/** The cassettes of a whole meeting: a folder with one for each connection of its sessions. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { messageOf, ParleyError } from '../../errors.js';
import type { OpenTransport } from '../../realtime/transport.js';
import { makeFolder } from '../output/outputs.js';
import { type Cassette, CassetteRecorder, readCassette } from './cassette-file.js';
import { CassettePlayer } from './cassette-player.js';

/** Of which connection a cassette is: the session's name, its engine, and how often the session had been connected before. */
type Line = { session: string; engine: string };

const SUFFIX = '.cassette';
/** Connections of a meeting that are kept. */
const MAX_CASSETTES = 2_000;

/** What is kept with each cassette. */
export type ShelfHeader = {
  /** Host that the sessions were held with. */
  recordedFrom: string;
  /** The meeting's name. */
  input: string;
  /** In real time, frames come when they come: such a run is repeated as far as events go, not to the last sample. */
  pace: 'realtime' | 'max';
};

/** Keeps every connection of a meeting's sessions, each in a file of its own, for its owner only, since it holds voices. */
export class ShelfRecorder {
  readonly #folder: string;
  readonly #header: ShelfHeader;
  readonly #options: { atMs: () => number; secrets: readonly string[] };
  readonly #recorders: CassetteRecorder[] = [];
  readonly #counts = new Map<string, number>();
  #refusal: ParleyError | undefined;

  /** Makes the folder; cassettes of an earlier run are removed from it. Throws ParleyError `usage` when that cannot be done. */
  constructor(
    folder: string,
    header: ShelfHeader,
    options: { atMs: () => number; secrets: readonly string[] },
  ) {
    this.#folder = folder;
    this.#header = header;
    this.#options = options;
    makeFolder(folder);
    for (const name of cassettesIn(folder)) rmSync(join(folder, name));
  }

  /** Set once something could not be kept: a message held a secret, or there were too many connections. */
  get refusal(): ParleyError | undefined {
    return this.#refusal ?? this.#recorders.find(({ refusal }) => refusal !== undefined)?.refusal;
  }

  /** Wraps `open` so that each line that it opens is kept. `models`: what interprets and transcribes on it. */
  record(open: OpenTransport, line: Line, models: Readonly<Record<string, string>>): OpenTransport {
    return (handlers) => {
      const number = this.#recorders.length + 1;
      if (number > MAX_CASSETTES) {
        this.#refusal ??= new ParleyError('usage', `more than ${MAX_CASSETTES} connections are not kept`);
        return open(handlers);
      }
      const key = keyOf(line);
      const opening = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, opening);
      const { recordedFrom, input, pace } = this.#header;
      const recorder = new CassetteRecorder(
        join(this.#folder, `${String(number).padStart(4, '0')}${SUFFIX}`),
        { recordedFrom, input, options: { ...models, ...line, opening, pace } },
        { ...this.#options, timesOpening: true },
      );
      this.#recorders.push(recorder);
      return recorder.record(open)(handlers);
    };
  }

  /** Safe to call twice. */
  close(): void {
    for (const recorder of this.#recorders) recorder.close();
  }
}

/** The server's side of a recorded meeting: each connection is the one that was opened for the same session, as often before. */
export class CassetteShelf {
  readonly #folder: string;
  readonly #cassettes = new Map<string, Cassette>();
  readonly #players = new Map<string, CassettePlayer>();
  readonly #counts = new Map<string, number>();
  #broken: ParleyError | undefined;

  /** Throws ParleyError `input_missing` for a folder without cassettes, and what {@link readCassette} does. */
  constructor(folder: string) {
    this.#folder = folder;
    const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const names = isFolder ? cassettesIn(folder) : [];
    if (names.length === 0)
      throw new ParleyError('input_missing', `there are no cassettes of a meeting in ${folder}`);
    for (const name of names.slice(0, MAX_CASSETTES)) {
      const path = join(folder, name);
      const cassette = readCassette(path);
      const { session, engine, opening } = cassette.header.options;
      if (typeof session !== 'string' || typeof engine !== 'string' || typeof opening !== 'number')
        throw new ParleyError('input_unusable', `${path} is a cassette of a recording, not of a meeting`);
      this.#cassettes.set(`${keyOf({ session, engine })} ${opening}`, cassette);
    }
  }

  /** Host that the sessions were held with. */
  get recordedFrom(): string {
    return [...this.#cassettes.values()][0]!.header.recordedFrom;
  }

  /** The models of the sessions of an engine, as they were kept; undefined where it had none. */
  modelOf(engine: string, what: 'model' | 'transcriptionModel'): string | undefined {
    for (const { header } of this.#cassettes.values()) {
      const model = header.options[what];
      if (header.options['engine'] === engine && typeof model === 'string') return model;
    }
    return undefined;
  }

  /** The connections of one session. `nowMs` is the clock of the meeting of this run. */
  open(line: Line, options: { nowMs: () => number; stepMs: number }): OpenTransport {
    return (handlers) => {
      const key = keyOf(line);
      const opening = (this.#counts.get(key) ?? 0) + 1;
      this.#counts.set(key, opening);
      const cassette = this.#cassettes.get(`${key} ${opening}`);
      if (cassette === undefined) {
        this.#broken ??= new ParleyError(
          'cassette_mismatch',
          `${this.#folder} has no connection ${opening} of the session ${line.session} of the ${line.engine} engine`,
        );
        return Promise.reject(this.#broken);
      }
      const player = new CassettePlayer(cassette, {
        ...options,
        isLoose: cassette.header.options['pace'] === 'realtime',
        onHandlerError: (cause) => {
          const message = `the handler of a recorded message threw: ${messageOf(cause)}`;
          this.#broken ??= new ParleyError('internal', message, { cause });
        },
      });
      this.#players.set(`${key} ${opening}`, player);
      return player.open(handlers);
    };
  }

  /** Lets the server do what is due by now, on every connection, and all that comes of it. */
  async settle(): Promise<void> {
    let released: boolean;
    do {
      await turn();
      released = false;
      for (const player of this.#players.values()) released = player.releaseDue() || released;
    } while (released);
  }

  /** The first thing in which this run differs from the recorded one. */
  get failure(): ParleyError | undefined {
    return (
      this.#broken ?? [...this.#players.values()].find(({ mismatch }) => mismatch !== undefined)?.mismatch
    );
  }

  /** Call when the run is over: throws ParleyError `cassette_mismatch` if it differed or ended too early. */
  finish(): void {
    for (const [key, { header }] of this.#cassettes) {
      const player = this.#players.get(key);
      if (player === undefined)
        throw new ParleyError(
          'cassette_mismatch',
          `the run ended without connection ${String(header.options['opening'])} of the session ${String(header.options['session'])}, which ${this.#folder} has`,
        );
      player.finish();
    }
  }
}

function cassettesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort();
}

function keyOf({ session, engine }: Line): string {
  return `${engine} ${session}`;
}
