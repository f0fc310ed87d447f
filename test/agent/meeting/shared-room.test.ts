/** The agent where one session hears the whole room: words are not told apart for certain there. */
import { afterEach, describe, expect, it } from 'vitest';
import { agentTool } from '../../../src/agent/tools/tool.js';
import type { MeetingSettingsInput } from '../../../src/bot/meeting-settings.js';
import { scriptedReplies } from '../../../src/embedded/phrasebook/scripted-replies.js';
import { MeetingWorld } from '../../meeting/meeting-world.js';

let world: MeetingWorld;
const ran: string[] = [];
const tool = (name: string, level: 'read' | 'confirm' | 'host') =>
  agentTool({ name, description: 'Does something.', parameters: { type: 'object' }, level }, () => {
    ran.push(name);
    return 'blue room';
  });
const HEARD = ['which room is our meeting in today', 'en que sala es hoy nuestra reunion'];

const open = async (calls: string, settings: MeetingSettingsInput = {}) => {
  ran.length = 0;
  const script = scriptedReplies(
    [
      { heard: HEARD, calls: [{ name: calls, arguments: {} }] },
      { after: calls, say: 'Your meeting is in the blue room on the second floor.' },
    ],
    { onlyWithTools: true },
  );
  const tools = [tool('find_room', 'read'), tool('send_mail', 'confirm'), tool('close_room', 'host')];
  world = await MeetingWorld.open(
    { topology: 'shared', agent: 'addressed', ...settings },
    { script, agent: { tools } },
  );
};
afterEach(() => world.close());
const asks = () => world.emitted.agent.filter(({ what }) => what === 'asked');
const outcomes = () => world.emitted.tool.flatMap(({ outcome }) => outcome ?? []);

describe('the agent in a shared room', () => {
  it('hears its name, knows who asks by the microphones, and answers in their language', async () => {
    await open('find_room');
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.pass(100);
    await world.say('ana', 'es', 'which-room-parley');
    await world.pass(16_000);
    expect(asks()).toMatchObject([{ askedBy: 'ana', how: 'voice', language: 'es' }]);
    expect(ran).toEqual(['find_room']);
    expect(world.heardTexts()).toEqual(
      expect.arrayContaining(['es:room-on-the-second-floor', 'en:room-on-the-second-floor']),
    );
    expect(world.emitted.notice).toEqual([]);
  });

  it('hears everybody also where all speak one language, and nothing is interpreted', async () => {
    await open('find_room');
    world.join('bob', 'en');
    world.join('cleo', 'en');
    await world.pass(100);
    await world.say('bob', 'en', 'which-room-parley');
    await world.pass(12_000);
    expect(asks()).toMatchObject([{ askedBy: 'bob', language: 'en' }]);
    expect(world.heardTexts()).toEqual(['en:room-on-the-second-floor']);
  });

  it('reads nothing while somebody here does not agree, and takes what is written', async () => {
    await open('find_room');
    world.join('ana', 'es');
    world.enter('bob', { preferredLanguage: 'en', parleyAgent: false });
    await world.pass(100);
    await world.say('ana', 'es', 'which-room-parley');
    await world.pass(6_000);
    expect(asks()).toEqual([]);
    world.person('ana').send('CHAT', '@Parley en que sala es hoy nuestra reunion');
    await world.pass(8_000);
    expect([asks().length, ran]).toEqual([1, ['find_room']]);
  });

  it('takes a spoken wish for no host’s, and a written one for it', async () => {
    await open('close_room', { agentHosts: ['bob'] });
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.pass(100);
    await world.say('bob', 'en', 'which-room-parley');
    await world.pass(8_000);
    expect([outcomes(), ran]).toEqual([['hosts_only'], []]);
    world.person('bob').send('CHAT', '@Parley which room is our meeting in today');
    await world.pass(8_000);
    expect(ran).toEqual(['close_room']);
  });

  it('takes a spoken yes for nobody’s, and a written one for theirs', async () => {
    await open('send_mail');
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.pass(100);
    world.person('bob').send('CHAT', '@Parley which room is our meeting in today');
    await world.pass(9_000);
    expect(world.emitted.tool.at(-1)).toMatchObject({ what: 'asking', askedBy: 'bob' });
    await world.say('bob', 'en', 'yes-go-ahead');
    await world.pass(4_000);
    expect(ran).toEqual([]);
    world.person('bob').send('CHAT', 'Yes');
    await world.pass(1_000);
    expect(ran).toEqual(['send_mail']);
  });
});
