/** One session for the whole room: both ways, by one model, silenced by anybody who speaks. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readWav } from '../../audio/wav.js';
import { VirtualClock } from '../../src/clock.js';
import type { RouteSpec } from '../../src/interpreter/plan/routes.js';
import { backendSessions } from '../../src/meeting/open-session.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../src/realtime/translate/translate-config.js';
import { backendOver } from '../realtime/backend-over.js';
import { ScriptedServer } from '../realtime/scripted-transport.js';
import { MeetingWorld } from './meeting-world.js';

const MHM = readFileSync(new URL('../../fixtures/meetings/backchannel/mhm.wav', import.meta.url));

describe('a meeting with one session', () => {
  let world: MeetingWorld;
  const open = async (): Promise<void> => {
    world = await MeetingWorld.open(
      { topology: 'shared', languages: ['es', 'en'], voices: 'per-language' },
      { channels: true },
    );
  };
  afterEach(async () => {
    await world.close();
    expect(world.openSessions).toBe(0);
    for (const id of world.hall.participants.keys())
      world.hall.remove(id, { kind: 'asked', message: 'over' });
    expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
  });

  it('interprets both ways, and captions say who spoke', async () => {
    await open();
    world.join('ana', 'Spanish');
    world.join('bob', 'English');
    await world.pass(1_000);
    expect(world.sessions).toEqual([]);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    expect(world.sessions).toHaveLength(1);
    expect(
      world
        .finals()
        .map(({ speakerId, sourceLanguage, targetLanguage, sourceText, translatedText }) => [
          speakerId,
          `${sourceLanguage} to ${targetLanguage}`,
          sourceText,
          translatedText,
        ]),
    ).toEqual([
      ['ana', 'es to en', ...['es', 'en'].map((tag) => world.rendering(tag, 'where-is-the-station').text)],
      ['bob', 'en to es', ...['en', 'es'].map((tag) => world.rendering(tag, 'the-meeting-starts').text)],
    ]);
    const spoken = world.emitted.playback.map(({ speakerId, to, what }) => `${speakerId} to ${to} ${what}`);
    expect(spoken).toEqual([
      'ana to en heard',
      'ana to en finished',
      'bob to es heard',
      'bob to es finished',
    ]);
    expect(world.emitted.notice).toEqual([]);
  });

  it('tells of no direction where nobody knows it', async () => {
    await open();
    world.enter('ana', { preferredLanguage: 'es', spokenLanguages: ['es', 'en'] });
    world.join('bob', 'English');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(world.emitted.playback[0]).toMatchObject({ speakerId: 'ana', to: 'und', what: 'heard' });
  });

  it('is silenced by anybody, whoever is being interpreted', async () => {
    await open();
    world.join('ana', 'Spanish');
    world.join('bob', 'English');
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(1_500);
    await world.say('ana', 'es', 'see-you-next-week');
    await world.pass(6_000);
    expect(world.emitted.playback.map(({ what }) => what)).toEqual(['heard', 'cut', 'heard', 'finished']);
    expect(world.heardTexts().at(-1)).toBe('en:see-you-next-week');
    expect(world.finals().map(({ mark }) => mark)).toEqual(['cut', undefined]);
  });

  it('goes on over a short "mhm", which is neither interpreted nor captioned', async () => {
    await open();
    world.join('ana', 'Spanish');
    const bob = world.join('bob', 'English');
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(1_500);
    const { samples, sampleRateHz } = readWav(MHM);
    bob.say(samples, { sampleRateHz });
    await world.pass(8_000);
    expect(world.heardTexts()).toEqual(['en:send-the-report']);
    expect(world.emitted.playback.map(({ speakerId, what }) => `${speakerId} ${what}`)).toEqual([
      'ana heard',
      'ana finished',
    ]);
    expect(world.finals().map(({ speakerId, mark }) => [speakerId, mark])).toEqual([['ana', undefined]]);
    expect(world.metric('backchannels')).toBe(1);
    // What he says afterwards is interpreted.
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:send-the-report', 'es:the-meeting-starts']);
  });

  it('a mute of the last who speaks ends the turn', async () => {
    await open();
    const ana = world.join('ana', 'Spanish');
    const bob = world.join('bob', 'English');
    bob.mute();
    await world.say('ana', 'es', 'where-is-the-station');
    ana.mute();
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
  });

  it('opens nothing where nobody needs it, and tells who is left out', async () => {
    await open();
    world.join('ana', 'Spanish');
    world.join('eva', 'Spanish');
    await world.say('ana', 'es', 'where-is-the-station');
    expect(world.sessions).toEqual([]);
    world.join('carl', 'German');
    expect(world.emitted.notice.map(({ kind, participantId }) => [kind, participantId])).toEqual([
      ['language_unknown', 'carl'],
    ]);
  });
});

it('the session of a room ends a turn after a short silence, and is asked for each answer', async () => {
  const server = new ScriptedServer();
  const openSession = backendSessions({
    backend: backendOver(() => server.open),
    meetingId: 'test',
    model: 'test',
    clock: new VirtualClock(),
    conversation: DEFAULT_CONVERSATION_CONFIG,
    translate: DEFAULT_TRANSLATE_SETTINGS,
  });
  const route: RouteSpec = {
    key: 'two-way',
    speakerId: '',
    from: ['en'],
    to: 'es',
    back: 'en',
    listenerIds: ['ana', 'bob'],
    transcribes: true,
    transcriptionLanguage: undefined,
  };
  await openSession({ name: 'room', route, instructions: 'both ways', engine: 'conversation' }).connect();
  expect(server.connection.of('session.update')[0]?.['session']).toMatchObject({
    instructions: 'both ways',
    audio: {
      input: {
        turn_detection: {
          type: 'server_vad',
          silence_duration_ms: 200,
          create_response: false, // a "mhm" would take the place of what is being said
          interrupt_response: false,
        },
      },
    },
  });
});
