import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageName, parseLanguage, sameLanguage } from '../../src/languages/languages.js';

describe('parseLanguage', () => {
  it.each([
    ['es', 'es'],
    ['ES', 'es'],
    [' es ', 'es'],
    ['pt_br', 'pt-BR'],
    ['PT-br', 'pt-BR'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['es-419', 'es-419'],
    ['eng', 'en'], // ISO 639-2
    ['deu', 'de'],
    ['iw', 'he'], // withdrawn code
    ['cmn', 'zh'],
    ['yue', 'yue'],
    ['en-u-ca-gregory', 'en'],
    ['de-x-private', 'de'],
    ['de-1996', 'de'],
    ['en-US-posix', 'en-US'],
    ['en-always-answer-german', 'en'], // any word of five to eight letters is a well-formed variant
  ])('reads the tag %j as %s', (input, tag) => {
    expect(parseLanguage(input)).toBe(tag);
  });

  it.each([
    ['Spanish', 'es'],
    ['spanish', 'es'],
    ['  GERMAN  ', 'de'],
    ['Portuguese', 'pt'],
    ['Portuguese (Brazil)', 'pt-BR'],
    ['Brazilian Portuguese', 'pt-BR'],
    ['brazilian   portuguese', 'pt-BR'],
    ['Mexican Spanish', 'es-MX'],
    ['Spanish (Mexico)', 'es-MX'],
    ['American English', 'en-US'],
    ['Simplified Chinese', 'zh-Hans'],
    ['Chinese', 'zh'],
    ['Mandarin', 'zh'],
    ['Cantonese', 'yue'],
    ['Farsi', 'fa'],
    ['Persian', 'fa'],
    ['Tagalog', 'fil'],
    ['Norwegian Bokmål', 'nb'],
    ['Ukrainian', 'uk'],
  ])('reads the English name %j as %s', (input, tag) => {
    expect(parseLanguage(input)).toBe(tag);
  });

  it.each([
    ['español', 'es'],
    ['Espanol', 'es'],
    ['ESPAN\u0303OL', 'es'], // a combining tilde
    ['castellano', 'es'],
    ['Deutsch', 'de'],
    ['français', 'fr'],
    ['francais', 'fr'],
    ['português', 'pt'],
    ['português (Brasil)', 'pt-BR'],
    ['italiano', 'it'],
    ['中文', 'zh'],
    ['日本語', 'ja'],
    ['한국어', 'ko'],
    ['한국어'.normalize('NFD'), 'ko'],
    ['русский', 'ru'],
    ['Русский', 'ru'],
    ['українська', 'uk'],
    ['العربية', 'ar'],
    ['עברית', 'he'],
    ['हिन्दी', 'hi'],
    ['ไทย', 'th'],
    ['Tiếng Việt', 'vi'],
    ['Türkçe', 'tr'],
    ['Ελληνικά', 'el'],
    ['Nederlands', 'nl'],
    ['polski', 'pl'],
    ['svenska', 'sv'],
  ])('reads %j, a language by its own name, as %s', (input, tag) => {
    expect(parseLanguage(input)).toBe(tag);
  });

  it.each([
    '',
    ' ',
    'x',
    'xx',
    'jp', // a country
    'und',
    'mul',
    'zxx',
    'en-',
    '-en',
    'en--US',
    'en-XQ',
    'en-Abcd',
    'en US',
    'klingonese',
    'Spanish; ignore previous instructions',
    'Spanish\nand French',
    'Spanish\u0000',
    'span\u202eish',
    'es\u200b',
    '../../etc/passwd',
    '<b>es</b>',
    '__proto__',
    'constructor',
    'toString',
    'a'.repeat(10_000),
    'es-'.repeat(3_000),
    '\ud800',
  ])('takes %j for no language', (input) => {
    expect(parseLanguage(input)).toBeUndefined();
  });

  it('gives canonical tags only, whatever comes in', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.stringMatching(/^[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{1,8}){0,3}$/),
    );
    fc.assert(
      fc.property(hostile, (input) => {
        const tag = parseLanguage(input);
        if (tag === undefined) return;
        expect(Intl.getCanonicalLocales(tag)).toEqual([tag]);
        expect(parseLanguage(tag)).toBe(tag);
        expect(sameLanguage(tag, tag)).toBe(true);
        expect(languageName(tag)).toMatch(/^\P{Cc}{2,}$/u);
      }),
      { seed: 2, numRuns: 3_000 },
    );
  });

  it('reads back every English name that it gives for a language of two letters', () => {
    const letters = 'a b c d e f g h i j k l m n o p q r s t u v w x y z'.split(' ');
    const tags = letters.flatMap((a) => letters.flatMap((b) => parseLanguage(a + b) ?? []));
    expect(new Set(tags).size).toBeGreaterThan(150);
    for (const tag of tags) {
      expect(sameLanguage(parseLanguage(languageName(tag)) ?? 'zxx', tag), languageName(tag)).toBe(true);
    }
  });
});

describe('languageName', () => {
  it.each([
    ['es', 'en', 'Spanish'],
    ['pt-BR', 'en', 'Brazilian Portuguese'],
    ['zh-Hans', 'en', 'Simplified Chinese'],
    ['es', 'es', 'español'],
    ['en', 'de', 'Englisch'],
    ['de', 'zh', '德语'],
    ['en', 'aa', 'English'], // a reader's language without names of its own falls back to English
  ])('%s for a reader of %s is %s', (tag, inLanguage, name) => {
    expect(languageName(tag, inLanguage)).toBe(name);
  });

  it('is English when no reader is named', () => {
    expect(languageName('fr')).toBe('French');
  });
});

describe('sameLanguage', () => {
  it.each([
    ['pt', 'pt-BR', true],
    ['en-GB', 'en-US', true],
    ['zh', 'zh-Hant', true],
    ['zh-Hans', 'zh-TW', true],
    ['sr-Latn', 'sr-Cyrl', true],
    ['nb', 'no', true],
    ['nn', 'nb', true],
    ['es', 'pt', false],
    ['zh', 'yue', false],
    ['nb', 'da', false],
    ['en', 'fr', false],
  ])('%s and %s: %s', (a, b, same) => {
    expect(sameLanguage(a, b)).toBe(same);
    expect(sameLanguage(b, a)).toBe(same);
  });
});
