/**
 * One line to a Realtime server and everything that lives and dies with it: its configuration, the audio on its way up,
 * its turns and items. A conversation session runs on one line at a time.
 */
import type { Clock, TimerHandle } from '../clock.js';
import { ParleyError } from '../errors.js';
import type { EventEmitter } from '../events.js';
import { type ConversationConfig, REALTIME_SAMPLE_RATE_HZ, sessionOf } from './conversation-config.js';
import type { RealtimeClientEvent } from './protocol/client-events.js';
import { parseServerEvent, type RealtimeServerEvent, type ServerEventOf } from './protocol/server-events.js';
import { judgeServerError } from './server-errors.js';
import type { CutItem, SessionCounters, SessionEvents } from './session.js';
import { SilenceTail } from './silence-tail.js';
import type { OpenTransport, RealtimeTransport, TransportClose } from './transport.js';
import { TurnTaking } from './turn-taking.js';
import { Uplink } from './uplink.js';

/** How long a server may take from the open line to the confirmed configuration. */
const CONFIGURE_TIMEOUT_MS = 15_000;
/** Events remembered to recognise one that arrives twice. */
const REMEMBERED_EVENTS = 64;

/** What a line is made of. */
export type LineOptions = {
  open: OpenTransport;
  clock: Clock;
  config: ConversationConfig;
  instructions: string;
  /** Unique among all lines of the process. */
  keyPrefix: string;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** The line ended by itself. Called once, and not after {@link Line.close}. */
  onLost: (error: ParleyError) => void;
};

type Phase = 'opening' | 'awaiting_created' | 'awaiting_updated' | 'ready' | 'closed';

