/** One microphone in a simulated room, while a voice speaks: what it hears, and what is left without the echo. */
import { EchoCanceller, EchoReference } from '../../../audio/index.js';
import { AcousticRoom, type AcousticRoomOptions } from '../../../src/room/testing/acoustic-room.js';
import type { Rendering } from '../../../src/embedded/phrasebook/phrasebook.js';
import { StreamingResampler } from '../../../audio/resampler.js';
import { concat, noise } from '../signals.js';

const FRAME = 480;

export type Scene = {
  /** 48 kHz, from time 0 on. */
  published: Int16Array;
  /** What the person says, from time 0 on; silence if absent. */
  said?: Int16Array;
  room?: AcousticRoomOptions;
  /** Takes the place of `room` from this time on. */
  later?: { fromMs: number; room: AcousticRoomOptions };
  /** Background of the microphone; silence if absent. */
  noiseDbfs?: number;
  durationMs: number;
};

/** What came out of a canceller, piece by piece. */
export type Heard = {
  heard: Int16Array;
  cleaned: Int16Array;
  /** How long the last sample of each piece was held back beyond the frame that it came in. */
  held: { atMs: number; forMs: number }[];
  /** The path as it was after each 10 ms. */
  paths: string[];
};

/** Runs a scene in frames of 10 ms. Throws where a sample is missing or comes twice. */
export function play({ published, said, room, later, noiseDbfs, durationMs }: Scene): Heard {
  const total = durationMs * 48;
  const background = noiseDbfs === undefined ? new Int16Array(total) : noise(total, noiseDbfs + 4.77, 7);
  const first = room === undefined ? undefined : new AcousticRoom(room);
  const second = later === undefined ? undefined : new AcousticRoom(later.room);
  const reference = new EchoReference();
  const result: Heard = {
    heard: new Int16Array(total),
    cleaned: new Int16Array(total),
    held: [],
    paths: [],
  };
  let next = 0;
  let now = 0;
  const canceller = new EchoCanceller(reference, (samples, position) => {
    if (position !== next) throw new Error(`sample ${position} came instead of ${next}`);
    result.cleaned.set(samples, position);
    next += samples.length;
    result.held.push({ atMs: position / 48, forMs: Math.max(0, now - next) / 48 });
  });
  for (let at = 0; at < total; at += FRAME) {
    const frame = new Int16Array(FRAME);
    frame.set(published.subarray(at, at + FRAME));
    reference.push(frame, at);
    const echo = first?.play(frame);
    const laterEcho = second?.play(frame);
    const audible = later !== undefined && at >= later.fromMs * 48 ? laterEcho : echo;
    const heard = result.heard.subarray(at, at + FRAME);
    for (let i = 0; i < FRAME; i++) {
      const sum = (audible?.[i] ?? 0) + (said?.[at + i] ?? 0) + background[at + i]!;
      heard[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
    }
    now = at;
    canceller.push(heard, at);
    result.paths.push(canceller.path.kind);
  }
  canceller.flush();
  canceller.close();
  reference.close();
  if (next !== total) throw new Error(`${next} of ${total} samples came out`);
  return result;
}

/** The longest that something said from one time to another was held back. */
export function longestHeldMs({ held }: Heard, fromMs: number, toMs = Infinity): number {
  return Math.max(...held.map(({ atMs, forMs }) => (atMs >= fromMs && atMs < toMs ? forMs : 0)));
}

/** A phrase at 48 kHz. */
export function at48k({ pcm24k }: Rendering): Int16Array {
  const resampler = new StreamingResampler(24_000, 48_000);
  const pcm = resampler.process(pcm24k).slice();
  resampler.close();
  return pcm;
}

/** Silence of so many milliseconds at 48 kHz. */
export const pause = (durationMs: number): Int16Array => new Int16Array(durationMs * 48);

/** One after the other, 200 ms apart. */
export function inTurn(sounds: readonly Int16Array[]): Int16Array {
  return concat(sounds.flatMap((sound) => [sound, pause(200)]));
}
