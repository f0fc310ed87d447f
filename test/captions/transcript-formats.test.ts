import { parsers } from 'prettier/plugins/markdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type MeetingRecord,
  TRANSCRIPT_FORMATS,
  writeTranscript,
} from '../../src/captions/transcript-formats.js';
import { FfmpegWorker, locateFfmpeg } from '../../src/media/ffmpeg/ffmpeg-worker.js';
import { captionOf } from './captions-of.js';
import { parseSrt, parseVtt } from './parse.js';

const bob = {
  speakerId: 'bob',
  speakerName: 'Bob',
  sourceLanguage: 'en',
  targetLanguage: 'es',
  startMs: 3_661_000,
  endMs: 3_663_500,
};
const RECORD: MeetingRecord = {
  meetingId: 'abcd-efgh-ijkl',
  startedAt: '2026-11-21T03:08:15.000Z',
  people: [
    { id: 'ana', name: 'Ana' },
    { id: 'bob', name: 'Bob' },
  ],
  captions: [
    captionOf({
      turnId: 'a',
      sourceText: '¿Dónde está la estación?',
      translatedText: 'Where is the station?',
    }),
    captionOf({ turnId: 'a-ja', targetLanguage: 'ja', translatedText: '駅はどこですか?', original: false }),
    captionOf({
      ...bob,
      turnId: 'b',
      sourceText: 'Over there.',
      translatedText: 'Por allí.',
      mark: 'cut',
      cutReason: 'gone',
    }),
  ],
};

const HOSTILE = [
  '<script>alert(1)</script><b>bold</b> &amp; <v Eve>',
  '00:00:01,000 --> 00:00:02,000',
  '# heading *emphasis* _other_ **strong** `code` ~~gone~~',
  '[link](https://example.com) ![image](x) https://example.com www.example.com a@example.com',
  '- item',
  '1. item',
  '1) item',
  '> quote',
  '| a | b |',
  '---',
  '+ plus',
  '= equals',
  '\\*not escaped\\* \\',
  'NOTE WEBVTT STYLE',
  'عربي 中文 🙂 e\u0301',
  '&lt;b&gt; $x^2$ {\\an8}top',
];
const HOSTILE_RECORD: MeetingRecord = {
  ...RECORD,
  meetingId: '# <b>x',
  people: HOSTILE.map((name, index) => ({ id: `p${index}`, name })),
  captions: HOSTILE.map((text, index) =>
    captionOf({
      turnId: `t${index}`,
      speakerName: text.slice(0, 40),
      sourceText: text,
      translatedText: text,
      startMs: index * 1_000,
      endMs: index * 1_000 + 500,
    }),
  ),
};

