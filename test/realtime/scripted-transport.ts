/** A Realtime server in memory, driven by the test: it records what the client sends and says what the test wants said. */
import type { ParleyError } from '../../src/errors.js';
import { clientEventSchema } from '../../src/realtime/protocol/client-events.js';
import type { AudioMessage } from '../../src/realtime/uplink/audio-chunk.js';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../../src/realtime/transport.js';

/** A client event as it travelled; `audio` of an append stays base64. */
export type SentEvent = { type: string; event_id?: string } & Record<string, unknown>;

export type ScriptedServerOptions = {
  /** Sends session.created, and session.updated for the first session.update of each connection. Default true. */
  handshake?: boolean;
  /** When a session that is created now expires, in seconds since 1970. */
  expiresAtS?: () => number;
  /** Answers updates that change nothing. Default true. */
  answersProbes?: boolean;
  /** Called with every client event after it was recorded. */
  onEvent?: (event: SentEvent, connection: ScriptedConnection) => void;
};

/** Hands out connections through `open`. */
export class ScriptedServer {
  readonly connections: ScriptedConnection[] = [];
  readonly #options: ScriptedServerOptions;
  /** The next connection is refused with this. */
  refuse: ParleyError | undefined;
  /** Connections that open say nothing by themselves. */
  mute = false;
  /** Connections open only when this has resolved. */
  gate: Promise<void> = Promise.resolve();

  constructor(options: ScriptedServerOptions = {}) {
    this.#options = options;
  }

  readonly open: OpenTransport = async (handlers) => {
    await this.gate;
    if (this.refuse !== undefined) throw this.refuse;
    const handshake = this.#options.handshake !== false && !this.mute;
    const connection = new ScriptedConnection(handlers, { ...this.#options, handshake });
    this.connections.push(connection);
    if (handshake) {
      const expiresAt = this.#options.expiresAtS?.();
      const expiry = expiresAt === undefined ? {} : { expires_at: expiresAt };
      setImmediate(() => {
        connection.say({ type: 'session.created', session: { type: 'realtime', ...expiry } });
      });
    }
    return connection;
  };

  /** The connection opened last. */
  get connection(): ScriptedConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error('no connection was opened');
    return connection;
  }
}

/** One connection, seen from the server. Every message that the client sends is checked against the schema of its type. */
export class ScriptedConnection implements RealtimeTransport {
  /** Everything but appends, in order. */
  readonly sent: SentEvent[] = [];
  /** One entry per append: its samples, and how many events had been sent before. */
  readonly appends: Int16Array[] = [];
  appendedSamples = 0;
  bufferedAmountBytes = 0;
  sentCount = 0;
  receivedCount = 0;
  closedByClient: { code: number | undefined } | undefined;
  readonly #handlers: TransportHandlers;
  readonly #options: ScriptedServerOptions;
  #closed = false;
  #eventNumber = 0;

  constructor(handlers: TransportHandlers, options: ScriptedServerOptions) {
    this.#handlers = handlers;
    this.#options = options;
  }

