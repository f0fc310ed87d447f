/**
 * A `/v1/realtime/translations` session behind the port of session.ts: OpenAI's continuous interpreter. It takes audio
 * without end, silence included, and knows no turns, instructions, voices or speeds; what the port promises beyond that is
 * made here (protocol notes: OpenAI's guides/realtime-translation and the types of openai@7.55.0).
 */
import type { Clock, TimerHandle } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import { EventEmitter, type EventSource } from '../events.js';
import { checkSpeed } from './conversation-config.js';
import { ContinuousInput } from './continuous-input.js';
import type {
  CutItem,
  InterpretingSession,
  SessionCounters,
  SessionEvents,
  SessionState,
} from './session.js';
import { checkTranslationConfig, type TranslationConfig } from './translation-config.js';
import { TranslationLine } from './translation-line.js';
import { type TranslationAudioTally, TranslationOutput } from './translation-output.js';
import { TranslationTurns } from './translation-turns.js';
import type { OpenTransport } from './transport.js';

/** How long closing waits for `session.closed`: a drain was seen to take 4 s, with most of the audio in it. */
const DRAIN_MS = 15_000;
const LOOK_MS = 100;
/** What is billed is told in pieces of this length, and the rest at the end. */
const USAGE_MS = 10_000;

/** What a translation session is made of. */
export type TranslationOptions = {
  open: OpenTransport;
  clock: Clock;
  /** Names this session among all of the process; part of every turn and output id. */
  name: string;
  config: TranslationConfig;
  /** Told when a listener of this session throws; the session goes on. */
  onListenerError?: (error: unknown, eventName: string) => void;
};

/** See the file's comment. Needs `loadResampler()` and `loadSpeechDetector()` to have resolved. */
export class TranslationSession implements InterpretingSession {
  readonly #clock: Clock;
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: SessionCounters = {
    audioSentMs: 0,
    audioDroppedMs: 0,
    silenceFedMs: 0,
    turns: 0,
    responses: 0,
    continuations: 0,
    truncations: 0,
    lateDeltas: 0,
    unknownEvents: 0,
    malformedEvents: 0,
    benignErrors: 0,
  };
  readonly #line: TranslationLine;
  readonly #input: ContinuousInput;
  readonly #turns: TranslationTurns;
  readonly #output: TranslationOutput;
  #state: SessionState = { kind: 'idle' };
  readonly #transcriptionModel: string | undefined;
  #transcribes: boolean;
  #billedMs = 0;
  #lookTimer: TimerHandle | undefined;
  #nextDropNoticeMs = 0;
  #closing: { timer: TimerHandle; resolve: () => void; done: Promise<void> } | undefined;

