/**
 * A route: one speaker, one target language. It carries the speaker's frames to a session and the translation to a
 * voice, and keeps a record of every turn.
 */
import { type AudioFrame, StreamingResampler } from '../../audio/index.js';
import type { CutItem, InterpretingSession, TurnOutcome } from '../realtime/session.js';
import { Ear } from './ear.js';
import type { Voice, VoiceClient } from './voice.js';

/** What happened to one turn, in milliseconds of the meeting's clock; undefined where it did not happen. */
export type TurnRecord = {
  readonly turnId: string;
  /** Bounds of the speech itself. */
  startMs: number;
  endMs: number;
  sourceText: string;
  translatedText: string;
  outcome?: TurnOutcome;
  /** From the end of the speech to the first audible frame of its translation. */
  firstAudioDelayMs?: number;
  playedFromMs?: number;
  playedToMs?: number;
  /** Its translation was cut before its end: by clearing its playback, or by the server. */
  interrupted: boolean;
};

/** Told when a turn's translation is first heard, when an item of it was heard to its end, and when one was cut. */
export type OnPlayback = (turn: TurnRecord, what: 'heard' | 'finished' | 'cut') => void;

/** Records kept; the oldest are forgotten. */
const MAX_TURNS = 10_000;

/** See the file's comment. The session is connected and closed by its owner through the route. */
export class InterpreterRoute implements VoiceClient {
  readonly speakerId: string;
  readonly turns: TurnRecord[] = [];
  readonly #session: InterpretingSession;
  readonly #voice: Voice;
  readonly #onPlayback: OnPlayback;
  readonly #ear: Ear;
  readonly #upsampler = new StreamingResampler(24_000, 48_000);
  readonly #byTurnId = new Map<string, TurnRecord>();
  readonly #byOutputId = new Map<string, TurnRecord>();
  /** The item that the upsampler's state belongs to. */
  #speaking: string | undefined;

  constructor(options: {
    speakerId: string;
    session: InterpretingSession;
    voice: Voice;
    onPlayback?: OnPlayback;
  }) {
    this.speakerId = options.speakerId;
    this.#session = options.session;
    this.#voice = options.voice;
    this.#onPlayback = options.onPlayback ?? (() => undefined);
    this.#ear = new Ear((pcm, atMs) => {
      this.#session.appendAudio(pcm, atMs);
    });
    this.#voice.join(this);
    this.#listen();
  }

  /** Nothing that was said is still to be translated. What is still to be heard is the voice's. */
  get idle(): boolean {
    return this.#session.idle;
  }

  /** The speaker's next frame; `atMs` is the time of its first sample. */
  pushFrame(frame: AudioFrame, atMs: number): void {
    if (this.#session.state.kind === 'ended') return;
    this.#ear.push(frame, atMs);
  }

  /** The speaker's frames stop here: what was said last is translated all the same. */
  endOfSpeech(): void {
    if (this.#session.state.kind === 'ended') return;
    this.#ear.flush();
    this.#session.endOfSpeech();
  }

  /** Finishes what was said, up to `drainMs`, and ends the session. */
  async close(drainMs?: number): Promise<void> {
    this.endOfSpeech();
    await this.#session.close(drainMs);
    this.#voice.leave(this);
    this.#ear.close();
    this.#upsampler.close();
  }

  onStarted(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId);
    if (turn !== undefined) turn.playedFromMs ??= atMs;
  }

  onAudible(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId);
    if (turn === undefined || turn.firstAudioDelayMs !== undefined) return;
    turn.firstAudioDelayMs = atMs - turn.endMs;
    this.#onPlayback(turn, 'heard');
  }

  onFinished(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId);
    this.#byOutputId.delete(outputId);
    if (turn === undefined) return;
    turn.playedToMs = atMs;
    this.#onPlayback(turn, 'finished');
  }

  onCut(items: readonly CutItem[], untilMs: number): void {
    for (const { outputId, playedMs, heardToEnd } of items) {
      const turn = this.#byOutputId.get(outputId);
      this.#byOutputId.delete(outputId);
      if (this.#speaking === outputId) {
        this.#speaking = undefined;
        this.#upsampler.reset();
      }
      if (turn === undefined) continue;
      if (playedMs > 0) turn.playedToMs = untilMs;
      turn.interrupted ||= !heardToEnd;
      this.#onPlayback(turn, heardToEnd ? 'finished' : 'cut');
    }
    this.#session.cut(items);
  }

  onHold(hold: boolean): void {
    this.#session.holdTurns(hold);
  }

  #listen(): void {
    const { events } = this.#session;
    events.on('speechStarted', ({ turnId, startMs }) => {
      this.#voice.speechStarted(this.speakerId);
      this.#record(turnId, startMs, startMs);
    });
    events.on('speechStopped', ({ turnId, startMs, endMs }) => {
      this.#record(turnId, startMs, endMs).endMs = endMs;
    });
    events.on('turnCommitted', ({ turnId, startMs, endMs }) => {
      this.#record(turnId, startMs, endMs).endMs = endMs;
    });
    events.on('sourceTranscript', ({ turnId, text }) => {
      const turn = this.#byTurnId.get(turnId);
      if (turn !== undefined) turn.sourceText = text;
    });
    events.on('translationTranscript', ({ turnId, text }) => {
      const turn = this.#byTurnId.get(turnId);
      if (turn !== undefined) turn.translatedText = text;
    });
    events.on('turnDone', ({ turnId, outcome }) => {
      const turn = this.#byTurnId.get(turnId);
      if (turn === undefined) return;
      turn.outcome = outcome;
      turn.interrupted ||= outcome === 'cancelled';
    });
    events.on('audio', ({ turnId, outputId, pcm }) => {
      const turn = this.#byTurnId.get(turnId);
      if (turn !== undefined) this.#byOutputId.set(outputId, turn);
      if (this.#speaking !== outputId) this.#finishSpeaking();
      this.#speaking = outputId;
      this.#voice.say(this, outputId, this.#upsampler.process(pcm));
    });
    events.on('audioEnded', ({ outputId }) => {
      if (this.#speaking === outputId) this.#finishSpeaking();
      this.#voice.end(outputId);
    });
  }

  /** What the upsampler still holds of an item is said. */
  #finishSpeaking(): void {
    if (this.#speaking !== undefined) this.#voice.say(this, this.#speaking, this.#upsampler.flush());
    this.#speaking = undefined;
  }

  #record(turnId: string, startMs: number, endMs: number): TurnRecord {
    let turn = this.#byTurnId.get(turnId);
    if (turn === undefined) {
      turn = { turnId, startMs, endMs, sourceText: '', translatedText: '', interrupted: false };
      this.#byTurnId.set(turnId, turn);
      this.turns.push(turn);
      if (this.turns.length > MAX_TURNS) {
        const oldest = this.turns.shift();
        if (oldest !== undefined) this.#byTurnId.delete(oldest.turnId);
      }
    }
    return turn;
  }
}
