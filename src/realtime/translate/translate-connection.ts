import type { Clock, TimerHandle } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import { EventReader } from '../connection/event-reader.js';
import type { ConnectionLifetime } from '../connection/session-lifetime.js';
import { Handshake } from '../connection/handshake.js';
import { oneLine } from '../protocol/one-line.js';
import type { TranslateClientEvent } from '../protocol/translate-client-events.js';
import {
  parseTranslateEvent,
  type TranslateServerEvent,
  type TranslateServerEventOf,
} from '../protocol/translate-server-events.js';
import { BoundedMap } from '../../bounded-map.js';
import { closeError, judgeServerError } from '../connection/server-errors.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import { type TranslateConfig, translateSessionOf, translationTranscriptionOf } from './translate-config.js';
import { asParleyError, closedWhileConnecting, tooSlow } from '../connection/session-failures.js';
import type { OpenTransport, RealtimeTransport } from '../transport.js';
import type { UplinkConnection } from '../uplink/uplink.js';

/** How long a server may take to open a connection; less where a connection is replaced, on which people are talking. */
const TIMEOUT_MS = 15_000;
const REPLACED_TIMEOUT_MS = 5_000;
const REMEMBERED_UPDATES = 64;

/** What a connection tells its session. */
export type TranslateConnectionHandlers = {
  sourceText(delta: string): void;
  translationText(delta: string): void;
  /** PCM16 little-endian, 24 kHz mono, as base64. */
  audio(base64: string): void;
  /** All that was pending has been sent. */
  drained(): void;
  /** The connection ended by itself, once it had been configured. */
  lost(error: ParleyError): void;
};

/** What a connection is made of. */
export type TranslateConnectionOptions = {
  open: OpenTransport;
  clock: Clock;
  config: TranslateConfig;
  /** Another connection led to this server before. */
  replaces: boolean;
  /** Unique among all connections of the process. */
  keyPrefix: string;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  handlers: TranslateConnectionHandlers;
};

type TextFamily = 'session.output_transcript.delta' | 'response.text.delta';
type Phase = 'opening' | 'ready' | 'closed';

/**
 * One connection to a translation server: language and transcription confirmed before any audio (the default is Spanish), the
 * two families of event names, its errors, and its end.
 */
export class TranslateConnection implements UplinkConnection {
  readonly #options: TranslateConnectionOptions;
  readonly #intake: EventReader<TranslateServerEvent>;
  readonly #updates = new BoundedMap<true>(REMEMBERED_UPDATES);
  #phase: Phase = 'opening';
  #transport: RealtimeTransport | undefined;
  readonly #opening: Handshake;
  #awaitsTransport: { reject(error: ParleyError): void; timer: TimerHandle } | undefined;
  #configures = false;
  #failure: ParleyError | undefined;
  #eventNumber = 0;
  #transcribes = false;
  /** The name under which translated text comes: of two, the first that was seen. */
  #textFamily: TextFamily | undefined;
  #lastEventMs = 0;

