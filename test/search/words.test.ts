import { expect, it } from 'vitest';
import { folded, words, wordsWithPlaces } from '../../src/search/words.js';
import { beginningOf, quoteOf, scores } from '../../src/search/ranking.js';

it('cuts texts of any writing into words', () => {
  expect(words('会议纪要将于下周一发布')).toEqual(['会议', '纪要', '将', '于', '下', '周一', '发布']);
  expect(words('Das ist, äh, GUT.')).toEqual(['das', 'ist', 'ah', 'gut']);
  expect(words('  ?! … 🎉 ')).toEqual([]);
  expect(words('การประชุมเริ่ม')).toEqual(['การ', 'ประชุม', 'เริ่ม']);
});

it('takes accents and points off, and leaves what makes another word', () => {
  expect(folded('Ångström İstanbul Straße Łódź crème œuvre')).toBe(
    'angstrom istanbul strasse lodz creme oeuvre',
  );
  expect(folded('الاِجْتِمَاعُ ـــ أحمد')).toBe('الاجتماع  احمد');
  expect(folded('שָׁלוֹם')).toBe('שלום');
  expect(folded('が か')).toBe('が か');
  expect(folded('ひらがな ｶﾞ')).toBe('ひらがな ガ');
  expect(folded('한국어')).toBe('한국어');
  expect(folded('हिन्दी')).toBe('हिन्दी');
});

it('bounds a word, never within a character', () => {
  expect(words('x'.repeat(500))).toEqual(['x'.repeat(64)]);
  expect(words(`${'x'.repeat(63)}𐐨`)[0]).not.toMatch(/[\ud800-\udfff]/);
});

it('knows where words stand in the text as it is written', () => {
  expect(wordsWithPlaces('¡Qué día!')).toEqual([
    { word: 'que', start: 1, end: 4 },
    { word: 'dia', start: 5, end: 8 },
  ]);
});

it('quotes the piece of a text around what was asked for', () => {
  const text = `${'word '.repeat(100)}needle ${'word '.repeat(100)}`;
  const quote = quoteOf(['needle'], text)!;
  expect(quote.text).toBe(`…${'word '.repeat(10)}needle${' word'.repeat(28)}…`);
  expect(quote.matches.map(([start, end]) => quote.text.slice(start, end))).toEqual(['needle']);
  expect(quoteOf(['absent'], text)).toBeUndefined();
});

it('cuts a quote between words, in writings without spaces too, and a word only where it is longer than a quote', () => {
  expect(quoteOf(['short'], 'A short one.')).toEqual({ text: 'A short one.', matches: [[2, 7]] });
  const japanese = `${'会議は明日です。'.repeat(20)}駐車場は北側です。${'会議は明日です。'.repeat(40)}`;
  const quote = quoteOf(['駐車'], japanese)!;
  expect(quote.text).toMatch(/^…(?:会議|は|明日|です)/);
  expect(quote.text).toMatch(/(?:会議|は|明日|です)…$/);
  expect(quote.matches.map(([start, end]) => quote.text.slice(start, end))).toEqual(['駐車']);
  expect(quoteOf(['x'.repeat(300)], 'x'.repeat(300))).toEqual({ text: `${'x'.repeat(200)}…`, matches: [] });
  expect(beginningOf(`${'x'.repeat(199)}𐐨𐐨`).text).toBe(`${'x'.repeat(199)}…`);
  expect(beginningOf('eleven '.repeat(40)).text).toBe(`${'eleven '.repeat(28).trim()}…`);
  expect(beginningOf('')).toEqual({ text: '', matches: [] });
});

it('scores texts by how often, how rare and how short', () => {
  const [often, once, long, none] = scores(
    ['zebra'],
    [['zebra', 'zebra'], ['zebra', 'x'], ['zebra', ...Array.from('abcdefghij')], ['y']],
  );
  expect(often).toBeGreaterThan(once!);
  expect(once).toBeGreaterThan(long!);
  expect(none).toBe(0);
  expect(scores(['a'], [])).toEqual([]);
});
