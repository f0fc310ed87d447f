import { describe, expect, it } from 'vitest';
import { type Reader, Readership } from '../../src/captions/readership.js';
import { captionOf } from './captions-of.js';

function open(readers: Record<string, string | undefined>, languages: readonly string[] = []) {
  const translated = new Set<string>();
  const readership = new Readership((speakerId, language) =>
    translated.has(`${speakerId}>${language}`) ? language : undefined,
  );
  const come = (people: Record<string, string | undefined>) => {
    const list: Reader[] = Object.entries(people).map(([id, prefers]) => ({ id, prefers }));
    readership.update(list, languages);
  };
  come(readers);
  const editions = (...captions: Parameters<typeof captionOf>) =>
    readership.editionsOf(captionOf(...captions)).map(({ topic, text }) => `${topic.slice(16)}: ${text}`);
  return { translated, editions, come };
}

const ENGLISH = { turnId: 'en1', targetLanguage: 'en', translatedText: 'Hello.', original: true };
const FRENCH = { turnId: 'fr1', targetLanguage: 'fr', translatedText: 'Bonjour.', original: false };

describe('Readership', () => {
  it('two people: the translation to one, the same caption as the original to the other', () => {
    const { translated, editions } = open({ ana: 'es', bob: 'en-GB' });
    translated.add('ana>en-GB');
    expect(editions(ENGLISH)).toEqual(['es: Hola.', 'en: Hello.']);
  });

  it('three languages: each translation to its own, the original to whoever speaks it, each once', () => {
    const { translated, editions } = open({ ana: 'es', bob: 'en', eve: 'fr', luis: 'es-MX' });
    translated.add('ana>en').add('ana>fr');
    expect(editions(ENGLISH)).toEqual(['es: Hola.', 'en: Hello.']);
    expect(editions(FRENCH)).toEqual(['fr: Bonjour.']);
  });

  it('the original also goes to those who have not chosen, and to those whose translation is not to be had', () => {
    const { translated, editions } = open({ ana: 'es', bob: 'en', eve: 'fr', kim: undefined });
    translated.add('ana>en');
    expect(editions(ENGLISH)).toEqual(['es: Hola.', 'en: Hello.', 'fr: Hola.', 'und: Hola.']);
  });

  it('tells who reads each edition', () => {
    const readership = new Readership(() => undefined);
    readership.update(
      [
        { id: 'ana', prefers: 'es' },
        { id: 'luis', prefers: 'es-MX' },
        { id: 'kim', prefers: undefined },
      ],
      ['en', 'es'],
    );
    expect(readership.editionsOf(captionOf()).map(({ topic, readerIds }) => [topic, readerIds])).toEqual([
      ['PARLEY_CAPTIONS_en', []],
      ['PARLEY_CAPTIONS_es', ['ana', 'luis']],
      ['PARLEY_CAPTIONS_und', ['kim']],
    ]);
  });

  it('a turn is finished where it was begun', () => {
    const { translated, editions } = open({ bob: 'en', eve: 'fr' });
    expect(editions({ ...ENGLISH, final: false })).toEqual(['en: Hello.', 'fr: Hola.']);
    translated.add('ana>fr');
    expect(editions(ENGLISH)).toEqual(['en: Hello.', 'fr: Hola.']);
    expect(editions({ ...ENGLISH, turnId: 'en2' })).toEqual(['en: Hello.']);
  });

  it('one text reaches both scripts of a language', () => {
    const { editions } = open({ li: 'zh-CN', wu: 'zh-TW' });
    expect(editions({ ...ENGLISH, targetLanguage: 'zh', translatedText: '你好' })).toEqual([
      'zh: 你好',
      'zh-Hant: 你好',
    ]);
  });

  it('the meeting’s languages have their topics, whoever is there; those who left need none', () => {
    const { editions, come } = open({ ana: 'es', kim: undefined, tom: 'de' }, ['es', 'en']);
    come({ ana: 'es' });
    expect(editions(ENGLISH)).toEqual(['es: Hola.', 'en: Hello.']);
  });

  it('decisions about old turns are forgotten, not those about recent ones', () => {
    const { translated, editions } = open({ eve: 'fr' });
    const turns = Array.from({ length: 300 }, (_, n) => ({ ...ENGLISH, turnId: `t${n}` }));
    for (const turn of turns) editions(turn);
    translated.add('ana>fr');
    expect(editions(turns[0])).toEqual([]);
    expect(editions(turns[299])).toEqual(['fr: Hola.']);
  });
});
