import { describe, expect, it } from 'vitest';
import { canRewrite, rewritten } from '../../src/languages/rewriting.js';
import { ownLanguageName } from '../../src/languages/languages.js';
import { sameWriting, writtenLanguage } from '../../src/languages/written-languages.js';

describe('writtenLanguage', () => {
  it.each([
    ['zh', 'zh'],
    ['zh-CN', 'zh'],
    ['zh-TW', 'zh-Hant'],
    ['zh-HK', 'zh-Hant'],
    ['yue', 'yue'],
    ['yue-HK', 'yue'],
    ['sr', 'sr'],
    ['sr-Latn-RS', 'sr-Latn'],
    ['sr-ME', 'sr-Latn'],
    ['pt', 'pt'],
    ['pt-BR', 'pt'],
    ['pt-PT', 'pt-PT'],
    ['pt-AO', 'pt-PT'],
    ['es-ES', 'es'],
    ['es-MX', 'es-419'],
    ['es-419', 'es-419'],
    ['es-US', 'es-419'],
    ['no', 'nb'],
    ['nn', 'nn'],
    ['en-GB', 'en'],
    ['de-CH', 'de'],
  ])('of %s is %s', (tag, written) => {
    expect(writtenLanguage(tag)).toBe(written);
  });

  it.each([
    ['es', 'es-MX', true], // says nothing of the standard
    ['es', 'es-ES', true],
    ['es-ES', 'es-MX', false],
    ['pt-BR', 'pt-PT', false],
    ['no', 'nb', true],
    ['nb', 'nn', false],
    ['zh', 'zh-TW', false],
    ['zh-CN', 'yue', false],
    ['en-GB', 'en-US', true],
  ])('%s and %s are read as one: %s', (a, b, same) => {
    expect([sameWriting(a, b), sameWriting(b, a)]).toEqual([same, same]);
  });
});

describe('rewritten', () => {
  it.each([
    ['zh-TW', 'zh-CN', '會議明天上午九點半開始，頭髮和發展。', '会议明天上午九点半开始，头发和发展。'],
    ['zh-CN', 'zh-TW', '会议里的软件和网络，皇后的头发。', '會議裡的軟體和網路，皇后的頭髮。'],
    ['zh-CN', 'zh-SG', '会议明天开始。', '会议明天开始。'],
    ['sr', 'sr-Latn', 'Људи у Његошу: ЏЕП, џеп, Ђорђе. NATO', 'Ljudi u Njegošu: DŽEP, džep, Đorđe. NATO'],
    [
      'sr-Latn',
      'sr',
      'Ljudi čekaju u Njegoševoj: DŽEP, nadživeti, injekcija.',
      'Људи чекају у Његошевој: ЏЕП, надживети, инјекција.',
    ],
    ['sr-Latn', 'sr', 'Koristim Windows i web.', 'Користим Windows и web.'],
    ['sr', 'sr', 'Састанак на Microsoft Teams.', 'Састанак на Microsoft Teams.'],
    ['sr', 'sr', 'Sastanak počinje sutra.', 'Састанак почиње сутра.'], // a model that wrote it otherwise
    ['bs-Cyrl', 'bs', 'Састанак', 'Sastanak'],
    ['pt-BR', 'pt-PT', 'o trem', 'o trem'], // takes a translator
    ['en', 'zh-TW', 'Hello', 'Hello'],
    ['yue', 'zh-CN', '個會聽朝開', '個會聽朝開'],
  ])('from %s to %s: %s', (from, to, text, expected) => {
    expect(rewritten(text, from, to)).toBe(expected);
  });

  it('takes no translator for Chinese and Serbian only', () => {
    expect(canRewrite('zh-TW', 'zh-CN')).toBe(true);
    expect(canRewrite('sr-Latn', 'sr')).toBe(true);
    for (const [from, to] of [
      ['pt-BR', 'pt-PT'],
      ['nb', 'nn'],
      ['es-ES', 'es-MX'],
      ['yue', 'zh-TW'],
      ['sr', 'bs'],
      ['uz', 'uz-Cyrl'],
    ] as const)
      expect([from, canRewrite(from, to)]).toEqual([from, false]);
  });
});

describe('ownLanguageName', () => {
  it.each([
    ['es', 'español'],
    ['ka', 'ქართული'],
    ['hy', 'հայերեն'],
    ['cy', 'Cymraeg'],
    ['ht', 'Kreyòl Ayisyen'], // of which Intl has no locale
    ['gn', 'avañe’ẽ'],
    ['pt-BR', 'português (Brasil)'],
    ['akk', 'Akkadian'],
  ])('of %s is %s', (tag, name) => {
    expect(ownLanguageName(tag)).toBe(name);
  });
});
