import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isAnswer, isOwnVoice, judgeLanguage } from '../../../src/interpreter/guard/guard.js';
import { noticeTexts } from '../../../src/interpreter/notices/notice-texts.js';
import { type LanguageDetector, loadLanguageDetector } from '../../../src/languages/language-detector.js';
import { loadBook, renderingsOf } from '../../embedded/phrasebook/book.js';
import { wordsOf } from '../../../src/interpreter/guard/plain-words.js';
import { HOSTILE_TEXTS } from '../hostile-texts.js';
import { RIGHT_SENTENCES } from './right-sentences.js';

type Sentence = { language: string; text: string };

let detector: LanguageDetector;
let phrases: Sentence[];
beforeAll(async () => {
  detector = await loadLanguageDetector();
  phrases = renderingsOf(await loadBook());
});

/** Sentences of this project in 19 written languages. */
const notices: Sentence[] = Object.entries(noticeTexts()).flatMap(([language, texts]) =>
  Object.values(texts).map((text) => ({ language, text: text.replace('{}', 'Lucía Ortega') })),
);

const judge = (text: string, targets: string | readonly string[], whole = true) =>
  judgeLanguage(text, typeof targets === 'string' ? [targets] : targets, whole, detector);

describe('words of a text', () => {
  it.each([
    ['คำถามสำคัญ ทำงานที่สำนักงาน', 'คำถาม สำคัญ ทำงาน ที่ สำนักงาน'],
    ['Crème BRÛLÉE, don’t!', "creme brulee don't"],
    ['Straße STRASSE', 'strasse strasse'],
    ['ΟΔΟΣ οδός', 'οδοσ οδοσ'],
    ['شُكْراً إلى علی کتاب', 'شكرا الي علي كتاب'],
    ['co\u00adop ab\u200dc', 'coop abc'],
    ['١٢ १२ 12', '12 12 12'],
    ['ｆｕｌｌ ｗｉｄｔｈ', 'full width'],
  ])('%j: %s', (text, words) => {
    // The am of Thai is one letter or two, as it is typed.
    expect(
      wordsOf(text)
        .map((word) => word.normalize('NFKD'))
        .join(' '),
    ).toBe(words.normalize('NFKD').replace(/[\u0300-\u036f]/g, ''));
  });
});

