/** Files of captions as other programs read them: ffmpeg, Chromium, and three readers of npm. */
import { createRequire } from 'node:module';
import webvtt from 'node-webvtt';
import { chromium } from 'playwright-core';
import { parseSync } from 'subtitle';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebVTTParser } from 'webvtt-parser';
import type { MeetingRecord } from '../../src/captions/transcript-formats.js';
import { writeTranscript } from '../../src/captions/transcript-formats.js';
import { FfmpegWorker, locateFfmpeg } from '../../src/media/ffmpeg/ffmpeg-worker.js';
import { captionOf } from '../captions/captions-of.js';
import { skipsBrowser } from './chromium.js';

const entities = createRequire(import.meta.url)('webvtt-parser/html-entities.json') as Record<string, string>;

/** A name, what its bearer said, and the words that are read; an empty name where none is to be shown. */
const AWKWARD: readonly { name: string; said: string; who?: string; words?: string; srt?: string }[] = [
  { name: 'Ana', said: 'C:\\New\\notes\\home', srt: 'Ana: C:∖New∖notes∖home' },
  { name: '', said: 'Nobody knows who said this.' },
  { name: '\u200b\u2060\u3164', said: 'Nor this.', who: '' },
  {
    name: 'דנה (Q3)',
    said: 'התקציב (Q3) הוא 5.5 מיליון.',
    srt: '\u2068דנה (Q3)\u2069: \u2068התקציב (Q3) הוא 5.5 מיליון.\u2069',
  },
  { name: 'Ben', said: 'هل نبدأ في 9:30؟', srt: '\u2068Ben\u2069: \u2068هل نبدأ في 9:30؟\u2069' },
  {
    name: '\u202eevE\u202c',
    said: 'turned \u202eround\u2066',
    who: 'evE',
    words: 'turned round',
    srt: 'evE: turned round',
  },
  {
    name: 'a --> b --',
    said: '00:00:01.000 --> 00:00:02.000',
    who: 'a --› b —',
    srt: 'a → b --: 00:00:01.000 → 00:00:02.000',
  },
  {
    name: '<v Eve>',
    who: '‹v Eve›',
    said: '<b>5 < 6</b> & {\\an8}top &lt;',
    srt: '‹v Eve›: ‹b›5 ‹ 6‹/b› & { \\an8}top &lt;',
  },
  {
    name: 'Zoë\r\n\r\nNOTE',
    said: 'one\u2028two\n\nthree\u0085four',
    who: 'Zoë NOTE',
    words: 'one two three four',
    srt: 'Zoë NOTE: one two three four',
  },
  { name: 'दीपा', said: 'क्\u200dष और 👩\u200d👩\u200d👧', srt: 'दीपा: क्\u200dष और 👩\u200d👩\u200d👧' },
  { name: 'WEBVTT', said: 'STYLE ::cue { color: red }', srt: 'WEBVTT: STYLE ::cue { color: red }' },
  { name: 'สมชาย', said: 'ประชุม\u200bพรุ่งนี้ — 12', srt: 'สมชาย: ประชุม\u200bพรุ่งนี้ — 12' },
];

const RECORD: MeetingRecord = {
  meetingId: 'abcd-efgh-ijkl',
  startedAt: '2026-11-21T03:08:15.000Z',
  people: [],
  captions: AWKWARD.map(({ name, said }, index) =>
    captionOf({
      turnId: `t${index}`,
      speakerId: `p${index}`,
      speakerName: name,
      sourceText: said,
      sourceLanguage: 'und',
      targetLanguage: '',
      translatedText: '',
      startMs: index * 1_000 + 100,
      endMs: index * 1_000 + 900,
    }),
  ),
};
const srt = writeTranscript(RECORD, 'srt', undefined);
const vtt = writeTranscript(RECORD, 'vtt', undefined);

const times = AWKWARD.map((_, index) => [index * 1_000 + 100, index * 1_000 + 900]);
const spoken = AWKWARD.map(({ said, words }) => words ?? said);
const named = AWKWARD.map(
  ({ name, said, who, words, srt: line }) =>
    line ?? ((who ?? name) === '' ? (words ?? said) : `${name}: ${said}`),
);