  send(text: string): void {
    if (this.#closed) throw new Error(`sent on a closed line: ${text.slice(0, 80)}`);
    this.sentCount++;
    const event = clientEventSchema.parse(JSON.parse(text)) as SentEvent;
    if (event.type === 'input_audio_buffer.append') {
      const bytes = Buffer.from(String(event['audio']), 'base64');
      const pcm = new Int16Array(new Uint8Array(bytes).buffer);
      this.appends.push(pcm);
      this.appendedSamples += pcm.length;
    } else {
      this.sent.push(event);
    }
    const firstUpdate =
      event.type === 'session.update' &&
      this.sent.filter(({ type }) => type === 'session.update').length === 1;
    if (firstUpdate && this.#options.handshake !== false) this.confirm();
    const isProbe = event.type === 'session.update' && Object.keys(event['session'] as object).length === 1;
    if (isProbe && this.#options.answersProbes !== false) this.confirm();
    this.#options.onEvent?.(event, this);
  }

  sendAudio(message: AudioMessage): void {
    this.send(message.text);
  }

  close(code?: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.closedByClient = { code };
    this.#handlers.closed({ code: code ?? 1005, reason: '' });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Client events of one type. */
  of(type: string): SentEvent[] {
    return this.sent.filter((event) => event.type === type);
  }

  /** Milliseconds of 24 kHz audio appended so far. */
  get appendedMs(): number {
    return this.appendedSamples / 24;
  }

  /** Sends one server event, with a fresh event_id unless it brings its own. */
  say(event: { type: string; event_id?: string } & Record<string, unknown>): void {
    this.sayText(JSON.stringify({ event_id: `event_${++this.#eventNumber}`, ...event }));
  }

  sayText(text: string): void {
    if (this.#closed) return;
    this.#handlers.message(text);
    this.receivedCount++;
  }

  /** Drops the connection from the server's side. */
  drop(code: number, reason = ''): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers.closed({ code, reason });
  }

  confirm(): void {
    this.say({ type: 'session.updated', session: { type: 'realtime' } });
  }

  error(error: {
    message?: string;
    code?: string | null;
    param?: string | null;
    event_id?: string | null | undefined;
  }): void {
    this.say({ type: 'error', error: { type: 'invalid_request_error', message: 'no', ...error } });
  }

  /** A turn from its first word to its commit. Times count audio written, as the server does. */
  turn(itemId: string, audioStartMs = 0, audioEndMs = 1_500): void {
    this.speechStarted(itemId, audioStartMs);
    this.say({ type: 'input_audio_buffer.speech_stopped', item_id: itemId, audio_end_ms: audioEndMs });
    this.committed(itemId);
  }

  speechStarted(itemId: string, audioStartMs = 0): void {
    this.say({ type: 'input_audio_buffer.speech_started', item_id: itemId, audio_start_ms: audioStartMs });
  }

  committed(itemId: string): void {
    this.say({ type: 'input_audio_buffer.committed', item_id: itemId, previous_item_id: null });
  }

  responseCreated(responseId: string, turn?: string): void {
    const metadata = turn === undefined ? null : { turn };
    this.say({ type: 'response.created', response: { id: responseId, status: 'in_progress', metadata } });
  }

  audio(responseId: string, itemId: string, pcm: Int16Array | string): void {
    const delta = typeof pcm === 'string' ? pcm : base64Of(pcm);
    this.say({ type: 'response.output_audio.delta', ...part(responseId, itemId), delta });
  }

  audioDone(responseId: string, itemId: string): void {
    this.say({ type: 'response.output_audio.done', ...part(responseId, itemId) });
  }

  text(responseId: string, itemId: string, delta: string): void {
    this.say({ type: 'response.output_audio_transcript.delta', ...part(responseId, itemId), delta });
  }

  textDone(responseId: string, itemId: string, transcript: string): void {
    this.say({ type: 'response.output_audio_transcript.done', ...part(responseId, itemId), transcript });
  }

  responseDone(responseId: string, status = 'completed', statusDetails: object | null = null): void {
    this.say({ type: 'response.done', response: { id: responseId, status, status_details: statusDetails } });
  }

  /** A whole spoken response to one turn. */
  respond(responseId: string, turn: string, itemId: string, audioMs: number, text = 'hello'): void {
    this.responseCreated(responseId, turn);
    this.audio(responseId, itemId, tone(audioMs));
    this.text(responseId, itemId, text);
    this.audioDone(responseId, itemId);
    this.textDone(responseId, itemId, text);
    this.responseDone(responseId);
  }
}

function part(responseId: string, itemId: string): object {
  return { response_id: responseId, item_id: itemId, output_index: 0, content_index: 0 };
}

export function base64Of(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}

/** A loud 24 kHz tone. */
export function tone(durationMs: number, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length: Math.round(durationMs * 24) }, (_, n) =>
    Math.round(amplitude * Math.sin(n * 0.2 + 0.1)),
  );
}
