/** Whole meetings whose model misbehaves: what it says is taken off the air, marked, counted and told. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';
import { createPhrasebookResponder } from '../../../src/embedded/phrasebook/responders.js';
import type { Reply, Responder } from '../../../src/embedded/realtime-server/index.js';
import { MeetingWorld } from '../meeting-world.js';

let world: MeetingWorld;
afterEach(async () => {
  await world.close();
  for (const id of world.hall.participants.keys()) world.hall.remove(id, { kind: 'asked', message: 'over' });
  expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
});

/** A model that is obedient but for what it makes of these words. */
function misbehaving(
  change: (reply: Reply, book: Phrasebook) => Partial<Reply>,
): (book: Phrasebook) => Responder {
  return (book) => {
    const good = createPhrasebookResponder(book);
    return {
      ...good,
      respondToAudio: (turn) => {
        const reply = good.respondToAudio(turn);
        return { ...reply, ...change(reply, book) };
      },
    };
  };
}

const open = async (change: Parameters<typeof misbehaving>[0], bargeIn: 'others' | 'off' = 'others') => {
  world = await MeetingWorld.open({ bargeIn }, { responderOf: misbehaving(change) });
  world.join('ana', 'Spanish');
  world.join('bob', 'en');
};
const rendering = (book: Phrasebook, language: string, phraseId: string) => {
  const { text, pcm24k } = book.get(phraseId)!.get(language)!;
  return { text, pcm24k };
};
const guardNotices = () =>
  world.emitted.notice.filter(({ kind }) => kind === 'guard').map(({ message }) => message);

describe('a model that misbehaves', () => {
  it('speaks another language: cut off, marked, told; the next turn is translated as ever', async () => {
    await open(({ text }, book) =>
      text.startsWith('Can you hear') ? rendering(book, 'de', 'can-you-hear-me') : {},
    );
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(6_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(guardNotices()).toEqual([
      'Ana into English: the translation is in Deutsch; it is taken back, and marked in captions',
    ]);
    expect(world.bot.status().counters).toMatchObject({ wrongLanguage: 1, answers: 0, ownVoice: 0 });
    expect(world.finals().map(({ mark }) => mark)).toEqual(['doubtful', undefined]);
    expect(world.heardTexts()).not.toContain('de:can-you-hear-me'); // not to its end
    expect(world.heardTexts().at(-1)).toBe('en:where-is-the-station');
    const fates = world.emitted.playback.map(({ what }) => what);
    expect(fates.filter((what) => what === 'withheld')).toHaveLength(1);
    expect(fates.slice(-2)).toEqual(['heard', 'finished']);
  });

  it('answers instead of translating: taken back', async () => {
    await open(({ text }, book) =>
      text.startsWith('Where is')
        ? { ...rendering(book, 'en', 'share-my-screen'), text: 'I’m an AI, so I cannot see where you are.' }
        : {},
    );
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    expect(guardNotices()).toEqual([expect.stringContaining('Ana into English: the model answered instead')]);
    expect(world.finals()).toMatchObject([
      { mark: 'doubtful', sourceText: expect.stringContaining('estación') as string },
    ]);
    expect(world.bot.status().counters.answers).toBe(1);
  });

  it('hears our own voice in a microphone: never translated back, nor taken for what somebody said', async () => {
    // What Bob's microphone picks up is not known as echo, but it is understood as the words that are being spoken.
    await open(
      ({ sourceText }, book) =>
        sourceText.startsWith("I'm going to share")
          ? { sourceText: rendering(book, 'en', 'we-need-more-time').text }
          : {},
      'off',
    );
    await world.say('ana', 'es', 'we-need-more-time');
    await world.pass(900); // the translation is being spoken
    await world.say('bob', 'en', 'share-my-screen');
    await world.pass(8_000);
    expect(guardNotices()).toEqual([
      'Bob into español: the interpreter’s own voice was heard in their microphone; it is taken back, and marked in captions',
    ]);
    expect(world.heardTexts()).toEqual(['en:we-need-more-time']);
    expect(world.finals().map(({ speakerId, mark }) => [speakerId, mark])).toEqual([
      ['ana', undefined],
      ['bob', 'doubtful'],
    ]);
  });
});
