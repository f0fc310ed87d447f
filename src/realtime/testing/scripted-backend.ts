/** Test doubles of a backend and its sessions: a script says what they answer, and nothing is connected. */
import type { PriceTable } from '../../cost/prices.js';
import { EventEmitter, type EventSource } from '../../events.js';
import { offerAll } from '../connection-backend.js';
import { type EngineAbilities, ENGINES } from '../engines.js';
import { newSessionCounters } from '../session-counters.js';
import type {
  CutItem,
  InterpretingSession,
  SessionControls,
  SessionEvents,
  SessionState,
} from '../session.js';
import type { SpeechBackend, SpeechRequest } from '../speech-backend.js';
import type { AudioChunk } from '../uplink/audio-chunk.js';

/** A session whose events a script emits. It hears audio and forgets it. */
export class ScriptedSession implements InterpretingSession {
  /** What it was opened with. */
  readonly request: SpeechRequest;
  readonly capabilities: EngineAbilities;
  readonly controls: SessionControls | undefined;
  readonly idle = true;
  readonly counters = newSessionCounters();
  /** Everything that it was asked to do since, in order: the name of the method, and what was given to it. */
  readonly calls: (readonly [method: string, ...given: unknown[]])[] = [];
  /** Audio that it has heard. */
  heardMs = 0;
  readonly #events = new EventEmitter<SessionEvents>();
  #state: SessionState = { kind: 'idle' };

  constructor(request: SpeechRequest) {
    this.request = request;
    this.capabilities = ENGINES[request.engine];
    this.controls = this.capabilities.instructions ? this.#newControls() : undefined;
  }

  get events(): EventSource<SessionEvents> {
    return this.#events;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The script lets something happen. */
  emit<Name extends keyof SessionEvents>(name: Name, ...args: SessionEvents[Name]): void {
    this.#events.emit(name, ...args);
  }

  /** The script answers a turn: what was said, and its translation, as text and, where there is one, as 24 kHz sound. */
  answer(turn: {
    turnId: string;
    startMs: number;
    endMs: number;
    said: string;
    translation: string;
    pcm?: Int16Array;
  }): void {
    const { turnId, startMs, endMs, said, translation, pcm } = turn;
    const outputId = `${turnId}.out`;
    this.emit('speechStarted', { turnId, startMs });
    this.emit('speechStopped', { turnId, startMs, endMs });
    this.emit('turnCommitted', { turnId, startMs, endMs });
    this.emit('sourceTranscript', { turnId, text: said, final: true });
    this.emit('translationTranscript', { turnId, text: translation, final: true });
    if (pcm !== undefined) this.emit('audio', { turnId, outputId, pcm });
    if (pcm !== undefined) this.emit('audioEnded', { turnId, outputId });
    this.emit('turnDone', { turnId, outcome: 'completed' });
  }

  connect(): Promise<void> {
    this.#setState({ kind: 'connecting' });
    this.#setState({ kind: 'ready' });
    return Promise.resolve();
  }

  appendAudio({ pcm }: AudioChunk): void {
    this.heardMs += pcm.length / 24;
  }

  endOfSpeech(): void {
    this.calls.push(['endOfSpeech']);
  }

  commitTurn(): void {
    this.calls.push(['commitTurn']);
  }

  setTranscription(transcription: { language?: string } | undefined): void {
    this.calls.push(['setTranscription', transcription]);
  }

  holdTurns(hold: boolean): void {
    this.calls.push(['holdTurns', hold]);
  }

  cut(items: readonly CutItem[]): void {
    this.calls.push(['cut', items]);
  }

  cancelTurn(turnId: string): void {
    this.calls.push(['cancelTurn', turnId]);
  }

  close(): Promise<void> {
    if (this.#state.kind !== 'ended') this.#setState({ kind: 'ended' });
    return Promise.resolve();
  }

  #newControls(): SessionControls {
    const noted =
      (method: string) =>
      (given: unknown): void => {
        this.calls.push([method, given]);
      };
    return {
      setInstructions: noted('setInstructions'),
      setVoice: noted('setVoice'),
      setSpeed: noted('setSpeed'),
      setSpoken: noted('setSpoken'),
      speak: noted('speak'),
    };
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }
}

/** A backend whose sessions are scripted. */
export class ScriptedBackend implements SpeechBackend {
  readonly description = 'a script (a test double)';
  readonly prices: PriceTable | undefined;
  readonly offer = offerAll('scripted');
  /** Every session that was opened, in order. */
  readonly sessions: ScriptedSession[] = [];
  /** How often an interpreter has released it. */
  released = 0;

  /** `prices`: what its sessions are billed by; absent: nothing is. */
  constructor(options: { prices?: PriceTable } = {}) {
    this.prices = options.prices;
  }

  readonly release = (): Promise<void> => {
    this.released++;
    return Promise.resolve();
  };

  open(request: SpeechRequest): ScriptedSession {
    const session = new ScriptedSession(request);
    this.sessions.push(session);
    return session;
  }

  /** The latest open session that hears this person; undefined where there is none. */
  sessionOf(speakerId: string): ScriptedSession | undefined {
    return this.sessions.findLast(
      ({ request, state }) => request.speakerId === speakerId && state.kind !== 'ended',
    );
  }
}
