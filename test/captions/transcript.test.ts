import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cuesIn, speechesOf, versionsOf, wordsIn } from '../../src/captions/transcript.js';
import { captionOf } from './captions-of.js';

const SPANISH = captionOf({ turnId: 'es-en', sourceText: 'Hola.', translatedText: 'Hello.' });
const FRENCH = captionOf({
  turnId: 'es-fr',
  targetLanguage: 'fr',
  translatedText: 'Bonjour.',
  original: false,
  startMs: 1_020,
  endMs: 2_010,
});
const ENGLISH = captionOf({
  turnId: 'en-es',
  speakerId: 'bob',
  speakerName: 'Bob',
  sourceLanguage: 'en-GB',
  targetLanguage: 'es',
  sourceText: 'Good morning.',
  translatedText: 'Buenos días.',
  startMs: 3_000,
  endMs: 4_000,
  mark: 'cut',
});
const words = (captions: Parameters<typeof speechesOf>[0], language?: string) =>
  speechesOf(captions).map((speech) => wordsIn(speech, language));

describe('speechesOf', () => {
  it('brings the translations of one speech together, whichever session made them', () => {
    const speeches = speechesOf([ENGLISH, FRENCH, SPANISH]);
    expect(speeches.map(({ speakerId, startMs }) => [speakerId, startMs])).toEqual([
      ['ana', 1_000],
      ['bob', 3_000],
    ]);
    expect(speeches.map(versionsOf)).toEqual([
      {
        said: { language: 'es', text: 'Hola.' },
        translated: [
          { language: 'en', text: 'Hello.' },
          { language: 'fr', text: 'Bonjour.' },
        ],
      },
      {
        said: { language: 'en-GB', text: 'Good morning.' },
        translated: [{ language: 'es', text: 'Buenos días.', mark: 'cut' }],
      },
    ]);
  });

  it('takes the last word on each segment, and nothing of what was partial, withdrawn or a notice', () => {
    const speeches = speechesOf([
      SPANISH,
      captionOf({ turnId: 'es-en', sourceText: 'Hola a todos.' }),
      captionOf({ turnId: 'partial', final: false }),
      captionOf({ turnId: 'notice', kind: 'notice' }),
      captionOf({ turnId: 'gone', part: 1 }),
      captionOf({ turnId: 'gone', part: 1, sourceText: '', translatedText: '' }),
    ]);
    expect(speeches.map((speech) => wordsIn(speech, undefined).text)).toEqual(['Hola a todos.']);
  });

  it('a turn of several segments is one speech', () => {
    const parts = [
      captionOf({ part: 0, sourceText: 'Uno.', translatedText: 'One.', startMs: 0, endMs: 5_000 }),
      captionOf({ part: 1, sourceText: 'Dos.', translatedText: 'Two.', startMs: 5_000, endMs: 9_000 }),
    ];
    expect(speechesOf([...parts].reverse())).toMatchObject([{ startMs: 0, endMs: 9_000 }]);
    expect(words(parts, 'en')).toEqual([{ language: 'en', text: 'One. Two.' }]);
    expect(cuesIn(speechesOf(parts), 'en').map(({ startMs, endMs, text }) => [startMs, endMs, text])).toEqual(
      [
        [0, 5_000, 'One.'],
        [5_000, 9_000, 'Two.'],
      ],
    );
  });

  it('does not mix up people who speak at the same time, nor a translation without an original', () => {
    const bob = { ...ENGLISH, startMs: 1_000, endMs: 2_000 };
    const alone = captionOf({ ...FRENCH, segmentId: 'alone', turnId: 'alone', startMs: 8_000, endMs: 9_000 });
    expect(words([SPANISH, bob, FRENCH, alone], 'fr').map(({ text }) => text)).toEqual([
      'Bonjour.',
      'Good morning.',
      'Bonjour.',
    ]);
  });
});

