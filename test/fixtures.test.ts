import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { measureLevel } from '../audio/pcm.js';
import { readWav } from '../audio/wav.js';

type Book = {
  license: string;
  phrases: { id: string; renderings: Record<string, { text: string; audio: string }> }[];
};

const fixtures = new URL('../fixtures/', import.meta.url);
const book = JSON.parse(readFileSync(new URL('phrasebook.json', fixtures), 'utf8')) as Book;
const renderings = book.phrases.flatMap(({ renderings }) => Object.values(renderings));
const pcmOf = (audio: string) => readWav(readFileSync(new URL(audio, fixtures)));

/** Stretches of at least `leastMs` in which every 10 ms window stays 40 dB or more below the loudest, as [from, to] in ms. */
function quietStretches(samples: Int16Array, rateHz: number, leastMs: number): [number, number][] {
  const windowSamples = rateHz / 100;
  const levels: number[] = [];
  for (let start = 0; start < samples.length; start += windowSamples) {
    levels.push(measureLevel(samples.subarray(start, start + windowSamples)).rmsDbfs);
  }
  const floor = Math.max(...levels) - 40;
  const stretches: [number, number][] = [];
  let from = 0;
  for (let index = 0; index <= levels.length; index++) {
    if (index < levels.length && levels[index]! <= floor) continue;
    if ((index - from) * 10 >= leastMs) stretches.push([from * 10, index * 10]);
    from = index + 1;
  }
  return stretches;
}

describe('the phrasebook', () => {
  it('has fourteen phrases, each in the same four languages, no text or file twice', () => {
    expect(book.phrases).toHaveLength(14);
    expect(book.license).toMatch(/^MIT/);
    for (const phrase of book.phrases) {
      expect(Object.keys(phrase.renderings).sort()).toEqual(['de', 'en', 'es', 'fr']);
      for (const [language, { audio }] of Object.entries(phrase.renderings)) {
        expect(audio).toBe(`phrasebook/${language}/${phrase.id}.wav`);
      }
    }
    expect(new Set(renderings.map(({ text }) => text)).size).toBe(56);
    for (const { text } of renderings) expect(text).toBe(text.normalize('NFC').trim());
  });

  it('has no file that is not in the book', () => {
    const folders = readdirSync(new URL('phrasebook/', fixtures));
    const files = folders.flatMap((language) =>
      readdirSync(new URL(`phrasebook/${language}/`, fixtures)).map(
        (name) => `phrasebook/${language}/${name}`,
      ),
    );
    expect(files.sort()).toEqual(renderings.map(({ audio }) => audio).sort());
  });

  it.each(renderings.map(({ audio }) => audio))(
    '%s: 24 kHz mono, -6 dBFS, 1.5 to 4 s without a pause',
    (audio) => {
      const { samples, durationMs, ...format } = pcmOf(audio);
      expect(format).toMatchObject({ sampleRateHz: 24_000, channelCount: 1, sourceEncoding: '16-bit PCM' });
      expect(durationMs).toBeGreaterThan(1500);
      expect(durationMs).toBeLessThan(4000);
      expect(measureLevel(samples).peakDbfs).toBeCloseTo(-6, 1);
      expect(quietStretches(samples, 24_000, 200)).toEqual([]);
      const edges = [samples.subarray(0, 480), samples.subarray(-480)]; // 20 ms
      expect(quietStretches(samples, 24_000, 40)).not.toContainEqual([0, expect.any(Number)]);
      for (const edge of edges) expect(measureLevel(edge).peakDbfs).toBeLessThan(-20);
    },
  );
});

describe('the recordings', () => {
  it.each([
    ['es-where-is-the-station.wav', [500, 1500, 1500, 1000]],
    ['en-the-meeting-starts.wav', [400, 800]],
    ['de-question-about-the-budget.wav', [400, 800]],
    ['fr-send-the-report.wav', [400, 800]],
    ['es-two-phrases-pause.wav', [300, 1200, 800]],
    ['es-overlap-answer.wav', [300, 1600, 800]],
    ['es-monologue.wav', [500, 700, 850, 1000, 750, 900, 1000]],
  ])('%s: silence of %j ms before, between and after its phrases', (name, pausesMs) => {
    const { samples } = pcmOf(name);
    const found = quietStretches(samples, 48_000, 220).map(([from, to]) => to - from);
    expect(found).toHaveLength(pausesMs.length);
    // Each phrase brings about 20 ms of quiet of its own on either side.
    for (const [index, pauseMs] of pausesMs.entries())
      expect(Math.abs(found[index]! - pauseMs - 30)).toBeLessThan(60);
  });

  it('noise.wav is noise at -45 dBFS RMS', () => {
    expect(measureLevel(pcmOf('noise.wav').samples).rmsDbfs).toBeCloseTo(-45, 1);
  });
});
