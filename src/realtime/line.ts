/**
 * One line to a Realtime server and everything that lives and dies with it: its configuration, the audio on its way up,
 * its turns and items. A conversation session runs on one line at a time.
 */
import type { Clock, TimerHandle } from '../clock.js';
import { ParleyError } from '../errors.js';
import type { EventEmitter } from '../events.js';
import {
  type ConversationConfig,
  REALTIME_SAMPLE_RATE_HZ,
  type Transcription,
} from './conversation-config.js';
import { EventIntake } from './event-intake.js';
import { LineSettings } from './line-settings.js';
import type { RealtimeClientEvent } from './protocol/client-events.js';
import { oneLine } from './protocol/one-line.js';
import type { RealtimeServerEvent, ServerEventOf } from './protocol/server-events.js';
import { Recent } from './recent.js';
import { closeError, judgeServerError } from './server-errors.js';
import type { CutItem, SessionCounters, SessionEvents } from './session.js';
import { SilenceTail } from './silence-tail.js';
import type { OpenTransport, RealtimeTransport } from './transport.js';
import { TurnTaking } from './turn-taking.js';
import { Uplink } from './uplink.js';

/** How long a server may take from the open line to the confirmed configuration. */
const CONFIGURE_TIMEOUT_MS = 15_000;
/** Requests remembered for the errors that they may cause. */
const REMEMBERED_REQUESTS = 64;
/** What is refused of these had become moot on its way: the item had ended, the response was over, the buffer empty. */
const MAY_BE_MOOT: ReadonlySet<string> = new Set([
  'conversation.item.truncate',
  'response.cancel',
  'input_audio_buffer.commit',
]);

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
  /** The server will not change the voice of this line any more; it goes on with the old one. */
  onVoiceRefused: () => void;
  /** The open line ended by itself. Called once, and not after {@link Line.close}. */
  onLost: (error: ParleyError) => void;
};

type Phase = 'opening' | 'awaiting_created' | 'awaiting_updated' | 'ready' | 'closed';

/** See the file's comment. */
export class Line {
  readonly #options: LineOptions;
  readonly #settings: LineSettings;
  readonly #intake: EventIntake;
  readonly #uplink: Uplink;
  readonly #tail: SilenceTail;
  readonly #turns: TurnTaking;
  readonly #mayBeMoot = new Recent<true>(REMEMBERED_REQUESTS);
  #phase: Phase = 'opening';
  #transport: RealtimeTransport | undefined;
  #configured: { resolve(): void; reject(error: ParleyError): void; timer: TimerHandle } | undefined;
  #failure: ParleyError | undefined;
  #eventNumber = 0;
  #held = false;
  #audioEndMs = 0;
  #nextDropNoticeMs = 0;

