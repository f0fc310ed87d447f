/**
 * Maps a session's own time (milliseconds of audio written to its input buffer, which is what `audio_start_ms` and
 * `audio_end_ms` count) to the meeting's clock. The two run apart whenever audio is dropped, delayed or fed in between.
 */
import { HOLE_MS } from './audio-chunk.js';

type Anchor = { bufferMs: number; meetingMs: number };

/** Enough for an hour in which a frame is lost every second; older anchors are forgotten. */
const MAX_ANCHORS = 4096;

/** Piecewise linear map from buffer time to meeting time, slope one, with a new piece after every gap. */
export class SampleTimeline {
  readonly #sampleRateHz: number;
  readonly #anchors: Anchor[] = [];
  #samples = 0;

  constructor(sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
  }

  /** Milliseconds of audio written so far. */
  get bufferMs(): number {
    return (this.#samples * 1000) / this.#sampleRateHz;
  }

  /** Notes that `sampleCount` samples were written, the first of which belongs to `atMs` of the meeting. */
  append(sampleCount: number, atMs: number): void {
    if (sampleCount <= 0) return;
    const bufferMs = this.bufferMs;
    const last = this.#anchors.at(-1);
    if (last === undefined || Math.abs(last.meetingMs + bufferMs - last.bufferMs - atMs) > HOLE_MS) {
      this.#anchors.push({ bufferMs, meetingMs: atMs });
      if (this.#anchors.length > MAX_ANCHORS) this.#anchors.shift();
    }
    this.#samples += sampleCount;
  }

  /** The meeting's time of a point of the buffer. No sound lies outside of what was written: points there are moved to its bounds. */
  toMeetingMs(bufferMs: number): number {
    const withinMs = Math.min(Math.max(0, bufferMs), this.bufferMs);
    let anchor = this.#anchors[0];
    if (anchor === undefined) return withinMs;
    for (let index = this.#anchors.length - 1; index > 0; index--) {
      const candidate = this.#anchors[index]!;
      if (candidate.bufferMs <= withinMs) {
        anchor = candidate;
        break;
      }
    }
    return anchor.meetingMs + withinMs - anchor.bufferMs;
  }
}
