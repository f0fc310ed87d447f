import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anonymise } from '../../../src/embedded/fastino-server/anonymise.js';
import type { Memory } from '../../../src/embedded/fastino-server/memory.js';
import { retrieve } from '../../../src/embedded/fastino-server/retrieval.js';
import { summarise } from '../../../src/embedded/fastino-server/summary.js';
import { wordsOf } from '../../../src/embedded/fastino-server/words.js';
import { cpuMsOf } from '../../cpu-time.js';

const memories = (...texts: string[]): Memory[] =>
  texts.map((text, index) => ({ id: `mem_${index}`, text, createdAtMs: index, source: 'memory' }));

describe('summarise', () => {
  it.each([
    [{}, ''],
    [{ name: 'Ana' }, 'The user is Ana.'],
    [{ locale: 'es-ES' }, 'The user speaks European Spanish.'],
    [{ locale: 'no language at all' }, ''],
    [{ name: 'Ana', timezone: 'Europe/Madrid' }, 'Ana is in time zone Europe/Madrid.'],
    [
      { name: 'Ana', locale: 'es', timezone: 'Europe/Madrid', notes: 'Is brief' },
      'Ana speaks Spanish and is in time zone Europe/Madrid. Is brief.',
    ],
    [{ website: 'https://ana.example.com' }, ''],
  ])('of %j', (traits, summary) => {
    expect(summarise(traits, [], 1_000)).toBe(summary);
  });

  it('tells the latest first, and nothing that was only concluded', () => {
    const concluded: Memory = {
      id: 's',
      text: 'Q: a\nA: b',
      createdAtMs: 3,
      source: 'stage3',
      index: 1,
      question: 'a',
      answer: 'b',
    };
    expect(summarise({}, [...memories('Old.', 'New.'), concluded], 1_000)).toBe('New. Old.');
  });

  it('is whole sentences while they fit, and never longer than asked for', () => {
    expect(summarise({ notes: 'One two. Three four. Five.' }, [], 20)).toBe('One two. Three four.');
    expect(summarise({ notes: 'One two. Three four. Five.' }, [], 19)).toBe('One two.');
    expect(summarise({ notes: 'One two three' }, [], 10)).toBe('One two');
    expect(summarise({ notes: '💥💥💥' }, [], 3)).toBe('💥');
    const text = fc.string({ unit: 'grapheme', maxLength: 80 });
    fc.assert(
      fc.property(
        text,
        fc.array(text, { maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        (notes, said, maxChars) => {
          const summary = summarise({ notes }, memories(...said), maxChars);
          expect(summary.length).toBeLessThanOrEqual(maxChars);
          expect(summarise({ notes }, memories(...said), maxChars)).toBe(summary);
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });
});

describe('wordsOf', () => {
  it.each([
    ['The meetings, THE meeting!', ['the', 'meetin']],
    ['Qué día más cálido', ['que', 'dia', 'mas', 'calido']],
    ['do it', []],
    ['明日の会議', ['明日', 'の', '会議']],
    ['', []],
  ])('of %j', (text, words) => {
    expect([...wordsOf(text)]).toEqual(words);
  });
});

describe('retrieve', () => {
  const all = { k: 10, similarityThreshold: 0, excludeIds: [] as readonly string[] };
  const ids = (texts: readonly string[], query: string, limits = all): string[] =>
    retrieve(memories(...texts), [query], limits).matches.map(({ memory }) => memory.id);

  it('puts what holds more of the rarer words first, and of equals the latest', () => {
    const texts = ['The red train.', 'The red ship.', 'The blue train to Lyon.', 'Nothing here.'];
    expect(ids(texts, 'the train to Lyon')).toEqual(['mem_2', 'mem_0', 'mem_1']);
    expect(ids(['Tea.', 'Tea.', 'Tea.'], 'tea')).toEqual(['mem_2', 'mem_1', 'mem_0']);
  });

  it('keeps to its limits', () => {
    const texts = ['Tea and cake.', 'Tea.', 'Cake.', 'Tea again.'];
    expect(ids(texts, 'tea', { ...all, k: 2 })).toEqual(['mem_3', 'mem_1']);
    expect(ids(texts, 'tea', { ...all, excludeIds: ['mem_3'] })).toEqual(['mem_1', 'mem_0']);
    expect(ids(texts, 'tea cake', { ...all, similarityThreshold: 0.6 })).toEqual(['mem_0']);
    expect(retrieve([], ['tea'], all)).toEqual({ usedWords: [], candidateCount: 0, matches: [] });
  });

  it('scores from 0 to 1, best first', () => {
    const text = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), text, (texts, query) => {
        const scores = retrieve(memories(...texts), [query], all).matches.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        for (const score of scores) expect(score).toBeGreaterThan(0);
        for (const score of scores) expect(score).toBeLessThanOrEqual(1);
      }),
      { seed: 42, numRuns: 300 },
    );
  });
});

describe('anonymise', () => {
  it.each([
    ['ana.ruiz+news@mail.example.co.uk', '[EMAIL]'],
    ['+34 612 345 678', '[NUMBER]'],
    ['(0711) 1234-567', '([NUMBER]'],
    ['4111 1111 1111 1111', '[NUMBER]'],
    ['room 1204 on 2026-01-01 at 9:30', 'room 1204 on 2026-01-01 at 9:30'],
    ['10 000 people', '10 000 people'],
    ['@ana and a@b', '@ana and a@b'],
  ])('%s', (text, clean) => {
    expect(anonymise(text)).toBe(clean);
  });

  it('takes little time for any text', () => {
    for (const unit of ['a@', 'a.', '1 ', '1-', '+1(', 'a@a.']) {
      expect(cpuMsOf(() => anonymise(unit.repeat(50_000)))).toBeLessThan(2_000);
    }
  });
});
