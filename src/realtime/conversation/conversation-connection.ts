import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import type { ConversationConfig } from './conversation-config.js';
import type { PastTurn } from './turns/conversation-history.js';
import type { CallingTurn } from './turns/turn-ledger.js';
import type { AsideCall, AskedAside, UserMessage } from '../session-tools.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import type { ConnectionEvents, FailoverConnection } from '../connection/failover-policy.js';
import { EventReader, type ReadEvent } from '../connection/event-reader.js';
import { observedClock } from '../connection/observed-clock.js';
import { ConnectionAudio } from './connection-audio.js';
import { ConnectionSettings, type SettingsChange } from './connection-settings.js';
import type { RealtimeClientEvent } from '../protocol/client-events.js';
import { LivenessProbe } from './liveness-probe.js';
import type { ConnectionLifetime } from '../connection/session-lifetime.js';
import { Handshake } from '../connection/handshake.js';
import { parseServerEvent, type RealtimeServerEvent, type ServerEventOf } from '../protocol/server-events.js';
import { SentRequests } from './sent-requests.js';
import { judgeServerError } from '../connection/server-errors.js';
import { closedWhileConnecting, deadConnection } from '../connection/session-failures.js';
import type { CutItem, SessionCounters, SessionEvents } from '../session.js';
import type { OpenTransport, ParsedMessage, RealtimeTransport } from '../transport.js';
import { type CarryOver, TurnTaking } from './turns/turn-taking.js';

/** What a server acknowledges at once, whatever it makes of it. */
const ACKNOWLEDGED: ReadonlySet<string> = new Set(['response.create', 'input_audio_buffer.commit']);
/** How long the last words of the speaker are waited for once all is translated: transcription runs beside translation. */
const TRANSCRIPT_WAIT_MS = 2_000;

/** What a connection is made of. */
export type ConversationConnectionOptions = {
  open: OpenTransport;
  clock: Clock;
  config: ConversationConfig;
  instructions: string;
  /** Unique among all connections of the process. */
  keyPrefix: string;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** The server will not change the voice of this connection any more; it goes on with the old one. */
  onVoiceRefused: () => void;
  /** Another connection led to this server before. */
  replaces: boolean;
  /** Whether the server is one that answers an update that changes nothing, as far as is known. */
  mayProbe: () => boolean;
  /** It did not: the connection is lost. */
  onProbeUnanswered: () => void;
  handlers: ConnectionEvents;
};

type Phase = 'opening' | 'ready' | 'closed';

/**
 * One connection to a Realtime server and everything that lives and dies with it: its configuration, the audio on its way up,
 * its turns and items.
 */
export class ConversationConnection implements FailoverConnection {
  readonly #options: ConversationConnectionOptions;
  readonly #settings: ConnectionSettings;
  readonly #reader: EventReader<RealtimeServerEvent>;
  readonly #handshake: Handshake;
  readonly #audio: ConnectionAudio;
  readonly #turns: TurnTaking;
  readonly #requests: SentRequests;
  readonly #livenessProbe: LivenessProbe;
  #phase: Phase = 'opening';
  #transport: RealtimeTransport | undefined;
  #failure: ParleyError | undefined;
  #left: CarryOver | undefined;
  #eventNumber = 0;
  #held = false;
  #uplinkFlows = false;
  #wasReady = false;
  #finishing:
    { readonly last: boolean; transcriptWait: TimerHandle | undefined; waited: boolean } | undefined;

