/** The languages that people choose from on the meeting page. */
import { describe, expect, test } from 'vitest';
import { parseLanguage } from '../../src/languages/languages.js';
import { bestChoice, languageChoices, ownName } from '../../src/embedded/room-server/page/languages.js';

describe('languageChoices', () => {
  test('each language stands in its own name, once, and is one that the server understands', () => {
    const choices = languageChoices();
    expect(choices).toContainEqual({ tag: 'es', name: 'Español' });
    expect(choices).toContainEqual({ tag: 'ja', name: '日本語' });
    expect(choices).toContainEqual({ tag: 'tr', name: 'Türkçe' });
    expect(new Set(choices.map(({ name }) => name)).size).toBe(choices.length);
    for (const { tag, name } of choices) {
      expect(parseLanguage(tag)).toBe(tag);
      expect(name).not.toBe('');
    }
  });
});

describe('bestChoice', () => {
  test.each([
    [['es-MX', 'en'], 'es'],
    [['pt-BR'], 'pt-BR'],
    [['pt-PT'], 'pt'],
    [['zh-TW'], 'zh-Hant'],
    [['zh-CN'], 'zh-Hans'],
    [['nn-NO'], 'nb'],
    [['tlh', 'fr-CA'], 'fr'],
    [['not a language', 'xx'], 'en'],
    [[], 'en'],
  ])('%j: %s', (preferred, expected) => {
    expect(bestChoice(preferred)).toBe(expected);
  });
});

test('names of what is no language are empty', () => {
  for (const tag of ['', '<script>', 'not a language', 'x'.repeat(1_000), 'zz'])
    expect(ownName(tag)).toBe('');
  expect(ownName('pt-BR')).toBe('Português (Brasil)');
});
