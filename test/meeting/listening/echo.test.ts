/**
 * People who listen by loudspeaker: what they hear of the interpreter comes back through their microphones, and it must not
 * hear itself in it. Through the whole path: a room, our ear, the embedded server's turn detector and recogniser.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { loadResampler, StreamingResampler } from '../../../audio/index.js';
import { Loudspeaker } from '../../../src/replay/meeting/loudspeaker.js';
import { isBotId } from '../../../src/room/room.js';
import { MeetingWorld } from '../meeting-world.js';

let world: MeetingWorld;
afterEach(async () => {
  await world.close();
});

type Echo = { delayMs: number; levelDb: number };

/** Somebody who joins with a loudspeaker that plays what the interpreter says. */
function joinWithLoudspeaker(id: string, preferredLanguage: string, echo: Echo): void {
  const speaker = new Loudspeaker({ ...echo, plays: isBotId });
  world.enter(
    id,
    { preferredLanguage },
    { onAudio: (from, frame) => speaker.hear(from, frame), pickUp: (frame) => speaker.pickUp(frame) },
  );
}

/** A phrase as a microphone gives it: 48 kHz, since the loudspeaker's echo is added to it. */
function say(id: string, language: string, phraseId: string): void {
  const resampler = new StreamingResampler(24_000, 48_000);
  const { pcm24k } = world.rendering(language, phraseId);
  world.person(id).say(resampler.process(pcm24k).slice());
  resampler.close();
}

/** Lets time pass until something was told, 10 s at most. */
async function until(emitted: () => boolean): Promise<void> {
  for (let passedMs = 0; !emitted() && passedMs < 10_000; passedMs += 10) await world.pass(10);
  expect(emitted()).toBe(true);
}

const isSounding = (): boolean => world.emitted.playback.at(-1)?.what === 'heard';
const spokeUp = (id: string): boolean =>
  world.emitted.speaking.some(({ participantId, speaking }) => participantId === id && speaking);
const sourcesOf = (id: string): string[] =>
  world.finals().flatMap(({ speakerId, sourceText }) => (speakerId === id ? [sourceText] : []));

const CASES = [-20, -30].flatMap((levelDb) => [60, 150, 400].map((delayMs) => ({ levelDb, delayMs })));

describe.each(CASES)('an echo of $levelDb dB after $delayMs ms', (echo) => {
  it('is no speech, no turn, no caption and no interruption, from the first word on', async () => {
    world = await MeetingWorld.open();
    await loadResampler();
    world.join('ana', 'es');
    joinWithLoudspeaker('bob', 'en', echo);
    for (const phrase of ['where-is-the-station', 'customers-like-it', 'send-the-report']) {
      await world.say('ana', 'es', phrase);
      await world.pass(5_000);
    }
    expect(world.heardTexts()).toEqual([
      'en:where-is-the-station',
      'en:customers-like-it',
      'en:send-the-report',
    ]);
    expect(spokeUp('bob')).toBe(false);
    expect(world.sessions).toHaveLength(1); // Ana's: nobody else has spoken
    expect(world.emitted.caption.filter(({ speakerId }) => speakerId === 'bob')).toEqual([]);
    expect(world.emitted.playback.filter(({ what }) => what === 'cut')).toEqual([]);
  });
});

describe.each([60, 150, 400])('over an echo of -20 dB after %i ms', (delayMs) => {
  it.each([
    ['the first words that are ever spoken', 0],
    ['the third phrase', 2],
  ])('somebody who talks over %s interrupts within 550 ms and is understood', async (_, phrasesBefore) => {
    world = await MeetingWorld.open();
    await loadResampler();
    world.join('ana', 'es');
    joinWithLoudspeaker('bob', 'en', { levelDb: -20, delayMs });
    for (const phrase of ['where-is-the-station', 'customers-like-it'].slice(0, phrasesBefore)) {
      await world.say('ana', 'es', phrase);
      await world.pass(5_000);
    }
    await world.say('ana', 'es', 'question-about-the-budget');
    await until(isSounding);
    await world.pass(700);
    const beganMs = world.clock.nowMs();
    say('bob', 'en', 'we-need-more-time');
    await until(() => world.emitted.playback.at(-1)?.what === 'cut');
    expect(world.emitted.playback.at(-1)!.silentAtMs! - beganMs).toBeLessThanOrEqual(550);
    await world.pass(8_000);
    expect(sourcesOf('bob')).toEqual([world.rendering('en', 'we-need-more-time').text]);
    expect(world.heardTexts().at(-1)).toBe('es:we-need-more-time');
  });
});

describe('loudspeakers and people', () => {
  it('each microphone has its own delay and level', async () => {
    world = await MeetingWorld.open();
    await loadResampler();
    world.join('ana', 'es');
    joinWithLoudspeaker('bob', 'en', { levelDb: -20, delayMs: 60 });
    joinWithLoudspeaker('cho', 'en', { levelDb: -26, delayMs: 400 });
    joinWithLoudspeaker('dan', 'en', { levelDb: -12, delayMs: 230 });
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(5_000);
    await world.say('ana', 'es', 'customers-like-it');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'en:customers-like-it']);
    expect(['bob', 'cho', 'dan'].filter(spokeUp)).toEqual([]);
    expect(world.sessions).toHaveLength(1);
  });

  it('what is still on its way when the voice is cleared is no speech either', async () => {
    world = await MeetingWorld.open();
    await loadResampler();
    world.join('ana', 'es');
    joinWithLoudspeaker('bob', 'en', { levelDb: -20, delayMs: 400 });
    world.join('cho', 'en');
    await world.say('ana', 'es', 'question-about-the-budget');
    await until(isSounding);
    await world.pass(900);
    say('cho', 'en', 'repeat-more-slowly'); // who has headphones
    await world.pass(10_000);
    expect(world.emitted.playback.map(({ speakerId, what }) => `${speakerId} ${what}`)).toEqual([
      'ana heard',
      'ana cut',
      'cho heard',
      'cho finished',
    ]);
    expect(spokeUp('bob')).toBe(false);
  });

  it('by headphones, somebody who talks over the interpreter is heard to the last bit', async () => {
    world = await MeetingWorld.open({ bargeIn: 'off' });
    await loadResampler();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'question-about-the-budget');
    await until(isSounding);
    await world.pass(500);
    say('bob', 'en', 'we-need-more-time');
    await world.pass(10_000);
    expect(sourcesOf('bob')).toEqual([world.rendering('en', 'we-need-more-time').text]);
    expect(world.heardTexts()).toEqual(['en:question-about-the-budget', 'es:we-need-more-time']);
  });
});
