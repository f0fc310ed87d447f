import { ParleyError } from '../../errors.js';
import type {
  OpenTransport,
  RealtimeTransport,
  TransportClose,
  TransportHandlers,
} from '../../realtime/transport.js';
import type { Cassette } from './cassette-file.js';
import { firstDifference, IdentifierMap } from './compare-events.js';
import { parseWithoutAudio } from './elide-audio.js';

/** How messages begin that append audio, of either kind of session. */
const APPEND_TYPES = ['input_audio_buffer.append', 'session.input_audio_buffer.append'] as const;

/** What the server did, and what the client had sent by then: appends and everything else counted apart. */
type Cue = {
  dueMs: number;
  afterAppends: number;
  afterOthers: number;
  act: { text: string } | { closed: TransportClose };
};

type OpenConnection = { handlers: TransportHandlers; open: boolean; sent: number; received: number };

/**
 * The server's side of a recorded session. Its messages come out, in order, when the client has sent what preceded them
 * and the clock has reached the 10 ms step in which they arrived; the client's messages are compared with the recorded
 * ones, appends in their order and all others in theirs, so that the interleaving of the two is free.
 */
export class CassettePlayer {
  readonly #nowMs: () => number;
  readonly #isLoose: boolean;
  readonly #onHandlerError: (error: unknown) => void;
  readonly #cues: Cue[] = [];
  readonly #appends: string[] = [];
  readonly #others: string[] = [];
  readonly #identifiers: IdentifierMap;
  /** When the line was open; undefined where that took no time. */
  readonly #openMs: number | undefined;
  #opening: (() => void) | undefined;
  #nextCue = 0;
  #sentAppends = 0;
  #sentOthers = 0;
  #connection: OpenConnection | undefined;
  #mismatch: ParleyError | undefined;

