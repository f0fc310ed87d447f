import type { Clock, TimerHandle } from '../../clock.js';
import { RecentAudio } from '../uplink/recent-audio.js';
import type { SessionCounters } from '../session.js';
import { AudioChunk, PRE_ROLL_MS } from '../uplink/audio-chunk.js';
import { MAX_HELD_MS } from '../uplink/uplink.js';

/** Silence is fed in pieces of this length, and audio is sent in messages of it at most. */
export const CONTINUOUS_CHUNK_MS = 200;
/** Frames this late are not coming: silence takes their place. Later than a network's usual jitter. */
const LATE_MS = 400;
/** Silence is fed up to so long ago, so that frames which come after all find their place. */
const MARGIN_MS = 200;
/** Where silence is fed, frames that come this much behind it have a hole before them. */
const JITTER_MS = 30;
/** Voice goes on for so long until it is noticed: the chunk it is noticed in begins that much later. */
const NOTICED_LATE_MS = 20;
/** So long a time without voice ends a stretch of speech. */
const END_PAUSE_MS = 590;
/**
 * A clock that tells so late that it is time to look was kept from it, and the frames with it: they are about to come all at
 * once.
 */
const HELD_UP_MS = 100;
/** The most silence fed at once. */
const MAX_FILL_MS = 1_000;
/** Kept: as much as an uplink holds, less the chunks that it is filling. */
const KEPT_MS = MAX_HELD_MS - 2 * CONTINUOUS_CHUNK_MS;

/** Speech began or ended at `atMs` of the meeting. */
type SpeechBound = { kind: 'started' | 'stopped'; atMs: number };

/** Where audio goes. */
export type AudioSink = {
  append(chunk: AudioChunk): void;
  /** Sends what has not made a whole message yet. */
  flush(): void;
};

/** What continuous input is made of. */
type ContinuousInputOptions = {
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
  readonly #recent = new RecentAudio(KEPT_MS);
  #speaking = false;
  #pauseMs = 0;
  /** The meeting's time behind the last sample taken or fed; undefined before the first. */
  #endMs: number | undefined;
  /** Where sending paused: a long silence in saving mode. */
  #pausedAtMs: number | undefined;
  #timer: TimerHandle | undefined;
  #checkAtMs = 0;
  /** The speaker's frames stay away, and silence is fed in their place: they are late, or there are none for now. */
  #away: 'late' | 'ended' | undefined;

  constructor(options: ContinuousInputOptions) {
    this.#options = options;
  }

  /** The speaker is speaking, short pauses included. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** How long there has been no voice, in milliseconds; 0 in voice. */
  get pauseMs(): number {
    return this.#pauseMs;
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
   * The speaker's next chunk. One that is late or early by less than a long hole is still the next one: a busy machine delivers
   * frames in bursts, and silence in the middle of a word would harm more than time that moves.
   */
  append(chunk: AudioChunk): void {
    const gapMs = chunk.atMs - (this.#endMs ?? chunk.atMs);
    if (gapMs > (this.#away === undefined ? LATE_MS : JITTER_MS)) this.#fillTo(chunk.atMs);
    this.#away = undefined;
    this.#take(chunk);
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

  readonly #tick = (): void => {
    const nowMs = this.#options.clock.nowMs();
    const heldUp = nowMs - this.#checkAtMs > HELD_UP_MS;
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
    this.#checkAtMs = clock.nowMs() + CONTINUOUS_CHUNK_MS;
    this.#timer = clock.setTimer(this.#tick, CONTINUOUS_CHUNK_MS);
  }

  #fillTo(untilMs: number): void {
    const missingMs = untilMs - this.endMs;
    if (missingMs <= 0) return;
    const fedMs = Math.min(missingMs, MAX_FILL_MS);
    this.#options.counters.silenceFedMs += fedMs;
    for (let leftMs = fedMs; leftMs > 0; leftMs -= CONTINUOUS_CHUNK_MS) {
      this.#take(AudioChunk.silence(Math.min(leftMs, CONTINUOUS_CHUNK_MS), untilMs - leftMs));
    }
  }

  #take(chunk: AudioChunk): void {
    const { voiced, pauseMs, durationMs } = chunk;
    this.#endMs = chunk.endMs;
    this.#recent.append(chunk);
    if (this.#pausedAtMs === undefined) this.#options.sink.append(chunk);
    this.#pauseMs = voiced || pauseMs === 0 ? pauseMs : Math.max(pauseMs, this.#pauseMs + durationMs);
    if (voiced && !this.#speaking) {
      this.#speaking = true;
      this.#resume();
      this.#options.onBound({ kind: 'started', atMs: chunk.atMs - NOTICED_LATE_MS });
    } else if (this.#speaking && this.#pauseMs >= END_PAUSE_MS) {
      this.#speaking = false;
      this.#options.onBound({ kind: 'stopped', atMs: chunk.endMs - this.#pauseMs });
    }
  }

  #considerPause(): void {
    const { pauseAfterSilenceMs, mayPause, sink } = this.#options;
    if (pauseAfterSilenceMs === undefined || this.#pausedAtMs !== undefined || this.#speaking) return;
    if (this.#pauseMs < pauseAfterSilenceMs || !mayPause()) return;
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
    this.#recent.replay(fromMs, (chunk) => {
      this.#options.sink.append(chunk);
    });
  }
}