describe('reading a writing of a language', () => {
  const said = { sourceLanguage: 'en', sourceText: 'The train.' };
  const brazilian = captionOf({ ...said, turnId: 'br', targetLanguage: 'pt-BR', translatedText: 'O trem.' });
  const european = captionOf({
    ...said,
    turnId: 'pt',
    targetLanguage: 'pt-PT',
    translatedText: 'O comboio.',
    original: false,
    mark: 'captions_only',
  });
  const chinese = captionOf({
    ...said,
    turnId: 'zh',
    targetLanguage: 'zh-TW',
    translatedText: '會議',
    mark: 'cut',
  });

  it.each([
    ['pt-BR', { language: 'pt-BR', text: 'O trem.' }],
    ['pt-PT', { language: 'pt-PT', text: 'O comboio.', mark: 'captions_only' }],
    ['pt-AO', { language: 'pt-PT', text: 'O comboio.', mark: 'captions_only' }],
  ])('of two translations %s has its own, and never both', (language, expected) => {
    expect(words([brazilian, european], language)).toEqual([expected]);
    expect(words([brazilian], 'pt-PT')).toEqual([{ language: 'pt-BR', text: 'O trem.' }]);
  });

  it('turns what there is into it, where that takes no translator', () => {
    expect(words([chinese], 'zh-CN')).toEqual([{ language: 'zh-CN', text: '会议', mark: 'cut' }]);
    expect(words([chinese], 'zh-HK')).toEqual([{ language: 'zh-TW', text: '會議', mark: 'cut' }]);
    const serbian = captionOf({
      turnId: 'sr',
      sourceLanguage: 'sr',
      sourceText: 'Почиње.',
      targetLanguage: '',
    });
    expect(words([serbian], 'sr-Latn')).toEqual([{ language: 'sr-Latn', text: 'Počinje.' }]);
  });
});

describe('reading', () => {
  it.each([
    ['en', ['Hello.', 'Good morning.']],
    ['es', ['Hola.', 'Buenos días.']],
    ['es-MX', ['Hola.', 'Buenos días.']],
    ['fr', ['Bonjour.', 'Good morning.']],
    ['de', ['Hola.', 'Good morning.']],
    [undefined, ['Hola.', 'Good morning.']],
  ])('in %s: %j', (language, expected) => {
    expect(words([SPANISH, FRENCH, ENGLISH], language).map(({ text }) => text)).toEqual(expected);
  });

  it('says in which language the words are, and what became of them', () => {
    expect(words([ENGLISH], 'es')).toEqual([{ language: 'es', text: 'Buenos días.', mark: 'cut' }]);
    expect(words([ENGLISH], 'en')).toEqual([{ language: 'en-GB', text: 'Good morning.' }]);
    expect(words([{ ...ENGLISH, translatedText: '' }], 'es')).toEqual([
      { language: 'en-GB', text: 'Good morning.' },
    ]);
    // Not written down: the translation stands for it, in no language that was spoken.
    expect(words([{ ...ENGLISH, sourceText: '' }])).toEqual([
      { language: '', text: 'Buenos días.', mark: 'cut' },
    ]);
  });

  it('takes tags that are none for what they are', () => {
    const odd = captionOf({ sourceLanguage: '<b>', targetLanguage: 'no tag at all' });
    expect(words([odd], 'en')).toEqual([{ language: '<b>', text: 'Hola.' }]);
  });

  it('shows a short word long enough to be read, and nothing before the beginning', () => {
    expect(cuesIn(speechesOf([captionOf({ startMs: -500, endMs: -400 })]), 'en')).toEqual([
      { startMs: 0, endMs: 400, speaker: 'Ana', language: 'en', text: 'Hello.' },
    ]);
  });
});

describe('any meeting', () => {
  const caption = fc.record({
    turn: fc.integer({ min: 0, max: 6 }),
    part: fc.integer({ min: 0, max: 2 }),
    startMs: fc.integer({ min: 0, max: 60_000 }),
    durationMs: fc.integer({ min: 0, max: 10_000 }),
    sourceText: fc.constantFrom('', 'uno', 'dos tres'),
    translatedText: fc.constantFrom('', 'one', 'two three'),
    targetLanguage: fc.constantFrom('en', 'fr', ''),
    final: fc.boolean(),
  });

  it('every word of every original is read exactly once, in order of its turns', () => {
    fc.assert(
      fc.property(fc.array(caption, { maxLength: 30 }), (all) => {
        const captions = all.map(({ turn, durationMs, ...change }) =>
          captionOf({
            ...change,
            turnId: `t${turn}`,
            speakerId: `s${turn % 3}`,
            original: turn % 2 === 0,
            endMs: change.startMs + durationMs,
          }),
        );
        const last = new Map(captions.filter(({ final }) => final).map((each) => [each.segmentId, each]));
        const said = [...last.values()]
          .filter(
            ({ original, sourceText, translatedText }) => original && sourceText + translatedText !== '',
          )
          .map(({ sourceText, translatedText }) => sourceText || translatedText);
        const speeches = speechesOf(captions).filter(({ original }) => original[0]!.original);
        const read = cuesIn(speeches, undefined).map(({ text }) => text);
        expect([...read].sort()).toEqual([...said].sort());
        const starts = speechesOf(captions).map(({ startMs }) => startMs);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
      }),
      { seed: 20261121, numRuns: 300 },
    );
  });
});
