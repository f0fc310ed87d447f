/** A session that a test drives: it records what it is given and tells what the test wants told. */
import type { ParleyError } from '../../src/errors.js';
import { EventEmitter } from '../../src/events.js';
import type { AudioChunk } from '../../src/realtime/uplink/audio-chunk.js';
import { ENGINES } from '../../src/realtime/engines.js';
import { newSessionCounters } from '../../src/realtime/session-counters.js';
import type {
  CutItem,
  InterpretingSession,
  SessionControls,
  SessionCounters,
  SessionEvents,
  SessionState,
} from '../../src/realtime/session.js';

export class ScriptedSession implements InterpretingSession, SessionControls {
  readonly capabilities = ENGINES.conversation;
  readonly controls: SessionControls = this;
  readonly events = new EventEmitter<SessionEvents>((error) => {
    throw error;
  });
  readonly counters: SessionCounters = newSessionCounters();
  readonly instructions: string[] = [];
  readonly transcriptions: ({ language?: string } | undefined)[] = [];
  readonly cuts: CutItem[] = [];
  state: SessionState = { kind: 'idle' };
  idle = true;
  /** Milliseconds of audio taken, and the time of the first sample. */
  heardMs = 0;
  heardFromMs: number | undefined;
  endsOfSpeech = 0;
  commits = 0;
  readonly speeds: number[] = [];
  closedWithDrainMs: number | undefined;
  #connect: { resolve: () => void; reject: (error: ParleyError) => void } | undefined;
  readonly #closing: (() => void)[] = [];

  connect(): Promise<void> {
    this.#setState({ kind: 'connecting' });
    return new Promise((resolve, reject) => {
      this.#connect = { resolve, reject };
    });
  }

  /** The connection is open and configured. */
  ready(): void {
    this.#setState({ kind: 'ready' });
    this.#connect?.resolve();
  }

  /** The session ends by itself. */
  fail(error: ParleyError): void {
    this.#connect?.reject(error);
    this.#setState({ kind: 'ended', error });
  }

  appendAudio({ atMs, durationMs }: AudioChunk): void {
    this.heardFromMs ??= atMs;
    this.heardMs += durationMs;
  }

  endOfSpeech(): void {
    this.endsOfSpeech++;
  }

  commitTurn(): void {
    this.commits++;
  }

  readonly spoken: string[] = [];

  speak(text: string): void {
    this.spoken.push(text);
  }

  setInstructions(instructions: string): void {
    this.instructions.push(instructions);
  }

  setTranscription(transcription: { language?: string } | undefined): void {
    this.transcriptions.push(transcription);
  }

  readonly voiceNames: string[] = [];

  setVoice(voiceName: string): void {
    this.voiceNames.push(voiceName);
  }

  setSpeed(speed: number): void {
    this.speeds.push(speed);
  }

  readonly spokenOutputs: boolean[] = [];

  setSpoken(spoken: boolean): void {
    this.spokenOutputs.push(spoken);
  }

  readonly cancelled: string[] = [];

  cancelTurn(turnId: string): void {
    this.cancelled.push(turnId);
  }

  held = false;

  holdTurns(hold: boolean): void {
    this.held = hold;
  }

  cut(items: readonly CutItem[]): void {
    this.cuts.push(...items);
  }

  /** Waits for {@link ScriptedSession.drained}, unless there is no time for it. */
  async close(drainMs = 10_000): Promise<void> {
    this.closedWithDrainMs ??= drainMs;
    if (drainMs > 0 && this.state.kind === 'ready') {
      this.#setState({ kind: 'draining' });
      await new Promise<void>((resolve) => this.#closing.push(resolve));
    }
    this.drained();
  }

  /** All that was said is translated. */
  drained(): void {
    if (this.state.kind !== 'ended') this.#setState({ kind: 'ended' });
    for (const resolve of this.#closing.splice(0)) resolve();
  }

  #setState(state: SessionState): void {
    this.state = state;
    this.events.emit('state', state);
  }
}
