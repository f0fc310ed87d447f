import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';

import { loadResampler } from '../../../audio/resampler.js';
import type { Rendering } from '../../../src/embedded/phrasebook/phrasebook.js';
import { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import { readMedia } from '../../media/read-media.js';
import { loadBook, renderingsOf } from './book.js';
import { CONCEALED, type Condition, DEFECTS, HARMLESS } from './conditions.js';
import { addNoise, asTurn, concat, silence } from './degrade.js';
import { marginTable, measureMargins, type Margins } from './margins.js';

let renderings: Rendering[];
let recogniser: Recogniser;
const margins: Margins[] = [];

beforeAll(async () => {
  await loadResampler();
  const book = await loadBook();
  renderings = renderingsOf(book);
  recogniser = new Recogniser(book);
});

const names = (said: readonly Rendering[] | undefined) =>
  said?.map(({ language, phraseId }) => `${language}/${phraseId}`);

/** Each condition takes a part of the renderings, a different one from the condition before; with PHRASEBOOK_MARGINS=1, all. */
const ALL = process.env['PHRASEBOOK_MARGINS'] === '1';
const share = (parts = 3): Rendering[] =>
  renderings.filter((_, i) => ALL || i % parts === margins.length % parts);

describe('every phrase in every language', () => {
  it.each(Object.entries(HARMLESS))('is recognised: %s', (...condition) => {
    const row = measureMargins(recogniser, share(), condition, true);
    margins.push(row);
    expect(row.wrong).toEqual([]);
    expect(row.margin).toBeGreaterThan(1.04);
  });

  const seeds = [1, 2, 3];
  it.each(
    Object.entries(CONCEALED).flatMap(([name, condition]) =>
      seeds.map((seed) => ({ name, seed, condition })),
    ),
  )('is recognised with concealments: $name, seed $seed', ({ name, seed, condition }) => {
    const seeded: Condition = (pcm, other, phrase) => condition(pcm, other, seed * 100 + phrase);
    const row = measureMargins(recogniser, share(7), [`${name} (${seed})`, seeded], true, ALL);
    margins.push(row);
    expect(row.wrong).toEqual([]);
  });

  it.each(Object.entries(DEFECTS))('is not recognised: %s', (...condition) => {
    const row = measureMargins(recogniser, share(), condition, false);
    margins.push(row);
    expect(row.wrong).toEqual([]);
    expect(row.margin).toBeGreaterThan(1.2);
  });

  it('was tried under every condition (PHRASEBOOK_MARGINS=1 prints the margins)', () => {
    if (ALL) process.stdout.write(`${marginTable(margins)}\n`);
    const conditions = [HARMLESS, DEFECTS].flatMap((set) => Object.keys(set)).length;
    expect(margins).toHaveLength(conditions + seeds.length * Object.keys(CONCEALED).length);
  });
});

describe('on a busy machine', () => {
  // What the demo's Realtime server was sent with seven busy processes beside it on two cores. The first has 322 ms of concealment
  // in it; the others were slowed down and made faster by up to 120 ms.
  it.each([
    ['stall-of-a-third-of-a-second', 'es/can-you-hear-me'],
    ['faster-then-slower', 'en/the-meeting-starts'],
    ['slower', 'es/repeat-more-slowly'],
  ])('what arrived is recognised: %s', async (name, phrase) => {
    const media = await readMedia(fileURLToPath(new URL(`./captures/${name}.wav`, import.meta.url)), {});
    expect(names(recogniser.recognise(media.samples))).toEqual([phrase]);
  });

  it('a word put into a phrase is not taken for a stall', () => {
    for (let i = 0; i < renderings.length; i += 6) {
      const { pcm24k } = renderings[i]!;
      const word = renderings[(i + 13) % renderings.length]!.pcm24k.subarray(4_800, 4_800 + 24 * 350);
      const middle = pcm24k.length / 2;
      const turn = asTurn(concat(pcm24k.subarray(0, middle), word, pcm24k.subarray(middle)));
      expect(recogniser.recognise(turn)).toBe(undefined);
    }
  });
});

describe('a phrase that is not in the book', () => {
  it('is not recognised', async () => {
    const book = await loadBook();
    const ids = [...book.keys()];
    const half = new Recogniser(new Map([...book].filter(([id]) => ids.indexOf(id) % 2 === 0)));
    const unknown = renderings.filter(({ phraseId }) => ids.indexOf(phraseId) % 2 === 1);
    expect(unknown.length).toBeGreaterThan(10);
    for (const { pcm24k } of unknown) expect(half.recognise(asTurn(pcm24k))).toBe(undefined);
  });

  it('silences and noises are nothing', () => {
    for (const turn of [
      new Int16Array(0),
      silence(20),
      silence(3000),
      addNoise(silence(3000), 30),
      addNoise(silence(3000), 6000),
    ]) {
      expect(recogniser.recognise(turn)).toBe(undefined);
    }
  });
});

describe('a turn', () => {
  it('may hold several phrases with short pauses, in any order and language', () => {
    for (const pauseMs of [200, 300, 450]) {
      for (let i = 0; i + 13 < renderings.length; i += 9) {
        const [a, b, c] = [renderings[i]!, renderings[i + 13]!, renderings[i + 6]!];
        const two = asTurn(concat(a.pcm24k, silence(pauseMs), b.pcm24k));
        expect(names(recogniser.recognise(two))).toEqual(names([a, b]));
        const three = asTurn(concat(a.pcm24k, silence(pauseMs), b.pcm24k, silence(pauseMs), c.pcm24k));
        expect(names(recogniser.recognise(three))).toEqual(names([a, b, c]));
      }
    }
  });

  it('is recognised whole or not at all', () => {
    const [a, b] = [renderings[0]!, renderings[5]!];
    const cut = b.pcm24k.subarray(0, b.pcm24k.length * 0.6);
    expect(recogniser.recognise(asTurn(concat(a.pcm24k, silence(300), cut)))).toBe(undefined);
    expect(recogniser.recognise(asTurn(concat(cut, silence(300), a.pcm24k)))).toBe(undefined);
  });

  it('may come with any padding', () => {
    const phrase = renderings[3]!;
    for (const beforeMs of [0, 37, 1000]) {
      for (const afterMs of [0, 200, 2000]) {
        for (const noiseRms of [0, 32.8]) {
          expect(names(recogniser.recognise(asTurn(phrase.pcm24k, { beforeMs, afterMs, noiseRms })))).toEqual(
            names([phrase]),
          );
        }
      }
    }
  });
});

describe('mp3 at 48 kb/s', () => {
  // Two phrases in four languages with 0.8 s between them: sox and ffmpeg -b:a 48k, 24 kHz mono.
  const RECORDING = fileURLToPath(new URL('./phrases-48-kbps.mp3', import.meta.url));

  it('leaves every phrase recognisable', async () => {
    const media = await readMedia(RECORDING, {});
    expect(media.sampleRateHz).toBe(24_000);
    const ids = [...new Set(renderings.map(({ phraseId }) => phraseId))].slice(0, 2);
    const expected = ids.flatMap((id) => ['es', 'en', 'de', 'fr'].map((language) => `${language}/${id}`));
    expect(names(recogniser.recognise(asTurn(media.samples)))).toEqual(expected);
  });
});

describe('the cost of a turn', () => {
  it('stays within its budget, known or unknown', () => {
    // 5 ms of CPU per second of audio on an idle machine; the bound leaves room for a slow and busy one.
    const known = asTurn(renderings[7]!.pcm24k);
    const unknown = asTurn(concat(...renderings.slice(0, 12).map(({ pcm24k }) => pcm24k.slice().reverse())));
    for (const turn of [known, unknown]) {
      recogniser.recognise(turn);
      const before = process.cpuUsage();
      for (let i = 0; i < 5; i++) recogniser.recognise(turn);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000 / 5 / (turn.length / 24_000)).toBeLessThan(25);
    }
  });
});
