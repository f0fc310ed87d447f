/** Whole meetings with the continuous engine, and with whichever suits each route. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MeetingSettingsInput } from '../../../src/bot/meeting-settings.js';
import { withOwnPrices } from '../../../src/cost/prices.js';
import { MeetingWorld, type MeetingWorldOptions } from '../meeting-world.js';

let world: MeetingWorld;
afterEach(() => world.close());

const FREE = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 0 };
/** Two dollars for an hour of the translate engine, six for an hour of the other, 72,000 tokens of which are spoken. */
const PRICES = withOwnPrices(
  {
    date: '2027-01-02',
    models: {
      'test-translate': { perAudioMinute: 2 / 60 },
      test: { perMillionTokens: { ...FREE, audioOut: 6 / 0.072 } },
      'gpt-realtime-whisper': { perAudioMinute: 0 },
    },
  },
  'prices of the test',
);

async function open(
  settings: MeetingSettingsInput = { engine: 'translate' },
  options: MeetingWorldOptions = {},
): Promise<void> {
  world = await MeetingWorld.open(settings, { prices: PRICES, ...options });
  world.join('ana', 'es');
  world.join('bob', 'en');
}

const chosen = (): string[] =>
  world.emitted.engine.map(
    ({ speakerId, to, engine, reason }) => `${speakerId} > ${to ?? '-'}: ${engine}, ${reason}`,
  );
const engineNotices = (): string[] =>
  world.emitted.notice.flatMap(({ kind, message }) => (kind === 'engine' ? [message] : []));
const captions = (): string[] =>
  world
    .finals()
    .sort((a, b) => a.startMs - b.startMs)
    .map(
      ({ speakerName, sourceText, translatedText }) => `${speakerName}: ${sourceText} > ${translatedText}`,
    );
const said = (speaker: string, from: string, to: string, ...phraseIds: string[]): string[] =>
  phraseIds.map((id) => `${speaker}: ${world.rendering(from, id).text} > ${world.rendering(to, id).text}`);

