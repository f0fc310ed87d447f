import { describe, expect, it } from 'vitest';
import { captionsTopic, textFor } from '../../src/captions/topics.js';
import { captionOf } from './captions-of.js';

describe('captionsTopic', () => {
  it.each([
    ['es', 'PARLEY_CAPTIONS_es'],
    ['es-ES', 'PARLEY_CAPTIONS_es'],
    ['es-MX', 'PARLEY_CAPTIONS_es-419'],
    ['es-419', 'PARLEY_CAPTIONS_es-419'],
    ['pt', 'PARLEY_CAPTIONS_pt'],
    ['pt-BR', 'PARLEY_CAPTIONS_pt'],
    ['pt-PT', 'PARLEY_CAPTIONS_pt-PT'],
    ['pt-AO', 'PARLEY_CAPTIONS_pt-PT'],
    ['nb', 'PARLEY_CAPTIONS_nb'],
    ['nn', 'PARLEY_CAPTIONS_nn'],
    ['sr-ME', 'PARLEY_CAPTIONS_sr-Latn'],
    ['yue-HK', 'PARLEY_CAPTIONS_yue'],
    ['zh', 'PARLEY_CAPTIONS_zh'],
    ['zh-CN', 'PARLEY_CAPTIONS_zh'],
    ['zh-Hans', 'PARLEY_CAPTIONS_zh'],
    ['zh-TW', 'PARLEY_CAPTIONS_zh-Hant'],
    ['zh-HK', 'PARLEY_CAPTIONS_zh-Hant'],
    ['sr', 'PARLEY_CAPTIONS_sr'],
    ['sr-Latn', 'PARLEY_CAPTIONS_sr-Latn'],
    ['pa-PK', 'PARLEY_CAPTIONS_pa-Arab'],
    ['fil', 'PARLEY_CAPTIONS_fil'],
    ['und', 'PARLEY_CAPTIONS_und'],
    [undefined, 'PARLEY_CAPTIONS_und'],
  ])('of %s is %s', (tag, topic) => {
    expect(captionsTopic(tag)).toBe(topic);
  });

  it('refuses what is no tag', () => {
    expect(() => captionsTopic('no tag')).toThrow(RangeError);
  });
});

describe('textFor', () => {
  it.each([
    ['en-GB', {}, 'Hello.'],
    ['es', {}, 'Hola.'],
    ['fr', {}, 'Hola.'],
    [undefined, {}, 'Hola.'],
    ['en', { translatedText: '' }, 'Hola.'],
    ['es', { sourceText: '' }, 'Hello.'],
    ['en', { targetLanguage: '' }, 'Hola.'],
  ])('a reader of %s, %j: %s', (language, change, text) => {
    expect(textFor(captionOf(change), language)).toBe(text);
  });
});
