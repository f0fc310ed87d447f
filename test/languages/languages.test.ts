import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageName, likelyLanguage, parseLanguage, sameLanguage } from '../../src/languages/languages.js';

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
    ['zh-yue', 'yue'], // extended language subtags
    ['zh-cmn-Hans-CN', 'zh-Hans-CN'],
    ['zh_yue_HK', 'yue-HK'],
    ['ar-arz', 'arz'],
    ['ar-acm', 'ar'],
    ['ms-zsm', 'ms'],
    ['en_US.UTF-8', 'en-US'],
    ['sr_RS@latin', 'sr-Latn-RS'],
    ['kr-NG', 'kr-NG'],
    ['se-NO', 'se-NO'],
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
    ['Español (España)', 'es-ES'],
    ['French (France)', 'fr-FR'],
    ['English (United States)', 'en-US'],
    ['English (UK)', 'en-GB'],
    ['English - United Kingdom', 'en-GB'],
    ['US English', 'en-US'],
    ['中文（繁體）', 'zh-Hant'],
    ['中文(台灣)', 'zh-TW'],
    ['中文 (简体)', 'zh-Hans'],
    ['简体中文', 'zh-Hans'],
    ['繁體中文（香港）', 'zh-Hant-HK'],
    ['Chinese, Simplified', 'zh-Hans'],
    ['Chinese (Traditional, Taiwan)', 'zh-Hant-TW'],
    ['Chinese (Cantonese)', 'yue'],
    ['Chinese (Mandarin)', 'zh'],
    ['Français (Canada)', 'fr-CA'],
    ['Français canadien', 'fr-CA'],
    ['Español (Latinoamérica)', 'es-419'],
    ['Spanish (Latin America)', 'es-419'],
    ['español de México', 'es-MX'],
    ['Português (Brasil)', 'pt-BR'],
    ['Português (Portugal)', 'pt-PT'],
    ['한국어(대한민국)', 'ko-KR'],
    ['日本語 (日本)', 'ja-JP'],
    ['العربية (مصر)', 'ar-EG'],
    ['العَرَبِيَّة', 'ar'],
    ['עברית (ישראל)\u200f', 'he-IL'],
    ['Bengali', 'bn'],
    ['Slovene', 'sl'],
    ['Dari', 'fa-AF'],
    ['Montenegrin', 'sr-ME'],
    ['Sorani', 'ckb'],
    ['Kurdish (Sorani)', 'ckb'],
    ['Kurdish, Central', 'ckb'],
    ['kurdî', 'ku'],
    ['Kurdish (Kurmanji)', 'ku'],
    ['srpski', 'sr-Latn'],
    ['srpski (latinica, Crna Gora)', 'sr-Latn-ME'],
    ['српски (ћирилица)', 'sr-Cyrl'],
    ['हिंदी', 'hi'],
    ['हिन्दी', 'hi'],
    ['हिन्दी (भारत)', 'hi-IN'],
    ['Kreyòl ayisyen', 'ht'],
    ['廣東話', 'yue'],
    ['粵語', 'yue'],
    ['普通話', 'zh'],
    ['國語', 'zh-Hant'],
    ['Oʻzbek', 'uz'],
    ["O'zbek", 'uz'],
    ['O’zbek', 'uz'],
    ['o`zbek', 'uz'],
    ['Oʻzbekcha / ўзбекча', 'uz'],
    ['Uzbek (Cyrillic)', 'uz-Cyrl'],
    ['Myanmar (Burmese)', 'my'],
    ['Punjabi (Shahmukhi)', 'pa-Arab'],
    ['Malay (Jawi)', 'ms-Arab'],
    ['Norwegian (Bokmål)', 'nb'],
    ['norsk nynorsk', 'nn'],
    ['Deutsch (Österreich)', 'de-AT'],
    ['Deutsch (German)', 'de'],
    ['German - Deutsch', 'de'],
    ['\u{1F1EA}\u{1F1F8} Español', 'es'],
    ['Flemish', 'nl-BE'],
    ['Valencian', 'ca'],
    ['Serbo-Croatian', 'sr-Latn'],
    ['Mandarin Chinese', 'zh'],
    ['Tiếng Việt (Việt Nam)', 'vi-VN'],
    ['ខ្មែរ (កម្ពុជា)', 'km-KH'],
    ['Ga', 'gaa'], // and not Irish
    ['Kanuri', 'kr-NG'],
    ['Northern Sami', 'se-NO'],
    ['davvisámegiella', 'se-NO'],
    ['قازاق ءتىلى (توتە)', 'kk-Arab'],
    ['Melayu (Arab)', 'ms-Arab'],
    ['한국어(조선민주주의인민공화국)', 'ko-KP'],
    ['English (St Vincent & the Grenadines)', 'en-VC'],
    ['QIRIMTATAR TILI', 'crh'], // qırımtatar tili in capitals
    ['NDA\ua78bA', 'jgo'], // an apostrophe in capitals
    ['Ilocano', 'ilo'],
    ['Fulani', 'ff'],
    ['Sami (North)', 'se-NO'],
    ['Tamazight (Tifinagh)', 'zgh-Tfng'],
    ['Mauritian Creole', 'mfe'],
    ['Jamaican Patois', 'jam'],
    ['Schweizerdeutsch', 'gsw'],
    ['Chinese (Hong Kong SAR)', 'zh-HK'],
    ['中文(香港特別行政區)', 'zh-HK'],
    ['中文(繁體，香港特別行政區)', 'zh-Hant-HK'],
    ['Chinese (Simplified Han,China)', 'zh-Hans-CN'],
    ['Chinese (Traditional Han,Taiwan)', 'zh-Hant-TW'],
    ['Chinese (Taiwanese Mandarin, Traditional)', 'zh-Hant-TW'],
    ['Chinese (Wu, Simplified)', 'wuu-Hans'],
    ['Arabic (U.A.E.)', 'ar-AE'],
    ['العربية (السعودية)', 'ar-SA'],
    ['کوردیی ناوەڕاست (عێراق)', 'ckb-IQ'],
    ['Mongolian (Traditional, China)', 'mn-Mong-CN'], // and not in traditional Chinese characters
    ['молдовеняскэ', 'ro-Cyrl-MD'],
    ['zh-min-nan', 'nan'],
    ['no-bok', 'nb'],
  ])('reads %j, as a menu shows it, as %s', (input, tag) => {
    expect(parseLanguage(input)).toBe(tag);
  });

  it.each([
    '',
    ' ',
    'x',
    'xx',
    'jp', // a country
    'kr', // a country, and hardly ever a language
    'SE',
    'zh-fra',
    'Spanish (Atlantis)',
    'Spanish, French',
    'French (Spanish)',
    'Traditional Chinese (Simplified)',
    'Canadian French (France)',
    '(Spain)',
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

describe('likelyLanguage', () => {
  it.each([
    ['kr', 'ko'],
    ['se', 'sv'],
    [' JP ', 'ja'],
    ['ch', 'de'],
    ['br', 'pt'],
    ['xx', undefined],
    ['kor', undefined],
    ['Korea', undefined],
    ['', undefined],
  ])('asked for by the code %j, people may mean %s', (code, language) => {
    expect(likelyLanguage(code)).toBe(language);
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
