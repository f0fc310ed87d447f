import { describe, expect, it } from 'vitest';
import { languageConfirmation, languageQuestion } from '../../../src/interpreter/notices/language-notices.js';
import { noticeTexts } from '../../../src/interpreter/notices/notice-texts.js';
import { parseLanguage } from '../../../src/languages/languages.js';

const known = (...speaks: string[]) => ({ speaks, prefers: undefined, heard: false });

describe('languageQuestion', () => {
  it('asks in English and in what is to be had, and names that', () => {
    expect(languageQuestion(undefined, ['es', 'de'])).toEqual({
      text: 'Which language would you like to hear and read? ¿Qué idioma quiere oír y leer? Welche Sprache möchten Sie hören und lesen? (español, Deutsch)',
      language: undefined,
    });
  });

  it('asks once where English is all there is, or nothing is known', () => {
    const question = 'Which language would you like to hear and read?';
    expect(languageQuestion(undefined, ['en-GB'])).toEqual({
      text: `${question} (British English)`,
      language: 'en',
    });
    expect(languageQuestion(undefined, [])).toEqual({ text: question, language: 'en' });
  });

  it('asks whoever prefers something else in that language', () => {
    expect(languageQuestion('fr', ['es', 'en'])).toEqual({
      text: 'Pas d’interprétation dans cette réunion : français. Quelle langue souhaitez-vous entendre et lire ? (español, English)',
      language: 'fr',
    });
  });

  it('stays one readable line, however many languages there are', () => {
    const many = 'ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv th tr uk vi zh'.split(
      ' ',
    );
    const { text } = languageQuestion(undefined, many);
    expect(text.length).toBeLessThan(400);
    expect(text).not.toMatch(/[\r\n]/);
  });
});

describe('languageConfirmation', () => {
  it.each([
    ['es', known('es'), 'Ahora oye y lee: español.', 'es'],
    ['pt-BR', known('pt'), 'Agora ouve e lê: português (Brasil).', 'pt'],
    [
      'en',
      known('es', 'en'),
      'You now hear and read: English. What you say is interpreted from: español, English.',
      'en',
    ],
    ['zh-TW', known('zh'), '您現在聽和讀的語言：中文（台灣）。', 'zh-Hant'],
    ['sw', known('sw'), 'You now hear and read: Kiswahili.', 'en'], // no texts of its own
  ])('%s', (prefers, languages, text, language) => {
    expect(languageConfirmation(prefers, languages)).toEqual({ text, language });
  });

  it('says when it was heard, not chosen', () => {
    expect(languageConfirmation('de', { ...known('de'), heard: true }).text).toBe(
      'Sie hören und lesen jetzt: Deutsch. Die Sprache wurde an dem erkannt, was Sie gesagt haben; Sie können eine andere wählen.',
    );
  });
});

describe('the texts', () => {
  it('are in 19 written languages', () => {
    expect(Object.keys(noticeTexts())).toHaveLength(19);
  });

  it.each(Object.entries(noticeTexts()))(
    '%s: a language, every text is there, with one gap where names belong',
    (tag, texts) => {
      expect(parseLanguage(tag)).toBe(tag);
      expect(Object.keys(texts)).toEqual([
        ...['interpreting', 'ask', 'set', 'spoken', 'guessed', 'missing', 'recorded', 'quiet'],
        ...['reconnecting', 'resumed', 'stopped', 'written', 'ended', 'noAnswer'],
      ]);
      for (const [name, text] of Object.entries(texts)) {
        const gaps = [
          'interpreting',
          'set',
          'spoken',
          'missing',
          'reconnecting',
          'resumed',
          'stopped',
          'noAnswer',
        ].includes(name)
          ? 1
          : 0;
        expect(text.split('{}')).toHaveLength(gaps + 1);
        expect(text.trim()).toBe(text);
      }
      expect(new Set(Object.values(texts)).size).toBe(14);
    },
  );
});
