/** A replayed meeting with an agent in it: it is called, answers, and does so in the same way each time. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesIn, replayed } from './replayed.js';

const PHRASES = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'phrasebook');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const person = (id: string, preferredLanguage: string, atMs: number, recording: string) => ({
    ...{ id, name: id, preferredLanguage },
    script: [
      { atMs: 0, do: 'join' },
      { atMs, do: 'say', recording },
    ],
  });
  const people = [
    person('ana', 'es', 1_000, 'which-room-parley.wav'),
    person('ben', 'en', 25_000, 'we-need-more-time.wav'),
  ];
  for (const [language, name] of [
    ['es', 'which-room-parley.wav'],
    ['en', 'we-need-more-time.wav'],
  ] as const)
    copyFileSync(join(PHRASES, language, name), join(folder, name));
  writeFileSync(
    join(folder, 'meeting.json'),
    JSON.stringify({ title: 'Asked', about: 'A question.', people }),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const run = async (agent: 'off' | 'addressed') => {
  const out = mkdtempSync(join(folder, 'out-'));
  const document = await replayed(folder, out, { agent });
  const spanish = document.captions.find(({ language }) => language === 'es')!;
  return { document, spanish: readFileSync(spanish.vtt, 'utf8'), files: filesIn(out) };
};

it('answers whoever calls it, the same each time; without an agent nobody does', async () => {
  const [first, second, without] = [await run('addressed'), await run('addressed'), await run('off')];
  // The stand-in is no model: it says back what it was asked.
  expect(first.spanish).toContain('answer_in');
  expect(without.spanish).not.toContain('answer_in');
  expect(second.spanish).toBe(first.spanish);
  expect(second.document.totals).toEqual(first.document.totals);
  const voices = ({ files }: typeof first) =>
    [...files].filter(([name]) => name.endsWith('.wav')).map(([, bytes]) => bytes.length);
  expect(voices(second)).toEqual(voices(first));
});
