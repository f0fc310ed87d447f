import { describe, expect, it } from 'vitest';
import { compareTable } from '../../../src/cli/text/compare-table.js';
import { type CompareDocument, compareDocumentSchema } from '../../../src/replay/compare/document.js';
import { STAND_IN_TEXT } from '../../../src/replay/compare/measure-rows.js';
import { comparePage } from '../../../src/replay/compare/report/page.js';

const HOSTILE = '</td><script>alert(1)</script>"\'><img src=x onerror=alert(2)>\u001b[2J\u0000';

const CONTROLS = ['\u001b', '\u0000'];

type Contender = CompareDocument['contenders'][number];

function contender(key: string, text: string, changes: Partial<Contender> = {}): Contender {
  return {
    ...{ key, label: key, engine: 'conversation', model: null, replaced: [text], durationMs: 9_000 },
    report: `out/weekly.compare/${key}/weekly.report.html`,
    voices: [
      { id: 'parley-1', name: text, language: null, path: `out/weekly.compare/${key}/weekly.voice.wav` },
    ],
    results: [
      {
        ...{ segments: [0], to: 'en', text, transcript: text, outcome: 'heard', voice: 0, cut: true },
        ...{ heardFromMs: 3_000, heardToMs: 5_000, firstWordMs: 2_000, lastWordMs: null, chrf: 71.25 },
        missing: { terms: [text], numbers: ['9'], names: [] },
      },
    ],
    added: [{ speakerId: 'ana', startMs: 7_000, endMs: 8_000, to: 'en', text }],
    delays: {
      earVoiceSpan: { count: 1, medianMs: 2_500, p95Ms: 3_000, longestMs: 3_000 },
      firstWord: { count: 1, medianMs: 2_000, p95Ms: 2_000, longestMs: 2_000 },
      lastWord: null,
      catchUpMs: null,
    },
    outcomes: {
      ...{ expected: 1, heard: 1, captionsOnly: 0, lost: 0, playedBack: 0, takenBack: 0, cut: 1, added: 1 },
    },
    chrf: 71.25,
    chrfByLanguage: { en: 71.25 },
    kept: { terms: { kept: 0, said: 1 }, numbers: { kept: 1, said: 2 }, names: { kept: 0, said: 0 } },
    findings: { wrongLanguage: 1, answers: 0, ownVoice: 0 },
    cost: { usdPerHour: 1.5, unpriced: 0 },
    notices: [text],
    ...changes,
  };
}

function documentOf(text: string, changes: Partial<CompareDocument> = {}): CompareDocument {
  return compareDocumentSchema.parse({
    meeting: { path: 'weekly/meeting.json', title: text, durationMs: 9_000 },
    ...{ host: text, isStandIn: true, references: 'r.json' },
    people: [{ id: 'ana', name: text }],
    segments: [
      { speakerId: 'ana', fromMs: 1_000, toMs: 2_000, language: 'es', text, references: { en: text } },
    ],
    unheard: [{ speakerId: 'ana', fromMs: 8_000, toMs: 8_500 }],
    contenders: [contender('conversation', text), contender('translate', text, { cost: null })],
    failed: [{ key: 'live', label: 'live', message: text }],
    warnings: [text],
    original: 'out/weekly.compare/conversation/weekly.original.wav',
    page: 'out/weekly.compare.html',
    ...changes,
  });
}

const pageOf = (document: CompareDocument): string =>
  comparePage({
    document,
    about: document.meeting.title,
    peaks: new Map(),
    href: (path) => path.replace('out/', ''),
  });

describe('the page of a comparison', () => {
  it('shows each figure beside the engine that it is of, and plays each voice', () => {
    const html = pageOf(documentOf('Weekly'));
    expect(html).toMatch(
      /<th scope="row">cost per hour<\/th>\s*<td data-label="conversation">about \$1\.50<\/td><td data-label="translate">not billed<\/td>/,
    );
    expect(html).toContain('<td data-label="conversation">2.50 s (p95 3.00 s)</td>');
    expect(html.match(/<audio controls/g)).toHaveLength(2);
    expect(html).toContain('src="./weekly.compare/translate/weekly.voice.wav"');
    expect(html.match(/type="checkbox"/g)).toHaveLength(3); // the original, and a voice of each
    expect(html.match(/type="checkbox" checked/g)).toHaveLength(2);
    expect(html).toContain('chrF 71.3');
    expect(html).toContain('missing numbers: 9');
  });

  it('says whose figures they are where the embedded server made them', () => {
    expect(pageOf(documentOf('Weekly'))).toContain(STAND_IN_TEXT);
    expect(pageOf(documentOf('Weekly', { isStandIn: false }))).not.toContain(STAND_IN_TEXT);
  });

  it('shows hostile names, texts and notices as text', () => {
    const html = pageOf(documentOf(HOSTILE));
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('<img');
    for (const control of CONTROLS) expect(html).not.toContain(control);
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('the table in the terminal', () => {
  it('has a column an engine, says whose figures they are, and no terminal codes of others', () => {
    const hostile = documentOf(HOSTILE);
    hostile.contenders[0]!.label = HOSTILE;
    const text = compareTable(hostile, 100);
    for (const control of CONTROLS) expect(text).not.toContain(control);
    expect(text.replace(/\s+/g, ' ')).toContain(STAND_IN_TEXT);
    const table = compareTable(documentOf('Weekly', { isStandIn: false }));
    expect(table).toMatch(/^ +conversation +translate$/m);
    expect(table).toMatch(/^ chrF +71\.3 +71\.3$/m);
    expect(table).not.toContain('stand-in');
  });
});