/** Marked-up text of WebVTT as it is shown. */
const shown = (payload: string): string =>
  payload
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

describe('ffmpeg', () => {
  let ffmpeg: FfmpegWorker;
  beforeAll(async () => {
    ffmpeg = await FfmpegWorker.start(locateFfmpeg(), 60_000);
  });
  afterAll(() => ffmpeg.close());

  test.each(['srt', 'vtt'] as const)('reads every cue of %s, on one line', async (format) => {
    await ffmpeg.writeFile(`in.${format}`, Buffer.from(format === 'srt' ? srt : vtt));
    const { status, log } = await ffmpeg.exec(['-y', '-i', `in.${format}`, '-f', 'ass', 'out.ass']);
    expect([status, log]).toEqual([0, []]);
    const lines = Buffer.from(await ffmpeg.readFile('out.ass'))
      .toString('utf8')
      .split(/\r?\n/);
    const cues = lines.filter((line) => line.startsWith('Dialogue:')).map((line) => line.split(','));
    expect(cues.map(([, start]) => start)).toEqual(
      AWKWARD.map((_, index) => `0:00:${String(index).padStart(2, '0')}.10`),
    );
    // What ASS would take for markup has a word joiner in it, or a backslash in front.
    const texts = cues.map((fields) =>
      fields.slice(9).join(',').replaceAll('\u2060', '').replaceAll('\\{', '{').replaceAll('\\}', '}'),
    );
    expect(texts).toEqual(format === 'srt' ? named : spoken);
    // `\N` of SubRip is a line break to ffmpeg; its reader of WebVTT hands it on as it is.
    if (format === 'srt')
      expect(cues.map((fields) => fields.slice(9).join(',')).join('\n')).not.toMatch(/\\[Nnh]/);
  });
});

test('subtitle reads every cue of both', () => {
  for (const [text, expected] of [
    [srt, named],
    [vtt, spoken],
  ] as const) {
    const cues = parseSync(text).flatMap(({ type, data }) => (type === 'cue' ? [data] : []));
    expect(cues.map(({ start, end }) => [start, end])).toEqual(times);
    expect(cues.map((cue) => (text === srt ? cue.text : shown(cue.text)))).toEqual(expected);
  }
});

test('node-webvtt reads every cue, strictly', () => {
  const { valid, errors, cues } = webvtt.parse(vtt, { strict: true });
  expect([valid, errors]).toEqual([true, []]);
  expect(cues.map(({ start, end }) => [Math.round(start * 1_000), Math.round(end * 1_000)])).toEqual(times);
  expect(cues.map(({ text }) => shown(text))).toEqual(spoken);
});

test('webvtt-parser reads every cue, and finds nothing to complain of', () => {
  const { cues, errors } = new WebVTTParser(entities).parse(vtt, 'captions');
  expect(errors).toEqual([]);
  expect(
    cues.map(({ startTime, endTime }) => [Math.round(startTime * 1_000), Math.round(endTime * 1_000)]),
  ).toEqual(times);
  expect(cues.map(({ text }) => shown(text))).toEqual(spoken);
});

test.skipIf(skipsBrowser)('Chromium shows every cue, with whom it is by', async () => {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage();
    const cues = await page.evaluate(async (text) => {
      const video = document.createElement('video');
      const element = document.createElement('track');
      video.append(element);
      element.src = URL.createObjectURL(new Blob([text], { type: 'text/vtt' }));
      element.track.mode = 'showing';
      await new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = reject;
      });
      return Array.from(element.track.cues ?? [], (cue) => {
        const fragment = (cue as VTTCue).getCueAsHTML();
        return {
          times: [Math.round(cue.startTime * 1_000), Math.round(cue.endTime * 1_000)],
          words: fragment.textContent,
          who: fragment.querySelector('span[title]')?.getAttribute('title') ?? '',
        };
      });
    }, vtt);
    expect(cues.map((cue) => cue.times)).toEqual(times);
    expect(cues.map(({ words }) => words)).toEqual(spoken);
    expect(cues.map(({ who }) => who)).toEqual(AWKWARD.map(({ name, who }) => who ?? name));
  } finally {
    await browser.close();
  }
});
