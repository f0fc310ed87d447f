import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWav } from '../../../audio/wav.js';
import { meetingDocumentSchema } from '../../../src/replay/meeting/document.js';
import { cli } from '../run-cli.js';

const FIXTURES = join(import.meta.dirname, '../../..', 'fixtures');
const TWO_PEOPLE = join(FIXTURES, 'meetings', 'two-people');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const oneLine = /^parley: [^\n]+\n$/;

describe('parley replay of a meeting', () => {
  it('tells who said what, what became of it, and where the results are', async () => {
    const { exitCode, out, err } = await cli(['replay', TWO_PEOPLE, '--out', dir]);
    expect([exitCode, err]).toEqual([0, '']);
    expect(out.split('\n')[0]).toBe(
      'Interpreted by embedded Realtime server, a stand-in that knows the phrases of a phrasebook',
    );
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /0:01\.0 Ana ¿Me oyen bien o tengo que .* en Can you hear me well/,
    );
    expect(out).toMatch(/2 people, 4 phrases, 4 of 4 translations heard, median delay \d\.\d\d s/);
    for (const name of readdirSync(dir)) expect(out).toContain(`  ${join(dir, name)}\n`);
  });

  it('prints a document a line with --json; a meeting that is none is told, and the next one replayed', async () => {
    const broken = join(dir, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'meeting.json'), '{"title": "No people"}');
    const { exitCode, out, err } = await cli([
      'replay',
      broken,
      TWO_PEOPLE,
      '--json',
      '--out',
      join(dir, 'out'),
    ]);
    const documents = out
      .trimEnd()
      .split('\n')
      .map((line) => meetingDocumentSchema.parse(JSON.parse(line)));
    expect(documents).toHaveLength(1);
    expect(documents[0]!.meeting.title).toBe('Two people, two languages');
    expect(exitCode).toBe(65);
    expect(err).toContain(`parley: ${join(broken, 'meeting.json')}: people: `);
  });

  it.each([
    [['--to', 'de'], '--to is for recordings'],
    [['--cassette', 'x'], '--cassette is for recordings'],
    [['--pace', 'max', '--live'], '--pace max'],
    [['--barge-in', 'never'], 'barge-in'],
    [[join(FIXTURES, 'silence.wav')], 'is no folder of a meeting'],
  ])('with %j is refused in one line', async (args, message) => {
    const { exitCode, err } = await cli(['replay', TWO_PEOPLE, '--out', dir, ...args]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(oneLine);
    expect(err).toContain(message);
  });

  it('never writes over the meeting', async () => {
    const meeting = join(dir, 'weekly');
    mkdirSync(meeting);
    writeFileSync(
      join(meeting, 'meeting.json'),
      JSON.stringify({
        title: 'Weekly',
        people: [
          {
            id: 'ana',
            name: 'Ana',
            script: [
              { atMs: 0, do: 'join' },
              { atMs: 1, do: 'say', recording: 'weekly.original.wav' },
            ],
          },
        ],
      }),
    );
    const own = writeWav({ sampleRateHz: 48_000, channelCount: 1, samples: new Int16Array(480) });
    writeFileSync(join(meeting, 'weekly.original.wav'), own);
    const { exitCode, err } = await cli(['replay', meeting, '--out', meeting]);
    expect(exitCode).toBe(2);
    expect(err).toContain('would overwrite the input');
    expect(readFileSync(join(meeting, 'weekly.original.wav')).equals(own)).toBe(true);
    expect((await cli(['replay', meeting, '--out', join(dir, 'out')])).exitCode).toBe(0);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();
    const { exitCode, out } = await cli(['replay', TWO_PEOPLE, '--out', dir], { signal: stop.signal });
    expect(exitCode).toBe(130);
    expect(out.split('\n')).toHaveLength(2);
  });
});

describe('a budget in parley replay', () => {
  /** A dollar for every second that the embedded interpreter speaks. */
  const priced = (): string => {
    const free = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 0 };
    const models = {
      'parley-embedded': { perMillionTokens: { ...free, audioOut: 50_000 } },
      'gpt-realtime-whisper': { perMillionTokens: free },
    };
    const path = join(dir, 'prices.json');
    writeFileSync(path, JSON.stringify({ date: '2027-01-02', models }));
    return path;
  };
  const replayed = async (...args: string[]) => {
    const { out, err, exitCode } = await cli(['replay', TWO_PEOPLE, '--json', '--out', dir, ...args]);
    expect([exitCode, err]).toEqual([0, expect.stringMatching(/^Interpreted by/)]);
    return meetingDocumentSchema.parse(JSON.parse(out));
  };

  it('is warned of, then lowers to captions: what is said later is translated, and not heard', async () => {
    const { phrases, notices, cost } = await replayed('--prices', priced(), '--budget', '6');
    const budget = notices.filter(({ kind }) => kind === 'budget').map(({ message }) => message);
    expect(budget).toEqual([
      expect.stringMatching(
        /^\$5\.\d\d of the budget of \$6\.00 are spent, by the prices of 2027-01-02: when/,
      ),
      expect.stringMatching(/translations continue as captions only/),
    ]);
    const translations = phrases.flatMap((phrase) => phrase.translations);
    expect(translations.map(({ text }) => text !== '')).toEqual([true, true, true, true]);
    expect(translations.map(({ heardFromMs }) => heardFromMs !== null)).toEqual([true, true, true, false]);
    expect(cost).toMatchObject({ responses: 4, unpriced: 0 });
    expect(cost!.usd).toBeGreaterThan(6);
    expect(cost!.usd).toBeLessThan(9.5);
  });

  it('ends the meeting where that is asked for', async () => {
    const { phrases, cost } = await replayed(
      '--prices',
      priced(),
      '--budget',
      '1',
      '--budget-policy',
      'stop',
    );
    expect(phrases.length).toBeLessThan(4);
    expect(cost!.usd).toBeLessThan(5);
  });

  it('counts nothing where there is neither', async () => {
    expect((await replayed()).cost).toBeNull();
  });

  it.each([
    [['--budget', '0'], /--budget is 0: a number of dollars such as 5 is allowed/],
    [['--budget', '-3'], /--budget is -3/],
    [['--budget', 'much'], /--budget is "much"/],
    [['--budget-policy', 'hope'], /--budget-policy is "hope": captions or stop is allowed/],
    [['--prices', 'nowhere.json'], /--prices nowhere\.json cannot be read/],
    [
      ['--prices', join(FIXTURES, 'phrasebook.json')],
      /--prices .*phrasebook\.json: .* is not a price; see docs\/costs\.md/,
    ],
  ])('refuses %j in one line', async (args, message) => {
    const { exitCode, err } = await cli(['replay', TWO_PEOPLE, '--out', dir, ...args]);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(oneLine);
    expect(err).toMatch(message);
  });
});
