import { describe, expect, it } from 'vitest';
import { type Reader, Readership } from '../../src/captions/readership.js';
import { captionOf } from './captions-of.js';

function open(readers: Record<string, string | undefined>, languages: readonly string[] = []) {
  const translated = new Set<string>();
  const readership = new Readership((speakerId, language) => {
    // `ana>en`, or `ana>zh-CN=zh-TW` where it is another tag that they get.
    for (const entry of translated) {
      const [pair, to = language] = entry.split('=');
      if (pair === `${speakerId}>${language}`) return to;
    }
    return undefined;
  });
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
    expect(editions(ENGLISH)).toEqual(['es: Hola.', 'en: Hello.', 'es-419: Hola.']);
    expect(editions(FRENCH)).toEqual(['fr: Bonjour.']);
  });

  it('each topic reads its own writing: its own translation, or one that is turned into it', () => {
    const { translated, editions } = open({
      ana: 'en',
      cn: 'zh-CN',
      tw: 'zh-TW',
      hk: 'yue-HK',
      rs: 'sr-Latn',
    });
    for (const pair of ['zh-CN=zh-TW', 'zh-TW', 'yue-HK', 'sr-Latn=sr']) translated.add(`ana>${pair}`);
    const said = { sourceLanguage: 'en', sourceText: 'The meeting begins.', original: false };
    const chinese = { ...said, turnId: 'zh', targetLanguage: 'zh-TW', translatedText: '會議開始。' };
    expect(editions(chinese)).toEqual(['zh: 会议开始。', 'zh-Hant: 會議開始。']);
    expect(editions({ ...said, turnId: 'y', targetLanguage: 'yue-HK', translatedText: '開會喇。' })).toEqual([
      'yue: 開會喇。',
    ]);
    expect(editions({ ...said, turnId: 's', targetLanguage: 'sr', translatedText: 'Почиње.' })).toEqual([
      'sr-Latn: Počinje.',
    ]);
  });

  it('the payload is in the language of its topic, too', () => {
    const readership = new Readership((_speaker, language) => (language === 'zh-CN' ? 'zh-TW' : language));
    readership.update([{ id: 'cn', prefers: 'zh-CN' }], []);
    const caption = captionOf({ targetLanguage: 'zh-TW', translatedText: '會議', original: false });
    expect(readership.editionsOf(caption).map((edition) => edition.caption)).toEqual([
      { ...caption, targetLanguage: 'zh-CN', translatedText: '会议' },
    ]);
    const name = captionOf({ targetLanguage: 'zh-TW', translatedText: 'Parley', original: false });
    expect(readership.editionsOf(name).map((edition) => edition.caption?.targetLanguage)).toEqual(['zh-CN']);
  });

  it('of two translations into one language, each topic has the one in its writing, and without it the other', () => {
    const { translated, editions } = open({ br: 'pt-BR', pt: 'pt-PT', any: 'pt' });
    translated.add('ana>pt-BR').add('ana>pt-PT').add('ana>pt=pt-BR');
    const brazilian = { turnId: 'br', targetLanguage: 'pt-BR', translatedText: 'o trem', original: true };
    const european = { turnId: 'pt', targetLanguage: 'pt-PT', translatedText: 'o comboio', original: false };
    expect(editions(brazilian)).toEqual(['pt: o trem']);
    expect(editions(european)).toEqual(['pt-PT: o comboio']);
    const alone = open({ br: 'pt-BR', pt: 'pt-PT' });
    expect(alone.editions(brazilian)).toEqual(['pt: o trem', 'pt-PT: o trem']);
  });

  it('a notice about a translation goes to all who read it, in whatever writing', () => {
    const readership = new Readership(() => undefined);
    const people = ['zh-CN', 'zh-TW', 'yue', 'pt-PT'].map((prefers) => ({ id: prefers, prefers }));
    readership.update(people, []);
    const notice = captionOf({ kind: 'notice', targetLanguage: 'zh-Hant', translatedText: '會議' });
    const texts = (to: string) =>
      readership.noticeEditionsOf(notice, to).map(({ topic, text }) => `${topic.slice(16)}: ${text}`);
    expect(texts('zh-TW')).toEqual(['zh-Hant: 會議', 'zh: 会议']);
    expect(texts('pt-BR')).toEqual(['pt: 會議']);
  });

  it('what is said in a reader’s own language is in their writing', () => {
    const { editions } = open({ tw: 'zh-TW', rs: 'sr', cn: 'zh-CN' });
    const said = { targetLanguage: '', translatedText: '', original: true };
    expect(editions({ ...said, turnId: 'a', sourceLanguage: 'zh-CN', sourceText: '会议' })).toEqual([
      ...['zh-Hant: 會議', 'sr: 会议', 'zh: 会议'],
    ]);
    expect(editions({ ...said, turnId: 'b', sourceLanguage: 'sr-Latn', sourceText: 'Počinje.' })).toEqual([
      ...['zh-Hant: Počinje.', 'sr: Почиње.', 'zh: Počinje.'],
    ]);
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
        { id: 'luis', prefers: 'es-ES' },
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
