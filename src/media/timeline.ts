/**
 * Where decoded sound belongs by the timestamps of its container. Pure.
 *
 * Packets follow one another without a gap unless their timestamps say so: what was not recorded (a muted microphone, lost
 * packets, a late start) becomes silence. Timestamps are rounded and single ones are off, so a gap counts when the packets
 * after it agree; sound is never dropped for the sake of a timestamp, except what lies before time 0.
 */

/** A packet of decoded sound, with anything that comes along. Timestamps only grow. */
export type TimedPacket<Sound> = { ptsMs: number; frames: number; sound: Sound };

/** What to write next: so much silence, then the sound without its first `skip` frames. */
export type PlacedPacket<Sound> = { silence: number; skip: number; sound: Sound };

/** A pause that the timestamps of packets do not tell: so much, behind so much of what is decoded. */
export type UntoldGap = { afterMs: number; gapMs: number };

/** How the timestamps are to be read. */
export type TimelineOptions = {
  sampleRateHz: number;
  /** Timestamp of the recording's beginning; undefined: that of the first packet. */
  zeroMs: number | undefined;
  /** Frames that the decoder makes before the first one that was recorded; negative where it leaves some out. */
  primingFrames: number;
  /** A larger gap is a clock that was set anew, not a silence. */
  maxGapMs: number;
  /** A first packet so near the beginning is at the beginning; {@link START_TOLERANCE_MS} by default. */
  startToleranceMs?: number | undefined;
};

/** What the timestamps showed. */
export type TimelineFindings = {
  /** Silence before the first sound, when more than is tolerated. */
  lateStartMs: number;
  gapCount: number;
  gapMs: number;
};

/** Timestamps are off by so much by rounding alone, and a gap is larger. */
const TOLERANCE_MS = 3;
/** Encoders' delays are rounded, or not told. */
const START_TOLERANCE_MS = 25;
/** Packets that must agree that there was a gap before them: single ones are off by 10 ms in Ogg Vorbis. */
const AGREEING_PACKETS = 3;

/** Places packets, a few of them late. */
export class Timeline<Sound> {
  readonly #options: TimelineOptions;
  readonly #waiting: TimedPacket<Sound>[] = [];
  /** Where the next frame belongs; below 0 while frames are left out. */
  #position: number;
  #written = 0;
  /** Frames of the decoder that its timestamps count and the recording does not. */
  #priming: number;
  #zeroMs: number | undefined;
  #begun = false;
  readonly #findings: TimelineFindings = { lateStartMs: 0, gapCount: 0, gapMs: 0 };

  constructor(options: TimelineOptions) {
    this.#options = options;
    this.#zeroMs = options.zeroMs;
    this.#position = -options.primingFrames;
    this.#priming = options.primingFrames;
  }

  get findings(): Readonly<TimelineFindings> {
    return this.#findings;
  }

  /** Takes the next packet; gives one that is certain now, if there is one. */
  push(packet: TimedPacket<Sound>): PlacedPacket<Sound> | undefined {
    this.#waiting.push(packet);
    return this.#waiting.length < AGREEING_PACKETS ? undefined : this.#place();
  }

  /** Gives the packets that are left, one at a time. */
  flush(): PlacedPacket<Sound> | undefined {
    return this.#waiting.length === 0 ? undefined : this.#place();
  }

  #place(): PlacedPacket<Sound> {
    if (!this.#begun) this.#begin(this.#waiting[0]!.ptsMs);
    else this.#position += this.#gap();
    const { frames, sound } = this.#waiting.shift()!;
    const silence = Math.max(0, this.#position - this.#written);
    const skip = Math.min(frames, Math.max(0, -this.#position));
    this.#position += frames;
    this.#written = Math.max(0, this.#position);
    return { silence, skip, sound };
  }

  #begin(ptsMs: number): void {
    this.#begun = true;
    this.#zeroMs ??= ptsMs;
    const lateMs = ptsMs - this.#zeroMs;
    const { startToleranceMs = START_TOLERANCE_MS } = this.#options;
    if (Math.abs(lateMs) <= startToleranceMs || lateMs > this.#options.maxGapMs) {
      this.#zeroMs = ptsMs;
      return;
    }
    // A container that places the first packet so has counted what the decoder makes before it.
    this.#position = this.#framesOf(lateMs);
    this.#priming = 0;
    if (lateMs > 0) this.#findings.lateStartMs = lateMs;
  }

  /** Frames that are missing before the first packet that waits. */
  #gap(): number {
    let smallest = Infinity;
    let at = this.#position + this.#priming;
    for (const { ptsMs, frames } of this.#waiting) {
      smallest = Math.min(smallest, this.#framesOf(ptsMs - this.#zeroMs!) - at);
      at += frames;
    }
    if (smallest <= this.#framesOf(TOLERANCE_MS)) return 0;
    const gapMs = (smallest * 1000) / this.#options.sampleRateHz;
    if (gapMs > this.#options.maxGapMs) {
      this.#zeroMs! += gapMs;
      return 0;
    }
    this.#findings.gapCount++;
    this.#findings.gapMs += gapMs;
    return smallest;
  }

  #framesOf(ms: number): number {
    return Math.round((ms * this.#options.sampleRateHz) / 1000);
  }
}
