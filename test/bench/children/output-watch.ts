import { systemClock } from '../../../src/clock.js';
import { playoutClockOn } from '../../../src/room/webrtc/playout-clock.js';
import type { TrackSource } from '../../../src/room/room.js';
import type { Output } from './messages.js';

/** Counts what is handed to the audio source: silence inside of sound, and frames that come late. */
export class OutputWatch {
  #output = emptyOutput();
  #silentFrames = 0;
  #before = { reanchors: 0, skippedMs: 0 };

  /** Starts anew. */
  start(): void {
    this.#output = emptyOutput();
    this.#silentFrames = 0;
  }

  /** What was seen from the first frame with sound to the last one. */
  take(): Output {
    return { ...this.#output };
  }

  watch(source: TrackSource): TrackSource {
    return {
      get idle() {
        return source.idle === true;
      },
      onWake: (listener) => source.onWake?.(listener) ?? (() => undefined),
      pull: (out, atMs) => {
        source.pull(out, atMs);
        this.#count(out, atMs);
      },
    };
  }

  #count(out: Int16Array, atMs: number): void {
    const output = this.#output;
    if (out.every((sample) => sample === 0)) {
      this.#silentFrames++;
      return;
    }
    const { reanchors, skippedMs } = playoutClockOn(systemClock).stats;
    if (output.soundingFrames === 0) this.#before = { reanchors, skippedMs };
    else output.silentFramesInside += this.#silentFrames;
    this.#silentFrames = 0;
    output.soundingFrames++;
    if (systemClock.nowMs() > atMs) output.overdueFrames++;
    output.reanchors = reanchors - this.#before.reanchors;
    output.skippedMs = skippedMs - this.#before.skippedMs;
  }
}

function emptyOutput(): Output {
  return {
    soundingFrames: 0,
    silentFramesInside: 0,
    overdueFrames: 0,
    reanchors: 0,
    skippedMs: 0,
  };
}