/** See the file's comment. */
export class Line {
  readonly #options: LineOptions;
  readonly #uplink: Uplink;
  readonly #tail: SilenceTail;
  readonly #turns: TurnTaking;
  readonly #recentEventIds = new Set<string>();
  readonly #reportedMalformed = new Set<string>();
  readonly #updates = new Map<string, string>(); // event id of a session.update -> what it changes
  #config: ConversationConfig;
  #instructions: string;
  #phase: Phase = 'opening';
  #transport: RealtimeTransport | undefined;
  #configured: { resolve(): void; reject(error: ParleyError): void; timer: TimerHandle } | undefined;
  #eventNumber = 0;
  #primed = false;
  #held = false;
  #nextDropNoticeMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#instructions = options.instructions;
    const { config, clock, counters, events, keyPrefix } = options;
    this.#uplink = new Uplink({
      chunkMs: config.uplinkChunkMs,
      counters,
      onDropped: () => {
        this.#onAudioDropped();
      },
    });
    this.#turns = new TurnTaking({
      keyPrefix,
      responses: config.responses,
      vad: config.vad,
      timeline: this.#uplink.timeline,
      clock,
      events,
      counters,
      instructions: () => this.#instructions,
      send: (event) => this.#send(event),
    });
    this.#tail = new SilenceTail({
      clock,
      chunkMs: config.uplinkChunkMs,
      silenceDurationMs: config.vad.silenceDurationMs,
      turnOpen: () => this.#turns.turnOpen,
      feed: (durationMs) => {
        counters.silenceFedMs += durationMs;
        this.#appendSilence(durationMs, this.#uplink.endMs);
        this.#uplink.flush();
      },
      onExhausted: () => {
        this.#send({ type: 'input_audio_buffer.commit' });
      },
    });
  }

  /** Nothing is open, waiting or on its way. */
  get idle(): boolean {
    return this.#turns.idle && !this.#tail.feeding && this.#uplink.heldMs === 0;
  }

  /** The server hears speech that it has not committed. */
  get turnOpen(): boolean {
    return this.#turns.turnOpen;
  }

  /** Opens and configures the line. Rejects with a ParleyError; the line is closed then. */
  async connect(): Promise<void> {
    const { open, clock } = this.#options;
    this.#transport = await open({
      message: (text) => {
        this.#onMessage(text);
      },
      closed: (close) => {
        this.#onClosed(close);
      },
    });
    if (this.#phase === 'closed') {
      this.#transport.close();
      throw new ParleyError('service_unavailable', 'the session was closed while it was connecting');
    }
    this.#phase = 'awaiting_created';
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(() => {
        this.#fail(
          new ParleyError(
            'service_unavailable',
            'the Realtime server accepted the line but never configured it',
            {
              retryable: true,
            },
          ),
        );
      }, CONFIGURE_TIMEOUT_MS);
      this.#configured = { resolve, reject, timer };
    });
  }

  /** See InterpretingSession.appendAudio. */
  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#phase === 'closed') return;
    if (!this.#primed) {
      // The server reports the start of speech minus the padding, clamped to what was written: write that much first.
      this.#primed = true;
      const { prefixPaddingMs } = this.#config.vad;
      if (prefixPaddingMs > 0) this.#appendSilence(prefixPaddingMs, atMs - prefixPaddingMs);
    }
    this.#uplink.append(pcm, atMs);
    this.#tail.audioArrived();
  }

  /** See InterpretingSession.endOfSpeech. */
  endOfSpeech(): void {
    this.#tail.begin();
  }

  /** See InterpretingSession.setInstructions. */
  setInstructions(instructions: string): void {
    if (instructions === this.#instructions) return;
    this.#instructions = instructions;
    if (this.#phase === 'ready') this.#update('instructions', { instructions });
  }

  /** Changes the voice where that is still possible; returns false when this line has spoken already. */
  setVoice(voice: string): boolean {
    if (voice === this.#config.voice) return true;
    if (this.#turns.hasSpoken) return false;
    this.#config = { ...this.#config, voice };
    if (this.#phase === 'ready') this.#update('voice', { audio: { output: { voice } } });
    return true;
  }

  /** See InterpretingSession.holdTurns. */
  hold(held: boolean): void {
    this.#held = held;
    this.#turns.hold(held);
    this.#regulateUplink();
  }

  /** Playback of an item was cleared. */
  cut(item: CutItem): void {
    this.#turns.cut(item);
  }

  /** Ends the line at once. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#stop();
    this.#transport?.close(1000);
  }

  #stop(): void {
    this.#phase = 'closed';
    this.#tail.stop();
    this.#uplink.close();
    this.#turns.close();
    this.#configured?.timer.cancel();
  }

  /** Says so at the first loss and after every further second of it. */
  #onAudioDropped(): void {
    const { counters, events } = this.#options;
    if (counters.audioDroppedMs < this.#nextDropNoticeMs) return;
    this.#nextDropNoticeMs = counters.audioDroppedMs + 1_000;
    events.emit('notice', {
      kind: 'audio_dropped',
      message: `the line is too slow: ${Math.round(counters.audioDroppedMs)} ms of stale audio dropped so far`,
    });
  }

  #appendSilence(durationMs: number, atMs: number): void {
    this.#uplink.append(new Int16Array(Math.round((durationMs * REALTIME_SAMPLE_RATE_HZ) / 1000)), atMs);
  }

  #onMessage(text: string): void {
    if (this.#phase === 'closed') return;
    const { counters, events } = this.#options;
    const parsed = parseServerEvent(text);
    if (parsed.kind === 'unknown') {
      counters.unknownEvents++;
      events.emit('notice', {
        kind: 'unknown_event',
        message: `the server sent an event that this version does not know: ${parsed.type}`,
        code: parsed.type,
      });
      return;
    }
    if (parsed.kind === 'malformed') {
      counters.malformedEvents++;
      const type = parsed.type ?? 'no type';
      if (!this.#reportedMalformed.has(type)) {
        this.#reportedMalformed.add(type);
        events.emit('notice', {
          kind: 'malformed_event',
          message: `the server sent a malformed event (${type}): ${parsed.problem}`,
          code: type,
        });
      }
      if (type === 'session.created') this.#configure();
      else if (type === 'session.updated') this.#onConfigured();
      return;
    }
    if (!this.#isRepeated(parsed.event)) this.#onEvent(parsed.event);
  }

  #isRepeated(event: RealtimeServerEvent): boolean {
    const id = 'event_id' in event ? event.event_id : undefined;
    if (typeof id !== 'string' || id === '') return false;
    if (this.#recentEventIds.has(id)) return true;
    this.#recentEventIds.add(id);
    if (this.#recentEventIds.size > REMEMBERED_EVENTS) {
      const oldest = this.#recentEventIds.values().next().value;
      if (oldest !== undefined) this.#recentEventIds.delete(oldest);
    }
    return false;
  }

  #onEvent(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'session.created':
        this.#configure();
        return;
      case 'session.updated':
        this.#onConfigured();
        return;
      case 'error':
        this.#onError(event);
        return;
      default:
        this.#turns.handle(event);
        this.#regulateUplink();
    }
  }

  /** Where the server makes responses by itself, holding turns means keeping the speech behind them back. */
  #regulateUplink(): void {
    if (this.#config.responses !== 'server' || this.#phase !== 'ready' || this.#transport === undefined)
      return;
    if (this.#held && !this.#turns.turnOpen) this.#uplink.pause();
    else if (!this.#held) this.#uplink.open(this.#transport);
  }

  #configure(): void {
    if (this.#phase !== 'awaiting_created') return;
    this.#phase = 'awaiting_updated';
    this.#update('configuration', sessionOf(this.#config, this.#instructions));
  }

  #onConfigured(): void {
    if (this.#phase !== 'awaiting_updated' || this.#transport === undefined) return;
    this.#phase = 'ready';
    this.#configured?.timer.cancel();
    this.#configured?.resolve();
    this.#configured = undefined;
    this.#uplink.open(this.#transport);
  }

  #update(what: string, session: object): void {
    const eventId = this.#send({ type: 'session.update', session: { type: 'realtime', ...session } });
    this.#updates.set(eventId, what);
    if (this.#updates.size > REMEMBERED_EVENTS) {
      const oldest = this.#updates.keys().next().value;
      if (oldest !== undefined) this.#updates.delete(oldest);
    }
  }

  #onError(event: ServerEventOf<'error'>): void {
    const { error } = event;
    const { counters, events } = this.#options;
    const code = error.code ?? undefined;
    const eventId = error.event_id ?? undefined;
    const verdict = judgeServerError(error);
    if (verdict.kind === 'fatal') {
      this.#fail(verdict.error);
      return;
    }
    const details = {
      message: error.message.slice(0, 300),
      ...(code === undefined ? {} : { code }),
      ...(error.param == null ? {} : { param: error.param }),
    };
    const update = eventId === undefined ? undefined : this.#updates.get(eventId);
    if (update !== undefined || this.#phase === 'awaiting_updated') {
      const message = `the server refused the ${update ?? 'configuration'}: ${details.message}`;
      if (this.#phase === 'awaiting_updated') {
        this.#fail(
          new ParleyError('protocol', `${message}${error.param == null ? '' : ` (${error.param})`}`),
        );
      } else {
        events.emit('notice', { kind: 'update_rejected', ...details, message });
      }
      return;
    }
    if (verdict.kind === 'benign') {
      counters.benignErrors++;
      events.emit('notice', { kind: 'benign_error', ...details });
    } else {
      events.emit('notice', { kind: 'server_error', ...details });
    }
    const concernsResponse = eventId !== undefined || code === 'conversation_already_has_active_response';
    if (concernsResponse) this.#turns.responseRefused(eventId, code, details.message);
  }

  #onClosed(close: TransportClose): void {
    if (this.#phase === 'closed') return;
    const reason = close.reason === '' ? '' : `: ${close.reason.slice(0, 200)}`;
    this.#fail(
      new ParleyError('service_unavailable', `the Realtime line was closed (${close.code}${reason})`, {
        retryable: true,
      }),
    );
  }

  #fail(error: ParleyError): void {
    if (this.#phase === 'closed') return;
    const configured = this.#configured;
    this.#configured = undefined;
    this.#stop();
    this.#transport?.close(1000);
    if (configured === undefined) this.#options.onLost(error);
    else {
      configured.timer.cancel();
      configured.reject(error);
    }
  }

  #send(event: RealtimeClientEvent): string {
    const eventId = `${this.#options.keyPrefix}.${++this.#eventNumber}`;
    if (this.#phase !== 'closed') this.#transport?.send(JSON.stringify({ event_id: eventId, ...event }));
    return eventId;
  }
}
