import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseRecord } from '../../src/records/read-record.js';
import { RECORD_FILE } from '../../src/records/record-file.js';
import { lineOf } from '../../src/records/folder-record.js';
import type { JoinEvent } from '../../src/bot/events.js';
import { caption, EMMA, LUCIA, MEETING } from '../cli/join/samples.js';
import { cli } from '../cli/run-cli.js';

const LINES = MEETING.map((event) => JSON.stringify(event));

describe('parseRecord', () => {
  it('reads what a meeting told', () => {
    const { record, unreadableLines } = parseRecord(LINES.join('\n'))!;
    expect(unreadableLines).toBe(0);
    expect(record).toMatchObject({
      meetingId: 'abcd-efgh-ijkl',
      startedAt: '2026-01-01T00:00:00.000Z',
      people: [
        { id: 'lucia', name: 'Lucía' },
        { id: 'emma', name: 'Emma' },
      ],
    });
    expect(record.captions).toHaveLength(2);
  });

  it('a record that a crash cut anywhere is read up to there', () => {
    const whole = LINES.join('\n');
    const started = LINES[0]!.length;
    fc.assert(
      fc.property(fc.integer({ min: started, max: whole.length }), (cut) => {
        const { record, unreadableLines } = parseRecord(whole.slice(0, cut))!;
        const complete = whole
          .slice(0, cut)
          .split('\n')
          .filter((line) => LINES.includes(line));
        const captions = complete.filter((line) => line.includes('"type":"caption"'));
        expect(record.captions).toHaveLength(captions.length);
        expect(unreadableLines).toBeLessThanOrEqual(1);
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });

  it('leaves out and counts what is no event, and keeps the rest', () => {
    const odd = ['not json', '{}', '[]', 'null', '{"type":"later","v":2}', '{"type":"caption","v":1}'];
    expect(parseRecord([...odd, ...LINES].join('\n'))).toEqual({
      ...parseRecord(LINES.join('\n')),
      unreadableLines: odd.length,
    });
  });

  it('is none where no meeting is told of', () => {
    for (const text of ['', '\n', 'x', LINES.slice(1).join('\n')]) expect(parseRecord(text)).toBeUndefined();
  });
});

describe('a record', () => {
  it('keeps what happened, of captions the final ones', () => {
    const kept = MEETING.flatMap((event) => lineOf(event) ?? []);
    expect(kept.map((line) => JSON.parse(line) as JoinEvent)).toEqual(
      MEETING.filter(
        (event) =>
          !['speaking', 'route', 'engine', 'status', 'instructions'].includes(event.type) &&
          !(event.type === 'caption' && !event.final),
      ),
    );
  });
});

describe('parley export', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-export-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const record = (name: string, events: readonly JoinEvent[] = MEETING) => {
    mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, name, RECORD_FILE), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    return join(dir, name);
  };

  it('writes the transcript of a record, of the one record in a folder, and of --json’s output', async () => {
    const path = record('one');
    const vtt = 'WEBVTT\n\n00:00:02.000 --> 00:00:03.000\n<v Lucía><lang en>Hello</lang></v>\n';
    for (const from of [path, dir, join(path, RECORD_FILE)])
      expect(await cli(['export', from, '--format', 'vtt', '--language', 'English'])).toMatchObject({
        exitCode: 0,
        out: vtt,
        err: '',
      });
  });

  it('writes a file where one is named', async () => {
    const out = join(dir, 'meeting.srt');
    const { exitCode } = await cli(['export', record('one'), '--format', 'srt', '--out', out]);
    expect(exitCode).toBe(0);
    const again = await cli(['export', join(dir, 'one'), '--format', 'srt']);
    expect(again.out).toBe('1\n00:00:02,000 --> 00:00:03,000\nLucía: Hola\n');
  });

  it('a record that was cut off is exported, and that is told', async () => {
    const path = record('cut', [MEETING[0]!, caption({})]);
    writeFileSync(join(path, RECORD_FILE), '{"type":"capt', { flag: 'a' });
    const { exitCode, out, err } = await cli(['export', path, '--format', 'srt']);
    expect([exitCode, out]).toEqual([0, expect.stringContaining('Lucía: Hola')]);
    expect(err).toMatch(/^parley: .*cut: left out 1 line that is cut off or no event\n$/);
  });

  it.each([
    [['nothing-here', '--format', 'md'], 66, /nothing-here cannot be read/],
    [['.', '--format', 'md'], 66, /has no record in it: give what parley join --record made/],
    [['empty.jsonl', '--format', 'md'], 65, /is no record of a meeting/],
    [['one', '--format', 'docx'], 2, /Allowed choices are srt, vtt, json, md/],
    [['one'], 2, /--format/],
    [['one', '--format', 'md', '--language', 'Klingonese'], 2, /--language: "Klingonese" is no language/],
  ])('%j: one line that says what to do', async (args, expected, message) => {
    writeFileSync(join(dir, 'empty.jsonl'), '');
    if (args[0] === 'one') record('one');
    const [path, ...rest] = args;
    const { exitCode, err } = await cli(['export', join(dir, path!), ...rest]);
    expect([exitCode, err]).toEqual([expected, expect.stringMatching(message)]);
    expect(err.trim().split('\n')).toHaveLength(1);
  });

  it('of several records, asks which', async () => {
    record('a');
    record('b');
    const { exitCode, err } = await cli(['export', dir, '--format', 'md']);
    expect([exitCode, err]).toEqual([
      2,
      expect.stringMatching(/has 2 records in it: give one of them, such as .*b/),
    ]);
  });

  it('names everyone who was there', async () => {
    const { out } = await cli(['export', record('one'), '--format', 'json']);
    expect(JSON.parse(out)).toMatchObject({
      people: [LUCIA, EMMA].map(({ id, name }) => ({ id, name })),
      speeches: [{ speakerName: 'Lucía', text: 'Hola', translated: [{ language: 'en', text: 'Hello' }] }],
    });
  });
});
