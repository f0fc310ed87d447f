import { describe, expect, test } from 'vitest';
import { captionsTopic as interpretersTopic } from '../../../../src/captions/topics.js';
import { languageChoices } from '../../../../src/embedded/room-server/page/languages.js';
import {
  CaptionFeed,
  captionsTopic,
  MAX_SEGMENTS,
  parseCaption,
  textsFor,
} from '../../../../src/embedded/room-server/page/captions.js';

const payload = {
  v: 2,
  kind: 'speech',
  segmentId: 'turn-1#0',
  turnId: 'turn-1',
  part: 0,
  speakerId: 'guest-1',
  speakerName: 'Ana',
  sourceLanguage: 'es',
  targetLanguage: 'en',
  sourceText: 'Buenos días',
  translatedText: 'Good morning',
  final: true,
  startMs: 0,
  endMs: 900,
};
const caption = (fields: object = {}) => parseCaption({ ...payload, ...fields })!;

describe('parseCaption', () => {
  test('takes what an interpreter sends', () => {
    expect(parseCaption(payload)).toEqual({
      kind: 'speech',
      segmentId: 'turn-1#0',
      speakerId: 'guest-1',
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'Buenos días',
      translatedText: 'Good morning',
      isFinal: true,
      mark: undefined,
      isWithdrawn: false,
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Good morning'],
    ['a list', [payload]],
    ['another version', { ...payload, v: 1 }],
    ['no segment', { ...payload, segmentId: '' }],
    ['a segment that is no text', { ...payload, segmentId: { x: 1 } }],
    ['no word on being final', { ...payload, final: 'yes' }],
    ['a partial one without any text', { ...payload, final: false, sourceText: ' ', translatedText: 7 }],
  ])('refuses %s', (_what, value) => {
    expect(parseCaption(value)).toBeUndefined();
  });

  test('takes the known marks and kinds, and no others', () => {
    expect(caption({ mark: 'cut', kind: 'notice' })).toMatchObject({ mark: 'cut', kind: 'notice' });
    expect(caption({ mark: 'constructor', kind: 7 })).toMatchObject({ mark: undefined, kind: 'speech' });
  });

  test('keeps nothing endless and takes what is no text for none', () => {
    const { sourceText, speakerName, sourceLanguage } = caption({
      sourceText: 'x'.repeat(100_000),
      speakerName: ['Ana'],
      sourceLanguage: 'e'.repeat(1_000),
    });
    expect(sourceText).toHaveLength(4_000);
    expect(speakerName).toBe('');
    expect(sourceLanguage).toHaveLength(200);
  });
});

describe('textsFor', () => {
  const said = { text: 'Buenos días', language: 'es' };
  const translated = { text: 'Good morning', language: 'en' };

  test.each([
    ['the translation, when it is in the reader’s language', 'en', translated],
    ['what was said, when that is', 'es', said],
    ['what was said, whatever the region', 'es-MX', said],
    ['the translation, when it is neither', 'fr', translated],
    ['the translation, when the reader’s language is none', '"><b>', translated],
  ])('first %s', (_what, language, first) => {
    const { main, other } = textsFor(caption(), language);
    expect(main).toEqual(first);
    expect(other).toEqual(first === said ? translated : said);
  });

  test('a translation that has not come yet is waited for', () => {
    expect(textsFor(caption({ translatedText: '', final: false }), 'en').main.text).toBe('');
  });
});

describe('CaptionFeed', () => {
  test('a turn is updated until it is final, and corrected by a final one after that', () => {
    const feed = new CaptionFeed();
    const texts = () => [...feed.segments.values()].map(({ translatedText }) => translatedText);
    feed.add('parley-1', caption({ translatedText: 'Good', final: false }));
    feed.add('parley-1', caption());
    expect(texts()).toEqual(['Good morning']);
    expect(feed.add('parley-1', caption({ translatedText: 'Goo', final: false }))).toBeUndefined();
    expect(texts()).toEqual(['Good morning']);
    feed.add('parley-1', caption({ translatedText: 'Good morning!' }));
    expect(texts()).toEqual(['Good morning!']);
  });

  test('turns keep the order in which they began; the same id of another interpreter is another turn', () => {
    const feed = new CaptionFeed();
    feed.add('parley-1', caption({ segmentId: 'a', final: false }));
    feed.add('parley-1', caption({ segmentId: 'b' }));
    feed.add('parley-2', caption({ segmentId: 'a' }));
    feed.add('parley-1', caption({ segmentId: 'a' }));
    expect([...feed.segments.values()].map(({ segmentId }) => segmentId)).toEqual(['a', 'b', 'a']);
  });

  test('a segment that is withdrawn is gone, and never comes to be', () => {
    const feed = new CaptionFeed();
    const withdrawn = caption({ sourceText: '', translatedText: '' });
    expect(feed.add('parley-1', withdrawn)).toBeUndefined();
    const added = feed.add('parley-1', caption({ final: false }));
    expect(feed.add('parley-1', withdrawn)?.forgottenKey).toBe(added?.key);
    expect(feed.segments.size).toBe(0);
  });

  test('the oldest turn is forgotten, and said so', () => {
    const feed = new CaptionFeed();
    const first = feed.add('parley-1', caption({ segmentId: 'turn-0' }));
    for (let turn = 1; turn < MAX_SEGMENTS; turn++) {
      expect(feed.add('parley-1', caption({ segmentId: `turn-${turn}` }))?.forgottenKey).toBeUndefined();
    }
    expect(feed.add('parley-1', caption({ segmentId: 'one more' }))?.forgottenKey).toBe(first?.key);
    expect(feed.segments.size).toBe(MAX_SEGMENTS);
  });
});

describe('captionsTopic', () => {
  test.each([
    ['es', 'PARLEY_CAPTIONS_es'],
    ['es-MX', 'PARLEY_CAPTIONS_es'],
    ['zh-TW', 'PARLEY_CAPTIONS_zh-Hant'],
    ['zh-CN', 'PARLEY_CAPTIONS_zh'],
    ['sr-Latn', 'PARLEY_CAPTIONS_sr-Latn'],
  ])('of %s is %s', (language, topic) => {
    expect(captionsTopic(language)).toBe(topic);
  });

  test('is the interpreter’s for every language that can be chosen', () => {
    for (const { tag } of languageChoices()) expect(captionsTopic(tag)).toBe(interpretersTopic(tag));
  });
});