  constructor(options: TranslateConnectionOptions) {
    this.#options = options;
    const { clock, replaces, events, counters } = options;
    this.#opening = new Handshake({
      clock,
      replaces,
      configure: () => {
        this.#configures = true;
        this.#update(translateSessionOf(options.config, this.#transcribes));
      },
      onTimeout: (error) => {
        this.#fail(error);
      },
    });
    this.#intake = new EventReader({ parse: parseTranslateEvent, events, counters });
  }

  get bufferedAmountBytes(): number {
    return this.#transport?.bufferedAmountBytes ?? 0;
  }

  /** Opens and configures the connection. Rejects with a ParleyError; the connection is closed then. */
  async connect(transcribes: boolean): Promise<void> {
    this.#transcribes = transcribes;
    await this.#openTransport();
    if (this.#failure !== undefined) throw this.#failure; // between two turns of the event loop
    await this.#opening.wait();
  }

  /** When the server last said anything that could be understood, by the clock. */
  get lastEventMs(): number {
    return this.#lastEventMs;
  }

  /** When the session will expire; undefined before the server told of it. */
  get lifetime(): ConnectionLifetime | undefined {
    return this.#opening.lifetime;
  }

  /** Sends a message that appends audio, as text. */
  send(text: string): void {
    if (this.#phase === 'ready') this.#transport?.send(text);
  }

  /** What the speaker says is transcribed, or not, from now on. */
  setTranscription(transcribes: boolean): void {
    if (this.#phase !== 'ready' || transcribes === this.#transcribes) return;
    this.#transcribes = transcribes;
    const transcription = translationTranscriptionOf(this.#options.config, transcribes);
    this.#update({ audio: { input: { transcription } } });
  }

  /** Asks for what is pending, and for the end. */
  askToClose(): void {
    this.#event({ type: 'session.close' });
  }

  /** Ends the connection at once. */
  close(): void {
    if (!this.#isClosed) this.#stop(closedWhileConnecting());
  }

  #openTransport(): Promise<void> {
    const { open, clock, replaces } = this.#options;
    const timeoutMs = replaces ? REPLACED_TIMEOUT_MS : TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(() => {
        this.#fail(tooSlow(timeoutMs));
      }, timeoutMs);
      this.#awaitsTransport = { reject, timer };
      open({
        message: (text) => {
          this.#onMessage(text);
        },
        closed: (close) => {
          this.#fail(closeError(close));
        },
      }).then(
        (transport) => {
          timer.cancel();
          if (this.#isClosed) transport.close(1000);
          else this.#transport = transport;
          resolve();
        },
        (error: unknown) => {
          this.#fail(asParleyError(error));
        },
      );
    });
  }

  get #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #fail(error: ParleyError): void {
    if (this.#isClosed) return;
    const wasReady = this.#phase === 'ready';
    this.#stop(error);
    if (wasReady) this.#options.handlers.lost(error);
  }

  #stop(error: ParleyError): void {
    this.#phase = 'closed';
    this.#failure = error;
    this.#awaitsTransport?.timer.cancel();
    this.#awaitsTransport?.reject(error);
    this.#opening.stop(error);
    this.#transport?.close(1000);
  }

  #onMessage(text: string): void {
    if (this.#isClosed) return;
    const taken = this.#intake.take(text);
    if (taken === undefined) return;
    if (taken.kind === 'event') {
      this.#lastEventMs = this.#options.clock.nowMs();
      this.#onEvent(taken.event);
    } else if (taken.type === 'session.created') this.#opening.created(undefined);
  }

  #onEvent(event: TranslateServerEvent): void {
    const { handlers } = this.#options;
    switch (event.type) {
      case 'error':
        return this.#onError(event);
      case 'session.created':
        return this.#opening.created(event.session.expires_at);
      case 'session.updated':
        return this.#onConfigured(event);
      case 'session.closed':
        return handlers.drained();
      case 'session.input_transcript.delta':
        return handlers.sourceText(event.delta);
      case 'session.output_audio.delta':
        return this.#onAudio(event);
      case 'session.output_transcript.delta':
        return this.#onText(event.type, event.delta);
      case 'response.text.delta':
        return this.#onText(event.type, event.text ?? event.delta ?? '');
      case 'response.text.done':
      case 'session.input_transcript.done':
      case 'session.input_transcript.completed':
      case 'session.output_transcript.done':
      case 'session.output_transcript.completed':
      case 'session.output_audio.done':
        return; // what ends where is told by nothing that can be counted on
    }
  }

  #onText(family: TextFamily, delta: string): void {
    this.#textFamily ??= family;
    if (this.#textFamily === family) this.#options.handlers.translationText(delta);
  }

  #onAudio(event: TranslateServerEventOf<'session.output_audio.delta'>): void {
    const { delta, format, sample_rate: sampleRateHz, channels } = event;
    if ((format ?? 'pcm16') === 'pcm16' && (sampleRateHz ?? 24_000) === 24_000 && (channels ?? 1) === 1) {
      this.#options.handlers.audio(delta);
      return;
    }
    const what = oneLine(
      `${format ?? 'pcm16'}, ${sampleRateHz ?? 24_000} Hz, ${channels ?? 1} channels`,
      100,
    );
    this.#fail(
      new ParleyError(
        'protocol',
        `the translation server sends ${what}: only 24 kHz mono pcm16 is understood`,
      ),
    );
  }

  #onConfigured({ session }: TranslateServerEventOf<'session.updated'>): void {
    if (this.#phase !== 'opening' || !this.#configures) return;
    const { language } = this.#options.config;
    const confirmed = session.audio?.output?.language;
    if (confirmed != null && confirmed !== language) {
      const message = `the translation server was asked for "${language}" and says "${oneLine(confirmed, 20)}"; use --engine conversation`;
      this.#fail(new ParleyError('protocol', message));
      return;
    }
    if (this.#opening.updated(session.expires_at)) this.#phase = 'ready';
  }

  #onError({ error }: TranslateServerEventOf<'error'>): void {
    const { events, counters } = this.#options;
    const verdict = judgeServerError(error);
    const message = oneLine(error.message, 300);
    if (verdict.kind === 'fatal') {
      this.#fail(verdict.error);
      return;
    }
    if (this.#phase !== 'ready') {
      this.#fail(this.#opening.refusal(error));
      return;
    }
    const details = {
      ...(error.code == null ? {} : { code: error.code }),
      ...(error.param == null ? {} : { param: error.param }),
    };
    if (error.event_id != null && this.#updates.has(error.event_id)) {
      const refused = `the server refused the transcription: ${message}`;
      events.emit('notice', { kind: 'update_rejected', ...details, message: refused });
    } else {
      if (verdict.kind === 'benign') counters.benignErrors++;
      const kind = verdict.kind === 'benign' ? 'benign_error' : 'server_error';
      events.emit('notice', { kind, ...details, message });
    }
  }

  #update(session: Extract<TranslateClientEvent, { type: 'session.update' }>['session']): void {
    this.#updates.set(this.#event({ type: 'session.update', session }), true);
  }

  #event(event: TranslateClientEvent): string {
    const eventId = `${this.#options.keyPrefix}.${++this.#eventNumber}`;
    if (!this.#isClosed) this.#transport?.send(JSON.stringify({ event_id: eventId, ...event }));
    return eventId;
  }
}
