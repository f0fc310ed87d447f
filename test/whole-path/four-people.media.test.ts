/**
 * Four people and three languages over real media: everybody a process of their own with the real SDK, the interpreter with a
 * voice for each language, and people who talk at the same time.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JoinEvent, type JoinEventOf, joinEventSchema } from '../../src/bot/events.js';
import { announceRoom } from '../../src/cli/embedded/running-rooms.js';
import { loadPhrasebook, type Phrasebook } from '../../src/embedded/phrasebook/phrasebook.js';
import { type RoomServer, startRoomServer } from '../../src/embedded/room-server/index.js';
import { createAccessToken } from '../../src/room/videosdk/tokens.js';
import { CliProcess } from '../browser/cli-process.js';
import { ParticipantProcess } from './participant-process.js';

const PHRASEBOOK = fileURLToPath(new URL('../../fixtures/phrasebook.json', import.meta.url));
const DEADLINE_MS = 170_000;
const ENTER_TIMEOUT_MS = 40_000;
/** From the end of what was said last to the end of the last of its translations. */
const HEAR_TIMEOUT_MS = 30_000;
/** In which all that was said is translated, and what was not cut is spoken. */
const CUT_TIMEOUT_MS = 12_000;
/** What was not understood is said again: on a machine that is too busy, audio has holes. */
const MAX_ATTEMPTS = 3;

const PEOPLE = [
  { id: 'ana', name: 'Ana', language: 'es' },
  { id: 'luis', name: 'Luis', language: 'es' },
  { id: 'ben', name: 'Ben', language: 'en' },
  { id: 'dora', name: 'Dora', language: 'de' },
] as const;
type Person = (typeof PEOPLE)[number];
const [ANA, LUIS, BEN, DORA] = PEOPLE;
/** The one who listens for each language. */
const LISTENERS: readonly Person[] = [ANA, BEN, DORA];

/** Who says what in one breath; `afterMs` is when the later ones begin, while the first still speaks. */
type Scene = readonly { speaker: Person; phraseId: string; afterMs: number }[];
const SCENES: readonly Scene[] = [
  [
    { speaker: ANA, phraseId: 'where-is-the-station', afterMs: 0 },
    { speaker: BEN, phraseId: 'the-meeting-starts', afterMs: 1_200 },
  ],
  [
    { speaker: DORA, phraseId: 'we-need-more-time', afterMs: 0 },
    { speaker: LUIS, phraseId: 'can-you-hear-me', afterMs: 800 },
    { speaker: BEN, phraseId: 'customers-like-it', afterMs: 1_600 },
  ],
];

let folder: string;
let room: RoomServer;
let book: Phrasebook;
let parley: CliProcess | undefined;
let people: Map<string, ParticipantProcess>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-four-'));
  const cacheDir = join(folder, 'parley');
  room = await startRoomServer({ cacheDir });
  const { origin, signalingBaseUrl, apiUrl, apiKey, ca } = room;
  await announceRoom(cacheDir, { origin, signalingBaseUrl, apiUrl, apiKey, ca });
  book = await loadPhrasebook(PHRASEBOOK);
  people = new Map();
});
afterEach(async () => {
  await Promise.all([...people.values()].map((each) => each.end()));
  parley?.send('SIGKILL');
  await parley?.ended;
  await room.close();
  rmSync(folder, { recursive: true });
});

const events = (): JoinEvent[] =>
  (parley?.lines ?? []).map((line) => joinEventSchema.parse(JSON.parse(line)));
const until = (what: string, condition: () => boolean, timeout: number): Promise<void> =>
  expect.poll(condition, { timeout, interval: 100, message: what }).toBe(true);
const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** Everybody comes in; resolves when the interpreter has a voice for each language in the meeting. */
async function begin(...flags: string[]): Promise<void> {
  const meetingId = room.createRoom();
  const { apiKey, secret, signalingBaseUrl, ca } = room;
  parley = new CliProcess(['join', meetingId, '--json', '--no-announcement', ...flags], {
    cacheFolder: folder,
    deadlineMs: DEADLINE_MS,
  });
  for (const { id, name, language } of PEOPLE) {
    const scope = { roomId: meetingId, participantId: id, expiresInSeconds: 600 };
    people.set(
      id,
      new ParticipantProcess(
        {
          kind: 'join',
          meetingId,
          token: createAccessToken({ apiKey, secret, ...scope }),
          participantId: id,
          name,
          language,
          playsOneChannel: true,
          signalingBaseUrl,
          ca,
        },
        DEADLINE_MS,
      ),
    );
  }
  const names = (): string[] =>
    room.rooms.flatMap(({ participants }) => participants.map(({ name }) => name));
  const voices = ['Parley · Deutsch', 'Parley · English', 'Parley · Español'];
  await until(
    'everybody is in',
    () => [...PEOPLE.map(({ name }) => name), ...voices].every((name) => names().includes(name)),
    ENTER_TIMEOUT_MS,
  );
  await pause(2_000); // what a process does for the first time takes longer
}

