/** What is said where a language was expected and none was given. */
import { expect, test } from 'vitest';
import { noLanguageText } from '../../src/languages/language-hint.js';

test.each([
  ['a typo in an English name', 'Engish', '"Engish" is no language; did you mean English?'],
  ['one in a name in the language', 'Deustch', '"Deustch" is no language: use a tag such as es, or a name'],
  ['letters left out', 'Françai', '"Françai" is no language; did you mean français?'],
  ['another case', 'SPANSH', '"SPANSH" is no language; did you mean Spanish?'],
  ['the code of a country', 'kr', '"kr" is no language; did you mean 한국어 (ko)?'],
  ['nothing that is near', 'Klingonese', '"Klingonese" is no language: use a tag such as es, or a name'],
  ['too short a word', 'xx1', '"xx1" is no language: use a tag such as es, or a name'],
  ['nothing at all', '', '"" is no language: use a tag such as es, or a name'],
  ['several lines', 'Engl\n\u202eish', '"Engl ish" is no language; did you mean English?'],
])('%s', (_, text, words) => {
  expect(noLanguageText(text)).toBe(words);
});

test('a long text is shown shortened, and compared no further', () => {
  expect(noLanguageText('é'.repeat(10_000))).toBe(
    `"${'é'.repeat(39)}…" is no language: use a tag such as es, or a name`,
  );
});