  /**
   * `nowMs` is the recording's clock of this run, `stepMs` the length of its steps. `onHandlerError` is told when the
   * client's message handler throws; the connection goes on. `isLoose`, for what was recorded in real time in a meeting, where frames
   * come when they come: audio is not compared, of all other events their types in their order.
   */
  constructor(
    cassette: Cassette,
    options: {
      nowMs: () => number;
      stepMs: number;
      onHandlerError: (error: unknown) => void;
      isLoose?: boolean;
    },
  ) {
    const { nowMs, stepMs } = options;
    this.#nowMs = nowMs;
    this.#onHandlerError = options.onHandlerError;
    this.#isLoose = options.isLoose ?? false;
    const stepOf = (atMs: number): number => Math.floor(atMs / stepMs) * stepMs;
    const opened = cassette.entries.find((entry) => 'opened' in entry);
    this.#openMs = opened === undefined ? undefined : stepOf(opened.atMs);
    for (const entry of cassette.entries) {
      if ('opened' in entry) continue;
      if ('text' in entry && entry.direction === 'client') {
        (isAppend(entry.text) ? this.#appends : this.#others).push(entry.text);
        continue;
      }
      this.#cues.push({
        dueMs: stepOf(entry.atMs),
        afterAppends: this.#isLoose ? 0 : this.#appends.length,
        afterOthers: this.#others.length,
        act: 'text' in entry ? { text: entry.text } : { closed: entry.closed },
      });
    }
    this.#identifiers = new IdentifierMap((id) => {
      const quoted = `"${id}"`;
      const first = cassette.entries.find((entry) => 'text' in entry && entry.text.includes(quoted));
      return first !== undefined && 'text' in first && first.direction === 'server';
    });
  }

  /** Opens the recorded connection; there is one. */
  readonly open: OpenTransport = (handlers) => {
    if (this.#connection !== undefined)
      return Promise.reject(new ParleyError('cassette_mismatch', 'the cassette holds one connection only'));
    const connection: OpenConnection = { handlers, open: true, sent: 0, received: 0 };
    this.#connection = connection;
    const send = (text: string): void => {
      if (!connection.open) return;
      connection.sent++;
      this.#check(text);
    };
    const transport: RealtimeTransport = {
      bufferedAmountBytes: 0,
      get sentCount() {
        return connection.sent;
      },
      get receivedCount() {
        return connection.received;
      },
      send,
      sendAudio: (message) => {
        send(message.text);
      },
      close: (code = 1000, reason = '') => {
        this.#close(connection, { code, reason });
      },
    };
    if (this.#openMs === undefined) return Promise.resolve(transport);
    return new Promise((resolve) => {
      this.#opening = () => {
        resolve(transport);
      };
    });
  };

  /** The first thing in which this run differs from the recorded one. */
  get mismatch(): ParleyError | undefined {
    return this.#mismatch;
  }

  /** Lets the server do what is due by now; returns whether it did anything. */
  releaseDue(): boolean {
    let released = this.#finishOpening();
    while (this.#release()) released = true;
    return released;
  }

  /** Call when the run is over: throws ParleyError `cassette_mismatch` if it differed or ended too early. */
  finish(): void {
    if (this.#mismatch !== undefined) throw this.#mismatch;
    const missing = this.#others[this.#sentOthers];
    if (missing !== undefined)
      throw mismatch(
        `the run ended without client event ${this.#sentOthers + 1} of the cassette, ${typeOf(missing)}`,
      );
    const [sent, recorded] = [this.#sentAppends, this.#appends.length];
    if (sent < recorded && !this.#isLoose)
      throw mismatch(`the run sent ${sent} of ${recorded} recorded audio chunks`);
  }

  #finishOpening(): boolean {
    const opening = this.#opening;
    if (opening === undefined || this.#openMs === undefined || this.#nowMs() < this.#openMs) return false;
    this.#opening = undefined;
    opening();
    return true;
  }

  #release(): boolean {
    const connection = this.#connection;
    const cue = this.#cues[this.#nextCue];
    if (this.#opening !== undefined) return false;
    if (connection?.open !== true || cue === undefined || this.#mismatch !== undefined) return false;
    if (this.#nowMs() < cue.dueMs) return false;
    if (this.#sentAppends < cue.afterAppends || this.#sentOthers < cue.afterOthers) return false;
    this.#nextCue++;
    if ('closed' in cue.act) {
      this.#close(connection, cue.act.closed);
    } else {
      try {
        connection.handlers.message(this.#identifiers.translate(cue.act.text));
      } catch (error) {
        this.#onHandlerError(error);
      }
      connection.received++;
    }
    return true;
  }

  #close(connection: OpenConnection, close: TransportClose): void {
    if (!connection.open) return;
    connection.open = false;
    queueMicrotask(() => {
      connection.handlers.closed(close);
    });
  }

  #check(text: string): void {
    if (this.#mismatch !== undefined) return;
    const append = isAppend(text);
    const index = append ? this.#sentAppends++ : this.#sentOthers++;
    const recorded = (append ? this.#appends : this.#others)[index];
    if (recorded === text || (append && this.#isLoose)) return;
    const which = `${append ? 'audio chunk' : 'client event'} ${index + 1}`;
    if (recorded === undefined) {
      this.#mismatch = mismatch(`${which}, ${typeOf(text)}, is not on the cassette`);
      return;
    }
    const found = firstDifference(eventOf(recorded), eventOf(text), this.#identifiers);
    if (found === undefined || (this.#isLoose && typeOf(recorded) === typeOf(text))) return;
    this.#mismatch = mismatch(
      `${which}, ${typeOf(recorded)}, differs in ${found.field}: recorded ${found.recorded}, now ${found.actual}`,
    );
  }
}

function mismatch(message: string): ParleyError {
  return new ParleyError('cassette_mismatch', message);
}

function isAppend(text: string): boolean {
  if (APPEND_TYPES.some((type) => text.startsWith(`{"type":"${type}"`))) return true; // every message of this client
  return APPEND_TYPES.some((type) => text.includes(`"${type}"`) && typeOf(text) === type);
}

function eventOf(text: string): Record<string, unknown> {
  return parseWithoutAudio(text) ?? {};
}

function typeOf(text: string): string {
  const type = eventOf(text)['type'];
  return typeof type === 'string' ? type : 'an event without a type';
}