  constructor(options: ConversationConnectionOptions) {
    this.#options = options;
    const { config, counters, events, keyPrefix, instructions, onVoiceRefused } = options;
    const clock = observedClock(options.clock, () => {
      this.#changed();
    });
    const send = (event: RealtimeClientEvent) => this.#send(event);
    this.#settings = new ConnectionSettings({ config, instructions, send, onVoiceRefused });
    this.#reader = new EventReader({ parse: parseServerEvent, events, counters });
    this.#handshake = new Handshake({
      open: options.open,
      clock,
      replaces: options.replaces,
      greets: true,
      configure: () => {
        this.#settings.sendAll();
      },
      opened: (transport) => {
        this.#transport = transport;
      },
      message: (text, parsed) => {
        this.#onMessage(text, parsed);
      },
      lost: (error) => {
        this.#fail(error);
      },
    });
    this.#audio = new ConnectionAudio({
      clock,
      config,
      events,
      counters,
      turnOpen: () => this.#turns.turnOpen,
      commit: () => {
        this.#send({ type: 'input_audio_buffer.commit' });
      },
      abandon: () => {
        this.#turns.abandonOpen();
      },
      onFlowing: (chunk) => {
        this.#livenessProbe.sent(chunk);
      },
    });
    this.#turns = new TurnTaking({
      keyPrefix,
      responses: config.responses,
      hasTools: config.tools !== undefined,
      transcribes: () => this.#settings.transcription !== undefined,
      transcriptionModel: () => config.transcription?.model,
      vad: config.vad,
      timeline: this.#audio.timeline,
      audioEndMs: () => this.#audio.endMs,
      clock,
      events,
      counters,
      instructions: () => this.#settings.instructions,
      onUnusable: (error) => {
        this.#fail(error);
      },
      betweenResponses: () => {
        this.#settings.sendSpeed();
      },
      send,
    });
    this.#requests = new SentRequests({ settings: this.#settings, turns: this.#turns, events, counters });
    this.#livenessProbe = new LivenessProbe({
      clock,
      silenceDurationMs: config.vad.silenceDurationMs,
      awaited: () => this.#turns.responding,
      probe: () => this.#probe(),
      onDead: () => {
        options.onProbeUnanswered();
        this.#fail(deadConnection());
      },
    });
  }

  /** Nothing is open, waiting or on its way. */
  get idle(): boolean {
    return this.#turns.idle && this.#audio.settled;
  }

  /** The server hears speech that it has not committed. */
  get turnOpen(): boolean {
    return this.#turns.turnOpen;
  }

  /** What was said in the last turn is still to come. */
  get awaitsTranscript(): boolean {
    return this.#phase !== 'closed' && this.#turns.awaitsTranscript;
  }

  /** A call was made that is not answered. */
  get awaitsOutputs(): boolean {
    return this.#turns.awaitsOutputs;
  }

  /** The voice that this connection speaks with, or was last asked to. */
  get voice(): string {
    return this.#settings.voice;
  }

  /** It was configured, and so was sent audio. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** What a new connection is to be told of this one. */
  get leftBehind(): CarryOver {
    return this.#left ?? this.#turns.leftBehind;
  }

  get lifetime(): ConnectionLifetime | undefined {
    return this.#handshake.lifetime;
  }

  get failure(): ParleyError | undefined {
    return this.#failure;
  }

  /** Tells the server of a ready connection what was said on the one before. */
  seed(past: readonly PastTurn[]): void {
    if (this.#phase === 'ready') this.#turns.seed(past);
  }

  connect(): Promise<void> {
    return this.#handshake.begin();
  }

  /** See InterpretingSession.appendAudio. */
  appendAudio(chunk: AudioChunk): void {
    if (this.#phase === 'closed') return;
    this.#audio.append(chunk);
  }

  /** See InterpretingSession.endOfSpeech. */
  endOfSpeech(): void {
    this.#audio.endOfSpeech();
  }

  /** See InterpretingSession.commitTurn. Returns whether it was committed. */
  commitTurn(): boolean {
    if (this.#phase !== 'ready' || this.#options.config.responses === 'server') return false;
    if (!this.#turns.turnOpen) return false;
    if (!this.#audio.flush()) return false; // it would commit less than was said
    const eventId = this.#newEventId();
    this.#turns.committedByHand(eventId);
    this.#send({ type: 'input_audio_buffer.commit', event_id: eventId });
    return true;
  }

  /** See InterpretingSession.speak. */
  speak(text: string): void {
    if (this.#phase === 'ready') this.#turns.speak(text);
  }

  /** See SessionTools.sendMessage. */
  sendMessage(message: UserMessage): void {
    if (this.#phase === 'ready') this.#turns.sendMessage(message);
  }

  /** See SessionTools.callsFor. Undefined where the turn is not one of this connection. */
  callsFor(turnId: string, aside: AskedAside): Promise<readonly AsideCall[] | undefined> | undefined {
    return this.#phase === 'ready' ? this.#turns.callsFor(turnId, aside) : undefined;
  }

  /** See SessionTools.speakMeanwhile. */
  speakMeanwhile(text: string): boolean {
    if (this.#phase !== 'ready' || this.#turns.responding || this.#turns.turnOpen) return false;
    this.#turns.speak(text);
    return true;
  }

  /** See SessionTools.answerCall. Returns whether it was made on this connection. */
  answerCall(turnId: string, callId: string, output: string): boolean {
    if (this.#phase !== 'ready' || !this.#turns.answerCall(turnId, callId, output)) return false;
    this.#changed();
    return true;
  }

  /** Goes on with turns that made calls on a connection that is lost. */
  resume(calling: readonly CallingTurn[]): void {
    if (this.#phase === 'ready') this.#turns.resume(calling);
  }

  /** Takes what has changed; the server is told as soon as it takes that. */
  change(changes: SettingsChange): void {
    Object.assign(this.#settings, changes);
    if (this.#phase !== 'ready') return;
    this.#settings.sendChanges();
    if (!this.#turns.responding) this.#settings.sendSpeed();
  }

  /** Changes the voice where that is still possible; returns false when this connection has spoken already. */
  setVoice(voice: string): boolean {
    if (voice === this.#settings.voice) return true;
    if (this.#turns.hasSpoken) return false;
    this.#settings.voice = voice;
    if (this.#phase === 'ready') this.#settings.sendChanges();
    return true;
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    this.#turns.cancelTurn(turnId);
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

  finish(last: boolean): void {
    this.#finishing = { last, transcriptWait: undefined, waited: false };
    this.#audio.endOfSpeech(); // words that are on their way to the server get their silence
    this.#considerFinished();
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#stop(closedWhileConnecting());
  }

  #fail(error: ParleyError): void {
    if (this.#phase === 'closed') return;
    const wasReady = this.#phase === 'ready';
    this.#failure = error;
    this.#stop(error);
    if (wasReady) this.#options.handlers.lost(error);
  }

  #stop(error: ParleyError): void {
    this.#phase = 'closed';
    this.#finishing?.transcriptWait?.cancel();
    this.#finishing = undefined;
    this.#left = this.#turns.leftBehind;
    this.#livenessProbe.stop();
    this.#audio.stop();
    this.#handshake.stop(error);
    this.#transport?.close(1000);
    this.#turns.close();
  }

  #onMessage(text: string, parsed?: ParsedMessage): void {
    if (this.#phase === 'closed') return;
    this.#livenessProbe.heard();
    const taken = this.#reader.take(text, parsed);
    if (taken === undefined) return;
    this.#onRead(taken);
    this.#changed();
  }

  #onRead(taken: ReadEvent<RealtimeServerEvent>): void {
    // A server that words its session in a way of its own has still created or updated it.
    const event = taken.kind === 'event' ? taken.event : { type: taken.type };
    if (event.type === 'session.created') this.#handshake.created(expiryOf(event));
    else if (event.type === 'session.updated') this.#onUpdated(expiryOf(event));
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
    const flows = this.#options.config.responses !== 'server' || !this.#held || this.#turns.turnOpen;
    if (flows === this.#uplinkFlows) return;
    this.#uplinkFlows = flows;
    if (flows) this.#audio.open(this.#transport);
    else this.#audio.pause();
  }

  #onUpdated(expiresAtS: number | undefined): void {
    if (!this.#handshake.updated(expiresAtS)) return;
    this.#phase = 'ready';
    this.#wasReady = true;
    this.#settings.sendChanges();
    this.#settings.sendSpeed();
    this.#regulateUplink();
  }

  #onError({ error }: ServerEventOf<'error'>): void {
    const verdict = judgeServerError(error);
    if (verdict.kind === 'fatal') {
      this.#fail(verdict.error);
    } else if (this.#phase !== 'ready') {
      this.#fail(this.#handshake.refusal(error));
    } else {
      this.#requests.refused(error, verdict.kind === 'benign');
    }
  }

  /** Something came, or a timer fired. */
  #changed(): void {
    if (this.#phase === 'closed') return;
    this.#considerFinished();
    this.#options.handlers.changed();
  }

  #considerFinished(): void {
    const finishing = this.#finishing;
    if (finishing === undefined || !this.idle) return;
    if (finishing.last && this.awaitsTranscript && !finishing.waited) {
      finishing.transcriptWait ??= this.#options.clock.setTimer(() => {
        finishing.waited = true;
        this.#considerFinished();
      }, TRANSCRIPT_WAIT_MS);
      return;
    }
    this.#finishing = undefined;
    finishing.transcriptWait?.cancel();
    this.#options.handlers.finished();
  }

  #probe(): boolean {
    if (this.#phase !== 'ready' || !this.#options.mayProbe()) return false;
    this.#send({ type: 'session.update', session: { type: 'realtime' } });
    return true;
  }

  #send(event: RealtimeClientEvent): string {
    const eventId = event.event_id ?? this.#newEventId();
    this.#requests.sent(event.type, eventId);
    if (ACKNOWLEDGED.has(event.type)) this.#livenessProbe.asked();
    if (this.#phase !== 'closed') this.#transport?.send(JSON.stringify({ event_id: eventId, ...event }));
    return eventId;
  }

  #newEventId(): string {
    return `${this.#options.keyPrefix}.${++this.#eventNumber}`;
  }
}

/** When the session of an event expires, in seconds since 1970, where it says so. */
function expiryOf(
  event: { type: string | undefined } | ServerEventOf<'session.created' | 'session.updated'>,
) {
  return 'session' in event ? event.session.expires_at : undefined;
}
