/**
 * The events of `parley join --json`, version 1, on one meeting: what programs read today must be there tomorrow. The recorded
 * ones were printed by the first build that had them; later builds may add fields, and add or move nothing else.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { joinEventSchema } from '../../src/bot/events.js';
import { interpret } from '../../src/bot/interpret.js';
import { JsonView } from '../../src/cli/views/json-view.js';
import { VirtualClock } from '../../src/clock.js';
import { createResponder } from '../../src/embedded/responder.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { createLogger } from '../../src/log.js';
import { memoryBackend } from '../../src/replay/backend/replay-backend.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { loadBook } from '../embedded/phrasebook/book.js';

const RECORDED = join(import.meta.dirname, 'recorded', 'join-events-v1.jsonl');
const STEP_MS = 10;

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as { type: string });

/** Two people each say a phrase; one of them leaves, and the interpreter is stopped. Returns the lines that are printed. */
async function runMeeting(): Promise<string[]> {
  await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
  const book = await loadBook();
  const clock = new VirtualClock();
  const far = memoryBackend({ clock, responder: await createResponder('phrasebook'), log: undefined });
  const hall = new FakeMeeting({ clock });
  const abort = new AbortController();
  const lines: string[] = [];
  const view = new JsonView((text) => lines.push(text.trimEnd()));
  const bot = await interpret({
    room: new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' }),
    meetingId: 'abcd',
    backend: { ...far.speech(), description: 'embedded' },
    settings: { languages: ['es', 'en'], announcement: false },
    explain: true,
    clock,
    log: createLogger({ level: 'silent' }),
    signal: abort.signal,
    beforeJoin: ({ events }) => {
      events.on('event', (event) => view.show(event));
    },
  });
  const enter = (id: string, name: string, preferredLanguage: string) =>
    hall.enter({ id, name, metadata: { preferredLanguage } });
  const say = (person: ReturnType<typeof enter>, phraseId: string, language: string) =>
    person.say(book.get(phraseId)!.get(language)!.pcm24k, { sampleRateHz: 24_000 });
  let ana: ReturnType<typeof enter>;
  let ben: ReturnType<typeof enter>;
  const script: Readonly<Record<number, () => void>> = {
    500: () => {
      ana = enter('ana', 'Ana', 'es');
      ben = enter('ben', 'Ben', 'en');
    },
    1_000: () => say(ana, 'share-my-screen', 'es'),
    11_000: () => say(ben, 'repeat-more-slowly', 'en'),
    19_000: () => ben.leave(),
    20_000: () => abort.abort(),
  };
  for (let atMs = 0; atMs <= 21_500; atMs += STEP_MS) {
    clock.advanceTo(atMs);
    await far.settle();
    script[atMs]?.();
    await far.settle();
  }
  await bot.ended;
  await far.close();
  return lines;
}

/** Speech is cut into chunks of this length: where that is done has moved since, and times with it. */
const CHUNK_MS = 20;
/** A microphone's gain is found with its owner's first words, which may begin quietly. */
const GAIN_DB = 4;

/** All numbers of an event that are times, lengths of time or levels, by where they stand, and the event without them. */
function timesOf(event: unknown): { times: Map<string, number>; rest: unknown } {
  const times = new Map<string, number>();
  const without = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return value.map((each, index) => without(each, `${path}[${index}]`));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).flatMap(([name, field]) => {
      const at = `${path}.${name}`;
      const isMeasured = name.endsWith('Ms') || path.endsWith('.levelsDbfs');
      if (!isMeasured || typeof field !== 'number') return [[name, without(field, at)]];
      times.set(at, field);
      return [];
    });
    return Object.fromEntries(kept) as unknown;
  };
  return { rest: without(event, ''), times };
}

it('are those of the first version, in the same order, with every field as it was', async () => {
  const lines = await runMeeting();
  const recorded = parsed(readFileSync(RECORDED, 'utf8').trimEnd().split('\n'));
  const all = parsed(lines);
  for (const event of all) joinEventSchema.parse(event);
  const events = all.filter(({ type }) => type !== 'span'); // it came later, and may be passed over
  expect(events.map(({ type }) => type)).toEqual(recorded.map(({ type }) => type));
  const before = recorded.map(timesOf);
  const now = events.map(timesOf);
  expect(now.map(({ rest }) => rest)).toMatchObject(before.map(({ rest }) => rest));
  for (const [index, { times }] of before.entries()) {
    for (const [where, ms] of times) {
      const moved = Math.abs((now[index]!.times.get(where) ?? NaN) - ms);
      const allowed = where.includes('.levelsDbfs.') ? GAIN_DB : CHUNK_MS;
      expect(moved, `${recorded[index]!.type} ${index}: ${where}`).toBeLessThanOrEqual(allowed);
    }
  }
});
