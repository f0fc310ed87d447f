/** Captions as they come from the meeting, and as they are read. */
import { describe, expect, test } from 'vitest';
import { CaptionFeed, captionTexts, parseCaption } from '../../src/client/captions.js';
import { captionsTopic, isSameLanguage } from '../../src/client/languages.js';
import { payloadOf } from './fake-meeting.js';

const SENT_AT = '2026-11-30T08:00:00.000Z';
const caption = (fields: object = {}, senderId = 'parley-1') =>
  parseCaption(senderId, { payload: payloadOf(fields), timestamp: SENT_AT }, false)!;

describe('parseCaption', () => {
  test('takes what an interpreter sends', () => {
    expect(caption()).toEqual({
      key: 'parley-1\nturn-1#0',
      kind: 'speech',
      turnId: 'turn-1',
      part: 0,
      speakerId: 'guest-ana',
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'Buenos días',
      translatedText: 'Good morning',
      final: true,
      mark: undefined,
      cutReason: undefined,
      interruption: undefined,
      startMs: 0,
      endMs: 900,
      sentAtMs: 1_796_025_600_000,
      kept: false,
    });
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'Good morning'],
    ['a list', [payloadOf()]],
    ['another version', payloadOf({ v: 1 })],
    ['no segment', payloadOf({ segmentId: '' })],
    ['a segment that is no text', payloadOf({ segmentId: { x: 1 } })],
    ['no word on being final', payloadOf({ final: 'yes' })],
  ])('refuses %s', (_what, payload) => {
    expect(parseCaption('parley-1', { payload }, false)).toBeUndefined();
  });

  test('takes the known marks, kinds and interruptions, and no others', () => {
    expect(
      caption({ mark: 'cut', cutReason: 'barge_in', kind: 'notice', interruption: 'resumed' }),
    ).toMatchObject({
      mark: 'cut',
      cutReason: 'barge_in',
      kind: 'notice',
      interruption: 'resumed',
    });
    expect(
      caption({ mark: 'constructor', cutReason: 'toString', kind: 7, interruption: ['ended'] }),
    ).toMatchObject({
      mark: undefined,
      cutReason: undefined,
      kind: 'speech',
      interruption: undefined,
    });
  });

  test('keeps nothing endless, and takes what is no text or number for none', () => {
    const { sourceText, speakerName, sourceLanguage, startMs, part, key } = caption({
      sourceText: 'x'.repeat(100_000),
      speakerName: ['Ana'],
      sourceLanguage: 'e'.repeat(1_000),
      startMs: '12',
      part: NaN,
      segmentId: 's'.repeat(1_000),
    });
    expect(sourceText).toHaveLength(4_000);
    expect(speakerName).toBe('');
    expect(sourceLanguage).toHaveLength(200);
    expect([startMs, part]).toEqual([0, 0]);
    expect(key).toHaveLength(209);
  });

  test('a message without a readable time was sent now', () => {
    const before = Date.now();
    const { sentAtMs } = parseCaption('parley-1', { payload: payloadOf(), timestamp: 'soon' }, false)!;
    expect(sentAtMs).toBeGreaterThanOrEqual(before);
  });
});

describe('captionTexts', () => {
  const said = { text: 'Buenos días', language: 'es' };
  const translated = { text: 'Good morning', language: 'en' };

  test.each([
    ['the translation, when it is in the reader’s language', 'en', translated],
    ['what was said, when that is', 'es', said],
    ['what was said, whatever the region', 'es-MX', said],
    ['what was said, when neither is', 'fr', said],
    ['what was said, when the reader’s language is none', '"><b>', said],
  ])('first %s', (_what, language, first) => {
    const { main, other } = captionTexts(caption(), language);
    expect(main).toEqual(first);
    expect(other).toEqual(first === said ? translated : said);
  });

  test('of words that nobody transcribed there is the translation; a transcript that comes is waited for', () => {
    expect(captionTexts(caption({ sourceText: '' }), 'fr').main).toEqual(translated);
    expect(captionTexts(caption({ sourceText: '', final: false }), 'es').main.text).toBe('');
  });

  test('a translation that has not come yet is waited for', () => {
    expect(captionTexts(caption({ translatedText: '', final: false }), 'en').main.text).toBe('');
  });
});

