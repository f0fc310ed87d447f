import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { StreamingResampler } from '../../../../audio/resampler.js';
import type { TimerHandle } from '../../../clock.js';
import { messageOf } from '../../../errors.js';
import { EMBEDDED_MODEL } from '../config/session-config.js';
import { AudioDecoder, decodeBase64, encodeAudio } from '../input/audio-format.js';
import type { ClientConnection } from '../server/client-connection.js';
import { ClientEventError } from '../server/client-error.js';
import { takeMessage, type WireError } from '../server/client-messages.js';
import { newId } from '../server/ids.js';
import type { SessionServices } from '../session.js';
import {
  checkLiveEvent,
  type LiveClientEvent,
  type LiveConfiguration,
  startedSession,
  updatedSession,
} from './client-events.js';
import { type CloseReason, type LiveSentEvent, type LiveView } from './sent-events.js';
import { type DuplexStep, FullDuplex, type Misbehaviour, STEP_MS } from './full-duplex.js';

/** A session that is sent no audio for so long ends (31 s were seen). */
const UNFED_MS = 31_000;
const USAGE_EVERY_MS = 15_000;
/** As documented of Azure. */
const AZURE_USAGE_EVERY_MS = 60_000;
/** After `session.close`, the phrase that was begun is said for so long at most. */
const DRAIN_MS = 12_000;
/** A stalled session was seen to be dropped after this. */
const STALL_DROP_MS = 20_000;
/** What a token of the context is taken for, in milliseconds of session. */
const CONTEXT_MS = 128_000 * 100;

/** What live sessions share with all of a server. */
type LiveServices = Pick<SessionServices, 'clock' | 'responder' | 'sessionDurationMs' | 'log' | 'faults'> & {
  /** From the end of a phrase to its translation. */
  lagMs: number;
};

type Appended = 'session.instructions.appended' | 'session.thinking.appended' | 'session.commentary.appended';
type Pending = { type: Appended; clientEventId: string | null };

/**
 * One live session (ClientEvent and ServerEvent, openai@7.55.0): nothing before `session.start`, then as much audio out as comes
 * in. `azure`: it words some things as Azure is documented to.
 */
export class LiveSession {
  readonly #services: LiveServices;
  readonly #connection: ClientConnection;
  readonly #azure: boolean;
  readonly #timers = new Set<TimerHandle>();
  #unfed: TimerHandle | undefined;
  #started:
    | {
        config: LiveConfiguration;
        readonly engine: FullDuplex;
        readonly decoder: AudioDecoder;
        readonly resampler: StreamingResampler | undefined;
        readonly identity: { id: string; expires_at: number };
      }
    | undefined;
  #starting = false;
  #draining: TimerHandle | undefined;
  #drainUntilMs = 0;
  #muted = false;
  #stalled = false;
  #usageToldMs = 0;
  #usageCount = 0;
  /** Appends that are acknowledged when the clock moves next. */
  #pending: Pending[] = [];
  /** Fixtures that are being played, and until when by the session's clock. */
  #fixtureToMs: number | undefined;
  #receivedSamples = 0;
  #over = false;

  constructor(services: LiveServices, connection: ClientConnection, azure: boolean) {
    this.#services = services;
    this.#connection = connection;
    this.#azure = azure;
  }

  /** Something is still on its way to the client. */
  get busy(): boolean {
    return !this.#over && (this.#starting || this.#draining !== undefined || this.#connection.pending);
  }

