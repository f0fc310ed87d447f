/** Counts what is handed to the audio source: silence inside of sound, and frames that come late. */
import { systemClock } from '../../../src/clock.js';
import { playoutClockOn } from '../../../src/room/videosdk/playout-clock.js';
import type { TrackSource } from '../../../src/room/room.js';
import type { Output } from './messages.js';

/** See the file's comment. */
export class OutputWatch {
  #output = emptyOutput();
  #silentFrames = 0;
  #before = { reanchors: 0, skippedMs: 0 };

  /** Starts anew. */
  start(): void {
    const { reanchors, skippedMs } = playoutClockOn(systemClock).stats;
    this.#before = { reanchors, skippedMs };
    this.#output = emptyOutput();
    this.#silentFrames = 0;
  }

  /** What was seen since the start. */
  take(): Output {
    const { reanchors, skippedMs } = playoutClockOn(systemClock).stats;
    return {
      ...this.#output,
      reanchors: reanchors - this.#before.reanchors,
      skippedMs: skippedMs - this.#before.skippedMs,
    };
  }

  watch(source: TrackSource): TrackSource {
    return {
      pull: (out, atMs) => {
        source.pull(out, atMs);
        this.#count(out, atMs);
      },
    };
  }

  #count(out: Int16Array, atMs: number): void {
    const output = this.#output;
    output.frames++;
    if (systemClock.nowMs() > atMs) output.overdueFrames++;
    if (out.every((sample) => sample === 0)) {
      this.#silentFrames++;
      return;
    }
    if (output.soundingFrames > 0) output.silentFramesInside += this.#silentFrames;
    output.soundingFrames++;
    this.#silentFrames = 0;
  }
}

function emptyOutput(): Output {
  return {
    frames: 0,
    soundingFrames: 0,
    silentFramesInside: 0,
    overdueFrames: 0,
    reanchors: 0,
    skippedMs: 0,
  };
}