  /** Throws ParleyError `config` for a configuration out of range. */
  constructor(options: TranslationOptions) {
    const { open, clock, config, name } = options;
    checkTranslationConfig(config);
    this.#clock = clock;
    this.#transcriptionModel = config.transcriptionModel;
    this.#transcribes = config.transcriptionModel !== undefined;
    this.#events = new EventEmitter<SessionEvents>(options.onListenerError);
    this.#turns = new TranslationTurns({
      keyPrefix: name,
      nowMs: () => clock.nowMs(),
      transcribes: () => this.#transcribes,
      events: this.#events,
      counters: this.#counters,
    });
    this.#output = new TranslationOutput({
      clock,
      turns: this.#turns,
      draining: () => this.#state.kind === 'draining',
      onDropped: () => {
        const message = 'the translation is longer than the speech: what is too late is left to captions';
        this.#events.emit('notice', { kind: 'audio_dropped', message });
      },
    });
    this.#input = new ContinuousInput({
      clock,
      counters: this.#counters,
      pauseAfterSilenceMs: config.pauseAfterSilenceMs,
      mayPause: () => this.#turns.idle,
      onBound: ({ kind, atMs }) => {
        if (kind === 'started') this.#turns.started(atMs);
        else this.#turns.stopped(atMs);
      },
      onDropped: () => {
        this.#onInputDropped();
      },
    });
    this.#line = new TranslationLine({
      open,
      clock,
      config,
      keyPrefix: name,
      events: this.#events,
      counters: this.#counters,
      handlers: {
        sourceText: (delta) => {
          this.#turns.sourceText(delta);
        },
        translationText: (delta) => {
          this.#turns.translationText(delta);
        },
        audio: (base64) => {
          this.#output.take(base64);
        },
        drained: () => {
          this.#closing?.resolve();
        },
        lost: (error) => {
          this.#onLost(error);
        },
      },
    });
  }

  get events(): EventSource<SessionEvents> {
    return this.#events;
  }

  get state(): SessionState {
    return this.#state;
  }

  get counters(): Readonly<SessionCounters> {
    return this.#counters;
  }

  /** What became of the audio that the engine sent. */
  get output(): TranslationAudioTally {
    return this.#output.tally;
  }

  get idle(): boolean {
    return this.#turns.idle && !this.#input.speaking && this.#input.heldMs === 0;
  }

  async connect(): Promise<void> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a session connects once');
    this.#setState({ kind: 'connecting' });
    try {
      await this.#line.connect(this.#transcribes);
    } catch (error) {
      const failure = asParleyError(error);
      this.#end(failure);
      throw failure;
    }
    const { state } = this; // it may have ended between two turns of the event loop
    if (state.kind === 'ended') {
      throw (
        state.error ?? new ParleyError('service_unavailable', 'the session was closed while it connected')
      );
    }
    this.#line.setTranscription(this.#transcribes);
    this.#input.open(this.#line);
    this.#lookTimer = this.#clock.setTimer(this.#look, LOOK_MS);
    this.#setState({ kind: 'ready' });
  }

  appendAudio(pcm: Int16Array, atMs: number): void {
    if (this.#state.kind === 'draining' || this.#state.kind === 'ended') return;
    this.#input.append(pcm, atMs);
  }

  /** Nothing to do: silence follows on the clock, and our own ear ends the turn. */
  endOfSpeech(): void {
    // silence is fed by ContinuousInput
  }

  commitTurn(): void {
    if (this.#state.kind === 'ready') this.#turns.split(this.#input.endMs);
  }

  /** The engine speaks what it hears, and nothing else. */
  speak(): void {
    // texts are for conversation sessions
  }

  /** The engine takes no instructions. */
  setInstructions(): void {
    // see the file's comment
  }

  /** The language is found by the engine itself: naming one is refused. */
  setTranscription(transcription: { language?: string } | undefined): void {
    this.#tellUsage();
    this.#transcribes = transcription !== undefined && this.#transcriptionModel !== undefined;
    if (this.#state.kind === 'ready') this.#line.setTranscription(this.#transcribes);
  }

  /** The engine speaks with the speaker's own voice. */
  setVoice(): void {
    // see the file's comment
  }

  /** The engine speaks at its own pace. */
  setSpeed(speed: number): void {
    checkSpeed(speed);
  }

  holdTurns(hold: boolean): void {
    this.#output.held = hold;
  }

  cut(items: readonly CutItem[]): void {
    for (const item of items) this.#turns.cut(item);
    this.#output.cleared();
  }

  async close(drainMs: number = DRAIN_MS): Promise<void> {
    if (this.#state.kind === 'ready' && drainMs > 0) {
      this.#setState({ kind: 'draining' });
      this.#turns.stopped(this.#input.endMs);
      this.#input.flush();
      let resolve = (): void => undefined;
      const done = new Promise<void>((settle) => {
        resolve = settle;
      });
      const timer = this.#clock.setTimer(resolve, drainMs);
      this.#closing = { timer, resolve, done };
      this.#askOnceSent();
    }
    await this.#closing?.done;
    this.#end();
  }

  /** What the line was too slow for until now goes first. */
  #askOnceSent(): void {
    if (this.#state.kind !== 'draining') return;
    if (this.#input.heldMs > 0) {
      this.#clock.setTimer(() => {
        this.#askOnceSent();
      }, LOOK_MS);
      return;
    }
    this.#input.close();
    this.#line.askToClose();
  }

  readonly #look = (): void => {
    this.#lookTimer = this.#clock.setTimer(this.#look, LOOK_MS);
    this.#output.look();
    if (this.#state.kind === 'ready') this.#turns.look();
    if (this.#counters.audioSentMs - this.#billedMs >= USAGE_MS) this.#tellUsage();
  };

  /**
   * Audio sent, silence included, is taken for what is billed; whether connected time is, is not documented. So is that
   * transcription is billed beside it, at its model's rate.
   */
  #tellUsage(): void {
    const audioMs = this.#counters.audioSentMs - this.#billedMs;
    if (audioMs <= 0) return;
    this.#billedMs += audioMs;
    this.#events.emit('usage', { kind: 'translation', audioMs });
    const model = this.#transcribes ? this.#transcriptionModel : undefined;
    if (model !== undefined) this.#events.emit('usage', { kind: 'transcription', model, audioMs });
  }

  /** Says so at the first loss and after every further second of it. */
  #onInputDropped(): void {
    const { audioDroppedMs } = this.#counters;
    if (audioDroppedMs < this.#nextDropNoticeMs) return;
    this.#nextDropNoticeMs = audioDroppedMs + 1_000;
    const message = `the line is too slow: ${Math.round(audioDroppedMs)} ms of stale audio dropped so far`;
    this.#events.emit('notice', { kind: 'audio_dropped', message });
  }

  #onLost(error: ParleyError): void {
    if (this.#state.kind === 'draining') {
      const message = `the line was closed before all was translated: ${error.message}`;
      this.#events.emit('notice', { kind: 'turn_abandoned', message });
      this.#closing?.resolve();
    } else {
      this.#end(error);
    }
  }

  #end(error?: ParleyError): void {
    if (this.#state.kind === 'ended') return;
    this.#lookTimer?.cancel();
    this.#closing?.timer.cancel();
    this.#closing?.resolve();
    this.#input.close();
    this.#line.close();
    this.#turns.finish();
    this.#tellUsage();
    this.#setState(error === undefined ? { kind: 'ended' } : { kind: 'ended', error });
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }
}

function asParleyError(error: unknown): ParleyError {
  return error instanceof ParleyError
    ? error
    : new ParleyError('internal', `the session could not be opened: ${messageOf(error)}`, { cause: error });
}
