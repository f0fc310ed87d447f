import { beforeAll, describe, expect, it } from 'vitest';
import {
  EchoCanceller,
  EchoReference,
  loadResampler,
  loadSpeechDetector,
  measureLevel,
  SpeechDetector,
} from '../../../audio/index.js';
import { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';
import { StreamingResampler } from '../../../audio/resampler.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import { concat, expectSameSamples, noise } from '../signals.js';
import { at48k, inTurn, longestHeldMs, pause, play } from './echo-scene.js';

let book: Phrasebook;
let recogniser: Recogniser;
/** 1 s of silence, then three phrases of the interpreter, 200 ms apart. */
let voice: Int16Array;
beforeAll(async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  book = await loadBook();
  recogniser = new Recogniser(book);
  voice = concat([
    pause(1_000),
    inTurn(['where-is-the-station', 'customers-like-it', 'send-the-report'].map((id) => phrase('en', id))),
  ]);
});

const phrase = (language: string, id: string): Int16Array => at48k(book.get(id)!.get(language)!);

/** When speech begins, by our own ear, in milliseconds; the first second lets it get used to the background. */
function speechStarts(pcm: Int16Array): number[] {
  const detector = new SpeechDetector(48_000);
  const starts: number[] = [];
  detector.push(pcm, ({ kind, atMs }) => {
    if (kind === 'started' && atMs > 500) starts.push(atMs);
  });
  detector.close();
  return starts;
}

function recognised(pcm: Int16Array): string[] {
  const resampler = new StreamingResampler(48_000, 24_000);
  const said = recogniser.recognise(resampler.process(pcm).slice()) ?? [];
  resampler.close();
  return said.map(({ language, phraseId }) => `${language}:${phraseId}`);
}

describe('where there is no echo', () => {
  it('sound passes at once, in the very samples, while nothing is published', () => {
    const reference = new EchoReference();
    const passed: Int16Array[] = [];
    const canceller = new EchoCanceller(reference, (samples) => passed.push(samples));
    const frames = Array.from({ length: 100 }, (_, n) => noise(480, -10, n));
    for (const [n, frame] of frames.entries()) {
      reference.push(new Int16Array(480), n * 480);
      canceller.push(frame, n * 480);
    }
    expect(passed).toHaveLength(100);
    expect(passed.every((samples, n) => samples === frames[n])).toBe(true);
    canceller.close();
    reference.close();
  });

  it('and to the last bit while something is: held back at first, and not at all once the path is known', () => {
    const said = concat([pause(1_700), phrase('de', 'send-the-report'), phrase('de', 'we-need-more-time')]);
    const early = play({ published: voice, said, durationMs: 7_000 });
    expectSameSamples(early.cleaned, early.heard);
    expect(early.paths).not.toContain('echo');
    expect(longestHeldMs(early, 0)).toBeLessThan(520);
    const late = play({ published: voice, said: concat([pause(2_500), said]), durationMs: 9_000 });
    expectSameSamples(late.cleaned, late.heard);
    expect(late.paths[350]).toBe('none');
    expect(longestHeldMs(late, 3_500)).toBe(0);
  });

  it('whoever speaks already when the voice begins is not held back', () => {
    const said = concat([pause(200), phrase('de', 'send-the-report'), phrase('de', 'we-need-more-time')]);
    const heard = play({ published: voice, said, durationMs: 5_000 });
    expectSameSamples(heard.cleaned, heard.heard);
    expect(longestHeldMs(heard, 1_000, 1_500)).toBeLessThan(32);
  });
});

const ROOMS = [
  ...[-20, -30].flatMap((levelDb) => [60, 150, 400].map((delayMs) => ({ levelDb, delayMs }))),
  { levelDb: -10, delayMs: 230 },
];

describe.each(ROOMS)('an echo of $levelDb dB after $delayMs ms', (room) => {
  it.each([undefined, -60])(
    'over a background of %s dBFS is no speech from the first word on',
    (noiseDbfs) => {
      const scene = { published: voice, room, durationMs: 6_000 };
      const { heard, cleaned } = play(noiseDbfs === undefined ? scene : { ...scene, noiseDbfs });
      expect(speechStarts(heard).length).toBeGreaterThan(0); // else it would prove nothing
      expect(speechStarts(cleaned)).toEqual([]);
    },
  );
});

