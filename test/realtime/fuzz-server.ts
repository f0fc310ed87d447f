import type { z } from 'zod';
import type { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';
import type { AudioMessage } from '../../src/realtime/uplink/audio-chunk.js';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../../src/realtime/transport.js';

type ClientEvent = { type: string; event_id?: string | undefined } & Record<string, unknown>;

export type FuzzServerOptions = {
  clock: VirtualClock;
  /** What the client may send. */
  schema: z.ZodType;
  /** The types of events that carry audio, to the server and from it. */
  appendType: string;
  audioType: string;
  /** The `session` that is created, without its end, and the one that is confirmed. */
  session: Readonly<Record<string, unknown>>;
  /** A session begins with its configuration, by this event, and is confirmed by this one; otherwise it is created, then updated. */
  started?: { by: string; as: string };
  /** Sessions last so long, and say so. */
  sessionDurationMs: number;
};

/**
 * A server for property-based tests: it says whatever it is told to, on any number of connections, and keeps account of both sides.
 */
export class FuzzServer {
  readonly options: FuzzServerOptions;
  readonly connections: FuzzConnection[] = [];
  refuses = false;
  /** The next connections are accepted, and nothing is ever said on them. */
  mute = false;
  /** Unsent bytes that the client sees. */
  bufferedBytes = 0;

  constructor(options: FuzzServerOptions) {
    this.options = options;
  }

  readonly open: OpenTransport = async (handlers) => {
    await Promise.resolve();
    if (this.refuses) {
      throw new ParleyError('service_unavailable', 'refused', { retryable: true, retryAfterMs: 1_000 });
    }
    const connection = new FuzzConnection(this, handlers);
    this.connections.push(connection);
    if (!this.mute && this.options.started === undefined)
      setImmediate(() => connection.say({ type: 'session.created', session: connection.session }));
    return connection;
  };

  /** The connection opened last. */
  get connection(): FuzzConnection | undefined {
    return this.connections.at(-1);
  }

  get appendedMs(): number {
    return this.connections.reduce((sum, { appendedSamples }) => sum + appendedSamples, 0) / 24;
  }
}

/** One connection, seen from the server. */
export class FuzzConnection implements RealtimeTransport {
  /** Everything but audio, the last of it. */
  readonly sent: ClientEvent[] = [];
  /** What was said, the last of it, as text. */
  readonly said: string[] = [];
  appendedSamples = 0;
  sentCount = 0;
  receivedCount = 0;
  isClosed = false;
  readonly session: Readonly<Record<string, unknown>>;
  readonly #server: FuzzServer;
  readonly #handlers: TransportHandlers;
  /** Samples that were said, by item; those of a server that knows no items by `''`. */
  readonly #spokenSamples = new Map<string, number>();
  #eventNumber = 0;
  #isConfirmed = false;

  constructor(server: FuzzServer, handlers: TransportHandlers) {
    this.#server = server;
    this.#handlers = handlers;
    const { clock, session, sessionDurationMs } = server.options;
    const expires_at = Math.floor((clock.epochMs() + sessionDurationMs) / 1_000);
    this.session = { ...session, expires_at };
  }

  get bufferedAmountBytes(): number {
    return this.#server.bufferedBytes;
  }

  send(text: string): void {
    if (this.isClosed) return; // as the port says
    this.sentCount++;
    const { schema, appendType } = this.#server.options;
    const event = schema.parse(JSON.parse(text)) as ClientEvent;
    if (event.type === appendType) {
      this.appendedSamples += Buffer.from(String(event['audio']), 'base64').length / 2;
      return;
    }
    this.#check(event);
    this.sent.push(event);
    if (this.sent.length > 50) this.sent.shift();
    const { by, as } = this.#server.options.started ?? { by: 'session.update', as: 'session.updated' };
    if (event.type !== by || this.#isConfirmed || this.#server.mute) return;
    this.#isConfirmed = true;
    this.say({ type: as, session: this.session });
  }

  sendAudio(message: AudioMessage): void {
    this.send(message.text);
  }

  close(code = 1000): void {
    this.drop(code);
  }

  drop(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#handlers.closed({ code, reason: '' });
  }

  say(event: { type: string } & Record<string, unknown>): void {
    this.sayText(JSON.stringify({ event_id: `e${++this.#eventNumber}`, ...event }));
  }

  sayText(text: string): void {
    if (this.isClosed) return;
    this.said.push(text);
    if (this.said.length > 20) this.said.shift();
    this.#count(text);
    this.#handlers.message(text);
    this.receivedCount++;
  }

  /** A truncation is never longer than what was said. */
  #check(event: ClientEvent): void {
    if (event.type !== 'conversation.item.truncate') return;
    const spokenMs = (this.#spokenSamples.get(String(event['item_id'])) ?? 0) / 24;
    if (Number(event['audio_end_ms']) > spokenMs) {
      throw new Error(
        `${String(event['audio_end_ms'])} ms of ${spokenMs} ms of ${String(event['item_id'])} kept`,
      );
    }
  }

  #count(text: string): void {
    if (!text.includes(this.#server.options.audioType)) return;
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      return;
    }
    const { item_id = '', delta } = event as { item_id?: unknown; delta?: unknown };
    if (typeof delta !== 'string') return;
    const samples = Math.floor(Buffer.from(delta, 'base64').length / 2);
    this.#spokenSamples.set(String(item_id), (this.#spokenSamples.get(String(item_id)) ?? 0) + samples);
  }
}

/** Samples that all are the same, so that two voices at once would be louder than one. */
export function level(durationMs: number, value: number): string {
  return Buffer.from(new Int16Array(durationMs * 24).fill(value).buffer).toString('base64');
}
