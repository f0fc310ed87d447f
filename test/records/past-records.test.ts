import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pastRecords } from '../../src/records/past-records.js';
import { RECORD_FILE } from '../../src/records/record-file.js';

const line = (event: object): string => JSON.stringify({ v: 1, atMs: 0, ...event });
const caption = (segmentId: string, speakerId: string, sourceText: string): string =>
  line({
    ...{
      type: 'caption',
      kind: 'speech',
      segmentId,
      turnId: segmentId,
      part: 0,
      speakerId,
      speakerName: speakerId,
    },
    ...{
      sourceLanguage: 'en',
      targetLanguage: 'es',
      sourceText,
      translatedText: '',
      original: true,
      final: true,
    },
    ...{ startMs: 60_000, endMs: 61_000 },
  });

it('finds what was said and noted in records of a folder, but not the words of those who do not agree', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-past-'));
  const record = async (name: string, lines: readonly string[]): Promise<void> => {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, RECORD_FILE), lines.join('\n'));
  };
  const person = (id: string, more: object = {}): string =>
    line({ type: 'joined', person: { id, name: id, isBot: false, speaks: ['en'], ...more } });
  await record('a', [
    line({
      type: 'started',
      time: '2026-03-02T10:00:00.000Z',
      meetingId: 'weekly',
      participantId: 'p',
      name: 'Parley',
      place: 'x',
      interpreter: 'y',
    }),
    person('ana'),
    person('cyd', { agent: false }),
    caption('s1', 'ana', 'The budget is forty thousand.'),
    caption('s2', 'cyd', 'My budget is secret.'),
    line({ type: 'note', what: 'taken', id: 'note_1', kind: 'note', text: 'Budget: ask Bob.', noteAtMs: 0 }),
    line({ type: 'note', what: 'taken', id: 'note_2', kind: 'note', text: 'Budget, wrong.', noteAtMs: 0 }),
    line({ type: 'note', what: 'removed', id: 'note_2', kind: 'note', text: 'Budget, wrong.', noteAtMs: 0 }),
  ]);
  await record('b', ['no record']);
  const { signal } = new AbortController();
  const past = pastRecords(folder);
  expect(await past.search({ text: 'budget', limit: 5 }, signal)).toEqual([
    {
      meetingId: 'weekly',
      at: '2026-03-02T10:00:00.000Z',
      by: 'agent',
      in: 'notes',
      text: 'Budget: ask Bob.',
    },
    {
      meetingId: 'weekly',
      at: '2026-03-02T10:01:00.000Z',
      by: 'ana',
      in: 'transcripts',
      text: 'The budget is forty thousand.',
    },
  ]);
  expect(await past.search({ text: 'zebra', limit: 5 }, signal)).toEqual([]);
  expect(await pastRecords(join(folder, 'absent')).search({ text: 'budget', limit: 5 }, signal)).toEqual([]);
  await rm(folder, { recursive: true });
});
