import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Segment, segmentsOf, type TurnText } from '../../src/captions/segments.js';

const MAX_SEGMENT_MS = 8_000;

const MAX_SEGMENT_COLUMNS = 120;

const SAID = [
  'Buenos días a todos.',
  'Hoy quiero hablar del informe de ventas, que como saben es muy importante.',
  'El Sr. García lo terminó ayer.',
  '¿Hay preguntas?',
  'Bueno, sigamos adelante con el segundo punto.',
];
const TRANSLATED = [
  'Good morning everyone.',
  'Today I want to talk about the sales report, which as you know is very important.',
  'Mr. García finished it yesterday.',
  'Any questions?',
  'Well, let us go on with the second point.',
];

const turn = (change: Partial<TurnText> = {}): TurnText => ({
  sourceText: SAID.join(' '),
  translatedText: TRANSLATED.join(' '),
  sourceLanguage: 'es',
  targetLanguage: 'en',
  startMs: 1_000,
  endMs: 16_000,
  leader: 'source',
  whole: true,
  ...change,
});
const texts = (segments: readonly Segment[]) =>
  segments.map(({ sourceText, translatedText }) => [sourceText, translatedText]);

describe('segmentsOf', () => {
  it('leaves a short turn whole, however many sentences it has', () => {
    const [sourceText, translatedText] = ['Hola. ¿Qué tal? Bien.', 'Hello. How are you? Fine.'];
    expect(segmentsOf(turn({ sourceText, translatedText, endMs: 4_000 }))).toEqual([
      { sourceText, translatedText, startMs: 1_000, endMs: 4_000 },
    ]);
  });

  it('parts a long turn at sentences, each beside its translation, at the times of its share', () => {
    const segments = segmentsOf(turn());
    expect(texts(segments)).toEqual([
      [SAID.slice(0, 2).join(' '), TRANSLATED.slice(0, 2).join(' ')],
      [SAID.slice(2).join(' '), TRANSLATED.slice(2).join(' ')],
    ]);
    expect(segments[0]!.startMs).toBe(1_000);
    expect(segments[0]!.endMs).toBe(segments[1]!.startMs);
    expect(segments[1]!.endMs).toBe(16_000);
  });

  it('a translation that comes sentence by sentence stands beside its own from the first', () => {
    const translatedText = TRANSLATED.slice(0, 3).join(' ');
    expect(texts(segmentsOf(turn({ translatedText, whole: false }))).map(([, text]) => text)).toEqual([
      TRANSLATED.slice(0, 2).join(' '),
      TRANSLATED[2],
    ]);
  });

  it('the translation leads where it was known first, and alone where nothing else is known', () => {
    const alone = segmentsOf(turn({ leader: 'translation', sourceText: '' }));
    expect(alone.map(({ sourceText }) => sourceText)).toEqual(alone.map(() => ''));
    expect(alone.length).toBeGreaterThan(1);
    expect(texts(segmentsOf(turn({ leader: 'translation' })))).toEqual([
      [SAID[0], TRANSLATED[0]],
      [SAID[1], TRANSLATED[1]],
      [SAID.slice(2).join(' '), TRANSLATED.slice(2).join(' ')],
    ]);
  });

  it('sentences that cannot be matched by number stand beside what is as far into the text', () => {
    const translatedText = `${TRANSLATED[0]!} ${TRANSLATED[1]!.replace('.', ', and')} ${TRANSLATED.slice(2).join(' ')}`;
    const [first, second] = segmentsOf(turn({ translatedText }));
    expect(first!.translatedText).toContain('very important');
    expect(second!.translatedText).toContain('second point');
    expect(`${first!.translatedText} ${second!.translatedText}`).toBe(translatedText);
  });

  it('breaks a sentence without an end after a clause, and after a word where there is none', () => {
    const clauses = 'una cosa y otra, '.repeat(20).trim();
    for (const { sourceText } of segmentsOf(turn({ sourceText: clauses, translatedText: '' })).slice(0, -1))
      expect(sourceText).toMatch(/,$/);
    const words = 'palabra '.repeat(60).trim();
    for (const { sourceText } of segmentsOf(turn({ sourceText: words, translatedText: '' })))
      expect(sourceText).toMatch(/^palabra( palabra)*$/);
  });

  it('counts ideographs double, and knows their sentences', () => {
    const sourceText = '今日は会議の議題について話します。'.repeat(8);
    const segments = segmentsOf(turn({ sourceText, sourceLanguage: 'ja', translatedText: '', endMs: 8_000 }));
    expect(segments.map((segment) => segment.sourceText.length)).toEqual([51, 51, 34]);
  });

  it('does not take a title for the end of a sentence', () => {
    const sourceText = 'Gracias. '.repeat(13) + 'El Sr. García y la Sra. Pérez no vienen.';
    expect(segmentsOf(turn({ sourceText, translatedText: '' })).at(-1)?.sourceText).toMatch(
      /El Sr\. García y la Sra\. Pérez no vienen\.$/,
    );
  });

  const word = fc.stringMatching(/^[a-zñáé]{1,12}$/);
  const mark = fc.constantFrom(' ', ' ', ' ', ', ', '. ', '? ', '。', '');
  const someText = fc.array(fc.tuple(word, mark), { maxLength: 120 }).map((all) =>
    all
      .map(([text, end]) => text + end)
      .join('')
      .trim(),
  );
  const letters = (text: string) => text.replace(/\s/g, '');

  it('loses and doubles nothing on either side, keeps its limits and its times in order, for any texts', () => {
    fc.assert(
      fc.property(
        someText,
        someText,
        fc.integer({ min: 0, max: 60_000 }),
        fc.constantFrom('source' as const, 'translation' as const),
        fc.boolean(),
        (sourceText, translatedText, durationMs, leader, whole) => {
          const input = turn({ sourceText, translatedText, endMs: 1_000 + durationMs, leader, whole });
          const segments = segmentsOf(input);
          expect(letters(segments.map((each) => each.sourceText).join(''))).toBe(letters(sourceText));
          expect(letters(segments.map((each) => each.translatedText).join(''))).toBe(letters(translatedText));
          const leads = leader === 'source' ? sourceText !== '' : translatedText === '';
          let atMs = 1_000;
          for (const each of segments) {
            const led = leads ? each.sourceText : each.translatedText;
            expect(led.length).toBeLessThanOrEqual(MAX_SEGMENT_COLUMNS);
            expect(each.startMs).toBe(atMs);
            expect(each.endMs).toBeGreaterThanOrEqual(atMs);
            if (whole && led.length > 20) expect(each.endMs - atMs).toBeLessThan(MAX_SEGMENT_MS + 500);
            atMs = each.endMs;
          }
        },
      ),
      { seed: 20261121, numRuns: 500 },
    );
  });

  it('a leading text that grows leaves all but the last segment as they were', () => {
    fc.assert(
      fc.property(someText, fc.nat(), (text, cut) => {
        const of = (sourceText: string) =>
          segmentsOf(turn({ sourceText, translatedText: '', endMs: 1_000, whole: false })).map(
            (each) => each.sourceText,
          );
        const before = of(text.slice(0, cut % (text.length + 1)).trim()).slice(0, -2);
        expect(of(text).slice(0, before.length)).toEqual(before);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });

  it('makes nothing of nothing, and something of every odd text', () => {
    expect(segmentsOf(turn({ sourceText: '', translatedText: '' }))).toEqual([]);
    for (const odd of ['.', '…', '\u0301', '🙂'.repeat(500), 'a'.repeat(4_000)]) {
      const segments = segmentsOf(turn({ sourceText: odd, sourceLanguage: '', translatedText: '' }));
      expect(segments.map((each) => each.sourceText).join('')).toBe(odd);
    }
  });
});
