/** What the agent knows of people, over the embedded Fastino: pattern 2 of its guide, and its `/query` as a tool. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { profileExtension } from '../../../src/agent/profile/profile-extension.js';
import { type ChunksQuery, type ProfileSource } from '../../../src/profiles/profile-source.js';
import { FastinoClient } from '../../../src/profiles/fastino/client.js';
import { FastinoProfiles } from '../../../src/profiles/fastino/fastino-profiles.js';
import { ProfileCopies } from '../../../src/profiles/fastino/profile-copies.js';
import { systemClock } from '../../../src/clock.js';
import { startFastinoServer } from '../../../src/embedded/fastino-server/index.js';
import { createLogger } from '../../../src/log.js';
import { BuiltInMeeting } from '../built-in-meeting.js';

const signal = new AbortController().signal;
const ask = (askedBy: string | undefined, text: string) => ({
  ...{ askId: 'a', askedBy, askedByName: 'Ana', text, language: 'en', how: 'voice' as const },
});

let server: Awaited<ReturnType<typeof startFastinoServer>>;
let client: FastinoClient;
beforeAll(async () => {
  server = await startFastinoServer({ host: '127.0.0.1', port: 0, log: createLogger({ level: 'silent' }) });
  client = new FastinoClient({ apiKey: 'any', baseUrl: server.baseUrl, clock: systemClock });
});
afterAll(() => server.close());

it('chunks fit the words of whoever asks and the answers in between; used ones are not asked for again', async () => {
  const queries: [string, ChunksQuery][] = [];
  const source: ProfileSource = {
    description: 'test',
    profileOf: () => Promise.resolve(undefined),
    chunks: (userId, query) => {
      queries.push([userId, query]);
      return Promise.resolve(query.excludeIds.includes('c1') ? [] : [{ id: 'c1', text: 'Eats at nine.' }]);
    },
  };
  const meeting = new BuiltInMeeting();
  meeting.join('ana', 'Ana', { fastinoUserId: 'usr_ana' });
  meeting.join('bob', 'Bob', { fastinoUserId: 'usr_bob' });
  meeting.say1('ana', 'I am hungry.');
  meeting.say1('bob', 'My salary is private.');
  meeting.say1('parley', 'What do you like?');
  const extension = profileExtension({ source })(meeting);
  expect(await extension.knowledgeFor!(ask('ana', 'Where can I eat?'), signal)).toEqual([
    { title: 'What is known of whoever asks', lines: ['Eats at nine.'] },
  ]);
  expect(queries).toEqual([
    [
      'usr_ana',
      {
        recentTexts: ['I am hungry.', 'Where can I eat?'],
        turns: [
          { role: 'user', text: 'I am hungry.' },
          { role: 'assistant', text: 'What do you like?' },
          { role: 'user', text: 'Where can I eat?' },
        ],
        excludeIds: [],
        maxChunks: 6,
      },
    ],
  ]);
  expect(await extension.knowledgeFor!(ask('ana', 'And tomorrow?'), signal)).toEqual([]);
  expect(queries[1]![1].excludeIds).toEqual(['c1']);
  // Nobody in the meeting, nobody known, and somebody whose words are not for the agent.
  meeting.join('cyd', 'Cyd', { fastinoUserId: 'usr_cyd', parleyAgent: false });
  meeting.join('dan', 'Dan');
  for (const id of [undefined, 'cyd', 'dan', 'gone'])
    expect(await extension.knowledgeFor!(ask(id, 'x'), signal)).toEqual([]);
  expect(queries.length).toBe(2);
});

it('questions go to Fastino about whoever asks, and about people who are here and agreed', async () => {
  const { user_id: userId } = await client.register(
    { email: 'ana@example.com', traits: { name: 'Ana' } },
    { signal },
  );
  const content = 'Ana prefers short meetings before lunch.';
  await client.ingest({ user_id: userId, source: 'test', documents: [{ content }] }, { signal });
  const source = new FastinoProfiles({
    client,
    clock: systemClock,
    copies: new ProfileCopies({ folder: '/nonexistent', apiKey: 'any', service: server.baseUrl }),
  });
  const meeting = new BuiltInMeeting();
  meeting.join('ana', 'Ana Ruiz', { fastinoUserId: userId });
  meeting.join('bob', 'Bob');
  const extension = profileExtension({ source })(meeting);
  const query = (person: string | undefined, askedBy: string | undefined) =>
    meeting.call(
      extension,
      'query_user_profile',
      { question: 'Which meetings does she prefer?', ...(person === undefined ? {} : { person }) },
      askedBy === undefined ? {} : { askedBy },
    );
  expect(await query(undefined, 'ana')).toMatch(/short meetings/);
  expect(await query('ana', 'ana')).toMatch(/short meetings/);
  await expect(query('Ana', 'bob')).rejects.toThrow('this person did not agree to questions about them');
  await expect(query('Ana', undefined)).rejects.toThrow('this person did not agree to questions about them');
  await expect(query('Zoe', 'bob')).rejects.toThrow('nobody of this name is here');
  await expect(query(undefined, 'bob')).rejects.toThrow('this person has no profile');
  await expect(query(undefined, undefined)).rejects.toThrow('say who is meant');
  meeting.join('ana', 'Ana Ruiz', { fastinoUserId: userId, parleyProfileQuestions: true });
  expect(await query('ána', 'bob')).toMatch(/short meetings/);
  meeting.join('ana2', 'Ana Lopez');
  await expect(query('Ana', 'bob')).rejects.toThrow('several people here have this name');
  const [tool] = extension.tools!;
  expect([tool!.level, tool!.timeoutMs]).toEqual(['read', 5_000]);
});
