import { describe, expect, test } from 'vitest';
import {
  CaptionFeed,
  MAX_TURNS,
  parseCaption,
  textsFor,
} from '../../../../src/local/room-server/page/captions.js';

const payload = {
  v: 1,
  turnId: 'turn-1',
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
      turnId: 'turn-1',
      speakerId: 'guest-1',
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'Buenos días',
      translatedText: 'Good morning',
      isFinal: true,
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Good morning'],
    ['a list', [payload]],
    ['another version', { ...payload, v: 2 }],
    ['no turn', { ...payload, turnId: '' }],
    ['a turn that is no text', { ...payload, turnId: { x: 1 } }],
    ['no word on being final', { ...payload, final: 'yes' }],
    ['no text at all', { ...payload, sourceText: ' ', translatedText: 7 }],
  ])('refuses %s', (_what, value) => {
    expect(parseCaption(value)).toBeUndefined();
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
    const texts = () => [...feed.turns.values()].map(({ translatedText }) => translatedText);
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
    feed.add('parley-1', caption({ turnId: 'a', final: false }));
    feed.add('parley-1', caption({ turnId: 'b' }));
    feed.add('parley-2', caption({ turnId: 'a' }));
    feed.add('parley-1', caption({ turnId: 'a' }));
    expect([...feed.turns.values()].map(({ turnId }) => turnId)).toEqual(['a', 'b', 'a']);
  });

  test('the oldest turn is forgotten, and said so', () => {
    const feed = new CaptionFeed();
    const first = feed.add('parley-1', caption({ turnId: 'turn-0' }));
    for (let turn = 1; turn < MAX_TURNS; turn++) {
      expect(feed.add('parley-1', caption({ turnId: `turn-${turn}` }))?.forgottenKey).toBeUndefined();
    }
    expect(feed.add('parley-1', caption({ turnId: 'one more' }))?.forgottenKey).toBe(first?.key);
    expect(feed.turns.size).toBe(MAX_TURNS);
  });
});