describe('the language of a translation', () => {
  it('is never doubted where it is the right one, however much of it is known', () => {
    for (const { language, text } of [...phrases, ...notices]) {
      expect([text, judge(text, language)]).toEqual([text, undefined]);
      for (let chars = 8; chars < text.length; chars += 8) {
        expect([text, chars, judge(text.slice(0, chars), language, false)]).toEqual([text, chars, undefined]);
      }
    }
  });

  it('is told where it is another: in most of all pairs of sentences, and never by another name', () => {
    const pairs = [...phrases, ...notices].flatMap(({ language, text }) =>
      ['en', 'de', 'es', 'fr', 'ru', 'ja', 'ar', 'tr'].map((target) => ({ language, text, target })),
    );
    const wrong = pairs.filter(({ language, target }) => language !== target);
    const found = wrong.flatMap((pair) => {
      const finding = judge(pair.text, pair.target);
      return finding === undefined ? [] : [{ ...pair, finding }];
    });
    const named = found.filter(({ language, finding }) => {
      const name = detector.nameOf(language);
      return finding.kind === 'wrong_language' && finding.language === name;
    });
    expect(found.length / wrong.length).toBeGreaterThan(0.7);
    expect(named.length / found.length).toBeGreaterThan(0.98);
  });

  it.each([
    ['names', 'Lucía Ortega, Jean-Baptiste Lefèvre, Søren Kierkegård und Giulia Bianchi', 'de'],
    ['products', 'Microsoft Teams, Google Meet, Visual Studio Code, GitHub Copilot', 'ja'],
    ['a title in quotation marks', 'Have you read “Cien años de soledad que no se olvidan nunca más”?', 'en'],
    ['somebody quoted', 'Sie sagte: „we need to have more time for this, really“', 'de'],
    ['a word that stays', 'Das deployment failed wegen der pipeline.', 'de'],
    ['short words', 'No, no, no, no!', 'de'],
    ['one word', 'Dankeschön', 'en'],
    ['numbers and addresses', 'https://example.com/where-is-the-meeting?at=9 +34 600 123 456 a@b.es', 'fr'],
    ['a close language', 'Vi ses igen i næste uge på mødet om budgettet', 'no'],
    ['the same language elsewhere', 'O relatório fica pronto antes de sexta-feira, está bem?', 'pt-BR'],
    ['another script of one language', 'Састанак почиње сутра у пола десет', 'sr-Latn'],
    ['a language of which nothing is known', 'Mkutano utaanza kesho saa tatu na nusu', 'sw'],
    ['the stand-in’s echo', '[echo 2.3 s]', 'en'],
    ['the stand-in’s note', '[not in the phrasebook: 2.3 s played back]', 'es'],
    ['a note on sound', '[loud laughter and long applause from the whole audience]', 'es'],
  ])('is not doubted for %s', (_what, text, target) => {
    for (const whole of [true, false]) expect(judge(text, target, whole)).toBeUndefined();
  });

  it('is never doubted in a right sentence, in whatever language and script', () => {
    expect(new Set(RIGHT_SENTENCES.map(([tag]) => tag)).size).toBeGreaterThan(100);
    const doubted = RIGHT_SENTENCES.flatMap(([tag, text]) => {
      const found = [judge(text, tag), judge(text, tag, false), judge(`${text} ${text} ${text}`, tag)];
      return found.every((finding) => finding === undefined) ? [] : [{ tag, text, found }];
    });
    expect(doubted).toEqual([]);
  });

  it.each(['pa', 'pa-Arab', 'hi', 'ru', 'ar', 'zh-Hant', 'ro-Cyrl'])(
    'is told in a text in no script of %s, in whatever script that is known',
    (target) => {
      const english = 'The meeting starts tomorrow at half past nine, and we need to talk about this now.';
      const isLatin = target === 'ro-Cyrl';
      const text = isLatin ? 'ミーティングは明日の九時半に始まりますので、資料をお持ちください。' : english;
      expect(judge(text, target)).toEqual({ kind: 'wrong_language', language: isLatin ? 'ja' : 'en' });
    },
  );

  it('is told of the whole of a long text, and not of how it begins', () => {
    const right =
      'We will talk about the budget of the next year and about the people whom we need for it. '.repeat(6);
    const wrong =
      'Wir sprechen dann noch über den Haushalt des nächsten Jahres und über die Leute, die wir dafür brauchen. ';
    expect(judge(right, 'en')).toBeUndefined();
    expect(judge(right + wrong, 'en')).toBeUndefined(); // somebody is quoted
    expect(judge(right + wrong.repeat(12), 'en')).toEqual({ kind: 'wrong_language', language: 'de' });
    expect(judge(right + wrong.repeat(12), 'de')).toBeUndefined();
  });

  it('may be any of two where a session goes both ways', () => {
    const german = 'Die Besprechung beginnt morgen um halb zehn.';
    expect(judge(german, ['en', 'de'])).toBeUndefined();
    expect(judge(german, ['en', 'es'])).toEqual({ kind: 'wrong_language', language: 'de' });
  });

  it('is told by its script where nothing else is known of the target', () => {
    expect(judge('Собрание начинается завтра в половине десятого', 'sw')).toMatchObject({ language: 'ru' });
    expect(judge('我们明天上午九点半开始开会，请大家准时参加', 'sw')).toMatchObject({ language: 'zh' });
  });

  it('is told of a text that goes on, once there is enough of it', () => {
    const text =
      'Ich schicke Ihnen den vollständigen Bericht vor Freitag, wenn alle damit einverstanden sind.';
    const from = Array.from({ length: text.length }, (_, chars) => chars).find(
      (chars) => judge(text.slice(0, chars), 'es', false) !== undefined,
    );
    expect(from).toBeGreaterThan(50);
    expect(from).toBeLessThan(text.length);
  });

  it('survives any text', () => {
    for (const text of HOSTILE_TEXTS) judge(text, 'es');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const finding = judge(text, 'es');
        if (finding?.kind === 'wrong_language') expect(finding.language).toMatch(/^[a-z]{2}$/);
      }),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('an answer in place of a translation', () => {
  it.each([
    ['¿Cuál es la capital de Francia?', 'As an AI language model, I can tell you that it is Paris.', 'es'],
    ['Empezamos a las nueve.', 'Sure, here is the translation: We start at nine.', 'es'],
    ['Wie geht es Ihnen heute?', "I'm an AI, so I don't have feelings, but thank you for asking!", 'de'],
    [
      'Where is the nearest train station?',
      'Soy un asistente virtual y no tengo acceso a su ubicación.',
      'en',
    ],
    ['Tell me a joke about my boss.', 'Lo siento, pero no puedo ayudarte con eso.', 'en'],
    ['Bonjour à tous, on commence.', 'I’m ready to translate. Please go ahead.', 'fr'],
    [
      '¿Alguien tiene alguna pregunta sobre el presupuesto?',
      'Here are some things that people often ask about a budget. First, how large it is and who decides on it. Second, what happens when it is spent before the end of the year. Third, whom to tell.',
      'es',
    ],
  ])('is known by how it speaks: %s', (source, translation, from) => {
    expect(isAnswer(source, translation, [from])).toBe(true);
  });

  it.each([
    ['somebody who speaks of models', 'Como IA no sirve de mucho.', 'As an AI it is not of much use.', 'es'],
    ['somebody who is one', 'Soy un asistente virtual.', 'I am a virtual assistant.', 'es'],
    [
      'the translator of the house',
      'Aquí tienen la traducción del contrato.',
      'Here is the translation of the contract.',
      'es',
    ],
    ['a refusal', 'Lo siento, no puedo ayudarle con eso.', "I'm sorry, I can't help you with that.", 'es'],
    ['a refusal in other words', 'Eso no está en mi mano.', 'I can’t help you with that.', 'es'],
    [
      'a question that is none any more',
      '¿Puede enviarlo mañana, por favor?',
      'Please send it tomorrow.',
      'es',
    ],
    [
      'a question without its mark',
      '¿Se ha ido ya todo el mundo a casa?',
      'Has everybody gone home already',
      'es',
    ],
    ['an offer', '¿Qué se le ofrece?', 'How can I help you today?', 'es'],
    ['what was said is not known', '', 'As an AI language model, I cannot know that.', 'es'],
    ['a language that nothing is known of', '…', 'Here is the translation of the contract.', 'sw'],
  ])('is not found in %s', (_what, source, translation, from) => {
    expect(isAnswer(source, translation, [from])).toBe(false);
  });

  it('is not found where the speaker’s languages are not known', () => {
    expect(isAnswer('…!', 'Sure, here is the translation: We start at nine.', [])).toBe(false);
  });

  it('is found in none of the phrasebook’s translations, nor in those of the notices', () => {
    const byPhrase = Array.from({ length: phrases.length / 4 }, (_, n) => phrases.slice(n * 4, n * 4 + 4));
    for (const renderings of byPhrase) {
      for (const { text: source, language } of renderings) {
        for (const { text } of renderings)
          expect([source, text, isAnswer(source, text, [language])]).toEqual([source, text, false]);
      }
    }
    const all = Object.entries(noticeTexts());
    for (const [language, texts] of all) {
      for (const [, others] of all) {
        for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
          const [source, text] = [texts[name], others[name]];
          expect([source, text, isAnswer(source, text, [language])]).toEqual([source, text, false]);
        }
      }
    }
  });

  it('survives any text', () => {
    for (const text of HOSTILE_TEXTS) {
      isAnswer(text, text, ['en']);
      isAnswer('Where is the nearest train station?', text, ['en']);
    }
  });
});

describe('our own voice', () => {
  const said = { text: 'The meeting starts tomorrow at half past nine.', fromMs: 10_000, toMs: 12_600 };
  const turn = { startMs: 10_300, endMs: 12_900, source: 'the meeting starts tomorrow at half past nine' };

  it('is known by its words, heard while it spoke', () => {
    expect(isOwnVoice(turn, [said])).toBe(true);
    expect(isOwnVoice({ ...turn, source: 'Meeting starts tomorrow at a half past nine' }, [said])).toBe(true);
    expect(isOwnVoice({ ...turn, startMs: 11_000, source: 'tomorrow at half past nine' }, [said])).toBe(true);
    expect(isOwnVoice(turn, [{ ...said, toMs: undefined }])).toBe(true); // it still speaks
  });

  it('is known where one turn has two phrases of it', () => {
    const next = { text: 'Where is the nearest train station?', fromMs: 12_900, toMs: 15_000 };
    const both = { startMs: 10_300, endMs: 15_200, source: `${said.text} ${next.text}` };
    expect(isOwnVoice(both, [said, next])).toBe(true);
    expect(isOwnVoice(both, [next, said])).toBe(false); // never in that order
  });

  it('is known in languages without spaces', () => {
    const text = '会議は明日の九時半に始まります。';
    expect(isOwnVoice({ ...turn, source: '会議は明日の九時半に始まります' }, [{ ...said, text }])).toBe(true);
  });

  it.each([
    ['somebody who repeats it afterwards', { startMs: 14_500, endMs: 17_000 }],
    ['somebody who goes on long after it', { startMs: 12_000, endMs: 22_000 }],
    [
      'other words at the same time',
      { source: 'I would like to add something about the schedule of tomorrow' },
    ],
    ['a few words of it', { source: 'half past nine' }],
    ['the same word again and again', { source: 'tomorrow tomorrow tomorrow at at at' }],
    ['nothing that is known', { source: '' }],
  ])('is not %s', (_what, change) => {
    expect(isOwnVoice({ ...turn, ...change }, [said])).toBe(false);
  });

  it('is nobody’s while nothing was spoken', () => {
    expect(isOwnVoice(turn, [])).toBe(false);
  });

  it('takes bounded time for any text', () => {
    const long = 'word and another one '.repeat(5_000);
    expect(isOwnVoice({ ...turn, source: long }, [{ ...said, text: long }])).toBe(true);
    for (const text of HOSTILE_TEXTS) isOwnVoice({ ...turn, source: text }, [{ ...said, text }]);
  });
});
