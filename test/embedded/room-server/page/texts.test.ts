/** The texts of the meeting page: whole in every language, and the page's own English ones word for word. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLanguage } from '../../../../src/languages/languages.js';
import { packageRoot } from '../../../../src/package-root.js';

const folder = join(packageRoot(), 'src', 'embedded', 'room-server', 'page');
const files = readdirSync(join(folder, 'texts'));
const textsOf = (file: string) =>
  JSON.parse(readFileSync(join(folder, 'texts', file), 'utf8')) as Record<string, string>;
const english = textsOf('en.json');
const placesIn = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

it('there are texts in twelve languages at least, each by its tag', () => {
  expect(files.length).toBeGreaterThanOrEqual(12);
  for (const file of files) {
    const tag = file.replace(/\.json$/, '');
    expect(parseLanguage(tag)).toBe(tag);
  }
});

describe.each(files)('%s', (file) => {
  const texts = textsOf(file);

  it('has every text, with the same places for values, and no other', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(english));
    for (const [key, text] of Object.entries(texts)) {
      expect([key, text.trim()]).toEqual([key, text]);
      expect(text).not.toBe('');
      expect([key, placesIn(text)]).toEqual([key, placesIn(english[key]!)]);
    }
  });

  it.skipIf(file === 'en.json')('is translated', () => {
    const same = Object.keys(english).filter((key) => texts[key] === english[key]);
    expect(same.length).toBeLessThan(5); // "Original" is a word in many languages
  });
});

it('the page before its texts are loaded says the same in English', () => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const marked = [...html.matchAll(/data-text="([^"]+)"[^>]*>([^<]*)</g)];
  expect(marked.length).toBeGreaterThan(30);
  for (const [, key, text] of marked)
    expect([key, text!.replace(/\s+/g, ' ').trim()]).toEqual([key, english[key!]]);
  const labelled = [...html.matchAll(/aria-label="([^"]+)"\s+data-label="([^"]+)"/g)];
  expect(labelled.length).toBeGreaterThan(4);
  for (const [, label, key] of labelled) expect([key, label]).toEqual([key, english[key!]]);
});

it('every text is used, and every text that is used is there', () => {
  const code = readdirSync(folder)
    .filter((name) => /\.(?:js|html)$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  // These are put together from a kind.
  const composed = /^(?:problem\.|interpreter\.)/;
  const unused = Object.keys(english).filter(
    (key) => !composed.test(key) && !new RegExp(`['"]${key}['"]`).test(code),
  );
  expect(unused).toEqual([]);
});
