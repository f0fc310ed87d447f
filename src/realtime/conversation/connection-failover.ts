import type { Clock } from '../../clock.js';
import { messageOf, type ParleyError } from '../../errors.js';
import type { EventEmitter } from '../../events.js';
import { REALTIME_SAMPLE_RATE_HZ } from './conversation-config.js';
import type { ConversationConnection, ConversationConnectionOptions } from './conversation-connection.js';
import type { SessionSettings } from './connection-settings.js';
import { isQuiet } from './quiet.js';
import { RecentAudio } from '../uplink/recent-audio.js';
import { type Outage, Reconnecting } from './reconnecting.js';
import { Rotation } from './rotation.js';
import { asParleyError } from '../connection/session-failures.js';
import type { CutItem, SessionCounters, SessionEvents } from '../session.js';
import { MAX_HELD_MS } from '../uplink/uplink.js';
import type { ConditionPoller } from '../connection/condition-poller.js';

/** A connection is left in silence of our own hearing too, where that comes: no word is cut in two that the server is yet to notice. */
const QUIET_MS = 300;
/** In noise there is no such silence: from then on the server's word is enough. */
const QUIET_PATIENCE_MS = 2_000;
/** Connections given up in a row because a question that changes nothing was not answered; a server that does so may not know it. */
const MAX_PROBE_DEATHS = 2;

const SAMPLES_PER_MS = REALTIME_SAMPLE_RATE_HZ / 1000;

/** What a connection is made with, by the session that it belongs to. */
export type NewConnection = (
  handlers: Pick<
    ConversationConnectionOptions,
    'onVoiceRefused' | 'onLost' | 'replaces' | 'mayProbe' | 'onProbeUnanswered'
  >,
) => ConversationConnection;

/** What the connections of a session need of it. */
export type ConnectionFailoverOptions = {
  clock: Clock;
  waits: ConditionPoller;
  /** Every new connection begins with these. */
  settings: SessionSettings;
  newLine: NewConnection;
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** For how long the first connection is tried again, where that may help; 0: not at all. */
  patienceMs: number;
  /** The session goes on: a lost connection is worth replacing. */
  lasting: () => boolean;
  onReconnecting: (error: ParleyError) => void;
  onReconnected: () => void;
  /** No connection is left, and none can be had. */
  onEnded: (error: ParleyError) => void;
};

type Next = { readonly connection: ConversationConnection; readySinceMs: number | undefined };

/**
 * The connections of one conversation session, one after another: which one hears the speaker, which one finishes what was said on
 * it, and which one is to come. A connection is replaced for another voice, because its session will expire, or because it was
 * lost; whatever the reason, the new one is told the same things in the same way.
 */
export class ConnectionFailover {
  readonly #options: ConnectionFailoverOptions;
  readonly #recent = new RecentAudio(MAX_HELD_MS);
  readonly #reconnecting: Reconnecting;
  readonly #rotation: Rotation;
  #current: ConversationConnection;
  /** The connection before, while it finishes what was said on it. */
  #previous: ConversationConnection | undefined;
  /** The connection to come, while it opens and until nobody is speaking. */
  #next: Next | undefined;
  /** The meeting's time from which the current connection answers for what is said, and just behind what was said last. */
  #fromMs = -Infinity;
  #endMs = -Infinity;
  #held = false;
  #probeDeaths = 0;
  /** The first connection is being opened, for the first time. */
  #connecting = false;
  /** The first one could not be opened: called when another one is, or when all of it has ended. */
  #settleFirst: (() => void) | undefined;
  #ended = false;

