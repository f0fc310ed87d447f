import { StreamingResampler } from '../../../audio/index.js';
import { EventEmitter, type EventSource } from '../../events.js';
import type { CutItem, InterpretingSession, SessionEvents } from '../../realtime/session.js';
import type { AudioChunk } from '../../realtime/uplink/audio-chunk.js';
import { HeldTurns } from './held-turns.js';
import { LongSpeech } from './long-speech.js';
import { withWord } from '../span/word-time.js';
import { type TurnRecord, TurnRecords } from './turn-record.js';
import type { CutReason, OutputChannel, ChannelClient } from '../playback/output-channel.js';
import { REALTIME_RATE_HZ, ROOM_RATE_HZ } from '../../../audio/rates.js';

/**
 * What became of a turn's translation: first heard, an item of it heard to its end, one cut, left to captions, or taken back
 * as no translation. One that is heard before the end of its speech is reported as heard again at that end, with its delay.
 */
export type PlaybackFate = 'heard' | 'finished' | 'cut' | 'captions_only' | 'withheld';

/** Why a translation was not spoken to its end: somebody spoke, the rest of it did not come, or the voice is gone. */
export type CutCause = Extract<CutReason, 'barge_in' | 'stalled' | 'gone'>;

/** Called with what becomes of a turn's translation, and of one that is cut, why. */
export type OnPlayback = (turn: TurnRecord, what: PlaybackFate, why?: CutCause) => void;

/** Of a translation that is asked for while its voice has fallen behind. */
const HURRIED_SPEED = 1.2;

/**
 * A route: one speaker, one target language. It carries the speaker's chunks to a session and the translation to a
 * voice, and keeps a record of every turn.
 * The session is connected and closed by its owner through the route.
 */
