/** The agent in whole meetings over the embedded Realtime server, in memory, on a virtual clock. */
import { afterEach, describe, expect, it } from 'vitest';
import { agentTool, type AgentTool } from '../../../src/agent/tools/tool.js';
import { scriptedReplies, type ScriptedRule } from '../../../src/embedded/phrasebook/scripted-replies.js';
import type { MeetingSettingsInput } from '../../../src/bot/meeting-settings.js';
import { MeetingWorld, type MeetingWorldOptions } from '../../meeting/meeting-world.js';

let world: MeetingWorld;
const open = async (
  rules: readonly ScriptedRule[],
  settings: MeetingSettingsInput = {},
  tools: readonly AgentTool[] = [],
  options: MeetingWorldOptions = {},
) => {
  world = await MeetingWorld.open(
    { agent: 'addressed', ...settings },
    { script: scriptedReplies(rules), agent: { tools }, ...options },
  );
  world.join('ana', 'es');
  world.join('bob', 'en');
};
afterEach(async () => {
  await world.close();
  expect(world.openSessions).toBe(0);
  for (const id of world.hall.participants.keys()) world.hall.remove(id, { kind: 'asked', message: 'over' });
  expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
});

const news = () => world.emitted.agent.map(({ what }) => what);
const chat = (id: string, text: string) => {
  world.person(id).send('CHAT', text);
};

describe('asked in the chat', () => {
  it('answers in the asker’s language by voice and in captions, and the others hear and read it in theirs', async () => {
    await open([{ heard: 'when does it start', say: 'La reunión empieza mañana a las nueve y media.' }]);
    chat('ana', '@Parley when does it start?');
    await world.pass(12_000);
    expect(world.heardTexts()).toEqual(['es:the-meeting-starts', 'en:the-meeting-starts']);
    expect(
      world.finals().map(({ targetLanguage, translatedText }) => [targetLanguage, translatedText]),
    ).toEqual([
      ['es', 'La reunión empieza mañana a las nueve y media.'],
      ['en', 'The meeting starts tomorrow at half past nine.'],
    ]);
    expect(world.emitted.agent).toMatchObject([
      {
        what: 'asked',
        askId: 'ask-1',
        askedBy: 'ana',
        how: 'chat',
        text: 'when does it start?',
        language: 'es',
      },
      { what: 'opened' },
      { what: 'answering', askId: 'ask-1' },
      { what: 'answered', text: 'La reunión empieza mañana a las nueve y media.' },
    ]);
    await world.pass(30_000);
    expect(news().at(-1)).toBe('closed');
    expect(world.emitted.notice).toEqual([]);
  });
});