  /** Audio that the client appended, in milliseconds. */
  get receivedAudioMs(): number {
    return this.#receivedSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** Handles one message to its end. Never throws. */
  receive(message: string): void {
    if (this.#over) return;
    takeMessage(
      message,
      this.#connection,
      this.#services.log,
      (event) => {
        this.#dispatch(checkLiveEvent(event));
      },
      (_connection, error, eventId) => {
        this.#error(error, eventId);
        if (this.#started === undefined && !this.#starting) this.#end(1000);
      },
    );
  }

  /** The connection is gone: stops every timer. */
  end(): void {
    this.#finish();
    this.#connection.stop();
  }

  #dispatch(event: LiveClientEvent): void {
    const clientEventId = event.event_id ?? null;
    if (this.#started === undefined) {
      if (event.type !== 'session.start' || this.#starting)
        throw new ClientEventError(
          'event_not_allowed',
          `'${event.type}' is not allowed before the session has started.`,
        );
      this.#start(startedSession(event.session), clientEventId);
      return;
    }
    if (this.#draining !== undefined) return;
    switch (event.type) {
      case 'session.start':
        throw new ClientEventError('event_not_allowed', 'The session has started already.');
      case 'session.update':
        this.#started.config = updatedSession(this.#started.config, event.session);
        this.#send({ type: 'session.updated', session: this.#view(), ...this.#answering(clientEventId) });
        return;
      case 'session.input_audio.append':
        this.#append(event.audio);
        return;
      case 'session.input_audio.mute':
      case 'session.input_audio.unmute':
        this.#muted = event.type === 'session.input_audio.mute';
        this.#send({ type: `${event.type}d`, ...this.#answering(clientEventId) });
        return;
      case 'session.output_audio.fixture.play':
        this.#playFixture(event.audio, clientEventId);
        return;
      case 'session.instructions.append':
      case 'session.thinking.append':
      case 'session.commentary.append':
        this.#pending.push({ type: `${event.type}ed`, clientEventId });
        return;
      case 'session.close':
        this.#close();
        return;
      default:
        throw new ClientEventError(
          'event_not_allowed',
          `'${event.type}' is not allowed under client delegation.`,
        );
    }
  }

  #start(config: LiveConfiguration, clientEventId: string | null): void {
    const { faults } = this.#services;
    const refused = faults.strike('refuseSessions');
    if (refused !== undefined) {
      const message = 'This session is refused on request.';
      this.#error({ type: 'invalid_request_error', code: refused.code, message, param: null }, clientEventId);
      this.#end(1000);
      return;
    }
    this.#starting = true;
    const late = faults.strike('lateSessions');
    this.#after(late?.afterMs ?? 0, () => {
      this.#starting = false;
      this.#begin(config, clientEventId);
    });
  }

  #begin(config: LiveConfiguration, clientEventId: string | null): void {
    const { clock, responder, sessionDurationMs, lagMs, log, faults } = this.#services;
    const { format } = config.audio;
    const rateHz = format.type === 'audio/pcm' ? format.rate : REALTIME_RATE_HZ;
    this.#started = {
      config,
      engine: new FullDuplex({
        responder,
        instructions: () => config.instructions,
        lagMs,
        timed: this.#azure,
        misbehaviour: () => this.#misbehaviour(),
        failed: (error) => {
          log.warn({ message: messageOf(error) }, 'The responder failed.');
        },
      }),
      decoder: new AudioDecoder(
        format.type === 'audio/pcm' ? { type: 'audio/pcm', rate: 24_000 } : { type: format.type },
        rateHz,
      ),
      resampler: rateHz === REALTIME_RATE_HZ ? undefined : new StreamingResampler(REALTIME_RATE_HZ, rateHz),
      identity: {
        id: newId(clock, 'live'),
        expires_at: Math.floor((clock.epochMs() + sessionDurationMs) / 1000),
      },
    };
    this.#after(sessionDurationMs, () => {
      this.#closed('expired');
    });
    const ends = faults.strike('closeSessions');
    if (ends !== undefined) this.#after(ends.afterMs, () => this.#closed(ends.reason));
    const stall = faults.strike('stallSessions');
    if (stall !== undefined) this.#after(stall.afterMs, () => this.#stall());
    this.#feed();
    this.#send({ type: 'session.started', session: this.#view(), ...this.#answering(clientEventId) });
  }

  #append(audio: string): void {
    const { engine, decoder } = this.#started!;
    const bytes = decodeBase64(audio, 'audio');
    const isPcm = decoder.format.type === 'audio/pcm';
    if (bytes.length === 0 || (isPcm && bytes.length % 2 === 1))
      throw new ClientEventError('invalid_audio', 'Audio must be whole samples, and one at least.', 'audio');
    this.#feed();
    const pcm = decoder.process(bytes);
    this.#receivedSamples += pcm.length;
    engine.append(this.#muted ? new Int16Array(pcm.length) : pcm.slice());
    for (let step = engine.step(); step !== undefined && !this.#over; step = engine.step()) this.#tell(step);
  }

  /** What comes of one step of the clock. */
  #tell({ words, audio }: DuplexStep): void {
    const { engine, config, resampler } = this.#started!;
    if (this.#stalled) return;
    const startMs = engine.clockMs - STEP_MS;
    for (const { type, clientEventId } of this.#pending.splice(0))
      this.#send({ type, start_ms: startMs, end_ms: startMs, ...this.#answering(clientEventId) });
    for (const delta of words) {
      if (this.#services.faults.strike('codelessErrors') !== undefined) {
        const error = { type: 'server_error', code: null, message: 'Something went wrong.' };
        this.#send({ type: 'error', error });
      }
      this.#send(delta);
    }
    if (audio !== undefined) {
      const pcm = resampler === undefined ? audio.pcm : resampler.process(audio.pcm);
      const { format } = config.audio;
      const encoded =
        format.type === 'audio/pcm' ? ({ type: 'audio/pcm', rate: 24_000 } as const) : { type: format.type };
      this.#send({ type: 'session.output_audio.delta', delta: encodeAudio(pcm, encoded), ...audio.times });
    }
    if (this.#fixtureToMs !== undefined && engine.clockMs >= this.#fixtureToMs) {
      this.#fixtureToMs = undefined;
      this.#send({ type: 'session.output_audio.fixture.played' });
    }
    const everyMs = this.#azure ? AZURE_USAGE_EVERY_MS : USAGE_EVERY_MS;
    if (engine.clockMs - this.#usageToldMs >= everyMs) this.#tellUsage();
  }

  #tellUsage(): void {
    const { clockMs } = this.#started!.engine;
    this.#usageToldMs = clockMs;
    const ratio = Math.min(1, clockMs / CONTEXT_MS);
    const window = this.#usageCount++ % 2 === 0 ? {} : { context_window: { usage_ratio: ratio } };
    this.#send({ type: 'session.usage.updated', usage: this.#usage, ...window });
  }

  get #usage(): { seconds: number } {
    return { seconds: this.#started!.engine.clockMs / 1_000 };
  }

  #misbehaviour(): Misbehaviour {
    const { faults, clock } = this.#services;
    const answer = faults.strike('answerPhrases');
    const misbehaviour = {
      answer: answer?.text,
      repeats: faults.strike('repeatPhrases') !== undefined,
      unwritten: faults.strike('unwrittenPhrases') !== undefined,
    };
    if (faults.strike('delegatePhrases') !== undefined) {
      const delegation = { id: newId(clock, 'dlg'), type: 'delegation', target: 'client' } as const;
      const offset_ms = this.#started!.engine.clockMs;
      this.#send({ type: 'session.delegation.created', offset_ms, delegation });
    }
    return misbehaviour;
  }

  #playFixture(audio: string, clientEventId: string | null): void {
    const { engine } = this.#started!;
    const bytes = decodeBase64(audio, 'audio');
    if (bytes.length === 0 || bytes.length % 2 === 1)
      throw new ClientEventError('invalid_audio', 'Audio must be whole samples, and one at least.', 'audio');
    const pcm = new Int16Array(Uint8Array.from(bytes).buffer);
    engine.play(pcm);
    this.#fixtureToMs = engine.clockMs + pcm.length / REALTIME_SAMPLES_PER_MS;
    this.#send({ type: 'session.output_audio.fixture.playing', ...this.#answering(clientEventId) });
  }

  /** Says what was begun, then ends. */
  #close(): void {
    for (const { clientEventId } of this.#pending.splice(0)) {
      const message = 'The session was closed before the append had reached it.';
      const error = {
        type: 'invalid_request_error',
        code: 'context_injection_incomplete',
        message,
        param: null,
      } as const;
      this.#error(error, clientEventId);
    }
    this.#unfed?.cancel();
    this.#started!.engine.finish();
    this.#drainUntilMs = this.#services.clock.nowMs() + DRAIN_MS;
    this.#drainSoon();
  }

  #drainSoon(): void {
    const { clock } = this.#services;
    this.#draining = clock.setTimer(() => {
      const step = clock.nowMs() >= this.#drainUntilMs ? undefined : this.#started!.engine.drainStep();
      if (step === undefined) {
        this.#tellUsage();
        this.#closed('close_requested');
        return;
      }
      this.#tell(step);
      this.#drainSoon();
    }, STEP_MS);
  }

  #closed(reason: CloseReason): void {
    if (this.#over || this.#stalled) return;
    this.#send({ type: 'session.closed', reason, session: this.#view(), usage: this.#usage });
    this.#end(1000);
  }

  #stall(): void {
    this.#stalled = true;
    this.#unfed?.cancel();
    this.#after(STALL_DROP_MS, () => {
      this.#connection.drop();
    });
  }

  /** Audio came: the session lives on. */
  #feed(): void {
    this.#unfed?.cancel();
    this.#unfed = this.#services.clock.setTimer(() => {
      this.#closed('expired');
    }, UNFED_MS);
  }

  #after(delayMs: number, action: () => void): void {
    if (delayMs === 0) {
      action();
      return;
    }
    const timer = this.#services.clock.setTimer(() => {
      this.#timers.delete(timer);
      if (!this.#over) action();
    }, delayMs);
    this.#timers.add(timer);
  }

  #end(code: number): void {
    this.#connection.close(code, '');
    this.#finish();
  }

  #finish(): void {
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
    this.#unfed?.cancel();
    this.#draining?.cancel();
    this.#draining = undefined;
    this.#started?.decoder.close();
    this.#started?.resampler?.close();
  }

  #send(event: LiveSentEvent): void {
    const { type, ...fields } = event;
    this.#connection.send(type, fields, type !== 'session.output_audio.delta');
  }

  #error({ type, code, message, param }: WireError, clientEventId: string | null): void {
    const answering = this.#answering(clientEventId);
    const error = { type, code, message, ...(param === null ? {} : { param }), ...answering };
    this.#send({ type: 'error', error, ...answering });
  }

  /** Azure does not repeat the ids of client events. */
  #answering(clientEventId: string | null): { client_event_id?: string } {
    return clientEventId === null || this.#azure ? {} : { client_event_id: clientEventId };
  }

  #view(): LiveView {
    const { config, identity } = this.#started!;
    const { audio, instructions, delegation, store } = config;
    return { ...identity, audio, instructions, delegation, store, model: EMBEDDED_MODEL, status: 'active' };
  }
}