describe('a transcript', () => {
  it('in SubRip: who said what, in the reader’s language', () => {
    expect(writeTranscript(RECORD, 'srt', 'es')).toBe(
      '1\n00:00:01,000 --> 00:00:02,000\nAna: ¿Dónde está la estación?\n\n' +
        '2\n01:01:01,000 --> 01:01:03,500\nBob: Por allí.\n',
    );
  });

  it('in WebVTT: as it was said, with speakers and languages', () => {
    expect(writeTranscript(RECORD, 'vtt', undefined)).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Ana><lang es>¿Dónde está la estación?</lang></v>\n\n' +
        '01:01:01.000 --> 01:01:03.500\n<v Bob><lang en>Over there.</lang></v>\n',
    );
  });

  it('in JSON: everything that is known of each speech', () => {
    expect(JSON.parse(writeTranscript(RECORD, 'json', 'es'))).toEqual({
      v: 1,
      meetingId: 'abcd-efgh-ijkl',
      startedAt: '2026-11-21T03:08:15.000Z',
      language: 'es',
      people: RECORD.people,
      speeches: [
        {
          speakerId: 'ana',
          speakerName: 'Ana',
          startMs: 1_000,
          endMs: 2_000,
          language: 'es',
          text: '¿Dónde está la estación?',
          said: { language: 'es', text: '¿Dónde está la estación?' },
          translated: [
            { language: 'en', text: 'Where is the station?' },
            { language: 'ja', text: '駅はどこですか?' },
          ],
        },
        {
          speakerId: 'bob',
          speakerName: 'Bob',
          startMs: 3_661_000,
          endMs: 3_663_500,
          language: 'es',
          text: 'Por allí.',
          mark: 'cut',
          cutReason: 'gone',
          said: { language: 'en', text: 'Over there.' },
          translated: [{ language: 'es', text: 'Por allí.', mark: 'cut', cutReason: 'gone' }],
        },
      ],
    });
    expect(JSON.parse(writeTranscript(RECORD, 'json', undefined))).toMatchObject({ language: null });
  });

  it('what was not written down is in no language that was spoken, and its translation is no original', () => {
    const unheard = captionOf({
      sourceText: '',
      sourceLanguage: 'en',
      targetLanguage: 'es',
      translatedText: 'Hola.',
    });
    const record = { ...RECORD, captions: [unheard] };
    expect(writeTranscript(record, 'vtt', undefined)).toMatch(/<v [^>]*>Hola\.<\/v>/);
    const page = writeTranscript(record, 'md', undefined);
    expect(page).toContain('(English)\n\n_(not written down)_\n\n- español: Hola.');
    expect(writeTranscript(record, 'md', 'es')).toContain('Hola.');
    const people = [...RECORD.people, { ...RECORD.people[0]!, id: 'ana-again' }];
    expect(writeTranscript({ ...RECORD, people }, 'md', undefined)).toContain('- People: Ana, Bob\n');
  });

  it('in Markdown: a page to read', () => {
    expect(writeTranscript(RECORD, 'md', undefined)).toBe(`# Meeting abcd-efgh-ijkl

- Started: 2026-11-21T03:08:15.000Z
- People: Ana, Bob
- Language: as it was said

**00:00:01 Ana** (español)

¿Dónde está la estación?

- English: Where is the station?
- 日本語: 駅はどこですか?

**01:01:01 Bob** (English)

Over there.

- español (spoken only in part: the interpreter left): Por allí.
`);
    expect(writeTranscript(RECORD, 'md', 'ja')).toContain('**00:00:01 Ana**\n\n駅はどこですか?\n');
    expect(writeTranscript(RECORD, 'md', 'ja')).toContain('**01:01:01 Bob** (English)\n\nOver there.\n');
  });

  it('as plain text has a line for each speech', () => {
    expect(writeTranscript(RECORD, 'txt', 'ja')).toContain('00:00:01 Ana: 駅はどこですか?\n');
    expect(writeTranscript(RECORD, 'txt', 'ja')).toContain('01:01:01 Bob: Over there.\n');
  });

  it('in Hebrew or Arabic keeps punctuation on its side of plain text', () => {
    const captions = [captionOf({ turnId: 'a', targetLanguage: 'he', translatedText: 'אנחנו בזמן?' })];
    expect(writeTranscript({ ...RECORD, captions }, 'txt', 'he')).toBe(
      '00:00:01 \u2068Ana\u2069: \u2068אנחנו בזמן?\u2069\n',
    );
  });

  it.each(['', '  ', '\u200b'])('of a speaker whose name is %j has their words alone', (speakerName) => {
    const captions = [captionOf({ turnId: 'a', speakerName, translatedText: 'Where is it?' })];
    const nameless = { ...RECORD, captions };
    expect(writeTranscript(nameless, 'txt', 'en')).toBe('00:00:01 Where is it?\n');
    expect(writeTranscript(nameless, 'md', 'en')).toContain('\n**00:00:01**\n\nWhere is it?\n');
    expect(writeTranscript(nameless, 'srt', 'en')).toMatch(/\nWhere is it\?\n/);
    expect(writeTranscript(nameless, 'vtt', 'en')).not.toContain('<v');
  });

  it.each(TRANSCRIPT_FORMATS)('of nothing is a valid %s file', (format) => {
    const text = writeTranscript({ ...RECORD, people: [], captions: [] }, format, 'es');
    if (format === 'json') expect(JSON.parse(text)).toMatchObject({ speeches: [] });
    else if (format === 'md') expect(text).toContain('People: nobody');
    else if (format === 'txt') expect(text).toBe('');
    else expect((format === 'srt' ? parseSrt : parseVtt)(text)).toEqual([]);
  });

  it('keeps hostile texts inside their cues', () => {
    expect(parseSrt(writeTranscript(HOSTILE_RECORD, 'srt', 'en'))).toHaveLength(HOSTILE.length);
    const vtt = parseVtt(writeTranscript(HOSTILE_RECORD, 'vtt', 'en'));
    expect(vtt.map(({ payload }) => payload)).toEqual(HOSTILE);
  });

  it('has no control characters that a terminal would act on', () => {
    const captions = [captionOf({ speakerName: '\u001b[31m', sourceText: '\u009b2J\u0007x' })];
    for (const format of TRANSCRIPT_FORMATS)
      expect(writeTranscript({ ...RECORD, captions }, format, undefined)).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

describe('as ffmpeg reads it', () => {
  let ffmpeg: FfmpegWorker;
  beforeAll(async () => {
    ffmpeg = await FfmpegWorker.start(locateFfmpeg(), 60_000);
  });
  afterAll(() => ffmpeg.close());

  /** Start, end and text of every cue, through ffmpeg's own reader and its writer of another format. */
  async function cues(text: string, extension: 'srt' | 'vtt'): Promise<[string, string, string][]> {
    await ffmpeg.writeFile(`in.${extension}`, Buffer.from(text));
    const { status, log } = await ffmpeg.exec(['-y', '-i', `in.${extension}`, '-f', 'ass', 'out.ass']);
    expect([status, log]).toEqual([0, []]);
    const lines = Buffer.from(await ffmpeg.readFile('out.ass'))
      .toString('utf8')
      .split(/\r?\n/);
    return lines
      .filter((line) => line.startsWith('Dialogue:'))
      .map((line) => {
        const fields = line.split(',');
        return [fields[1]!, fields[2]!, fields.slice(9).join(',')];
      });
  }

  it.each(['srt', 'vtt'] as const)('%s: every cue, its times and its words', async (format) => {
    const name = (text: string) => (format === 'srt' ? text : ''); // ffmpeg drops the speakers of WebVTT
    expect(await cues(writeTranscript(RECORD, format, 'es'), format)).toEqual([
      ['0:00:01.00', '0:00:02.00', `${name('Ana: ')}¿Dónde está la estación?`],
      ['1:01:01.00', '1:01:03.50', `${name('Bob: ')}Por allí.`],
    ]);
  });

  it.each(['srt', 'vtt'] as const)('%s: hostile texts stay in their cues', async (format) => {
    const read = await cues(writeTranscript(HOSTILE_RECORD, format, 'en'), format);
    expect(read).toHaveLength(HOSTILE.length);
    expect(read.map(([start]) => start)).toEqual(
      HOSTILE.map((_, n) => `0:00:${String(n).padStart(2, '0')}.00`),
    );
    expect(read[14]![2]).toContain('عربي 中文 🙂 e\u0301');
  });
});

describe('as a reader of Markdown reads it', () => {
  type Node = { type: string; value?: string; children?: Node[] };
  const parse = (text: string): Node => parsers.markdown.parse(text, {} as never) as Node;
  const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)];
  const textOf = (node: Node): string => node.value ?? (node.children ?? []).map(textOf).join('');

  it('hostile texts are text: nothing in the page but its own heading, lists and names', () => {
    const page = parse(writeTranscript(HOSTILE_RECORD, 'md', 'en'));
    const types = new Set(all(page).map(({ type }) => type));
    expect([...types].sort()).toEqual(['heading', 'list', 'listItem', 'paragraph', 'root', 'strong', 'text']);
    const paragraphs = page.children!.filter(({ type }) => type === 'paragraph').map(textOf);
    expect(paragraphs.filter((_, index) => index % 2 === 1)).toEqual(HOSTILE);
    expect(page.children!.filter(({ type }) => type === 'list')).toHaveLength(1);
  });

  it('translations are lists below what was said', () => {
    const page = parse(writeTranscript(RECORD, 'md', undefined));
    expect(page.children!.map(({ type }) => type)).toEqual([
      ...['heading', 'list'],
      ...['paragraph', 'paragraph', 'list'],
      ...['paragraph', 'paragraph', 'list'],
    ]);
    expect(textOf(page.children![4]!)).toBe('English: Where is the station?日本語: 駅はどこですか?');
  });
});
