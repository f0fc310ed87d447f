import type { Clock } from '../../clock.js';
import { messageOf, type ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import { ConnectionFailover } from '../connection/connection-failover.js';
import type { FailoverPolicy, Outage } from '../connection/failover-policy.js';
import type { CutItem, SessionCounters, SessionEvents } from '../session.js';
import type { AsideCall, AskedAside, UserMessage } from '../session-tools.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import { RecentAudio } from '../uplink/recent-audio.js';
import { MAX_HELD_MS } from '../uplink/uplink.js';
import type { SessionSettings, SettingsChange } from './connection-settings.js';
import type { ConversationConnection, ConversationConnectionOptions } from './conversation-connection.js';
import { OutageAudio } from './outage-audio.js';
import type { CallingTurn } from './turns/turn-ledger.js';
import type { CarryOver } from './turns/turn-taking.js';

/** A connection is left in a pause by our own speech detector, too, where that comes: no word is cut in two that the server is yet to notice. */
const QUIET_MS = 300;
/** In noise there is no such silence: from then on the server's word is enough. */
const QUIET_PATIENCE_MS = 2_000;
/** Connections given up in a row because a question that changes nothing was not answered; a server that does so may not know it. */
const MAX_PROBE_DEATHS = 2;

/** Makes a connection with the settings of now. */
export type NewConnection = (
  options: Pick<
    ConversationConnectionOptions,
    'onVoiceRefused' | 'handlers' | 'replaces' | 'mayProbe' | 'onProbeUnanswered'
  >,
) => ConversationConnection;

/** What the connections of a session need of it. */
type ConversationConnectionsOptions = {
  clock: Clock;
  /** Every new connection begins with these. */
  settings: SessionSettings;
  newConnection: NewConnection;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** For how long the first connection is tried again, where that may help; 0: not at all. */
  patienceMs: number;
  onReconnecting: (error: ParleyError) => void;
  onReconnected: () => void;
  /** After {@link ConversationConnections.finish}: all is translated. */
  onFinished: () => void;
  /** No connection is left, and none can be had. */
  onFailed: (error: ParleyError) => void;
};

/**
 * The connections of one conversation session: what a new one is told of the one before (settings, history, what was said
 * and not answered), in which order they speak, and when one is left. A connection is also replaced for another voice, which
 * the API refuses to change once something was spoken.
 */
export class ConversationConnections {
  readonly #options: ConversationConnectionsOptions;
  readonly #failover: ConnectionFailover<ConversationConnection>;
  readonly #recent = new RecentAudio(MAX_HELD_MS);
  /** The meeting's time from which the current connection answers for what is said, and just behind what was said last. */
  #fromMs = -Infinity;
  #endMs = -Infinity;
  #held = false;
  #probeDeaths = 0;
  /** What the connection that was lost left behind, and what is said while there is none. */
  #outage: { readonly left: CarryOver; readonly audio: OutageAudio } | undefined;

  constructor(options: ConversationConnectionsOptions) {
    this.#options = options;
    const { clock, events, counters, patienceMs } = options;
    this.#failover = new ConnectionFailover({ clock, events, counters, patienceMs, policy: this.#policy() });
  }

  /** Nothing is open on any connection, and there is one. */
  get idle(): boolean {
    const { current, previous } = this.#failover;
    return (current?.idle ?? false) && (previous?.idle ?? true);
  }

  /** See ConnectionFailover.connect. */
  connect(): Promise<void> {
    return this.#failover.connect();
  }

  /** The speaker's audio; what is said while there is no connection is kept for the next one, up to ten seconds. */
  appendAudio(chunk: AudioChunk): void {
    this.#recent.append(chunk);
    this.#endMs = chunk.endMs;
    this.#outage?.audio.append(chunk);
    this.#failover.current?.appendAudio(chunk);
    this.#failover.considerMove();
  }

  /** See SpeechSession.endOfSpeech. */
  endOfSpeech(): void {
    this.#failover.current?.endOfSpeech();
  }

  /** See SpeechSession.commitTurn. Where another connection waits for a pause, it takes what follows. */
  commitTurn(): void {
    if (this.#failover.current?.commitTurn() === true) this.#failover.move();
  }

  /** See InterpretingSession.speak. */
  speak(text: string): void {
    this.#failover.current?.speak(text);
  }

  /** See SessionTools.sendMessage. */
  sendMessage(message: UserMessage): void {
    this.#failover.current?.sendMessage(message);
  }

  /** See SessionTools.callsFor. */
  async callsFor(turnId: string, aside: AskedAside): Promise<readonly AsideCall[] | undefined> {
    const { current, previous } = this.#failover;
    return current?.callsFor(turnId, aside) ?? previous?.callsFor(turnId, aside) ?? undefined;
  }

  /** See SessionTools.speakMeanwhile. */
  speakMeanwhile(text: string): boolean {
    const { current, previous } = this.#failover;
    return !this.#held && previous === undefined && current?.speakMeanwhile(text) === true;
  }

  /** See SessionTools.answerCall. While there is no connection the answer is kept for the next one. */
  answerCall(turnId: string, callId: string, output: string): boolean {
    const { current, previous } = this.#failover;
    if (current?.answerCall(turnId, callId, output) === true) return true;
    if (previous?.answerCall(turnId, callId, output) === true) return true;
    const calls = this.#outage?.left.calling.flatMap((turn) => turn.calls) ?? [];
    const call = calls.find((made) => made.turnId === turnId && made.callId === callId);
    if (call === undefined || call.output !== undefined) return false;
    call.output = output;
    return true;
  }

  /** See InterpretingSession.holdTurns. */
  hold(held: boolean): void {
    const { current, previous } = this.#failover;
    this.#held = held;
    current?.hold(held || previous !== undefined);
    previous?.hold(held);
  }

  /** See SpeechSession.cut. */
  cut(items: readonly CutItem[]): void {
    const { current, previous } = this.#failover;
    for (const item of items) {
      previous?.cut(item);
      current?.cut(item);
    }
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    this.#failover.current?.cancelTurn(turnId);
    this.#failover.previous?.cancelTurn(turnId);
  }

  /** Sends what has changed of the settings. */
  change(changes: SettingsChange): void {
    this.#failover.current?.change(changes);
  }

  /** Brings the voice of the settings into force, by a new connection where it must be. */
  applyVoice(): void {
    const { current } = this.#failover;
    if (current !== undefined && !current.setVoice(this.#options.settings.voice)) this.#failover.replace();
  }

  /** Takes no more speech, and completes what was said. */
  finish(): void {
    this.#failover.finish();
  }

  /** Ends all of it at once. */
  close(): void {
    this.#failover.close();
  }

  #policy(): FailoverPolicy<ConversationConnection> {
    const { onReconnecting, onFinished, onFailed } = this.#options;
    return {
      awaitsConnection: true, // what was said may not have been noticed by the server that is gone
      create: (handlers, replaces) => this.#create(handlers, replaces),
      moveInMs: (current, { readyForMs }) => this.#moveInMs(current, readyForMs),
      moved: (from, to, { expired }) => {
        this.#onMoved(from, to, expired);
      },
      retired: (error, from) => {
        this.applyVoice(); // before anything is spoken with the one before
        if (error !== undefined) this.#takeOver(from.leftBehind.calling);
        this.#failover.current?.hold(this.#held);
      },
      lost: (connection) => {
        this.#onLost(connection);
      },
      reconnecting: onReconnecting,
      recovered: (connection, outage) => {
        this.#onRecovered(connection, outage);
      },
      notReplaced: (error) => {
        this.#onNotReplaced(error);
      },
      abandoned: onFailed,
      failed: onFailed,
      finished: onFinished,
    };
  }

  #create(handlers: ConversationConnectionOptions['handlers'], replaces: boolean): ConversationConnection {
    const connection: ConversationConnection = this.#options.newConnection({
      handlers,
      replaces,
      mayProbe: () => this.#probeDeaths < MAX_PROBE_DEATHS,
      onProbeUnanswered: () => {
        this.#probeDeaths++;
      },
      onVoiceRefused: () => {
        if (connection === this.#failover.current) this.#failover.replace();
      },
    });
    return connection;
  }

  /** No call waits for what it gives back, and nobody is speaking, by the server's word and by the sound, as long as there is time for both. */
  #moveInMs(current: ConversationConnection, readyForMs: number): number {
    if (current.turnOpen || current.awaitsOutputs) return Infinity;
    const patienceMs = QUIET_PATIENCE_MS - readyForMs;
    const quietInMs = QUIET_MS - this.#recent.pauseMs(this.#options.clock.nowMs());
    return Math.max(0, Math.min(patienceMs, quietInMs));
  }

  #onMoved(from: ConversationConnection, to: ConversationConnection, expired: boolean): void {
    if (expired) from.commitTurn();
    this.#fromMs = this.#endMs;
    to.hold(true); // what was said before is translated before
    this.#update(to);
    to.seed(from.leftBehind.past);
  }

  #onLost(connection: ConversationConnection): void {
    const nowMs = this.#options.clock.nowMs();
    const left = connection.leftBehind;
    const answeredUntilMs = Math.max(left.answeredUntilMs, this.#fromMs);
    // What was sent, and was not taken for speech, was heard by the server.
    const missedFromMs = connection.wasReady ? Math.min(left.unansweredFromMs, nowMs) : -Infinity;
    const audio = new OutageAudio(this.#recent, missedFromMs);
    this.#outage = { left: { ...left, answeredUntilMs }, audio };
  }

  /** There is a connection again: what the one before has not answered is said to it. */
  #onRecovered(connection: ConversationConnection, { error, goneMs }: Outage): void {
    const { clock, counters, events, onReconnected } = this.#options;
    const { left, audio } = this.#outage!;
    this.#outage = undefined;
    this.#fromMs = left.answeredUntilMs;
    this.#update(connection);
    connection.seed(left.past);
    connection.hold(this.#held || this.#failover.previous !== undefined);
    const fromMs = Math.max(left.answeredUntilMs, clock.nowMs() - MAX_HELD_MS);
    const staleMs = audio.replay(fromMs, (chunk) => {
      connection.appendAudio(chunk);
    });
    for (const text of left.unspoken) connection.speak(text);
    connection.resume(left.calling);
    for (const message of left.unread) connection.sendMessage(message);
    counters.staleAudioDroppedMs += staleMs;
    const lost = staleMs === 0 ? '' : `; ${staleMs} ms of audio were too old to be interpreted`;
    const message = `the connection was lost for ${Math.round(goneMs)} ms (${error.message})${lost}`;
    events.emit('notice', { kind: 'reconnected', message });
    onReconnected();
    this.applyVoice();
  }

  /** Sends what was changed while the connection opened. */
  #update(connection: ConversationConnection): void {
    const { instructions, transcription, speed, spoken, tools } = this.#options.settings;
    connection.change({ instructions, transcription, speed, spoken, tools });
  }

  /** A connection was lost that was finishing: the calls of its turns are answered elsewhere. */
  #takeOver(calling: readonly CallingTurn[]): void {
    const outage = this.#outage;
    if (outage === undefined) this.#failover.current?.resume(calling);
    else
      this.#outage = { ...outage, left: { ...outage.left, calling: [...outage.left.calling, ...calling] } };
  }

  #onNotReplaced(error: ParleyError): void {
    const { settings, events } = this.#options;
    const voice = this.#failover.current?.voice;
    if (voice === undefined || settings.voice === voice) return;
    settings.voice = voice;
    const message = `the voice could not be changed: ${messageOf(error)}`;
    events.emit('notice', { kind: 'update_rejected', message });
  }
}
