/** Our resampler beside others from npm, 48 to 24 kHz in 10 ms frames, in one run and in turns. */
import { loadResampler } from '../../audio/index.js';
import { messageOf } from '../../src/errors.js';
import { median, type Row } from './measure.js';
import {
  FRAME_SAMPLES,
  FROM_HZ,
  LIVEKIT_NAME,
  loadPeers,
  makeOurs,
  TO_HZ,
  type MakeCandidate,
} from './resampler-peers.js';
import { installPeers } from './peers.js';

const ROUNDS = 21;
const FRAMES_PER_ROUND = 400;
const DELAY_FRAMES = 200;
const WANTED_RATIO = 1.5;

type Lateness = { minMs: number; maxMs: number; outputSizes: string };

/**
 * Per candidate the median time for a frame over rounds in which all take turns, how late its audio is (filter delay
 * plus what is held back when the call returns), and our speed relative to @livekit/rtc-node. Without a network, where the
 * others cannot be installed, only our own rows, with a note that says why.
 */
export async function benchResamplers(): Promise<Row[]> {
  await loadResampler();
  const makers: MakeCandidate[] = [makeOurs];
  let dispose = (): Promise<void> => Promise.resolve();
  let missing = '';
  try {
    const peers = loadPeers(await installPeers('peers'));
    makers.push(...peers.makers);
    dispose = peers.dispose;
  } catch (error) {
    missing = `; nothing to compare with: ${messageOf(error).split('\n')[0]!}`;
  }

  const times = await measureTimes(makers);
  const rows: Row[] = [];
  const group = 'resampler: 48 to 24 kHz, 10 ms frame';
  for (const [index, make] of makers.entries()) {
    const { name, nanoseconds } = times[index]!;
    const { minMs, maxMs, outputSizes } = await measureLateness(make);
    const xRealTime = Math.round(10_000_000 / nanoseconds);
    rows.push(
      {
        group,
        name,
        value: nanoseconds,
        unit: 'ns',
        note: `${xRealTime} x real time; ${outputSizes} samples out per frame${missing}`,
      },
      {
        group,
        name: `${name}: lateness`,
        value: maxMs,
        unit: 'ms',
        note: `filter delay + audio held back, ${minMs.toFixed(2)} to ${maxMs.toFixed(2)} ms`,
      },
    );
  }
  const liveKit = times.find(({ name }) => name === LIVEKIT_NAME);
  if (liveKit !== undefined) {
    const ratio = liveKit.nanoseconds / times[0]!.nanoseconds;
    rows.push({
      group,
      name: 'speed relative to @livekit/rtc-node',
      value: ratio,
      unit: 'x',
      note: `wanted: at least ${WANTED_RATIO}, ${ratio >= WANTED_RATIO ? 'met' : 'NOT MET'}`,
    });
  }
  await dispose();
  return rows;
}

async function measureTimes(
  makers: readonly MakeCandidate[],
): Promise<{ name: string; nanoseconds: number }[]> {
  const candidates = await Promise.all(makers.map((make) => make()));
  const frames = Array.from({ length: 50 }, (_, index) => speechLikeFrame(index));
  const rounds = candidates.map((): number[] => []);
  // The first round warms up and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (let turn = 0; turn < candidates.length; turn++) {
      const index = (round + turn) % candidates.length;
      const candidate = candidates[index]!;
      const started = process.hrtime.bigint();
      for (let i = 0; i < FRAMES_PER_ROUND; i++) candidate.process(frames[i % frames.length]!);
      const elapsed = Number(process.hrtime.bigint() - started);
      if (round > 0) rounds[index]!.push(elapsed / FRAMES_PER_ROUND);
    }
  }
  for (const candidate of candidates) candidate.close();
  return candidates.map(({ name }, index) => ({ name, nanoseconds: median(rounds[index]!) }));
}

/** Sends an impulse through: where it comes out in the output, plus how much output lags behind input after each call. */
async function measureLateness(make: MakeCandidate): Promise<Lateness> {
  const candidate = await make();
  const impulseAt = 20 * FRAME_SAMPLES;
  const sizes = new Map<number, number>();
  const heldBackMs: number[] = [];
  let made = 0;
  let loudest = 0;
  let loudestAt = 0;
  for (let index = 0; index < DELAY_FRAMES; index++) {
    const frame = new Int16Array(FRAME_SAMPLES);
    if (index * FRAME_SAMPLES === impulseAt) frame[0] = 32_767;
    const out = candidate.process(frame);
    for (let i = 0; i < out.length; i++) {
      if (Math.abs(out[i]!) <= loudest) continue;
      loudest = Math.abs(out[i]!);
      loudestAt = made + i;
    }
    made += out.length;
    if (index < DELAY_FRAMES / 2) continue; // past the start, where bursts have not settled
    sizes.set(out.length, (sizes.get(out.length) ?? 0) + 1);
    heldBackMs.push((index + 1) * 10 - (made * 1000) / TO_HZ);
  }
  candidate.close();
  const filterMs = (loudestAt * 1000) / TO_HZ - (impulseAt * 1000) / FROM_HZ;
  return {
    minMs: filterMs + Math.min(...heldBackMs),
    maxMs: filterMs + Math.max(...heldBackMs),
    outputSizes: [...sizes.keys()].sort((a, b) => a - b).join(' or '),
  };
}

/** A frame of harmonics of a voice's pitch, in an array of its own. */
function speechLikeFrame(index: number): Int16Array {
  return Int16Array.from({ length: FRAME_SAMPLES }, (_, i) => {
    const seconds = (index * FRAME_SAMPLES + i) / FROM_HZ;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 20; harmonic++) {
      sum += Math.sin(2 * Math.PI * 140 * harmonic * seconds) / harmonic;
    }
    return Math.round(sum * 6000);
  });
}
