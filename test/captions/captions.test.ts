import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captionLine, cueTime, cuesOfTurns, namedLine } from '../../src/captions/cue.js';
import { writeSrt } from '../../src/captions/srt.js';
import { writeVtt } from '../../src/captions/vtt.js';
import { parseSrt, parseVtt } from './parse.js';

const turn = {
  startMs: 500,
  endMs: 2100,
  sourceText: '¿Dónde está la estación?',
  translatedText: 'Where is the station?',
  speaker: 'Ana',
};

describe('cuesOfTurns', () => {
  it('has what was said and its translation apart, both at the times of speech', () => {
    const languages = { from: 'es', to: 'en' };
    expect(cuesOfTurns([turn], 'said', languages)).toEqual([
      { startMs: 500, endMs: 2100, text: turn.sourceText, speaker: 'Ana', language: 'es' },
    ]);
    expect(cuesOfTurns([turn], 'translated', languages)).toEqual([
      { startMs: 500, endMs: 2100, text: turn.translatedText, speaker: 'Ana', language: 'en' },
    ]);
    const { startMs, endMs, sourceText, translatedText } = turn;
    const nameless = { startMs, endMs, sourceText, translatedText };
    expect(cuesOfTurns([nameless], 'translated')).toEqual([
      { startMs: 500, endMs: 2100, text: turn.translatedText },
    ]);
  });

  it('makes no cue of a text without anything to read, and orders cues by start', () => {
    const silent = { ...turn, sourceText: ' \n\u0007 ', translatedText: '' };
    expect(cuesOfTurns([silent], 'said')).toEqual([]);
    expect(cuesOfTurns([silent], 'translated')).toEqual([]);
    const later = { ...turn, startMs: 2500, endMs: 2900 };
    expect(cuesOfTurns([later, turn], 'said').map((cue) => cue.startMs)).toEqual([500, 2500]);
  });

  it('cuts long speech into cues of at most eight seconds', () => {
    const words = Array.from({ length: 60 }, (_, index) => `palabra${index}`).join(' ');
    const cues = cuesOfTurns(
      [{ ...turn, endMs: 25_500, sourceText: `${words}.`, translatedText: words }],
      'said',
    );
    expect(cues.length).toBeGreaterThan(3);
    for (const { startMs, endMs } of cues) expect(endMs - startMs).toBeLessThanOrEqual(8_000);
    expect(cues.map(({ text }) => text).join(' ')).toBe(`${words}.`);
    const few = cuesOfTurns([{ ...turn, endMs: 60_500, sourceText: 'Sí.' }], 'said');
    expect(few.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([[500, 8_500]]);
  });

  it('lets no cue overlap the next, whoever speaks over whom', () => {
    const time = fc.integer({ min: 0, max: 60_000 });
    const turns = fc.array(fc.tuple(time, fc.integer({ min: 0, max: 20_000 }), fc.lorem({ maxCount: 40 })));
    fc.assert(
      fc.property(turns, (spoken) => {
        const cues = cuesOfTurns(
          spoken.map(([startMs, ms, text]) => ({ ...turn, startMs, endMs: startMs + ms, sourceText: text })),
          'said',
        );
        cues.forEach(({ startMs, endMs }, index) => {
          expect(endMs - startMs).toBeGreaterThanOrEqual(400);
          expect(endMs - startMs).toBeLessThanOrEqual(8_000);
          expect(endMs).toBeLessThanOrEqual(cues[index + 1]?.startMs ?? Infinity);
        });
      }),
      { seed: 20261130, numRuns: 100 },
    );
  });
});

describe('times', () => {
  it.each([
    [0, '00:00:00.000'],
    [59_999, '00:00:59.999'],
    [3_600_000 + 61_001, '01:01:01.001'],
    [100 * 3_600_000, '100:00:00.000'],
    [1999.6, '00:00:02.000'],
  ])('%d ms is %s', (timeMs, text) => {
    expect(cueTime(timeMs, '.')).toBe(text);
  });
});

describe('one line', () => {
  it.each([
    ['a\u200bb', 'a\u200bb'],
    ['\u202eturned\u202c \u2067round\u2069\ufeff', 'turned round'],
    ['\u200b\u200d\u2060 \u3164\u00ad', ''],
    ['half \ud800', 'half'],
    ['क्\u200dष', 'क्\u200dष'],
  ])('%j is %j', (text, line) => {
    expect(captionLine(text)).toBe(line);
  });

  it.each([
    ['Ana', 'Hola', 'Ana: Hola'],
    ['', 'Hola', 'Hola'],
    ['\u200b', 'Hola', 'Hola'],
    ['Ana', ' ', ''],
    ['Ana', 'אנחנו בזמן?', '\u2068Ana\u2069: \u2068אנחנו בזמן?\u2069'],
    ['\u2067ליאת', 'On time!\u202e', '\u2068ליאת\u2069: \u2068On time!\u2069'],
  ])('%j says %j: %j', (name, text, line) => {
    expect(namedLine(name, text)).toBe(line);
  });

  it('`\\N` is no line break in SubRip', () => {
    const cue = { startMs: 0, endMs: 1_000, text: 'C:\\New\\notes\\home\\a', speaker: 'Ana' };
    expect(writeSrt([cue])).toContain('\nC:∖New∖notes∖home\\a\n');
    expect(writeSrt([cue], { named: true })).toContain('\nAna: C:∖New∖notes∖home\\a\n');
  });
});

describe('writers', () => {
  const hostile = [
    'a --> b',
    '00:00:01.000 --> 00:00:02.000',
    'one\n\ntwo\r\nthree\u2028four',
    '<script>alert(1)</script><b>&amp;',
    '{\\an8}top',
    'WEBVTT',
    'NOTE x',
    '\u001b[31mred',
  ];

  it('keep hostile texts inside their cue', () => {
    const cues = hostile.map((text, index) => ({ startMs: index * 1000, endMs: index * 1000 + 500, text }));
    const srt = parseSrt(writeSrt(cues));
    const vtt = parseVtt(writeVtt(cues.map((cue) => ({ ...cue, speaker: cue.text, language: 'es' }))));
    expect(srt).toHaveLength(hostile.length);
    expect(vtt).toHaveLength(hostile.length);
    expect(vtt[3]!.payload).toBe('<script>alert(1)</script><b>&amp;');
    expect(srt[0]!.payload).toBe('a → b');
  });

  it('are valid, and VTT gives every text back, for any text and any time beyond an hour', () => {
    const cue = fc.record({
      startMs: fc.integer({ min: 0, max: 20 * 3_600_000 }),
      lengthMs: fc.integer({ min: 1, max: 60_000 }),
      text: fc.string({ unit: 'binary', minLength: 0, maxLength: 40 }),
      speaker: fc.string({ unit: 'grapheme', maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(cue, { maxLength: 12 }), (raw) => {
        const cues = raw
          .map(({ lengthMs, ...rest }) => ({ ...rest, endMs: rest.startMs + lengthMs }))
          .sort((a, b) => a.startMs - b.startMs);
        const vtt = parseVtt(writeVtt(cues));
        const srt = parseSrt(writeSrt(cues));
        expect(srt.length).toBe(vtt.length);
        const texts = cues.map((each) => captionLine(each.text)).filter((text) => text !== '');
        expect(vtt.map((parsed) => parsed.payload)).toEqual(texts);
        vtt.forEach((parsed, index) => {
          expect(parsed.startMs).toBe(srt[index]!.startMs);
          expect(parsed.endMs).toBe(srt[index]!.endMs);
        });
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });

  it('name the speaker and the language', () => {
    const vtt = writeVtt([{ startMs: 0, endMs: 1000, text: 'Hola', speaker: 'Ana & Co', language: 'es' }]);
    expect(vtt).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n<v Ana &amp; Co><lang es>Hola</lang></v>\n');
  });

  it('a name that ends in hyphens makes no arrow', () => {
    const cue = { startMs: 0, endMs: 1000, text: 'Hola' };
    const [parsed, other] = parseVtt(
      writeVtt([
        { ...cue, speaker: 'Ana --' },
        { ...cue, speaker: '---' },
      ]),
    );
    expect([parsed?.payload, other?.payload]).toEqual(['Hola', 'Hola']);
  });

  it('write no cue for no text', () => {
    expect(writeSrt([{ startMs: 0, endMs: 1, text: '' }])).toBe('');
    expect(writeVtt([{ startMs: 0, endMs: 1, text: ' ' }])).toBe('WEBVTT\n');
  });
});
