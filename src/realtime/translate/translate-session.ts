import type { Clock, TimerHandle } from '../../clock.js';
import type { ParleyError } from '../../errors.js';
import type { EventSource } from '../../events.js';
import { ENGINES } from '../engines.js';
import { ContinuousInput } from './continuous-input.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';
import { DropNotices } from '../uplink/drop-notices.js';
import { EngineLag } from './engine-lag.js';
import { ListenerDelay } from './listener-delay.js';
import { SessionLifecycle, type SessionOptions } from '../connection/session-lifecycle.js';
import type {
  CutItem,
  InterpretingSession,
  SessionCounters,
  SessionEvents,
  SessionNotice,
  SessionState,
} from '../session.js';
import { checkTranslateConfig, type TranslateConfig } from './translate-config.js';
import { TranslateEpoch } from './translate-epoch.js';
import { TranslateEpochs } from './translate-epochs.js';
import { TranslateConnections, type TranslateOutage } from './translate-connections.js';
import { TranslateUsage } from './translate-usage.js';

/** How long closing waits for `session.closed`: a drain was seen to take 4 s, with most of the audio in it. */
const DRAIN_MS = 15_000;
const TICK_MS = 100;

/** What a translation session is made of. */
type TranslateOptions = SessionOptions & { config: TranslateConfig };

/**
 * A `/v1/realtime/translations` session: OpenAI's continuous interpreter. It takes audio without end, silence included, and
 * knows no turns, instructions, voices or speeds; turns are made here (OpenAI's guides/realtime-translation and the types of
 * openai@7.55.0). Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class TranslateSession implements InterpretingSession {
  readonly capabilities = ENGINES.translate;
  readonly controls = undefined;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #life: SessionLifecycle;
  readonly #epochs: TranslateEpochs;
  readonly #connections: TranslateConnections;
  readonly #input: ContinuousInput;
  readonly #delay = new ListenerDelay();
  readonly #lag = new EngineLag();
  readonly #transcriptionModel: string | undefined;
  #transcribes: boolean;
  readonly #usage: TranslateUsage;
  #tickTimer: TimerHandle | undefined;

  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: TranslateOptions) {
    const { open, clock, config, name, patienceMs = 0 } = options;
    checkTranslateConfig(config);
    this.#clock = clock;
    this.#name = name;
    this.#transcriptionModel = config.transcriptionModel;
    this.#transcribes = config.transcriptionModel !== undefined;
    this.#life = new SessionLifecycle(options.onListenerError);
    const { events, counters } = this.#life;
    this.#usage = new TranslateUsage(events, counters);
    const dropNotices = new DropNotices(events, counters);
    this.#epochs = new TranslateEpochs((epochNumber) => this.#newEpoch(epochNumber));
    this.#input = new ContinuousInput({
      clock,
      counters,
      pauseAfterSilenceMs: config.pauseAfterSilenceMs,
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
    this.#connections = new TranslateConnections({
      open,
      clock,
      config,
      keyPrefix: name,
      events,
      counters,
      transcribes: () => this.#transcribes,
      speaker: this.#input,
      epochs: this.#epochs,
      patienceMs,
      onDropped: () => {
        dropNotices.dropped();
      },
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
        finished: () => {
          this.#life.drained();
        },
      },
    });
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
    this.#usage.notify(this.#transcribingModel);
    this.#transcribes = transcription !== undefined && this.#transcriptionModel !== undefined;
    this.#connections.updateTranscription();
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
    this.#usage.tick(this.#transcribingModel);
  };

  get #transcribingModel(): string | undefined {
    return this.#transcribes ? this.#transcriptionModel : undefined;
  }

  #newEpoch(epochNumber: number): TranslateEpoch {
    return new TranslateEpoch({
      keyPrefix: `${this.#name}.${epochNumber}`,
      clock: this.#clock,
      nowMs: () => this.#clock.nowMs(),
      transcribes: () => this.#transcribes,
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

  #onRecovered(fromMs: number, { goneMs, turnsLost, speechLostMs, error }: TranslateOutage): void {
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
    this.#usage.notify(this.#transcribingModel);
    this.#life.end(error);
  }

  #notice(kind: SessionNotice['kind'], message: string): void {
    this.#life.events.emit('notice', { kind, message });
  }
}