/** Says a scene; resolves when `isOver` holds, or after some time. */
async function perform(scene: Scene, isOver: () => boolean): Promise<void> {
  let passedMs = 0;
  for (const { speaker, phraseId, afterMs } of scene) {
    await pause(afterMs - passedMs);
    passedMs = afterMs;
    people.get(speaker.id)!.order({ kind: 'say', phraseId });
  }
  await until('the scene is over', isOver, HEAR_TIMEOUT_MS).catch(() => undefined);
}

/** What everyone should hear of a scene: each phrase in each language but its own, once. */
function wantedOf(scene: Scene, listener: Person): string[] {
  return scene
    .filter(({ speaker }) => speaker.language !== listener.language)
    .map(({ phraseId }) => `${phraseId}/${listener.language}`)
    .sort();
}

const finalCaptions = (speaker: Person, phraseId: string, to: string): JoinEventOf<'caption'>[] => {
  const text = book.get(phraseId)!.get(to)!.text;
  return events().filter(
    (event): event is JoinEventOf<'caption'> =>
      event.type === 'caption' &&
      event.final &&
      event.speakerId === speaker.id &&
      event.targetLanguage === to &&
      event.translatedText === text,
  );
};

describe('four people, three languages, at the same time', { timeout: DEADLINE_MS }, () => {
  it('without barge-in every phrase is heard in every other language, once, and said to be its speaker’s', async () => {
    await begin('--barge-in', 'off');
    for (const scene of SCENES) {
      let before = new Map<string, number>();
      const heardBy = (listener: Person): string[] =>
        people.get(listener.id)!.heard().slice(before.get(listener.id)).sort();
      const isWhole = (): boolean =>
        LISTENERS.every((listener) => heardBy(listener).length >= wantedOf(scene, listener).length);
      for (let attempts = 1; ; attempts++) {
        before = new Map(PEOPLE.map(({ id }) => [id, people.get(id)!.heard().length]));
        await perform(scene, isWhole);
        await pause(1_500); // what comes twice would come now
        const isRight = LISTENERS.every(
          (listener) => heardBy(listener).join() === wantedOf(scene, listener).join(),
        );
        if (isRight || attempts === MAX_ATTEMPTS) break;
      }
      for (const listener of LISTENERS) expect(heardBy(listener)).toEqual(wantedOf(scene, listener));
      for (const { speaker, phraseId } of scene) {
        for (const { language } of LISTENERS) {
          if (language === speaker.language) continue;
          expect(finalCaptions(speaker, phraseId, language).length).toBeGreaterThan(0);
        }
      }
    }
  });

  it('with barge-in what was cut is whole in its caption, and marked', async () => {
    await begin();
    for (let attempts = 1; attempts <= MAX_ATTEMPTS && cutPhrases().length === 0; attempts++) {
      const heardBefore = heardTurnIds().length;
      people.get(ANA.id)!.order({ kind: 'say', phraseId: 'where-is-the-station' });
      people.get(LUIS.id)!.order({ kind: 'say', phraseId: 'can-you-hear-me' });
      await until('a translation is heard', () => heardTurnIds().length > heardBefore, HEAR_TIMEOUT_MS);
      people.get(DORA.id)!.order({ kind: 'say', phraseId: 'repeat-more-slowly' });
      people.get(BEN.id)!.order({ kind: 'say', phraseId: 'the-meeting-starts' });
      await until('a phrase was cut', () => cutPhrases().length > 0, CUT_TIMEOUT_MS).catch(() => undefined);
    }
    expect(cutPhrases().length).toBeGreaterThan(0);
    await expect
      .poll(() => cutTurnIds().map(lastCaptionOf), { timeout: HEAR_TIMEOUT_MS })
      .toSatisfy((captions: ReturnType<typeof lastCaptionOf>[]) =>
        captions.every((caption) => caption?.final === true && caption.mark === 'cut'),
      );
  });
});

/** Turns whose translation began to be heard. */
function heardTurnIds(): string[] {
  return events().flatMap((event) =>
    event.type === 'playback' && event.what === 'heard' ? [event.turnId] : [],
  );
}

/** Turns whose translation was not spoken to its end. */
function cutTurnIds(): string[] {
  return events().flatMap((event) =>
    event.type === 'playback' && event.what === 'cut' ? [event.turnId] : [],
  );
}

function lastCaptionOf(turnId: string): JoinEventOf<'caption'> | undefined {
  return events().findLast(
    (event): event is JoinEventOf<'caption'> => event.type === 'caption' && event.turnId === turnId,
  );
}

/** Translations of the book's phrases that were not spoken to their end, and are all in their captions. */
function cutPhrases(): string[] {
  return cutTurnIds().filter((turnId) => {
    const caption = lastCaptionOf(turnId);
    if (caption === undefined) return false;
    return [...book.values()].some(
      (phrase) => phrase.get(caption.targetLanguage)?.text === caption.translatedText,
    );
  });
}
