import { StreamingResampler } from '../../../audio/resampler.js';
import { seededRandom } from '../../../src/seeded-random.js';
import {
  addNoiseAtSnr,
  changeTempo,
  concat,
  deliverFrames,
  gain,
  interleave,
  playAtSpeed,
  throughMuLaw,
} from './degrade.js';
import { throughJitterBuffer, type Outage } from './jitter-buffer.js';

/** What happens to a phrase. `other` is a second speaker; `seed` differs from phrase to phrase. */
export type Condition = (pcm: Int16Array, other: Int16Array, seed: number) => Int16Array;

/** One frame in ten, at a random place in every ten. */
function oneInTen(seed: number): (index: number) => boolean {
  const random = seededRandom(seed);
  const chosen: number[] = [];
  return (index) => {
    const ten = Math.floor(index / 10);
    while (chosen.length <= ten) chosen.push(Math.floor(random() * 10));
    return chosen[ten] === index % 10;
  };
}

const everyTenth =
  (frameMs: number, copies: number): Condition =>
  (pcm) =>
    deliverFrames(pcm, frameMs, (index) => (index % 10 === 3 ? copies : 1));
const anyTenth =
  (frameMs: number, copies: number): Condition =>
  (pcm, _other, seed) => {
    const isChosen = oneInTen(seed * 100 + frameMs + copies);
    return deliverFrames(pcm, frameMs, (index) => (isChosen(index) ? copies : 1));
  };

/** Every tenth frame of `frameMs` is there but silent. */
const mutedFrames =
  (frameMs: number): Condition =>
  (pcm) => {
    const muted = pcm.slice();
    const size = frameMs * 24;
    for (let start = 3 * size; start < muted.length; start += 10 * size) muted.fill(0, start, start + size);
    return muted;
  };

/** One buffer that two speakers take turns to overwrite: no sample more, half of each is lost. */
const overwritten =
  (frameMs: number): Condition =>
  (pcm, other) => {
    const size = frameMs * 24;
    return pcm.map((sample, i) => (Math.floor(i / size) % 2 === 0 ? sample : (other[i] ?? 0)));
  };

/** Through our own streaming resampler, 24 to 48 kHz and back. Call `loadResampler()` first. */
const throughOurResampler: Condition = (pcm) => {
  const up = new StreamingResampler(24_000, 48_000);
  const wide = concat(up.process(pcm).slice(), up.flush().slice());
  up.close();
  const down = new StreamingResampler(48_000, 24_000);
  const back = concat(down.process(wide).slice(), down.flush().slice());
  down.close();
  return back;
};

/**
 * Through a jitter buffer that conceals this share of the 20 ms packets, in bursts at random places of random lengths. `bends`: it
 * plays slower up to a random place and faster from there, or the other way round, by at most eight pitch periods each.
 */
const concealed =
  (
    share: number,
    burst: { longestMs: number; lost: boolean; bends?: readonly ['slower' | 'faster', 'slower' | 'faster'] },
  ): Condition =>
  (pcm, _other, seed) => {
    const random = seededRandom(seed * 1009 + burst.longestMs + share * 1000);
    const packetCount = Math.floor(pcm.length / 480);
    const outages: Outage[] = [];
    for (let left = Math.floor(packetCount * share); left > 0;) {
      const packets = Math.min(left, 1 + Math.floor(random() * (burst.longestMs / 20)));
      const packet = 3 + Math.floor(random() * (packetCount - 6));
      if (outages.some((other) => Math.abs(other.packet - packet) < 6)) continue;
      outages.push({ packet, durationMs: packets * 20, lost: burst.lost });
      left -= packets;
    }
    const turnsAt = packetCount * random();
    let last = -Infinity;
    const periods = { slower: 0, faster: 0 };
    const stretchAt = (packet: number): 'slower' | 'faster' | undefined => {
      if (burst.bends === undefined || packet - last < 3) return undefined;
      const bend = burst.bends[packet < turnsAt ? 0 : 1];
      if (++periods[bend] > 8) return undefined;
      last = packet;
      return bend;
    };
    return throughJitterBuffer(pcm, { outages, stretchAt }, seed);
  };

