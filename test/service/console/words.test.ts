/** Pure words of the console: formats, languages, places, glossaries, meeting ids. */
import { describe, expect, test } from 'vitest';
import {
  agoText,
  clockText,
  delayText,
  durationText,
  moneyText,
  shareText,
  whenText,
} from '../../../src/service/console/format.js';
import {
  canonicalTag,
  closeness,
  directionOf,
  languageChoices,
  likelyLanguages,
  ownName,
  searchLanguages,
} from '../../../src/service/console/languages.js';
import {
  glossaryLines,
  meetingIdIn,
  readGlossary,
  reasonText,
  stateText,
  toneOf,
} from '../../../src/service/console/meeting-words.js';
import { hashOf, routeOf } from '../../../src/service/console/router.js';

/** Spaces of all kinds as one: ICU versions differ in which they take. */
const plain = (words: string): string => words.replace(/\s/gu, ' ');

describe('formats', () => {
  test.each([
    [0, 'en', '$0.00'],
    [0.004321, 'en', '$0.0043'],
    [0.4312, 'de', '0,43 $'],
    [1234.5, 'en', '$1,234.50'],
  ])('%d US dollars in %s: %s', (usd, language, expected) => {
    expect(plain(moneyText(usd, language))).toBe(expected);
  });

  test('how long somebody waits, a clock, how long it was', () => {
    expect(plain(delayText(1_310, 'en'))).toBe('1.3 sec');
    expect(clockText(59_999)).toBe('0:59');
    expect(clockText(3_723_000)).toBe('1:02:03');
    expect(clockText(-5)).toBe('0:00');
    expect(plain(durationText(63 * 60_000, 'en'))).toBe('1 hr 3 min');
    expect(plain(durationText(120 * 60_000, 'en'))).toBe('2 hr');
    expect(plain(shareText(0.413, 'de'))).toBe('41 %');
  });

  test('days that are near have their names', () => {
    const now = new Date(2026, 10, 30, 15, 0).getTime();
    const at = (...parts: [number, number, number, number, number]): string =>
      new Date(...parts).toISOString();
    expect(plain(whenText(at(2026, 10, 30, 9, 5), 'en-GB', now))).toBe('Today, 09:05');
    expect(plain(whenText(at(2026, 10, 29, 23, 50), 'es', now))).toBe('Ayer, 23:50');
    expect(plain(whenText(at(2026, 11, 1, 0, 10), 'de', now))).toBe('Morgen, 00:10');
    expect(plain(whenText(at(2026, 10, 3, 16, 0), 'en-GB', now))).toBe('3 Nov, 16:00');
    expect(plain(whenText(at(2025, 10, 3, 16, 0), 'en-GB', now))).toBe('3 Nov 2025, 16:00');
    expect(whenText('never', 'en', now)).toBe('');
    expect(plain(agoText(at(2026, 10, 30, 14, 55), 'en', now))).toBe('5 min. ago');
    expect(plain(agoText(at(2026, 10, 30, 17, 0), 'en', now))).toBe('in 2 hr.');
  });
});

