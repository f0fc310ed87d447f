import type { Clock, TimerHandle } from '../../clock.js';

const FRAME_MS = 10;
/** Frames go out this long before the moment they stand for; see src/room/videosdk/README.md. */
export const PLAYOUT_LEAD_MS = 20;
/** Up to this late, missed frames are pushed at once: receivers' jitter buffers take that without loss. */
export const MAX_CATCH_UP_MS = 60;

/** A track that is fed frame by frame. */
export interface PacedTrack {
  /** Takes the 10 ms frame that is heard at `atMs`. */
  playFrame(atMs: number): void;
}

/** Totals over a clock's life. Lateness is how long after its due time a frame was pushed. */
export type PlayoutClockStats = {
  beats: number;
  maxLateMs: number;
  /** How often the grid was set anew because more than {@link MAX_CATCH_UP_MS} had been missed. */
  reanchors: number;
  /** Time that no frame was pushed for; what was queued then is heard that much later. */
  skippedMs: number;
};

/**
 * The beat of all published tracks: 10 ms frames on an absolute grid, so that timers that fire late never add up.
 * wrtc's audio source has no queue and no pace; what is pushed goes out at once.
 * It rests while it has no tracks.
 */
export class PlayoutClock {
  readonly leadMs: number;
  readonly #clock: Clock;
  readonly #onTrackError: (error: unknown) => void;
  readonly #stats: PlayoutClockStats = { beats: 0, maxLateMs: 0, reanchors: 0, skippedMs: 0 };
  #tracks: readonly PacedTrack[] = [];
  #timer: TimerHandle | undefined;
  #nextAtMs = 0;

  constructor(clock: Clock, options: { leadMs?: number; onTrackError?: (error: unknown) => void } = {}) {
    this.#clock = clock;
    this.leadMs = options.leadMs ?? PLAYOUT_LEAD_MS;
    this.#onTrackError = options.onTrackError ?? (() => undefined);
  }

  get stats(): Readonly<PlayoutClockStats> {
    return this.#stats;
  }

  /** Feeds `track` from the next beat on, until the returned function is called. */
  add(track: PacedTrack): () => void {
    this.#tracks = [...this.#tracks, track];
    if (this.#timer === undefined) {
      this.#nextAtMs = this.#clock.nowMs() + this.leadMs;
      this.#schedule();
    }
    return () => {
      this.#tracks = this.#tracks.filter((other) => other !== track);
      if (this.#tracks.length > 0) return;
      this.#timer?.cancel();
      this.#timer = undefined;
    };
  }

  #schedule(): void {
    const delayMs = this.#nextAtMs - this.leadMs - this.#clock.nowMs();
    this.#timer = this.#clock.setTimer(() => {
      this.#beat();
    }, delayMs);
  }

  #beat(): void {
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs + this.leadMs - this.#nextAtMs;
    if (lateMs > MAX_CATCH_UP_MS) {
      this.#stats.reanchors++;
      this.#stats.skippedMs += nowMs - this.#nextAtMs;
      this.#nextAtMs = nowMs;
    } else if (lateMs > this.#stats.maxLateMs) {
      this.#stats.maxLateMs = lateMs;
    }
    while (this.#nextAtMs <= nowMs + this.leadMs) {
      this.#stats.beats++;
      for (const track of this.#tracks) {
        try {
          track.playFrame(this.#nextAtMs);
        } catch (error) {
          this.#onTrackError(error);
        }
      }
      this.#nextAtMs += FRAME_MS;
    }
    if (this.#tracks.length > 0) this.#schedule();
  }
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