  constructor(options: ConnectionFailoverOptions) {
    this.#options = options;
    const { clock, events, counters } = options;
    this.#reconnecting = new Reconnecting({
      clock,
      newLine: () => this.#newLine(true),
      onLine: (connection, outage) => {
        this.#recover(connection, outage);
      },
      onGivenUp: (error) => {
        options.onEnded(error);
      },
      recent: this.#recent,
      events,
      counters,
    });
    this.#rotation = new Rotation(clock, () => {
      this.#replace();
    });
    this.#current = this.#newLine(false);
  }

  /** The connection that hears the speaker. */
  get current(): ConversationConnection {
    return this.#current;
  }

  /** Nothing is open on any connection, and there is one. */
  get idle(): boolean {
    return !this.#reconnecting.active && this.#current.idle && (this.#previous?.idle ?? true);
  }

  /**
   * Opens the first connection. Rejects with a ParleyError where that fails and is not tried again; otherwise resolves when there is
   * a connection, or none is to be had and the session was told so.
   */
  async connect(): Promise<void> {
    const connection = this.#current;
    this.#connecting = true;
    const refusal = await connection.connect().then(() => undefined, asParleyError);
    const error = refusal ?? connection.failure; // it may be gone again
    this.#connecting = false;
    if (error === undefined) {
      if (!this.#ended) this.#rotation.begin(connection.lifetime);
      return;
    }
    connection.close();
    const { patienceMs, onReconnecting } = this.#options;
    if (this.#ended || !error.retryable || patienceMs === 0) throw error;
    const settled = new Promise<void>((resolve) => {
      this.#settleFirst = resolve;
    });
    onReconnecting(error);
    this.#reconnecting.beginFirst(connection.leftBehind, error, patienceMs);
    await settled;
  }

  /** The speaker's audio; what is said while there is no connection is kept for the next one, up to ten seconds. */
  appendAudio(pcm: Int16Array, atMs: number): void {
    this.#recent.append(pcm, atMs);
    this.#endMs = atMs + pcm.length / SAMPLES_PER_MS;
    this.#reconnecting.note(pcm, atMs);
    this.#current.appendAudio(pcm, atMs);
  }

  /** See InterpretingSession.commitTurn. Where another connection waits for a pause, it takes what follows. */
  commitTurn(): void {
    const committed = this.#current.commitTurn();
    const next = this.#next;
    if (committed && next?.readySinceMs !== undefined) this.#moveTo(next.connection);
  }

  /** See InterpretingSession.holdTurns. */
  hold(held: boolean): void {
    this.#held = held;
    this.#current.hold(held || this.#previous !== undefined);
    this.#previous?.hold(held);
  }

  /** See InterpretingSession.cut. */
  cut(items: readonly CutItem[]): void {
    for (const item of items) {
      this.#previous?.cut(item);
      this.#current.cut(item);
    }
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    this.#current.cancelTurn(turnId);
    this.#previous?.cancelTurn(turnId);
  }

  /** Brings the voice of the settings into force, by a new connection where it must be. */
  applyVoice(): void {
    if (!this.#current.setVoice(this.#options.settings.voice)) this.#replace();
  }

  /** No connection is replaced any more; those that are open finish. */
  settle(): void {
    this.#dropNext();
    this.#rotation.stop();
  }

  /** Ends all of it at once. */
  end(): void {
    this.#ended = true;
    this.settle();
    this.#reconnecting.stop();
    this.#settleFirst?.();
    this.#current.close();
    this.#previous?.close();
    this.#previous = undefined;
  }

  #newLine(replaces: boolean): ConversationConnection {
    const connection: ConversationConnection = this.#options.newLine({
      replaces,
      mayProbe: () => this.#probeDeaths < MAX_PROBE_DEATHS,
      onProbeUnanswered: () => {
        this.#probeDeaths++;
      },
      onVoiceRefused: () => {
        if (connection === this.#current) this.#replace();
      },
      onLost: (error) => {
        this.#onLost(connection, error);
      },
    });
    return connection;
  }

  #onLost(connection: ConversationConnection, error: ParleyError): void {
    if (connection === this.#next?.connection) {
      this.#giveUpNext(error);
    } else if (connection === this.#current && !this.#connecting) {
      if (!this.#options.lasting() || !error.retryable) this.#options.onEnded(error);
      else this.#replaceLost(error);
    }
  }

  /** A connection that waited for a pause takes over at once; otherwise one is opened, again and again. */
  #replaceLost(error: ParleyError): void {
    const lost = this.#current;
    const next = this.#next;
    const ready = next?.readySinceMs !== undefined;
    if (!ready) this.#dropNext();
    this.#next = undefined;
    this.#rotation.stop();
    this.#options.onReconnecting(error);
    const left = lost.leftBehind;
    const answeredUntilMs = Math.max(left.answeredUntilMs, this.#fromMs);
    this.#reconnecting.begin({ ...left, answeredUntilMs }, error, ready ? next.connection : undefined);
  }

  /** There is a connection again: what the one before has not answered is said to it. */
  #recover(connection: ConversationConnection, { left, replay }: Outage): void {
    this.#current = connection;
    this.#fromMs = left.answeredUntilMs;
    this.#notify(connection);
    connection.seed(left.past);
    connection.hold(this.#held || this.#previous !== undefined);
    replay((pcm, atMs) => {
      connection.appendAudio(pcm, atMs);
    });
    for (const text of left.unspoken) connection.speak(text);
    this.#rotation.begin(this.#current.lifetime);
    this.#options.onReconnected();
    this.#settleFirst?.();
    this.applyVoice();
  }

  /** Opens another connection with the settings of now, and moves to it between two turns. */
  #replace(): void {
    const busy = this.#next !== undefined || this.#previous !== undefined || this.#reconnecting.active;
    if (this.#ended || busy || !this.#options.lasting()) return;
    const { clock, waits } = this.#options;
    const next: Next = { connection: this.#newLine(true), readySinceMs: undefined };
    this.#next = next;
    next.connection.connect().then(
      () => {
        if (this.#next !== next) return;
        next.readySinceMs = clock.nowMs();
        waits.until(
          () => this.#next !== next || this.#mayMove(clock.nowMs() - (next.readySinceMs ?? 0)),
          Infinity,
          () => {
            if (this.#next === next && !this.#ended) this.#moveTo(next.connection);
          },
        );
      },
      (error: unknown) => {
        if (this.#next === next) this.#giveUpNext(asParleyError(error));
      },
    );
  }

  /** Nobody is speaking, by the server's word and by the sound, as long as there is time for both. */
  #mayMove(waitedMs: number): boolean {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    if (this.#rotation.isOverdue) {
      this.#current.commitTurn();
      return true;
    }
    if (this.#current.turnOpen) return false;
    return waitedMs >= QUIET_PATIENCE_MS || isQuiet(this.#recent, nowMs - QUIET_MS);
  }

  #moveTo(next: ConversationConnection): void {
    const { waits, counters, events } = this.#options;
    const old = this.#current;
    if (this.#rotation.isDue) {
      counters.rotations++;
      events.emit('notice', {
        kind: 'rotated',
        message: 'the session was about to expire and is replaced by another',
      });
    }
    this.#next = undefined;
    this.#current = next;
    this.#fromMs = this.#endMs;
    this.#previous = old;
    next.hold(true); // what was said before is translated before
    this.#notify(next);
    next.seed(old.leftBehind.past);
    old.endOfSpeech(); // words that are on their way to it get their silence
    this.#rotation.begin(this.#current.lifetime);
    waits.until(
      () => old.idle,
      Infinity,
      () => {
        old.close();
        if (this.#previous !== old) return;
        this.#previous = undefined;
        if (this.#ended) return;
        this.applyVoice(); // before anything is spoken with the one before
        this.#current.hold(this.#held);
      },
    );
  }

  /** What was changed while the connection opened. */
  #notify(connection: ConversationConnection): void {
    const { instructions, transcription, speed, spoken } = this.#options.settings;
    connection.change({ instructions, transcription, speed, spoken });
  }

  #giveUpNext(error: ParleyError): void {
    const { settings, events } = this.#options;
    this.#dropNext();
    if (settings.voice !== this.#current.voice) {
      settings.voice = this.#current.voice;
      const message = `the voice could not be changed: ${messageOf(error)}`;
      events.emit('notice', { kind: 'update_rejected', message });
    }
    if (!this.#rotation.isDue || !this.#rotation.failed(error)) return;
    const message = `the session will expire, and another could not be opened: ${error.message}`;
    events.emit('notice', { kind: 'server_error', message });
  }

  #dropNext(): void {
    const next = this.#next;
    this.#next = undefined;
    next?.connection.close();
  }
}
