/**
 * The order in which parts attach to a meeting means nothing: with all of them attached the other way round, everyone hears,
 * reads and is told the same at the same times, and the same is learnt and recorded.
 */
import { afterEach, expect, it, vi } from 'vitest';
import { lineOf } from '../../src/records/folder-record.js';
import type { Phrasebook } from '../../src/embedded/phrasebook/phrasebook.js';
import { createPhrasebookResponder } from '../../src/embedded/phrasebook/responders.js';
import type { Responder } from '../../src/embedded/realtime-server/index.js';
import { PartHost } from '../../src/meeting/part-host.js';
import type { ProfileSource } from '../../src/profiles/profile-source.js';
import { MeetingWorld } from './meeting-world.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** One translation is spoken in a language that nobody asked for: the guard takes it back. */
function misbehaving(book: Phrasebook): Responder {
  const good = createPhrasebookResponder(book, { takesConcealment: false });
  const { text, pcm24k } = book.get('can-you-hear-me')!.get('de')!;
  return {
    ...good,
    respondToAudio: (turn) => {
      const reply = good.respondToAudio(turn);
      return reply.text.startsWith('Can you hear') ? { ...reply, text, pcm24k } : reply;
    },
  };
}

/** A meeting in which every part has something to do, and all that came of it. */
async function runMeeting() {
  const learnt: string[] = [];
  const profiles: ProfileSource = {
    description: 'a test',
    profileOf: (userId) => Promise.resolve({ userId, summary: 'Engineer.', terms: [], fetchedAtMs: 0 }),
    chunks: () => Promise.resolve([{ id: 'a', text: 'Leads the bridge.' }]),
    ingest: (userId, said) => {
      learnt.push(...said.map(({ text }) => `${userId}: ${text}`));
      return Promise.resolve();
    },
  };
  const recorded: string[] = [];
  const world = await MeetingWorld.open(
    {
      ...{ announcement: true, learn: true, refineProfiles: true, chatCaptions: true, persistCaptions: true },
      voiceLanguages: ['es', 'en', 'fr'],
    },
    {
      profiles,
      record: () =>
        Promise.resolve({
          write: (event) => recorded.push(...[lineOf(event) ?? []].flat()),
          close: () => Promise.resolve(),
        }),
      responderOf: misbehaving,
    },
  );
  const read: Record<string, unknown[]> = {};
  const join = (id: string, metadata: Readonly<Record<string, unknown>>, topics: readonly string[]) => {
    const person = world.enter(id, metadata);
    for (const topic of topics) {
      const messages: unknown[] = (read[`${id} ${topic}`] = []);
      person.subscribe(topic, ({ text, payload }) => {
        messages.push([world.clock.nowMs(), text, payload]);
      });
    }
    return person;
  };
  join('ana', { preferredLanguage: 'es', fastinoUserId: 'usr_ana', parleyLearn: true }, [
    ...['PARLEY_CAPTIONS_es', 'CHAT'],
  ]);
  join('bob', { preferredLanguage: 'en' }, ['PARLEY_CAPTIONS_en', 'CHAT']);
  const luis = join('luis', {}, ['PARLEY_CAPTIONS_und', 'PARLEY_CAPTIONS_fr']);
  await world.pass(9_000);
  await world.say('ana', 'es', 'where-is-the-station');
  luis.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage: 'fr', spokenLanguages: ['fr'] } });
  await world.pass(8_000);
  await world.say('ana', 'es', 'can-you-hear-me');
  await world.pass(8_000);
  await world.say('bob', 'en', 'the-meeting-starts');
  await world.pass(2_000);
  await world.say('ana', 'es', 'send-the-report'); // over the translation
  await world.pass(9_000);
  luis.leave();
  await world.pass(1_000);
  await world.close();
  const { emitted, sessions } = world;
  return { emitted, sessions, read, learnt, recorded, heard: world.heard() };
}

it('captions, language guide, requests, learning, guard, announcement and record are the same', async () => {
  const first = await runMeeting();

  // Every part did what it is there for.
  expect(first.emitted.notice.map(({ kind }) => kind)).toContain('guard');
  expect(first.emitted.changed.map(({ id, prefers }) => [id, prefers])).toContainEqual(['luis', 'fr']);
  expect(first.read['luis PARLEY_CAPTIONS_und']!.length).toBeGreaterThan(0); // asked for a language
  expect(first.read['bob CHAT']!.length).toBeGreaterThan(0);
  expect(first.heard.map(({ language, phraseId }) => `${language}:${phraseId}`)).toContain(
    'es:parley-interprets',
  );
  expect(first.learnt.length).toBeGreaterThan(1);
  expect(first.sessions.some(({ instructions }) => instructions.includes('Engineer.'))).toBe(true);
  expect(first.recorded.length).toBeGreaterThan(5);

  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on its object below
  const { attach } = PartHost.prototype;
  let reversed = 0;
  vi.spyOn(PartHost.prototype, 'attach').mockImplementation(function (this: PartHost, parts, meeting) {
    reversed += parts.length;
    attach.call(this, [...parts].reverse(), meeting);
  });
  const second = await runMeeting();
  expect(reversed).toBeGreaterThan(6);
  expect(second).toEqual(first);
});
