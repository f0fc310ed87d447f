import type { Clock, TimerHandle } from '../../clock.js';

const FRAME_MS = 10;
/** Frames go out this long before the moment they stand for; see src/room/videosdk/README.md. */
const PLAYOUT_LEAD_MS = 20;
/**
 * Up to this late, missed frames are pushed at once. A sender that leaves them out looks to receivers like a network that
 * became slower by as much: their jitter buffers stretch the sound and stay late for 20 s. They hold about 4 s of what comes
 * at once; a pause of more than 2 s is beyond what they measure delay in, and makes them late no more.
 */
const MAX_CATCH_UP_MS = 2_000;

/** Silence of a track that rests is handed over in lots of so many frames: 200 ms. With DTX it goes out in no packets. */
const LOT_FRAMES = 20;

/** A track that is fed frame by frame. */
export interface PacedTrack {
  /** Takes the 10 ms frame that is heard at `atMs`. */
  playFrame(atMs: number): void;
  /** It has been silent for a while, and will be until it wakes: its frames need not come in time. Absent: never. */
  readonly resting?: boolean;
  /** Takes so many 10 ms frames of silence at once, which are due or overdue. Only called after it was resting. */
  playSilence?(frameCount: number): void;
  /** Calls `listener` when it rests no more. Returns the way back. */
  onWake?(listener: () => void): () => void;
}

/** A track, and the frames of silence that it is still to be given. */
type Fed = { readonly track: PacedTrack; owedFrames: number };

/** Totals over a clock's life. Lateness is how long after its due time a frame was pushed. */
type PlayoutClockStats = {
  /** Frames of 10 ms, those that were handed over in lots included. */
  beats: number;
  maxLateMs: number;
  /** How often the grid was set anew because more than 2 s had been missed. */
  reanchors: number;
  /** Time that no frame was pushed for; what was queued then is heard that much later. */
  skippedMs: number;
  /** Frames that were pushed after their time, many at once. */
  caughtUpFrames: number;
};

/**
 * The beat of all published tracks: 10 ms frames on an absolute grid, so that timers that fire late never add up.
 * wrtc's audio source has no queue and no pace; what is pushed goes out at once.
 * It rests while it has no tracks, and beats once for a lot of frames while all of them are resting: nothing of what they
 * hand over is lost, so that time in what they send goes on.
 */
export class PlayoutClock {
  readonly leadMs: number;
  readonly #clock: Clock;
  readonly #maxCatchUpMs: number;
  readonly #onTrackError: (error: unknown) => void;
  readonly #stats: PlayoutClockStats = {
    beats: 0,
    maxLateMs: 0,
    reanchors: 0,
    skippedMs: 0,
    caughtUpFrames: 0,
  };
  #fed: readonly Fed[] = [];
  #timer: TimerHandle | undefined;
  /** The moment of the next frame. */
  #nextAtMs = 0;
  /** When the timer is due. */
  #dueMs = 0;
  /** Everyone rests: the timer is due for a whole lot. */
  #slow = false;

  /**
   * @param options.leadMs how long before its moment a frame goes out, 20 by default
   * @param options.maxCatchUpMs how late the clock may be and still push all that it missed, 2,000 by default
   */
  constructor(
    clock: Clock,
    options: { leadMs?: number; maxCatchUpMs?: number; onTrackError?: (error: unknown) => void } = {},
  ) {
    this.#clock = clock;
    this.leadMs = options.leadMs ?? PLAYOUT_LEAD_MS;
    this.#maxCatchUpMs = options.maxCatchUpMs ?? MAX_CATCH_UP_MS;
    this.#onTrackError = options.onTrackError ?? (() => undefined);
  }

  get stats(): Readonly<PlayoutClockStats> {
    return this.#stats;
  }

  /** Feeds `track` from the next beat on, until the returned function is called. */
  add(track: PacedTrack): () => void {
    this.#hasten(); // for those that rest
    const fed: Fed = { track, owedFrames: 0 };
    this.#fed = [...this.#fed, fed];
    const stopWaking = track.onWake?.(() => {
      this.#hasten();
    });
    if (this.#timer === undefined) {
      this.#nextAtMs = this.#clock.nowMs() + this.leadMs;
      this.#schedule();
    }
    return () => {
      stopWaking?.();
      this.#fed = this.#fed.filter((other) => other !== fed);
      if (this.#fed.length > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#slow = false;
    };
  }

  #schedule(): void {
    this.#slow = this.#fed.every(({ track }) => track.resting === true);
    const framesOnTheWay = this.#slow ? LOT_FRAMES - 1 : 0;
    this.#dueMs = this.#nextAtMs - this.leadMs + framesOnTheWay * FRAME_MS;
    this.#timer = this.#clock.setTimer(() => {
      this.#beat();
    }, this.#dueMs - this.#clock.nowMs());
  }

  /** Back to a beat for each frame; what went by meanwhile was silence. */
  #hasten(): void {
    if (!this.#slow) return;
    this.#timer?.cancel();
    const missedMs = this.#clock.nowMs() + this.leadMs - this.#nextAtMs;
    const missedFrames = Math.max(0, Math.floor(missedMs / FRAME_MS));
    for (const fed of this.#fed) fed.owedFrames += missedFrames;
    this.#stats.beats += missedFrames;
    this.#nextAtMs += missedFrames * FRAME_MS;
    this.#slow = false;
    this.#dueMs = this.#nextAtMs - this.leadMs;
    this.#timer = this.#clock.setTimer(() => {
      this.#beat();
    }, this.#dueMs - this.#clock.nowMs());
  }

  #beat(): void {
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs - this.#dueMs;
    if (lateMs > this.#maxCatchUpMs) {
      this.#stats.reanchors++;
      this.#stats.skippedMs += nowMs - this.#nextAtMs;
      this.#nextAtMs = nowMs;
    } else if (lateMs > this.#stats.maxLateMs) {
      this.#stats.maxLateMs = lateMs;
    }
    while (this.#nextAtMs <= nowMs + this.leadMs) {
      this.#stats.beats++;
      if (this.#nextAtMs < nowMs) this.#stats.caughtUpFrames++;
      for (const fed of this.#fed) {
        try {
          feed(fed, this.#nextAtMs);
        } catch (error) {
          this.#onTrackError(error);
        }
      }
      this.#nextAtMs += FRAME_MS;
    }
    if (this.#fed.length > 0) this.#schedule();
  }
}

function feed(fed: Fed, atMs: number): void {
  const { track } = fed;
  const rests = track.resting === true;
  if (rests) fed.owedFrames++;
  if (fed.owedFrames >= (rests ? LOT_FRAMES : 1)) {
    const { owedFrames } = fed;
    fed.owedFrames = 0;
    track.playSilence?.(owedFrames);
  }
  if (!rests) track.playFrame(atMs);
}

const clocks = new WeakMap<Clock, PlayoutClock>();

/** The one playout clock of this process on `clock`: every track of every meeting shares its timer. */
export function playoutClockOn(clock: Clock): PlayoutClock {
  let shared = clocks.get(clock);
  if (shared === undefined) {
    shared = new PlayoutClock(clock);
    clocks.set(clock, shared);
  }
  return shared;
}