  constructor(options: LineOptions) {
    this.#options = options;
    const { config, clock, counters, events, keyPrefix, instructions, onVoiceRefused } = options;
    const send = (event: RealtimeClientEvent) => this.#send(event);
    this.#settings = new LineSettings({ config, instructions, send, onVoiceRefused });
    this.#intake = new EventIntake({ events, counters });
    this.#uplink = new Uplink({
      chunkMs: config.uplinkChunkMs,
      leadMs: config.vad.prefixPaddingMs,
      clock,
      counters,
      onDropped: () => {
        this.#onAudioDropped();
      },
    });
    this.#turns = new TurnTaking({
      keyPrefix,
      responses: config.responses,
      transcribes: () => this.#settings.transcription !== undefined,
      vad: config.vad,
      timeline: this.#uplink.timeline,
      audioEndMs: () => this.#audioEndMs,
      clock,
      events,
      counters,
      instructions: () => this.#settings.instructions,
      betweenResponses: () => {
        this.#settings.sendSpeed();
      },
      send,
    });
    this.#tail = new SilenceTail({
      clock,
      chunkMs: config.uplinkChunkMs,
      silenceDurationMs: config.vad.silenceDurationMs,
      turnOpen: () => this.#turns.turnOpen,
      feed: (durationMs) => this.#feedSilence(durationMs),
      commit: () => {
        this.#send({ type: 'input_audio_buffer.commit' });
      },
      abandon: () => {
        this.#turns.abandonOpen();
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

  /** What was said in the last turn is still to come. */
  get awaitsTranscript(): boolean {
    return this.#phase !== 'closed' && this.#turns.awaitsTranscript;
  }

  /** The voice that this line speaks with, or was last asked to. */
  get voice(): string {
    return this.#settings.voice;
  }

  /** Opens and configures the line. Rejects with a ParleyError; the line is closed then. */
  async connect(): Promise<void> {
    const { open, clock } = this.#options;
    const transport = await open({
      message: (text) => {
        this.#onMessage(text);
      },
      closed: (close) => {
        this.#fail(closeError(close));
      },
    });
    if (this.#phase === 'closed') {
      transport.close(1000);
      throw this.#failure ?? closedWhileConnecting();
    }
    this.#transport = transport;
    this.#phase = 'awaiting_created';
    await new Promise<void>((resolve, reject) => {
      const timer = clock.setTimer(() => {
        const message = 'the Realtime server accepted the line but never configured it: is it one?';
        this.#fail(new ParleyError('service_unavailable', message, { retryable: true }));
      }, CONFIGURE_TIMEOUT_MS);
      this.#configured = { resolve, reject, timer };
    });
  }

  /** See InterpretingSession.appendAudio. */
  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#phase === 'closed') return;
    this.#uplink.append(pcm, atMs);
    this.#audioEndMs = this.#uplink.endMs;
    this.#tail.audioArrived();
  }

  /** See InterpretingSession.endOfSpeech. */
  endOfSpeech(): void {
    this.#tail.begin();
  }

  /** See InterpretingSession.commitTurn. */
  commitTurn(): void {
    if (this.#phase !== 'ready' || this.#options.config.responses === 'server') return;
    if (!this.#turns.turnOpen) return;
    if (this.#uplink.flowing) this.#uplink.flush();
    if (!this.#uplink.flowing) return; // it would commit less than was said
    const eventId = this.#newEventId();
    this.#turns.committedByHand(eventId);
    this.#send({ type: 'input_audio_buffer.commit', event_id: eventId });
  }

  /** See InterpretingSession.speak. */
  speak(text: string): void {
    if (this.#phase === 'ready') this.#turns.speak(text);
  }

  /** See InterpretingSession.setInstructions. */
  setInstructions(instructions: string): void {
    this.#settings.instructions = instructions;
    if (this.#phase === 'ready') this.#settings.sendChanges();
  }

  /** What is said is transcribed like this from now on. */
  setTranscription(transcription: Transcription | undefined): void {
    this.#settings.transcription = transcription;
    if (this.#phase === 'ready') this.#settings.sendChanges();
  }

  /** Changes the voice where that is still possible; returns false when this line has spoken already. */
  setVoice(voice: string): boolean {
    if (voice === this.#settings.voice) return true;
    if (this.#turns.hasSpoken) return false;
    this.#settings.voice = voice;
    if (this.#phase === 'ready') this.#settings.sendChanges();
    return true;
  }

  /** See InterpretingSession.setSpeed. */
  setSpeed(speed: number): void {
    this.#settings.speed = speed;
    if (this.#phase === 'ready' && !this.#turns.responding) this.#settings.sendSpeed();
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
    this.#stop(closedWhileConnecting());
  }

  #fail(error: ParleyError): void {
    if (this.#phase === 'closed') return;
    this.#failure = error;
    this.#stop(error);
    this.#options.onLost(error);
  }

  #stop(error: ParleyError): void {
    this.#phase = 'closed';
    this.#tail.stop();
    this.#uplink.close();
    this.#configured?.timer.cancel();
    this.#configured?.reject(error);
    this.#configured = undefined;
    this.#transport?.close(1000);
    this.#turns.close();
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

  #feedSilence(durationMs: number): boolean {
    if (!this.#uplink.flowing) return false;
    const samples = Math.round((durationMs * REALTIME_SAMPLE_RATE_HZ) / 1000);
    this.#options.counters.silenceFedMs += durationMs;
    this.#uplink.append(new Int16Array(samples), this.#uplink.endMs);
    this.#uplink.flush();
    return true;
  }

  #onMessage(text: string): void {
    if (this.#phase === 'closed') return;
    const taken = this.#intake.take(text);
    if (taken === undefined) return;
    // A server that words its session in a way of its own has still created or updated it.
    const type = taken.kind === 'event' ? taken.event.type : taken.type;
    if (type === 'session.created') this.#configure();
    else if (type === 'session.updated') this.#onConfigured();
    else if (taken.kind === 'event') this.#onEvent(taken.event);
  }

  #onEvent(event: RealtimeServerEvent): void {
    if (event.type === 'error') {
      this.#onError(event);
    } else {
      this.#turns.handle(event);
      this.#regulateUplink();
    }
  }

  /** Where the server makes responses by itself, holding turns means keeping the speech behind them back. */
  #regulateUplink(): void {
    if (this.#phase !== 'ready' || this.#transport === undefined) return;
    if (this.#options.config.responses === 'server' && this.#held && !this.#turns.turnOpen) {
      this.#uplink.pause();
    } else {
      this.#uplink.open(this.#transport);
    }
  }

  #configure(): void {
    if (this.#phase !== 'awaiting_created') return;
    this.#phase = 'awaiting_updated';
    this.#settings.sendAll();
  }

  #onConfigured(): void {
    if (this.#phase !== 'awaiting_updated') return;
    this.#phase = 'ready';
    this.#configured?.timer.cancel();
    this.#configured?.resolve();
    this.#configured = undefined;
    this.#settings.sendChanges();
    this.#settings.sendSpeed();
    this.#regulateUplink();
  }

  #onError(event: ServerEventOf<'error'>): void {
    const { error } = event;
    const { events, counters } = this.#options;
    const verdict = judgeServerError(error);
    if (verdict.kind === 'fatal') {
      this.#fail(verdict.error);
      return;
    }
    const code = error.code ?? undefined;
    const eventId = error.event_id ?? undefined;
    const details = {
      message: oneLine(error.message, 300),
      ...(code === undefined ? {} : { code }),
      ...(error.param == null ? {} : { param: error.param }),
    };
    if (this.#phase !== 'ready') {
      const param = error.param == null ? '' : ` (${oneLine(error.param, 100)})`;
      const what = this.#phase === 'awaiting_updated' ? 'the configuration' : 'the session';
      this.#fail(
        new ParleyError('protocol', `the Realtime server refused ${what}: ${details.message}${param}`),
      );
      return;
    }
    const update = eventId === undefined ? undefined : this.#settings.updateOf(eventId);
    if (update !== undefined) {
      const message = `the server refused the ${update.what}: ${details.message}`;
      events.emit('notice', { kind: 'update_rejected', ...details, message });
      update.undo?.();
      return;
    }
    if (eventId !== undefined) this.#turns.commitRefused(eventId);
    if (verdict.kind === 'benign' || (eventId !== undefined && this.#mayBeMoot.has(eventId))) {
      counters.benignErrors++;
      events.emit('notice', { kind: 'benign_error', ...details });
    } else {
      events.emit('notice', { kind: 'server_error', ...details });
    }
    const concernsResponse = eventId !== undefined || code === 'conversation_already_has_active_response';
    if (concernsResponse) this.#turns.responseRefused(eventId, code, details.message);
  }

  #send(event: RealtimeClientEvent): string {
    const eventId = event.event_id ?? this.#newEventId();
    if (MAY_BE_MOOT.has(event.type)) this.#mayBeMoot.set(eventId, true);
    if (this.#phase !== 'closed') this.#transport?.send(JSON.stringify({ event_id: eventId, ...event }));
    return eventId;
  }

  #newEventId(): string {
    return `${this.#options.keyPrefix}.${++this.#eventNumber}`;
  }
}

/** Why connecting failed when it was the caller that closed. */
export function closedWhileConnecting(): ParleyError {
  return new ParleyError('service_unavailable', 'the session was closed while it was connecting');
}
