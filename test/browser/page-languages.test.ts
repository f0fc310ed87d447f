/** The languages that people choose from on the meeting page, as the server names them and the page finds them. */
import { describe, expect, test } from 'vitest';
import { parseLanguage } from '../../src/languages/languages.js';
import { languageChoices } from '../../src/embedded/room-server/http/page-languages.js';
import { bestOf, Languages } from '../../src/embedded/room-server/page/languages.js';

const choices = languageChoices(['en', 'es', 'de', 'fr', 'ru', 'ja']);
const languages = new Languages(choices);

test('each language stands in its own name, once, and is one that the server understands', () => {
  expect(choices).toContainEqual(expect.objectContaining({ tag: 'es', name: 'Español' }));
  expect(choices).toContainEqual(expect.objectContaining({ tag: 'ja', name: '日本語' }));
  expect(choices).toContainEqual(expect.objectContaining({ tag: 'tr', name: 'Türkçe' }));
  expect(new Set(choices.map(({ name }) => name)).size).toBe(choices.length);
  for (const { tag, name, names } of choices) {
    expect(parseLanguage(tag)).toBe(tag);
    expect(name).not.toBe('');
    expect(names.length).toBeGreaterThan(0);
  }
});

test('languages that a browser may not know have their own names', () => {
  const english = new Intl.DisplayNames('en', { type: 'language' });
  for (const tag of ['hy', 'eu', 'gl', 'ka', 'kk', 'ne', 'cy', 'uz', 'az', 'be', 'bs'])
    expect(languages.nameOf(tag)).not.toBe(english.of(tag));
});

test.each([
  ['zh-TW', 'zh-Hant'],
  ['zh-HK', 'zh-Hant'],
  ['zh-Hant', 'zh-Hant'],
  ['zh-CN', 'zh'],
  ['zh-Hans', 'zh'],
  ['id-ID', 'id'],
  ['vi', 'vi'],
  ['sw', 'en'],
])('a reader of %s gets the page’s texts in %s', (tag, texts) => {
  expect(bestOf(['en', 'id', 'vi', 'zh', 'zh-Hant'], [tag])).toBe(texts);
});

describe('the best choice', () => {
  test.each([
    [['es-ES', 'en'], 'es'],
    [['es-MX', 'en'], 'es'],
    [['es-419'], 'es-419'],
    [['pt-BR'], 'pt-BR'],
    [['pt-PT'], 'pt'],
    [['zh-TW'], 'zh-Hant'],
    [['zh-CN'], 'zh-Hans'],
    [['nn-NO'], 'nn'],
    [['no'], 'nb'],
    [['sr'], 'sr'],
    [['tlh', 'fr-CA'], 'fr'],
    [['not a language', 'xx'], 'en'],
    [[], 'en'],
  ])('%j: %s', (preferred, expected) => {
    expect(languages.best(preferred)).toBe(expected);
  });
});

describe('the search', () => {
  test.each([
    ['de', 'de'],
    ['Deutsch', 'de'],
    ['german', 'de'],
    ['alem', 'de'],
    ['немец', 'de'],
    ['espanol', 'es'],
    ['türkçe', 'tr'],
    ['turkce', 'tr'],
    ['日本', 'ja'],
    ['brasil', 'pt-BR'],
  ])('%s finds %s first', (query, tag) => {
    expect(languages.search(query)[0]?.tag).toBe(tag);
  });

  test('finds everything for nothing, and nothing for nonsense', () => {
    expect(languages.search(' ')).toHaveLength(choices.length);
    expect(languages.search('xyzzy')).toEqual([]);
  });
});

test('names of what is no language are empty', () => {
  for (const tag of ['', '<script>', 'not a language', 'x'.repeat(1_000), 'zz'])
    expect(languages.nameOf(tag)).toBe('');
  expect(languages.nameOf('pt-BR')).toBe('Português (Brasil)');
});