/** What WebRTC does to speech on a busy machine: must be recognised. */
export const CONCEALED: Record<string, Condition> = {
  '5 % lost, 20 ms each': concealed(0.05, { longestMs: 20, lost: true }),
  '5 % lost, in bursts up to 60 ms': concealed(0.05, { longestMs: 60, lost: true }),
  '5 % late, in bursts up to 60 ms': concealed(0.05, { longestMs: 60, lost: false }),
  '5 % late, slower, then faster': concealed(0.05, {
    longestMs: 60,
    lost: false,
    bends: ['slower', 'faster'],
  }),
  '5 % lost, faster, then slower': concealed(0.05, {
    longestMs: 60,
    lost: true,
    bends: ['faster', 'slower'],
  }),
  'slower throughout': concealed(0, { longestMs: 20, lost: true, bends: ['slower', 'slower'] }),
  'faster throughout': concealed(0, { longestMs: 20, lost: true, bends: ['faster', 'faster'] }),
};

/** Must be recognised. */
export const HARMLESS: Record<string, Condition> = {
  'as recorded': (pcm) => pcm,
  '10 % fast, pitch and all': (pcm) => playAtSpeed(pcm, 1.1),
  '10 % slow, pitch and all': (pcm) => playAtSpeed(pcm, 0.9),
  '10 % fast, pitch kept': (pcm) => changeTempo(pcm, 1.1),
  '10 % slow, pitch kept': (pcm) => changeTempo(pcm, 0.9),
  '4 % fast, pitch kept': (pcm) => changeTempo(pcm, 1.04),
  '12 dB louder, and clipped': (pcm) => gain(pcm, 12),
  '12 dB softer': (pcm) => gain(pcm, -12),
  '8 kHz mu-law': throughMuLaw,
  'white noise at 20 dB': (pcm, _other, seed) => addNoiseAtSnr(pcm, 20, seed),
  'our resampler, 24 to 48 kHz and back': throughOurResampler,
};

/** Must not be recognised. */
export const DEFECTS: Record<string, Condition> = {
  'rate x 1.5': (pcm) => playAtSpeed(pcm, 1.5),
  'rate x 0.5': (pcm) => playAtSpeed(pcm, 0.5),
  'rate 48/44.1 x 1.1': (pcm) => playAtSpeed(pcm, (48 / 44.1) * 1.1),
  'every tenth 10 ms frame lost': everyTenth(10, 0),
  'every tenth 20 ms frame lost': everyTenth(20, 0),
  'every tenth 10 ms frame doubled': everyTenth(10, 2),
  'every tenth 20 ms frame doubled': everyTenth(20, 2),
  'any tenth 10 ms frame lost': anyTenth(10, 0),
  'any tenth 20 ms frame lost': anyTenth(20, 0),
  'any tenth 10 ms frame doubled': anyTenth(10, 2),
  'any tenth 20 ms frame doubled': anyTenth(20, 2),
  'as many 10 ms frames lost as doubled': (pcm) =>
    deliverFrames(pcm, 10, (index) => (index % 10 === 3 ? 0 : index % 10 === 8 ? 2 : 1)),
  'every tenth 10 ms frame silent': mutedFrames(10),
  'every tenth 20 ms frame silent': mutedFrames(20),
  'two speakers, 10 ms frames in turn': (pcm, other) => interleave(pcm, other, 10),
  'two speakers, 20 ms frames in turn': (pcm, other) => interleave(pcm, other, 20),
  'two speakers, 100 ms in turn': (pcm, other) => interleave(pcm, other, 100),
  'two speakers overwrite each other, 10 ms': overwritten(10),
  'two speakers overwrite each other, 20 ms': overwritten(20),
  'two speakers overwrite each other, 100 ms': overwritten(100),
  'first half': (pcm) => pcm.subarray(0, pcm.length / 2),
  'second half': (pcm) => pcm.subarray(pcm.length / 2),
  'last 15 % missing': (pcm) => pcm.subarray(0, pcm.length * 0.85),
  reversed: (pcm) => pcm.slice().reverse(),
};
