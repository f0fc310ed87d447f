/** The console's own texts: complete in every language, with the same places for values. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { FIELD_CODES, PROBLEM_REASONS } from '../../../src/service/http/problem.js';
import { SIGN_IN_REFUSALS } from '../../../src/service/auth/oidc/sign-in-refusal.js';
import de from '../../../src/service/console/texts/de.json' with { type: 'json' };
import en from '../../../src/service/console/texts/en.json' with { type: 'json' };
import es from '../../../src/service/console/texts/es.json' with { type: 'json' };
import ja from '../../../src/service/console/texts/ja.json' with { type: 'json' };
import {
  bestTextLanguage,
  hasText,
  plural,
  regionalLanguage,
  TEXT_LANGUAGES,
  text,
  useTextLanguage,
} from '../../../src/service/console/texts.js';

const CONSOLE = join(packageRoot(), 'src', 'service', 'console');
const placesIn = (words: string): readonly string[] =>
  [...words.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

afterEach(() => {
  useTextLanguage('en', []);
});

describe.each(Object.entries({ es, de, ja }))('%s', (language, texts: Readonly<Record<string, string>>) => {
  test('has every text, and no other', () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort());
  });

  test('has the same places for values in each', () => {
    for (const [key, words] of Object.entries(en)) {
      expect(placesIn(texts[key]!), key).toEqual(placesIn(words));
      expect(texts[key], key).toMatch(/^\S(?:.*\S)?$/su);
    }
  });

  test('is translated', () => {
    const same = Object.entries(en).filter(([key, words]) => texts[key] === words && words.length > 12);
    expect(same.map(([key]) => key)).toEqual([]);
    expect(TEXT_LANGUAGES).toContain(language);
  });
});

test('there are words for everything that can go wrong at an OpenID provider', () => {
  for (const code of SIGN_IN_REFUSALS) expect(hasText(`signIn.problem.${code}`), code).toBe(true);
});

test("there are words for the service's codes of wrong fields, and for its reasons", () => {
  // What is `invalid` is only said by the service itself.
  for (const code of FIELD_CODES) expect(hasText(`problem.field.${code}`), code).toBe(code !== 'invalid');
  for (const reason of PROBLEM_REASONS) expect(hasText(`problem.reason.${reason}`), reason).toBe(true);
});

test('every text is used', async () => {
  const names = (await readdir(CONSOLE, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = (await Promise.all(names.map((name) => readFile(join(CONSOLE, name), 'utf8')))).join('\n');
  // Names that are put together of a part and a value.
  const prefixes = [...sources.matchAll(/[`'](\w+(?:\.\w+)*\.)\$\{/g)].map(([, prefix]) => prefix!);
  const unused = Object.keys(en).filter((key) => {
    const name = key.replace(/\.(?:one|other)$/, '');
    return !sources.includes(`'${name}'`) && !prefixes.some((prefix) => key.startsWith(prefix));
  });
  expect(unused).toEqual([]);
});

test('values come into their places, and nothing of a value is a place itself', () => {
  expect(text('people.changed', { name: '{name}' })).toBe('Changed for {name}.');
  useTextLanguage('es', ['es-MX']);
  expect(text('workers.meetings', { used: 3, slots: 8 })).toBe('3 de 8 reuniones');
});

test('one and several', () => {
  expect(plural('people.heading', 1)).toBe('1 person');
  expect(plural('people.heading', 1_200)).toBe('1,200 people');
  useTextLanguage('de', ['de-AT', 'en']);
  expect(plural('people.heading', 2)).toBe('2 Personen');
  useTextLanguage('ja', []);
  expect(plural('people.heading', 1)).toBe('1人');
});

test.each([
  [['es-MX', 'en'], 'es'],
  [['fr-FR', 'de-CH'], 'de'],
  [['JA'], 'ja'],
  [['fr'], 'en'],
  [[], 'en'],
])('browsers that prefer %j read %s', (preferred, expected) => {
  expect(bestTextLanguage(preferred)).toBe(expected);
});

test('a region of the same language formats numbers; of another it does not', () => {
  useTextLanguage('en', ['de-DE', 'en-GB']);
  expect(regionalLanguage()).toBe('en-GB');
  useTextLanguage('ja', ['de-DE', 'en-GB']);
  expect(regionalLanguage()).toBe('ja');
});

test('a language that there is none of changes nothing', () => {
  useTextLanguage('tlh', ['tlh']);
  expect(text('cancel')).toBe('Cancel');
  expect(hasText('constructor')).toBe(false);
});
