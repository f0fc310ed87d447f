/** Two people who both talk all the time, through everything a live meeting uses: one voice has time for half of it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MEETINGS, replayed } from './replayed.js';

const PHRASES = ['the-meeting-starts', 'share-my-screen', 'customers-like-it', 'send-the-report'];
const PHRASE_COUNT = 48;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-meetings-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Phrases with a breath between them, shorter than what ends a turn. */
function talker(folder: string, id: string, language: string, breathMs: number) {
  const recording = Array.from({ length: PHRASE_COUNT }, (_, n) => [
    relative(folder, join(MEETINGS, '..', 'phrasebook', language, `${PHRASES[n % PHRASES.length]!}.wav`)),
    breathMs,
  ]).flat();
  const script = [
    { atMs: 0, do: 'join' },
    { atMs: 1_000, do: 'say', recording },
  ];
  return { id, name: id, preferredLanguage: language, script };
}

it('nothing is heard later than 10 s after it was said, and what is not heard is read, whole and marked', async () => {
  const folder = join(dir, 'talkers');
  mkdirSync(folder);
  const people = [talker(folder, 'ana', 'es', 120), talker(folder, 'ben', 'en', 200)];
  writeFileSync(join(folder, 'meeting.json'), JSON.stringify({ title: 'Talkers', people }));
  const out = join(dir, 'out');
  const { phrases, totals, meeting } = await replayed(folder, out, { bargeIn: 'off' });

  expect(meeting.durationMs).toBeGreaterThan(120_000);
  expect(totals.longestFirstAudioDelayMs).toBeLessThanOrEqual(10_000);
  expect(totals.captionsOnly).toBeGreaterThan(2); // there was more than one voice could say
  for (const { speakerId, translations } of phrases) {
    expect(translations).toHaveLength(1);
    const { to, text, mark, heardFromMs, consumedToMs, cut } = translations[0]!;
    expect([to, cut]).toEqual([speakerId === 'ana' ? 'en' : 'es', false]);
    expect(mark).toBe(heardFromMs === null ? 'captions_only' : null);
    if (heardFromMs !== null) expect(consumedToMs).toBeGreaterThan(heardFromMs);
    const read = readFileSync(join(out, `talkers.${to}.srt`), 'utf8').replace(/\s+/g, ' ');
    for (const sentence of text.split(/(?<=[.?]) /)) {
      // What is played back is named in one piece of text; cues of others may stand between its words.
      for (const piece of sentence.startsWith('[') ? sentence.split(' ') : [sentence])
        expect(read).toContain(piece);
    }
  }
  const heard = phrases
    .flatMap(({ speakerId, translations }) => translations.map((each) => ({ ...each, speakerId })))
    .filter(({ heardFromMs }) => heardFromMs !== null)
    .sort((a, b) => a.heardFromMs! - b.heardFromMs!);
  expect(new Set(heard.map(({ speakerId }) => speakerId)).size).toBe(2);
  for (const [n, { heardFromMs, speakerId }] of heard.entries()) {
    const before = heard[n - 1];
    if (before === undefined) continue;
    const pauseMs = before.speakerId === speakerId ? 0 : 300;
    expect(heardFromMs! - before.consumedToMs!).toBeGreaterThanOrEqual(pauseMs);
  }
});
