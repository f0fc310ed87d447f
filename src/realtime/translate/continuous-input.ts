import type { Clock, TimerHandle } from '../../clock.js';
import { RecentAudio } from '../uplink/recent-audio.js';
import type { SessionCounters } from '../session.js';
import { type SpeechBound, VadSegmenter } from './vad-segmenter.js';
import { MAX_HELD_MS } from '../uplink/uplink.js';

/** The engine's own frame: shorter messages would be buffered there, longer ones split. */
export const TRANSLATE_CHUNK_MS = 200;
const SAMPLES_PER_MS = 24;
/** Frames this late are not coming: silence takes their place. Later than a network's usual jitter. */
const LATE_MS = 400;
/** Silence is fed up to so long ago, so that frames which come after all find their place. */
const MARGIN_MS = 200;
/** Times that are off by no more than this are rounded to what the frames hold. */
const JITTER_MS = 30;
/**
 * A clock that tells so late that it is time to look was kept from it, and the frames with it: they are about to come all at
 * once.
 */
const HELD_UP_MS = 100;
/** The most silence fed at once. */
const MAX_FILL_MS = 1_000;
/** Sent of what came before speech, when sending resumes. */
export const PRE_ROLL_MS = 600;
/** Kept: as much as an uplink holds, less the chunks that it is filling. */
const KEPT_MS = MAX_HELD_MS - 2 * TRANSLATE_CHUNK_MS;

/** Where audio goes: 24 kHz mono PCM16, read at once. */
export type AudioSink = {
  append(pcm: Int16Array, atMs: number): void;
  /** Sends what has not made a whole message yet. */
  flush(): void;
};

/** What continuous input is made of. */
export type ContinuousInputOptions = {
  clock: Clock;
  counters: SessionCounters;
  pauseAfterSilenceMs: number | undefined;
  /** Nothing that was said is still to be translated: only then may sending pause. */
  mayPause: () => boolean;
  onBound: (bound: SpeechBound) => void;
  sink: AudioSink;
};

/**
 * The way up to a continuous engine: audio for all of the meeting's time, silence where the speaker's frames stay away
 * (muted, late), since the model's time stands still without input and resumes as if there had been no gap. In saving mode
 * nothing is sent during long silences; see TranslationConfig. What came last is kept, for a connection that is to hear it again.
 */
export class ContinuousInput {
  readonly #options: ContinuousInputOptions;
  readonly #watch = new VadSegmenter();
  readonly #recent = new RecentAudio(KEPT_MS);
  readonly #onBound: (bound: SpeechBound) => void;
  /** The meeting's time behind the last sample taken or fed; undefined before the first. */
  #endMs: number | undefined;
  /** Where sending paused: a long silence in saving mode. */
  #pausedAtMs: number | undefined;
  #timer: TimerHandle | undefined;
  #lookAtMs = 0;
  /** The speaker's frames stay away, and silence is fed in their place: they are late, or there are none for now. */
  #away: 'late' | 'ended' | undefined;

  constructor(options: ContinuousInputOptions) {
    this.#options = options;
    this.#onBound = (bound) => {
      if (bound.kind === 'started') this.#resume();
      options.onBound(bound);
    };
  }

  /** The speaker is speaking, short pauses included. */
  get speaking(): boolean {
    return this.#watch.speaking;
  }

  /** How long there has been no voice, in milliseconds; 0 in voice. */
  get pauseMs(): number {
    return this.#watch.pauseMs;
  }

  /** The meeting's time just behind the last sample. */
  get endMs(): number {
    return this.#endMs ?? this.#options.clock.nowMs();
  }

  /** The meeting's time of the oldest sample that {@link ContinuousInput.replay} can send again. */
  get keptFromMs(): number {
    return this.#recent.fromMs ?? this.endMs;
  }

  /** From now on there is no hole. */
  start(): void {
    this.#endMs ??= this.#options.clock.nowMs();
    if (this.#timer === undefined) this.#tickLater();
  }

  /**
   * The speaker's audio, read at once. Frames that are late or early by less than a long hole are still the next ones: a busy
   * machine delivers them in bursts, and silence in the middle of a word would harm more than time that moves.
   */
  append(pcm: Int16Array, atMs: number): void {
    if (this.#endMs === undefined) this.#endMs = atMs;
    const gapMs = atMs - this.#endMs;
    if (gapMs > (this.#away === undefined ? LATE_MS : JITTER_MS)) this.#fillTo(atMs);
    this.#away = undefined;
    this.#take(pcm, Math.abs(gapMs) <= JITTER_MS ? this.#endMs : atMs);
  }

  /** No frames come for now: silence follows without a hole, in which the engine would fall silent in the middle of a word. */
  endOfSpeech(): void {
    this.#away = 'ended';
  }

  /** Sends what is kept from `fromMs` on, unless sending pauses. */
  replay(fromMs: number): void {
    if (this.#pausedAtMs === undefined) this.#replay(fromMs);
  }

  /** Sends what has not made a whole message yet. */
  flush(): void {
    this.#resume();
    this.#options.sink.flush();
  }

  /** No silence is fed any more; what is kept can still be sent again. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Nothing is taken any more. */
  close(): void {
    this.stop();
    this.#watch.close();
  }

  readonly #tick = (): void => {
    const nowMs = this.#options.clock.nowMs();
    const heldUp = nowMs - this.#lookAtMs > HELD_UP_MS;
    if (this.#away === 'ended') {
      this.#fillTo(nowMs);
    } else if (!heldUp && nowMs - this.endMs > (this.#away === undefined ? LATE_MS : MARGIN_MS)) {
      this.#away = 'late';
      this.#fillTo(nowMs - MARGIN_MS);
    }
    this.#considerPause();
    this.#tickLater();
  };

  #tickLater(): void {
    const { clock } = this.#options;
    this.#lookAtMs = clock.nowMs() + TRANSLATE_CHUNK_MS;
    this.#timer = clock.setTimer(this.#tick, TRANSLATE_CHUNK_MS);
  }

  #fillTo(untilMs: number): void {
    const missingMs = untilMs - this.endMs;
    if (missingMs <= 0) return;
    const fedMs = Math.min(missingMs, MAX_FILL_MS);
    this.#options.counters.silenceFedMs += fedMs;
    this.#take(new Int16Array(Math.round(fedMs * SAMPLES_PER_MS)), untilMs - fedMs);
  }

  #take(pcm: Int16Array, atMs: number): void {
    this.#endMs = atMs + pcm.length / SAMPLES_PER_MS;
    this.#recent.append(pcm, atMs);
    if (this.#pausedAtMs === undefined) this.#options.sink.append(pcm, atMs);
    this.#watch.push(pcm, atMs, this.#onBound);
  }

  #considerPause(): void {
    const { pauseAfterSilenceMs, mayPause, sink } = this.#options;
    if (pauseAfterSilenceMs === undefined || this.#pausedAtMs !== undefined || this.#watch.speaking) return;
    if (this.#watch.pauseMs < pauseAfterSilenceMs || !mayPause()) return;
    sink.flush();
    this.#pausedAtMs = this.endMs;
  }

  #resume(): void {
    const pausedAtMs = this.#pausedAtMs;
    if (pausedAtMs === undefined) return;
    this.#pausedAtMs = undefined;
    this.#replay(Math.max(pausedAtMs, this.endMs - PRE_ROLL_MS));
  }

  #replay(fromMs: number): void {
    this.#recent.replay(fromMs, (pcm, atMs) => {
      this.#options.sink.append(pcm, atMs);
    });
  }
}
