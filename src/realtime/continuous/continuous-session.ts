import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EventEmitter, EventSource } from '../../events.js';
import { SessionLifecycle, type SessionOptions } from '../connection/session-lifecycle.js';
import type { EngineAbilities } from '../engines.js';
import type {
  CutItem,
  InterpretingSession,
  SessionControls,
  SessionCounters,
  SessionEvents,
  SessionNotice,
  SessionState,
} from '../session.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import { DropNotices } from '../uplink/drop-notices.js';
import {
  type ConnectionParts,
  type ContinuousConnection,
  ContinuousConnections,
  type ContinuousOutage,
} from './continuous-connections.js';
import { ContinuousInput } from './continuous-input.js';
import type { OutputForm } from './continuous-output.js';
import { EngineLag } from './engine-lag.js';
import { Epoch } from './epoch.js';
import { Epochs } from './epochs.js';
import { ListenerDelay } from './listener-delay.js';

/** How long closing waits for `session.closed`: a drain was seen to take 4 s, with most of the audio in it. */
const DRAIN_MS = 15_000;
const TICK_MS = 100;

/** What an engine is given of its session. */
export type ContinuousParts = {
  events: EventEmitter<SessionEvents>;
  counters: SessionCounters;
  /** Audio was dropped, since the connection does not take as much. */
  onDropped: () => void;
};

/** What one continuous engine does in its own way. */
export interface ContinuousEngine<Connection extends ContinuousConnection> {
  readonly abilities: EngineAbilities;
  readonly controls: SessionControls | undefined;
  /** What its voice comes as. */
  readonly output: OutputForm;
  /** What the speaker says is told. */
  readonly transcribes: boolean;
  setTranscription(wanted: boolean): void;
  connection(parts: ConnectionParts): Connection;
  /** To be called a few times a second, and at the end. */
  tick(): void;
  ended(): void;
}

/** What a continuous session is made of. */
type ContinuousSessionOptions = SessionOptions & {
  /** Nothing is sent after so long a silence; undefined: silence is always sent. */
  pauseAfterSilenceMs: number | undefined;
};