describe('somebody who talks over the echo', () => {
  it.each([60, 150, 400])(
    'of -20 dB after %i ms passes, from the first sound on, and is understood',
    (delayMs) => {
      const saidAtMs = 4_100;
      const said = concat([pause(saidAtMs), phrase('de', 'we-need-more-time')]);
      const { cleaned } = play({
        published: voice,
        said,
        room: { delayMs, levelDb: -20 },
        durationMs: 8_000,
      });
      const [start, ...others] = speechStarts(cleaned);
      expect(start! - saidAtMs).toBeLessThan(100);
      expect(others).toEqual([]);
      expect(recognised(cleaned)).toEqual(['de:we-need-more-time']);
    },
  );

  it('is heard with less echo than the microphone had', () => {
    const said = concat([pause(4_100), phrase('de', 'we-need-more-time')]);
    const room = { delayMs: 150, levelDb: -6 };
    const published = concat([voice, voice.subarray(48_000)]);
    const late = concat([pause(8_200), phrase('de', 'we-need-more-time')]);
    for (const [sound, gainDb] of [
      [said, 8],
      [late, 10],
    ] as const) {
      const { heard, cleaned } = play({ published, said: sound, room, durationMs: 13_000 });
      const from = sound.findIndex((sample) => sample !== 0) + 48 * 200;
      const to = sound.length - 48 * 200;
      const rest = (pcm: Int16Array): number =>
        measureLevel(pcm.subarray(from, to).map((sample, i) => sample - sound[from + i]!)).rmsDbfs;
      expect(rest(heard) - rest(cleaned)).toBeGreaterThan(gainDb);
    }
  });

  it('in the first words that are ever published passes too', () => {
    const said = concat([pause(1_300), phrase('de', 'we-need-more-time')]);
    const heard = play({ published: voice, said, room: { delayMs: 150, levelDb: -20 }, durationMs: 6_000 });
    expect(speechStarts(heard.cleaned)[0]! - 1_300).toBeLessThan(200);
    expect(longestHeldMs(heard, 0)).toBeLessThan(520);
  });
});

describe('what changes', () => {
  it('another delay is found anew, and what comes before that is bounded', () => {
    const published = concat([voice, voice.subarray(48_000), voice.subarray(48_000)]);
    const { cleaned, paths } = play({
      published,
      room: { delayMs: 150, levelDb: -20 },
      later: { fromMs: 8_000, room: { delayMs: 260, levelDb: -20 } },
      durationMs: 22_000,
    });
    expect(paths.at(-1)).toBe('echo');
    expect(speechStarts(cleaned).filter((atMs) => atMs > 9_500)).toEqual([]);
  });

  it('when the voice is silent again, sound passes at once', () => {
    const overMs = Math.ceil(voice.length / 48) + 800; // with what is still on its way, and the room
    const said = concat([pause(overMs + 500), phrase('de', 'we-need-more-time')]);
    const heard = play({ published: voice, said, room: { delayMs: 150, levelDb: -20 }, durationMs: 12_000 });
    expectSameSamples(heard.cleaned.subarray(overMs * 48), heard.heard.subarray(overMs * 48));
    expect(longestHeldMs(heard, overMs)).toBe(0);
  });
});

it('takes pieces of any length, and gives each sample once', () => {
  const reference = new EchoReference();
  const room = { delayMs: 60, levelDb: -20 };
  const { heard, cleaned } = play({ published: voice, room, durationMs: 6_000 });
  const sound = new Int16Array(heard.length);
  let next = 0;
  const canceller = new EchoCanceller(reference, (samples, position) => {
    expect(position).toBe(next);
    sound.set(samples, position);
    next += samples.length;
  });
  // The voice is ahead of the microphone; pieces of a prime length, and one of half a second.
  let published = 0;
  const sizes = [997, 1, 480, 24_000, 7];
  for (let at = 0, n = 0; at < heard.length; n++) {
    const to = Math.min(heard.length, at + sizes[n % sizes.length]!);
    for (; published < Math.min(voice.length, to); published += 480) {
      const frame = new Int16Array(480);
      frame.set(voice.subarray(published, published + 480));
      reference.push(frame, published);
    }
    canceller.push(heard.subarray(at, to), at);
    at = to;
  }
  canceller.flush();
  expect(next).toBe(heard.length);
  expect(speechStarts(sound)).toEqual(speechStarts(cleaned));
  canceller.close();
  reference.close();
});