describe('languages', () => {
  test.each([
    ['es', 'Español'],
    ['ja', '日本語'],
    ['pt-BR', 'Português (Brasil)'],
    ['zh-Hant', '中文（繁體）'],
    ['he', 'עברית'],
  ])('%s is called %s in itself', (tag, name) => {
    expect(ownName(tag)).toBe(name);
  });

  test('each stands once, under a name of its own', () => {
    const names = languageChoices('en').map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each([
    ['de', 'de'],
    ['german', 'de'],
    ['alem', 'de'],
    ['turkce', 'tr'],
    ['日本', 'ja'],
    ['brasil', 'pt-BR'],
  ])('looking for %s finds %s first', (query, tag) => {
    expect(searchLanguages(languageChoices('es'), query)[0]?.tag).toBe(tag);
  });

  test('a tag that is not offered can be written; what is none cannot', () => {
    expect(searchLanguages(languageChoices('en'), 'de-CH').map(({ tag }) => tag)).toEqual(['de-CH']);
    expect(searchLanguages(languageChoices('en'), 'qqqqq')).toEqual([]);
    expect(canonicalTag('EN-us')).toBe('en-US');
    expect(canonicalTag('not a language')).toBeUndefined();
    expect(canonicalTag('xx')).toBeUndefined();
  });

  test.each([
    ['es', 'es', 3],
    ['es-MX', 'es', 2],
    ['zh-Hant', 'zh-Hans', 1],
    ['es', 'en', 0],
    ['', 'en', 0],
    ['not a tag', 'en', 0],
  ])('%s serves a reader of %s: %d', (has, wanted, expected) => {
    expect(closeness(has, wanted)).toBe(expected);
  });

  test('which way they are written, and which are likely', () => {
    expect(directionOf('he')).toBe('rtl');
    expect(directionOf('az-Arab')).toBe('rtl');
    expect(directionOf('es')).toBe('ltr');
    expect(directionOf('')).toBe('auto');
    expect(likelyLanguages(['de-CH', 'fr'])).toEqual(['de', 'fr']);
    expect(likelyLanguages(['en-US'])).toEqual(['en', 'es']);
  });
});

describe('places', () => {
  test.each([
    ['', { view: 'home' }],
    ['#/', { view: 'home' }],
    ['#/past?q=dos%20palabras', { view: 'past', query: 'dos palabras', language: '' }],
    ['#/meeting/bot_1', { view: 'meeting', botId: 'bot_1' }],
    ['#/meeting/..%2F', { view: 'nowhere' }],
    ['#/settings', { view: 'settings', part: 'keys' }],
    ['#/settings/none', { view: 'nowhere' }],
    ['#/setup/abc', { view: 'setup', token: 'abc' }],
    ['#/sign-in/abc_-1', { view: 'sign-in', problem: '', token: 'abc_-1' }],
    ['#/sign-in?problem=expired', { view: 'sign-in', problem: 'expired' }],
    ['#/a/b/c', { view: 'nowhere' }],
  ] as const)('%s', (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
    if (route.view !== 'nowhere') expect(routeOf(hashOf(routeOf(hash)))).toEqual(route);
  });
});

describe('meetings in words', () => {
  test('states, and why they ended', () => {
    expect(stateText({ state: 'joining', waitingFor: 'admission' })).toBe('Waiting to be let in');
    expect(stateText({ state: 'joining', waitingFor: 'line' })).toBe('Joining');
    expect(toneOf({ state: 'joining', waitingFor: 'admission' })).toBe('warn');
    expect(reasonText({ state: 'failed', reason: 'brand_new' })).toBe('Reason: brand_new');
    expect(reasonText({ state: 'ended', reason: 'empty' })).toBe('Everybody had left');
    expect(reasonText({ state: 'active' })).toBe('');
  });

  test('a glossary is lines, and lines are a glossary', () => {
    expect(glossaryLines({ 'es>en': { acta: 'minutes' }, '*>*': { Parley: 'Parley' } })).toBe(
      'es>en: acta = minutes\nParley = Parley',
    );
    expect(readGlossary('es > en: acta=minutes\n\n Parley = Parley \n').glossary).toEqual({
      'es>en': { acta: 'minutes' },
      '*>*': { Parley: 'Parley' },
    });
  });

  test('lines that cannot be read are named', () => {
    expect(readGlossary('acta = minutes\nnothing\n= b\na =').wrongLines).toEqual([2, 3, 4]);
    expect(Object.getPrototypeOf(readGlossary('__proto__: x = y').glossary)).toBe(Object.prototype);
  });

  test.each([
    [' abcd-efgh-ijkl ', 'abcd-efgh-ijkl'],
    ['https://example.com/meet/abcd', 'abcd'],
    ['https://example.com/?meetingId=abcd', 'abcd'],
    ['https://example.com/', undefined],
    ['two words', undefined],
    ['', undefined],
    ['javascript:alert(1)', undefined],
  ])('the meeting in %s', (written, expected) => {
    expect(meetingIdIn(written)).toBe(expected);
  });
});
