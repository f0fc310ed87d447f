import { describe, expect, it } from 'vitest';
import { parseGlossary, termsFor } from '../../../src/interpreter/instructions/glossary.js';

const glossary = parseGlossary(
  {
    '*>*': { Parley: 'Parley', acta: 'acta' },
    'es>en': { acta: 'minutes', 'orden del día': 'agenda' },
    'Spanish > de': { acta: 'Protokoll' },
    '*>en-GB': { móvil: 'mobile' },
    'ca>en': { ordre: 'order' },
  },
  'terms.json',
);
const terms = (from: string[], to: string): string[] =>
  termsFor(glossary, { from, to }).entries.map(({ source, target }) => `${source}=${target}`);

describe('a glossary', () => {
  it('gives a route its own pair’s terms first, then those for any language', () => {
    expect(terms(['es'], 'en')).toEqual([
      'acta=minutes',
      'orden del día=agenda',
      'móvil=mobile',
      'Parley=Parley',
    ]);
    expect(terms(['es-MX'], 'de-AT')).toEqual(['acta=Protokoll', 'Parley=Parley']);
    expect(terms(['en'], 'es')).toEqual(['Parley=Parley', 'acta=acta']);
  });

  it('gives every language of a speaker, and of one whose language is not known', () => {
    expect(terms(['es', 'ca'], 'en')).toContain('ordre=order');
    expect(terms([], 'en')).toEqual(terms(['es', 'ca'], 'en'));
    expect(terms([], 'es')).toEqual(['Parley=Parley', 'acta=acta']);
  });

  it('gives what fits and counts the rest', () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`wort${n}`, `word${n}`]));
    const { entries, leftOut } = termsFor(parseGlossary({ 'de>en': many }, 'x'), { from: ['de'], to: 'en' });
    expect([entries.length, leftOut]).toEqual([100, 50]);
    const long = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`${n}`, 'x'.repeat(998)]));
    expect(termsFor(parseGlossary({ 'de>en': long }, 'x'), { from: ['de'], to: 'en' })).toMatchObject({
      leftOut: 46,
    });
    const one = { 'de>en': { roman: 'x'.repeat(10_000), acta: 'minutes' } };
    expect(termsFor(parseGlossary(one, 'x'), { from: ['de'], to: 'en' })).toEqual({
      entries: [{ source: 'acta', target: 'minutes' }], // one that is too long keeps no other out
      leftOut: 1,
    });
  });

  it.each([
    [[], /^terms.json is no glossary: write it like /],
    [{ 'es>en': ['acta'] }, /is no glossary/],
    [{ 'es>en': { acta: 3 } }, /is no glossary/],
    [{ 'es-en': { acta: 'minutes' } }, /^terms.json: "es-en" is no pair of languages: write it like es>en/],
    [{ 'es>en>de': {} }, /"es>en>de" is no pair/],
    [{ 'Klingonese>en': {} }, /"Klingonese>en" is no pair/],
    [{ [`${'x'.repeat(500)}>en`]: {} }, /^.{0,160}$/],
    [{ 'es>en': { acta: ' ' } }, /a term in "es>en" has no translation: "acta"/],
    [{ 'es>en': { '': 'minutes' } }, /a term in "es>en" has no translation: ""/],
    [
      { 'es>en': Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`a${n}`, 'b'])) },
      /has 5001 terms: 5000 are allowed/,
    ],
  ])('%j is refused in one clear line', (json, message) => {
    expect(() => parseGlossary(json, 'terms.json')).toThrow(message);
  });

  it('that is hostile stays data', () => {
    const json: unknown = JSON.parse('{"es>en": {"__proto__": "x", "constructor": "y"}}');
    const { entries } = termsFor(parseGlossary(json, 'x'), { from: ['es'], to: 'en' });
    expect(entries.map(({ source }) => source)).toContain('constructor');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
