/** Ninety seconds without a pause that would end a turn: the translation keeps up, nothing is lost, nothing comes twice. */
import { afterEach, expect, it } from 'vitest';
import { MeetingWorld } from './meeting-world.js';

/** Between two phrases: a dip for our ear, no end of speech for the server's (500 ms). */
const DIP_MS = 200;
const PHRASES = 32;

let world: MeetingWorld;
afterEach(() => world.close());

it('speech without a pause is translated while it goes on', { timeout: 240_000 }, async () => {
  world = await MeetingWorld.open({ languages: ['es', 'en'] });
  world.join('ana', 'Spanish');
  world.join('bob', 'English');
  const ana = world.person('ana');
  const said: string[] = [];
  let saidMs = 0;
  for (let n = 0; n < PHRASES; n++) {
    const phraseId = [...world.book.keys()][n % world.book.size]!;
    const { pcm24k } = world.rendering('es', phraseId);
    ana.say(pcm24k, { sampleRateHz: 24_000 });
    ana.say(new Int16Array(24 * DIP_MS), { sampleRateHz: 24_000 });
    said.push(phraseId);
    saidMs += pcm24k.length / 24 + DIP_MS;
  }
  expect(saidMs).toBeGreaterThan(90_000);
  while (ana.pendingMs > 0) await world.pass(10);
  await world.pass(25_000);

  // All of it, in the order said, each phrase once, in both languages.
  const captions = world.finals().sort((a, b) => a.startMs - b.startMs);
  const textIn = (language: string): string =>
    said.map((phraseId) => world.rendering(language, phraseId).text).join(' ');
  const written = (texts: string[]): string => texts.filter((text) => text !== '').join(' ');
  expect(written(captions.map(({ sourceText }) => sourceText))).toBe(textIn('es'));
  expect(written(captions.map(({ translatedText }) => translatedText))).toBe(textIn('en'));
  expect(captions.map(({ mark }) => mark).filter((mark) => mark !== undefined)).toEqual([]);

  // Pieces of 12 to 15 s, one behind the other.
  const startsMs = [...new Set(captions.map(({ turnId }) => turnId))].map((turnId) =>
    Math.min(...captions.filter((caption) => caption.turnId === turnId).map(({ startMs }) => startMs)),
  );
  expect(startsMs.length).toBeGreaterThan(6);
  startsMs.slice(1).forEach((startMs, index) => {
    expect(startMs - startsMs[index]!).toBeGreaterThanOrEqual(11_900);
    expect(startMs - startsMs[index]!).toBeLessThanOrEqual(15_100);
  });

  // Spoken while the speech goes on: from the first word of a piece to its translation it takes no longer in the end.
  const heard = world.heard();
  expect(heard).toHaveLength(startsMs.length);
  expect(world.emitted.playback.map(({ what }) => what)).toEqual(
    startsMs.flatMap(() => ['heard', 'finished']),
  );
  const delaysMs = heard.map(({ fromMs }, index) => fromMs - startsMs[index]!);
  expect(delaysMs[0]).toBeLessThan(20_000);
  for (const delayMs of delaysMs) expect(delayMs).toBeLessThanOrEqual(delaysMs[0]! + 1_000);
});