describe('the translate engine in a meeting', () => {
  it('interprets both ways: every phrase is heard once and whole, and stands in captions', async () => {
    await open();
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(9_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(9_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(9_000);
    expect(world.heardTexts()).toEqual([
      'en:can-you-hear-me',
      'es:the-meeting-starts',
      'en:where-is-the-station',
    ]);
    expect(captions()).toEqual([
      ...said('Ana', 'es', 'en', 'can-you-hear-me'),
      ...said('Bob', 'en', 'es', 'the-meeting-starts'),
      ...said('Ana', 'es', 'en', 'where-is-the-station'),
    ]);
    expect(world.sessions.map(({ engine, instructions }) => [engine, instructions])).toEqual([
      ['translate', ''],
      ['translate', ''],
    ]);
    expect(world.emitted.instructions).toEqual([]);
    expect(chosen()).toEqual(['ana > en: translate, asked for', 'bob > es: translate, asked for']);
    expect(world.emitted.engine.map(({ usdPerHour }) => usdPerHour)).toEqual([2, 2]);
    const delaysMs = world.emitted.playback.flatMap(({ what, firstAudioDelayMs }) =>
      what === 'heard' && firstAudioDelayMs !== undefined ? [firstAudioDelayMs] : [],
    );
    expect(delaysMs).toHaveLength(3);
    for (const delayMs of delaysMs) expect(delayMs).toBeLessThan(1_500);
    expect(engineNotices()).toEqual([]);
  });

  it('a session is let go after silence, also while its speaker is muted, and opens again with the first words', async () => {
    await open({ engine: 'translate', sessionIdleS: 10 });
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(1_000);
    world.person('ana').mute();
    await world.pass(22_000);
    expect(world.openSessions).toBe(0);
    world.person('ana').unmute();
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(9_000);
    expect(world.sessions).toHaveLength(2);
    expect(world.heardTexts()).toEqual(['en:can-you-hear-me', 'en:where-is-the-station']);
  });

  it('whoever talks over a translation clears it; captions are whole, and what is said next is heard', async () => {
    await open();
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_500);
    await world.say('bob', 'en', 'we-need-more-time');
    await world.pass(12_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(9_000);
    expect(world.heardTexts().slice(-2)).toEqual(['es:we-need-more-time', 'en:where-is-the-station']);
    expect(
      world.emitted.playback.filter(({ what }) => what === 'cut').map(({ speakerId }) => speakerId),
    ).toEqual(['ana']);
    expect(captions()).toEqual([
      ...said('Ana', 'es', 'en', 'share-my-screen'),
      ...said('Bob', 'en', 'es', 'we-need-more-time'),
      ...said('Ana', 'es', 'en', 'where-is-the-station'),
    ]);
    expect(world.finals().filter(({ mark }) => mark === 'cut')).toHaveLength(1);
  });

  it('who leaves is translated to the end', async () => {
    await open();
    await world.say('ana', 'es', 'where-is-the-station');
    world.person('ana').leave();
    await world.pass(12_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
    expect(captions()).toEqual(said('Ana', 'es', 'en', 'where-is-the-station'));
    expect(world.openSessions).toBe(0);
  });

  it('leaving the meeting at once waits for nothing that is still being translated', async () => {
    await open();
    await world.say('ana', 'es', 'where-is-the-station');
    world.person('ana').leave();
    await world.pass(20); // its session is draining
    const fromMs = world.clock.nowMs();
    await world.whilePassing(world.bot.stop());
    expect(world.clock.nowMs() - fromMs).toBeLessThan(200);
  });

  it('announcements, and those who are only written down, have conversation sessions all the same', async () => {
    world = await MeetingWorld.open({
      engine: 'translate',
      announcement: true,
      languages: ['es', 'en', 'de'],
    });
    world.join('ana', 'es');
    world.enter('sam', {}); // has chosen no language: reads
    await world.pass(8_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['es:parley-interprets']);
    expect(world.sessions.map(({ engine, route }) => [engine, route?.speakerId, route?.to])).toEqual([
      ['conversation', undefined, undefined],
      ['conversation', 'ana', undefined],
    ]);
    expect(world.sessions[0]!.instructions).toContain('Translate it into Spanish');
    expect(captions()).toEqual(
      expect.arrayContaining([`Ana: ${world.rendering('es', 'where-is-the-station').text} > `]),
    );
    expect(engineNotices()).toEqual([]);
  });

  it('speaks by a voice per language', async () => {
    await open({ engine: 'translate' }, { channels: true });
    for (const [id, preferredLanguage] of [
      ['ana', 'es'],
      ['bob', 'en'],
    ] as const)
      world.person(id).change({ metadata: { preferredLanguage, parley: { channels: true } } });
    await world.pass(500);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(9_000);
    expect(world.heard()).toEqual([]); // the interpreter's own track is silent
    // Heard before its own ear knows that she has ended, so that it is told again with the delay.
    expect(world.emitted.playback.map(({ to, what }) => `${to} ${what}`)).toEqual([
      'en heard',
      'en heard',
      'en finished',
    ]);
    expect(world.emitted.playback.map(({ firstAudioDelayMs }) => firstAudioDelayMs !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('a language that it does not speak is interpreted by the other one, and the host is told', async () => {
    world = await MeetingWorld.open({ engine: 'translate', languages: ['es', 'nl'] });
    world.join('ana', 'es');
    world.join('jan', 'nl');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(3_000);
    expect(chosen()).toEqual(['ana > nl: conversation, the translate engine does not speak Nederlands']);
    expect(engineNotices()).toEqual([
      'Ana into Nederlands is interpreted by the conversation engine: the translate engine does not speak Nederlands',
    ]);
  });

  it('cannot be reached for less than ten seconds: it is waited for, and nothing is lost', async () => {
    await open();
    world.server.faults.set({ refuseConnections: { status: 503 } });
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(5_000);
    world.server.faults.set({});
    await world.pass(8_000);
    expect(world.sessions.map(({ engine }) => engine)).toEqual(['translate']);
    expect(world.heardTexts()).toEqual(['en:can-you-hear-me']);
    expect(engineNotices()).toEqual([]);
  });

  it('cannot be reached for twelve seconds: the other one takes over, and the host is told', async () => {
    await open();
    world.server.faults.set({ refuseConnections: { status: 503 } });
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(12_000);
    world.server.faults.set({});
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(world.sessions.map(({ engine }) => engine)).toEqual(['translate', 'conversation']);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
    expect(engineNotices()).toHaveLength(1);
    expect(engineNotices()[0]).toMatch(/the translate engine cannot be reached: .*HTTP 503/);
  });

  it('keeps failing: the other one takes over with the words being said, and the host is told', async () => {
    await open({ engine: 'translate', sessionIdleS: 15 });
    world.server.faults.set({ refuseConnections: { status: 404, count: 1 } });
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(8_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    expect(world.sessions.map(({ engine }) => engine)).toEqual(['translate', 'conversation']);
    expect(world.heardTexts().at(-1)).toBe('en:where-is-the-station');
    expect(captions()[0]).toBe(said('Ana', 'es', 'en', 'can-you-hear-me')[0]);
    expect(engineNotices()).toHaveLength(1);
    expect(engineNotices()[0]).toMatch(
      /^Ana into English is interpreted by the conversation engine: the translate engine does not work here: .*HTTP 404/,
    );

    for (const id of ['ana', 'bob']) world.person(id).mute();
    await world.pass(16_000);
    expect(world.openSessions).toBe(0);
    world.clock.advanceBy(600_000);
    world.person('ana').unmute();
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(8_000);
    expect(world.heardTexts().at(-1)).toBe('en:can-you-hear-me');
    expect(world.sessions.at(-1)!.engine).toBe('translate');
    expect(engineNotices().slice(1)).toEqual([
      'Ana into English is interpreted by the translate engine again: asked for',
    ]);
  });
});

describe('auto in a meeting', () => {
  it('takes the translate engine where nothing needs instructions, and says why', async () => {
    await open({ engine: 'auto', glossary: { 'es>en': { estación: 'terminal' } } });
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(8_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    expect(chosen()).toEqual([
      'ana > en: conversation, the glossary has terms for it',
      'bob > es: translate, it speaks español, and needs no instructions',
    ]);
    expect(world.emitted.engine.map(({ usdPerHour }) => usdPerHour?.toFixed(2))).toEqual(['6.00', '2.00']);
    expect(engineNotices()).toEqual([]);
  });

  it('translate that is asked for uses no glossary, which the host is told once', async () => {
    await open({ engine: 'translate', glossary: { '*>*': { estación: 'terminal' } } });
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(8_000);
    expect(engineNotices()).toEqual([
      'the glossary is not used by the translate engine, which takes no instructions: --engine auto uses the other one where they are needed',
    ]);
  });
});
