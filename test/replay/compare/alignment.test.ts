import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../../src/replay/compare/alignment/alignment.js';
import { segmentsOf } from '../../../src/replay/compare/alignment/segments.js';
import { stretchesOf } from '../../../src/replay/compare/alignment/speech-stretches.js';
import { judge } from '../../../src/replay/compare/measures/results.js';
import type { DocumentPhrase, MeetingDocument } from '../../../src/replay/meeting/document.js';
import { totalsOf } from '../../../src/replay/meeting/document.js';

const stretch = (fromMs: number, toMs: number) => ({ fromMs, toMs });
const said = (startMs: number, endMs: number, name = '') => ({ startMs, endMs, name });

/** Peaks with sound from so many to so many hundreds of milliseconds. */
function peaks(lengthMs: number, ...sounds: [fromMs: number, toMs: number, peak: number][]): Uint8Array {
  const track = new Uint8Array(lengthMs / 10);
  for (const [fromMs, toMs, peak] of sounds) track.fill(peak, fromMs / 10, toMs / 10);
  return track;
}

describe('stretches of speech', () => {
  it('end with a pause, and short or quiet sound is none', () => {
    const track = peaks(
      10_000,
      [500, 2_000, 128],
      [2_500, 3_000, 100],
      [4_000, 4_200, 120],
      [6_000, 8_000, 7],
      [9_000, 9_990, 40],
    );
    expect(stretchesOf(track)).toEqual([stretch(500, 3_000), stretch(9_000, 9_990)]);
    expect(stretchesOf(new Uint8Array(100))).toEqual([]);
  });
});

describe('segments and phrases', () => {
  it('a phrase over two segments joins them, two phrases in one belong to it', () => {
    const segments = [stretch(0, 2_000), stretch(2_200, 4_000), stretch(6_000, 12_000)];
    const [over, first, second] = [said(100, 3_900), said(6_000, 8_000), said(8_100, 12_000)];
    expect(groupsOf(segments, [second, over, first])).toEqual([
      { segments: [0, 1], phrases: [over] },
      { segments: [2], phrases: [first, second] },
    ]);
  });

  it('a segment without a phrase stays alone, and so does a phrase far from every segment', () => {
    const segments = [stretch(0, 2_000), stretch(5_000, 6_000)];
    const [near, far] = [said(6_500, 7_000), said(9_000, 9_500)];
    expect(groupsOf(segments, [far, near])).toEqual([
      { segments: [0], phrases: [] },
      { segments: [1], phrases: [near] },
      { segments: [], phrases: [far] },
    ]);
  });
});

const translation: DocumentPhrase['translations'][number] = {
  to: 'en',
  text: 'Good morning.',
  voiceId: 'parley-1',
  heardFromMs: 3_000,
  consumedToMs: 4_000,
  firstAudioDelayMs: 1_000,
  cut: false,
  mark: null,
};

function documentWith(phrases: DocumentPhrase[]): MeetingDocument {
  return {
    meeting: { path: 'm/meeting.json', title: 'M', durationMs: 20_000 },
    people: [{ id: 'ana', name: 'Ana', speaks: ['es'], prefers: 'es', present: [], muted: [] }],
    voices: [{ id: 'parley-1', name: 'Parley', language: null, path: 'm.voice.wav' }],
    engines: [],
    phrases,
    captions: [],
    notices: [],
    warnings: [],
    cost: null,
    totals: totalsOf(phrases),
  };
}

function phrase(
  startMs: number,
  endMs: number,
  changes: Partial<DocumentPhrase['translations'][number]> | undefined,
): DocumentPhrase {
  return {
    speakerId: 'ana',
    ...{ startMs, endMs },
    sourceText: 'Buenos días.',
    sourceLanguage: 'es',
    translations: changes === undefined ? [] : [{ ...translation, ...changes }],
  };
}

describe('what was lost and added', () => {
  const track = new Map([
    [
      'ana',
      peaks(20_000, [1_000, 2_000, 128], [6_000, 7_000, 128], [11_000, 12_000, 128], [15_000, 15_500, 90]),
    ],
  ]);
  const whole = documentWith([
    phrase(1_000, 2_000, {}),
    phrase(6_000, 7_000, { heardFromMs: 8_000, consumedToMs: 9_000 }),
    phrase(11_000, 12_000, { heardFromMs: 13_000, consumedToMs: 14_000 }),
  ]);
  const lossy = documentWith([
    phrase(1_000, 2_000, {}),
    phrase(6_000, 7_000, { heardFromMs: null, consumedToMs: null }),
    phrase(17_500, 18_000, { text: 'Nobody said this.' }),
  ]);
  const runs = [whole, lossy].map((document) => ({ document, peaks: track }));
  const { segments, unheard } = segmentsOf(runs, undefined);
  const must = { glossary: [], names: [] };

  it('is judged by what any engine heard; sound that none did is told apart', () => {
    expect(segments.map(({ fromMs, language, text, targets }) => [fromMs, language, text, targets])).toEqual([
      [1_000, 'es', 'Buenos días.', ['en']],
      [6_000, 'es', 'Buenos días.', ['en']],
      [11_000, 'es', 'Buenos días.', ['en']],
    ]);
    expect(unheard).toEqual([{ speakerId: 'ana', fromMs: 15_000, toMs: 15_500 }]);
  });

  it('is heard, in captions only, lost, or added', () => {
    const outcomes = (document: MeetingDocument) =>
      judge(document, segments, must).judged.map(({ result }) => result.outcome);
    expect(outcomes(whole)).toEqual(['heard', 'heard', 'heard']);
    expect(outcomes(lossy)).toEqual(['heard', 'captions_only', 'lost']);
    expect(judge(whole, segments, must).added).toEqual([]);
    expect(judge(lossy, segments, must).added).toEqual([
      { speakerId: 'ana', startMs: 17_500, endMs: 18_000, to: 'en', text: 'Nobody said this.' },
    ]);
  });

  it('what the stand-in plays back and what the guard takes back is no translation', () => {
    const odd = documentWith([
      phrase(1_000, 2_000, { text: '[not in the phrasebook: 1.0 s played back]' }),
      phrase(6_000, 7_000, { text: 'I am an AI.', mark: 'doubtful' }),
    ]);
    const { judged } = judge(odd, segments, must);
    expect(judged.map(({ result }) => result.outcome)).toEqual(['played_back', 'taken_back', 'lost']);
  });
});

describe('references', () => {
  it('say what was said and when, and are measured against, what is lost included', () => {
    const document = documentWith([phrase(1_000, 2_000, {})]);
    const runs = [{ document, peaks: new Map([['ana', peaks(20_000, [1_000, 2_000, 128])]]) }];
    const reference = (fromMs: number, text: string) => ({
      ...{ speakerId: 'ana', fromMs, toMs: fromMs + 1_000, language: 'es', text },
      translations: { en: 'Good morning.' },
    });
    const { segments } = segmentsOf(runs, {
      path: 'references.json',
      names: [],
      segments: [reference(1_000, 'Buenos días'), reference(6_000, 'Buenos días otra vez')],
    });
    const { judged } = judge(document, segments, { glossary: [], names: [] });
    expect(judged.map(({ result }) => [result.outcome, result.chrf])).toEqual([
      ['heard', 100],
      ['lost', 0],
    ]);
    expect(judged.map(({ result }) => [result.firstWordMs, result.lastWordMs])).toEqual([
      [2_000, 2_000],
      [null, null],
    ]);
  });
});