describe('CaptionFeed', () => {
  const textsOf = (feed: CaptionFeed) => feed.segments.map(({ translatedText }) => translatedText);

  test('a segment is updated until it is final, and corrected by a final one after that', () => {
    const feed = new CaptionFeed();
    feed.add(caption({ translatedText: 'Good', final: false }));
    feed.add(caption());
    expect(textsOf(feed)).toEqual(['Good morning']);
    expect(feed.add(caption({ translatedText: 'Goo', final: false }))).toEqual({});
    expect(textsOf(feed)).toEqual(['Good morning']);
    expect(feed.add(caption({ translatedText: 'Good morning!' })).changed).toBeDefined();
    expect(textsOf(feed)).toEqual(['Good morning!']);
  });

  test('what is known already is no news, whenever it was sent', () => {
    const feed = new CaptionFeed();
    feed.add(caption());
    expect(feed.add({ ...caption(), kept: true, sentAtMs: 1 })).toEqual({});
    expect(feed.add({ ...caption({ mark: 'cut' }), kept: true }).changed).toBeDefined();
  });

  test('segments keep the order in which they began; the same id of another interpreter is another one', () => {
    const feed = new CaptionFeed();
    feed.add(caption({ segmentId: 'a', final: false }));
    feed.add(caption({ segmentId: 'b' }));
    feed.add(caption({ segmentId: 'a' }, 'parley-2'));
    feed.add(caption({ segmentId: 'a' }));
    expect(feed.segments.map(({ key }) => key)).toEqual(['parley-1\na', 'parley-1\nb', 'parley-2\na']);
  });

  test('a segment that is withdrawn is gone, and never comes to be', () => {
    const feed = new CaptionFeed();
    const withdrawn = caption({ sourceText: '', translatedText: '' });
    expect(feed.add(withdrawn)).toEqual({ removed: undefined });
    feed.add(caption({ final: false }));
    expect(feed.add(caption({ sourceText: ' ', translatedText: 7, final: false }))).toEqual({});
    expect(feed.add(withdrawn).removed?.key).toBe('parley-1\nturn-1#0');
    expect(feed.segments).toEqual([]);
  });

  test('of more than 500 the oldest is forgotten, and named', () => {
    const feed = new CaptionFeed();
    for (let turn = 0; turn < 500; turn++)
      expect(feed.add(caption({ segmentId: `turn-${turn}` })).removed).toBeUndefined();
    expect(feed.add(caption({ segmentId: 'one more' })).removed?.key).toBe('parley-1\nturn-0');
    expect(feed.segments).toHaveLength(500);
  });
});

test.each([
  ['es', 'PARLEY_CAPTIONS_es'],
  ['es-MX', 'PARLEY_CAPTIONS_es-419'],
  ['pt-PT', 'PARLEY_CAPTIONS_pt-PT'],
  ['pt-BR', 'PARLEY_CAPTIONS_pt'],
  ['zh-TW', 'PARLEY_CAPTIONS_zh-Hant'],
  ['zh-CN', 'PARLEY_CAPTIONS_zh'],
  ['sr-Latn', 'PARLEY_CAPTIONS_sr-Latn'],
  ['und', 'PARLEY_CAPTIONS_und'],
])('captions in %s come on %s', (language, topic) => {
  expect(captionsTopic(language)).toBe(topic);
});

test('one spoken language is one, whatever its region and script', () => {
  expect(isSameLanguage('pt-BR', 'pt')).toBe(true);
  expect(isSameLanguage('zh-Hans', 'zh-TW')).toBe(true);
  expect(isSameLanguage('nb', 'nn')).toBe(true);
  expect(isSameLanguage('pt', 'es')).toBe(false);
  expect(isSameLanguage('', '')).toBe(false);
  expect(isSameLanguage('not a language', 'not a language')).toBe(false);
});