export class InterpreterRoute implements ChannelClient {
  readonly speakerId: string;
  readonly #listenerErrors: unknown[] = [];
  readonly #events = new EventEmitter<SessionEvents>((error) => {
    this.#listenerErrors.push(error);
  });
  readonly #turns = new TurnRecords();
  readonly #heldTurns = new HeldTurns();
  #speed: number;
  #hurried = false;
  readonly #session: InterpretingSession;
  #voice: OutputChannel | undefined;
  /** The voice that each unfinished turn's translation began in, or will. */
  readonly #voiceOfTurn = new Map<string, OutputChannel | undefined>();
  readonly #onPlayback: OnPlayback;
  readonly #cutsLongSpeech: boolean;
  readonly #longSpeech = new LongSpeech();
  readonly #upsampler = new StreamingResampler(REALTIME_RATE_HZ, ROOM_RATE_HZ);
  /** Turns whose end is not known yet, and when their translation was first heard. */
  readonly #beingSaid = new Map<string, number | undefined>();
  readonly #byOutputId = new Map<string, { readonly turn: TurnRecord; readonly voice: OutputChannel }>();
  /** The item that the upsampler's state belongs to. */
  #speaking: { outputId: string; turn: TurnRecord; voice: OutputChannel } | undefined;

  constructor(options: {
    speakerId: string;
    session: InterpretingSession;
    /** Absent: the translation is read, not heard. */
    voice: OutputChannel | undefined;
    /** How fast translations are spoken while there is time, 1 by default. */
    speed?: number;
    /** Speech without a pause is translated in pieces; true by default. Otherwise it waits for its own end. */
    cutsLongSpeech?: boolean;
    onPlayback?: OnPlayback;
  }) {
    this.speakerId = options.speakerId;
    this.#speed = options.speed ?? 1;
    this.#session = options.session;
    this.#voice = options.voice;
    this.#cutsLongSpeech = options.cutsLongSpeech ?? true;
    this.#onPlayback = options.onPlayback ?? (() => undefined);
    this.#voice?.join(this);
    this.#listen();
  }

  /** Nothing that was said is still to be translated. What is still to be heard is the voice's. */
  get idle(): boolean {
    return this.#session.idle;
  }

  /** The speaker's next chunk. */
  push(chunk: AudioChunk): void {
    if (this.#session.state.kind === 'ended') return;
    this.#session.appendAudio(chunk);
    if (this.#cutsLongSpeech && this.#longSpeech.mustCommit(chunk.endMs, chunk.pauseMs)) {
      this.#session.commitTurn();
    }
  }

  /** The speaker's frames stop here: what was said last is translated all the same. */
  endOfSpeech(): void {
    if (this.#session.state.kind === 'ended') return;
    this.#session.endOfSpeech();
  }

  /** From now on turns are spoken by this voice; what was said before is finished where it began. */
  useVoice(voice: OutputChannel | undefined): void {
    if (voice === this.#voice) return;
    this.#voice?.leave(this);
    this.#voice = voice;
    this.onHold(false);
    this.onHurry(false);
    voice?.join(this);
  }

  /** Everything that the session emits, once the turns' records are up to date: in whatever order one listens. */
  get events(): EventSource<SessionEvents> {
    return this.#events;
  }

  /** The records of its turns, as they are now, in the order in which they began. */
  get turns(): readonly TurnRecord[] {
    return this.#turns.all;
  }

  /** What is known of a turn, as it is now; undefined where it is not known, or forgotten. */
  turn(turnId: string): TurnRecord | undefined {
    return this.#turns.get(turnId);
  }

  /** Of what was said at the same time as a turn of another session: the turn that holds most of it. */
  turnOver(speech: Pick<TurnRecord, 'startMs' | 'endMs'>): TurnRecord | undefined {
    return this.#turns.over(speech);
  }

  /** Takes a turn's translation back: nothing more of it is heard, and the session is told to make no more of it. */
  withhold(turnId: string): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined || turn.withheld === true) return;
    turn.withheld = true;
    this.#silence(turn);
    this.#onPlayback(turn, 'withheld');
  }

  /** Until it is released or dropped, nothing is heard of this turn's translation. */
  hold(turnId: string): void {
    this.#heldTurns.hold(turnId);
  }

  /** It is to be interpreted after all. */
  release(turnId: string): void {
    this.#heldTurns.release(turnId);
  }

  /** This turn is no contribution to the meeting: it is as if nothing had been said. */
  drop(turnId: string): void {
    const turn = this.#turns.get(turnId);
    if (turn === undefined || turn.dropped === true) return;
    turn.dropped = true;
    this.#silence(turn);
  }

  /** Of what was said until now nothing more is heard, what sounds included: it is read. */
  silence(): void {
    const voices = new Set<OutputChannel | undefined>(this.#voiceOfTurn.values());
    const turns = new Set<TurnRecord>();
    for (const { turn, voice } of this.#byOutputId.values()) {
      voices.add(voice);
      turns.add(turn);
    }
    for (const voice of voices) voice?.withdraw(this);
    for (const turnId of this.#voiceOfTurn.keys()) this.#voiceOfTurn.set(turnId, undefined);
    this.#byOutputId.clear();
    this.#speaking = undefined;
    this.#upsampler.reset();
    for (const turn of turns) {
      if (turn.captionsOnly) continue;
      turn.captionsOnly = true;
      this.#onPlayback(turn, 'captions_only');
    }
  }

  /** Finishes what was said, up to `drainMs`, and ends the session. */
  async close(drainMs?: number): Promise<void> {
    this.endOfSpeech();
    await this.#session.close(drainMs);
    this.#voice?.leave(this);
    this.#upsampler.close();
  }

  onStarted(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId)?.turn;
    if (turn !== undefined) turn.playedFromMs ??= atMs;
  }

  onAudible(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId)?.turn;
    if (turn === undefined || turn.firstAudioDelayMs !== undefined) return;
    if (!this.#beingSaid.has(turn.turnId)) turn.firstAudioDelayMs = atMs - turn.endMs;
    else if (this.#beingSaid.get(turn.turnId) !== undefined) return;
    else this.#beingSaid.set(turn.turnId, atMs);
    this.#onPlayback(turn, 'heard');
  }

  onFinished(outputId: string, atMs: number): void {
    const turn = this.#byOutputId.get(outputId)?.turn;
    this.#byOutputId.delete(outputId);
    if (turn === undefined) return;
    turn.playedToMs = atMs;
    this.#onPlayback(turn, 'finished');
  }

  onCut(items: readonly CutItem[], untilMs: number, why: CutReason): void {
    for (const { outputId, playedMs, heardToEnd } of items) {
      const turn = this.#byOutputId.get(outputId)?.turn;
      this.#byOutputId.delete(outputId);
      if (this.#speaking?.outputId === outputId) {
        this.#speaking = undefined;
        this.#upsampler.reset();
      }
      if (turn === undefined) continue;
      if (playedMs > 0) turn.playedToMs = untilMs;
      if (why === 'withheld') continue; // told once for the whole turn
      if (why === 'backlog') {
        if (turn.captionsOnly) continue;
        turn.captionsOnly = true;
        this.#onPlayback(turn, 'captions_only');
        continue;
      }
      turn.interrupted ||= !heardToEnd;
      if (!heardToEnd) turn.cutReason ??= why;
      if (heardToEnd) this.#onPlayback(turn, 'finished');
      else this.#onPlayback(turn, 'cut', why);
    }
    this.#session.cut(items);
  }

  onHold(hold: boolean): void {
    this.#session.holdTurns(hold);
  }

  onHurry(hurry: boolean): void {
    this.#hurried = hurry;
    this.#session.controls?.setSpeed(hurry ? Math.max(this.#speed, HURRIED_SPEED) : this.#speed);
  }

  /** How fast translations are spoken from the next one on, while there is time. */
  setSpeed(speed: number): void {
    this.#speed = speed;
    this.onHurry(this.#hurried);
  }

  /** What the session emits is recorded and played first, then emitted to everybody else. */
  #listen(): void {
    this.#on('state');
    this.#on('usage');
    this.#on('notice');
    this.#on('speechStarted', ({ turnId, startMs }) => {
      this.#longSpeech.started(startMs);
      this.#turns.bounded(turnId, startMs, startMs);
      this.#beingSaid.set(turnId, undefined);
    });
    this.#on('speechStopped', ({ turnId, startMs, endMs }) => {
      this.#said(this.#turns.bounded(turnId, startMs, endMs));
      // A connection that is being left may tell the end of its last turn when the next one hears the speaker already.
      if (this.#beingSaid.size === 0) this.#longSpeech.stopped();
    });
    this.#on('turnCommitted', ({ turnId, startMs, endMs }) => {
      const turn = this.#turns.bounded(turnId, startMs, endMs);
      this.#said(turn);
      this.#voiceOf(turn)?.expect(this, turn);
    });
    this.#on('sourceTranscript', ({ turnId, text, final, language, said }) => {
      const turn = this.#turns.get(turnId);
      if (turn === undefined) return;
      turn.sourceText = text;
      if (said !== undefined) turn.sourceWords = withWord(turn.sourceWords, { chars: text.length, ...said });
      turn.sourceFinal ||= final;
      if (language !== undefined) turn.sourceLanguage = language;
    });
    this.#on('translationTranscript', ({ turnId, text, spoken }) => {
      const turn = this.#turns.get(turnId);
      if (turn === undefined) return;
      turn.translatedText = text;
      if (spoken !== undefined)
        turn.translationWords = withWord(turn.translationWords, { chars: text.length, ...spoken });
    });
    this.#on('turnDone', ({ turnId, outcome }) => {
      const turn = this.#turns.get(turnId);
      if (turn === undefined) return;
      turn.outcome = outcome;
      turn.interrupted ||= outcome === 'cancelled';
      this.#heldTurns.pass(turnId, () => {
        this.#voiceOf(turn)?.settle(turnId);
        this.#voiceOfTurn.delete(turnId);
      });
    });
    this.#on('audio', ({ turnId, outputId, pcm }) => {
      this.#heldTurns.pass(turnId, () => {
        this.#say(turnId, outputId, pcm);
      });
    });
    this.#on('audioEnded', ({ turnId, outputId }) => {
      this.#heldTurns.pass(turnId, () => {
        if (this.#speaking?.outputId === outputId) this.#finishSpeaking();
        this.#byOutputId.get(outputId)?.voice.end(outputId);
      });
    });
  }

  #say(turnId: string, outputId: string, pcm: Int16Array): void {
    const turn = this.#turns.get(turnId);
    const voice = turn === undefined ? undefined : this.#voiceOf(turn);
    if (turn === undefined || voice === undefined || turn.withheld === true || turn.dropped === true) return;
    this.#byOutputId.set(outputId, { turn, voice });
    if (this.#speaking?.outputId !== outputId) this.#finishSpeaking();
    this.#speaking = { outputId, turn, voice };
    voice.say(this, turn, outputId, this.#upsampler.process(pcm));
  }

  #on<Name extends keyof SessionEvents>(name: Name, first?: (...payload: SessionEvents[Name]) => void): void {
    this.#session.events.on(name, (...payload) => {
      try {
        first?.(...payload);
      } finally {
        this.#events.emit(name, ...payload);
      }
      if (this.#listenerErrors.length > 0) this.#failListeners();
    });
  }

  /** Errors of the route's listeners are the session's to report, as those of its own. */
  #failListeners(): never {
    const errors = this.#listenerErrors.splice(0);
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, 'listeners of a route threw');
  }

  /** Nothing more of a turn's translation is heard or made. */
  #silence(turn: TurnRecord): void {
    const { turnId } = turn;
    this.#heldTurns.drop(turnId);
    const voices = new Set([this.#voiceOfTurn.get(turnId)]);
    for (const { turn: other, voice } of this.#byOutputId.values()) if (other === turn) voices.add(voice);
    for (const voice of voices) voice?.withhold(this, turnId);
    this.#session.cancelTurn(turnId);
  }

  /** The end of a turn's speech is known. */
  #said(turn: TurnRecord): void {
    const heardMs = this.#beingSaid.get(turn.turnId);
    this.#beingSaid.delete(turn.turnId);
    if (heardMs === undefined) return;
    turn.firstAudioDelayMs = heardMs - turn.endMs;
    this.#onPlayback(turn, 'heard');
  }

  /** One turn is spoken by one voice, whatever changes meanwhile, unless that voice is gone. */
  #voiceOf({ turnId }: TurnRecord): OutputChannel | undefined {
    const begun = this.#voiceOfTurn.get(turnId);
    if (!this.#voiceOfTurn.has(turnId) || begun?.gone === true) this.#voiceOfTurn.set(turnId, this.#voice);
    return this.#voiceOfTurn.get(turnId);
  }

  /** What the upsampler still holds of an item is said. */
  #finishSpeaking(): void {
    const spoken = this.#speaking;
    if (spoken === undefined) return;
    this.#speaking = undefined;
    const tail = this.#upsampler.flush();
    // A voice that ended in silence has been heard by now: silence would only make playback begin again.
    if (tail.some((sample) => sample !== 0)) spoken.voice.say(this, spoken.turn, spoken.outputId, tail);
  }
}