/**
 * A session of an engine that takes audio without end, silence included, and knows no turns: turns are made here. Needs
 * `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class ContinuousSession<Connection extends ContinuousConnection> implements InterpretingSession {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #life: SessionLifecycle;
  readonly #engine: ContinuousEngine<Connection>;
  readonly #epochs: Epochs;
  readonly #connections: ContinuousConnections<Connection>;
  readonly #input: ContinuousInput;
  readonly #delay = new ListenerDelay();
  readonly #lag = new EngineLag();
  #tickTimer: TimerHandle | undefined;

  constructor(
    options: ContinuousSessionOptions,
    engineOf: (parts: ContinuousParts) => ContinuousEngine<Connection>,
  ) {
    const { clock, name, patienceMs = 0, pauseAfterSilenceMs } = options;
    this.#clock = clock;
    this.#name = name;
    this.#life = new SessionLifecycle(options.onListenerError);
    const { events, counters } = this.#life;
    const dropNotices = new DropNotices(events, counters);
    const onDropped = (): void => {
      dropNotices.dropped();
    };
    this.#engine = engineOf({ events, counters, onDropped });
    this.#epochs = new Epochs((epochNumber) => this.#newEpoch(epochNumber));
    this.#input = new ContinuousInput({
      clock,
      counters,
      pauseAfterSilenceMs,
      mayPause: () => this.#epochs.idle,
      onBound: ({ kind, atMs }) => {
        if (kind === 'started') this.#epochs.last.turns.started(atMs);
        else this.#epochs.last.turns.stopped(atMs);
      },
      sink: {
        append: (chunk) => {
          this.#connections.append(chunk);
        },
        flush: () => {
          this.#connections.flush();
        },
      },
    });
    this.#connections = new ContinuousConnections({
      clock,
      keyPrefix: name,
      events,
      counters,
      make: (parts) => this.#engine.connection(parts),
      speaker: this.#input,
      epochs: this.#epochs,
      patienceMs,
      handlers: {
        reconnecting: (error) => {
          this.#begin(); // the first connection may not have been opened yet
          this.#life.become({ kind: 'reconnecting', error });
        },
        recovered: (fromMs, outage) => {
          this.#onRecovered(fromMs, outage);
        },
        failed: (error) => {
          this.#onFailed(error);
        },
        abandoned: (error) => {
          this.#onAbandoned(error);
        },
        notChanged: (error) => {
          this.#notice('update_rejected', `the settings of before go on: ${error.message}`);
        },
        finished: () => {
          this.#life.drained();
        },
      },
    });
  }

  get capabilities(): EngineAbilities {
    return this.#engine.abilities;
  }

  get controls(): SessionControls | undefined {
    return this.#engine.controls;
  }

  get events(): EventSource<SessionEvents> {
    return this.#life.events;
  }

  get state(): SessionState {
    return this.#life.state;
  }

  get counters(): Readonly<SessionCounters> {
    return this.#life.counters;
  }

  get idle(): boolean {
    return this.#epochs.idle && !this.#input.speaking && this.#connections.heldMs === 0;
  }

  async connect(): Promise<void> {
    const connecting = await this.#life.connect(
      () => this.#connections.connect(),
      (error) => {
        this.#end(error);
      },
    );
    if (!connecting) return;
    this.#begin();
    this.#countLost(this.#epochs.last.turns.resume(this.#input.keptFromMs).speechMs);
    this.#input.replay(-Infinity);
    this.#life.become({ kind: 'ready' });
  }

  appendAudio(chunk: AudioChunk): void {
    if (this.state.kind === 'draining' || this.state.kind === 'ended') return;
    this.#input.append(chunk);
  }

  /** Silence follows at once, and ends the turn. */
  endOfSpeech(): void {
    this.#input.endOfSpeech();
  }

  commitTurn(): void {
    if (this.state.kind === 'ready') this.#epochs.last.turns.split(this.#input.endMs);
  }

  /** The language is found by the engine itself: naming one is refused. */
  setTranscription(transcription: { language?: string } | undefined): void {
    this.#engine.setTranscription(transcription !== undefined);
    this.#connections.settingsChanged();
  }

  /** The engine cannot be stopped: the rest is written and not said. */
  cancelTurn(turnId: string): void {
    this.#epochs.cancelTurn(turnId);
  }

  holdTurns(hold: boolean): void {
    this.#delay.held = hold;
  }

  cut(items: readonly CutItem[]): void {
    this.#epochs.cut(items);
    this.#delay.clear();
  }

  async close(drainMs: number = DRAIN_MS): Promise<void> {
    await this.#life.drain(this.#clock, drainMs, () => {
      this.#epochs.last.turns.stopped(this.#input.endMs);
      this.#input.flush();
      this.#input.stop();
      this.#connections.finish();
    });
    this.#end();
  }

  #begin(): void {
    this.#input.start();
    this.#tickTimer ??= this.#clock.setTimer(this.#tick, TICK_MS);
  }

  readonly #tick = (): void => {
    this.#tickTimer = this.#clock.setTimer(this.#tick, TICK_MS);
    const { speaking, pauseMs, endMs } = this.#input;
    this.#connections.tick();
    // Where a connection was left in the middle of speech, what follows is a turn of its own.
    if (speaking && pauseMs === 0 && this.#life.takesSpeech) this.#epochs.last.turns.started(endMs);
    this.#engine.tick();
  };

  #newEpoch(epochNumber: number): Epoch {
    return new Epoch({
      keyPrefix: `${this.#name}.${epochNumber}`,
      clock: this.#clock,
      nowMs: () => this.#clock.nowMs(),
      transcribes: () => this.#engine.transcribes,
      output: this.#engine.output,
      events: this.#life.events,
      counters: this.#life.counters,
      lag: this.#lag,
      delay: this.#delay,
      draining: () => this.state.kind === 'draining',
      onDropped: () => {
        const message = 'the translation is longer than the speech: what is too late is left to captions';
        this.#notice('audio_dropped', message);
      },
    });
  }

  #onRecovered(fromMs: number, { goneMs, turnsLost, speechLostMs, error }: ContinuousOutage): void {
    this.#countLost(speechLostMs);
    this.#input.replay(fromMs);
    const gone = `the connection was lost for ${(goneMs / 1_000).toFixed(1)} s (${error.message})`;
    const lost = turnsLost === 0 ? 'nothing was lost' : `${turnsLost} translation(s) were cut short or lost`;
    this.#notice('reconnected', `${gone}: ${lost}`);
    if (this.state.kind === 'reconnecting') this.#life.become({ kind: 'ready' });
  }

  /** Whoever closes the session is not told that it failed, only of what was lost. */
  #onFailed(error: ParleyError): void {
    if (this.state.kind === 'draining') this.#onAbandoned(error);
    this.#end(this.state.kind === 'draining' ? undefined : error);
  }

  #onAbandoned(error: ParleyError): void {
    this.#notice('turn_abandoned', `the connection was closed before all was translated: ${error.message}`);
  }

  #countLost(speechMs: number): void {
    this.#life.counters.staleAudioDroppedMs += speechMs;
  }

  #end(error?: ParleyError): void {
    if (this.state.kind === 'ended') return;
    this.#tickTimer?.cancel();
    this.#input.stop();
    this.#connections.close();
    this.#engine.ended();
    this.#life.end(error);
  }

  #notice(kind: SessionNotice['kind'], message: string): void {
    this.#life.events.emit('notice', { kind, message });
  }
}
