/** Whole meetings over the embedded Realtime server: what is said is heard and read in the other's language. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeetingWorld } from './meeting-world.js';

let world: MeetingWorld;
const open = async (options?: Parameters<typeof MeetingWorld.open>[0]) => {
  world = await MeetingWorld.open(options);
  return world;
};
afterEach(async () => {
  await world.close();
  expect(world.meeting.sessionCount).toBe(0);
});

describe('two people, two languages', () => {
  beforeEach(async () => {
    await open();
    world.join('ana', 'Spanish');
    world.join('bob', 'en-GB');
  });

  it('each is heard and read in the other’s language, from the first word on', async () => {
    await world.pass(1_000);
    expect(world.requests).toEqual([]); // nobody has spoken: nothing is open, nothing costs
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    const finals = world.finals();
    expect(finals).toEqual([
      {
        v: 1,
        turnId: expect.stringContaining('parley-1.1') as string,
        speakerId: 'ana',
        speakerName: 'Ana',
        sourceLanguage: 'es',
        targetLanguage: 'en-GB',
        sourceText: world.rendering('es', 'where-is-the-station').text,
        translatedText: world.rendering('en', 'where-is-the-station').text,
        final: true,
        startMs: expect.closeTo(1_000, -2) as number,
        endMs: expect.any(Number) as number,
      },
      expect.objectContaining({ speakerId: 'bob', targetLanguage: 'es', final: true }),
    ]);
    expect(world.told.notice).toEqual([]);
  });
});
