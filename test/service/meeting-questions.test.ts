/** What agents look up in the service: in their own workspace, for the process that has the meeting, without withheld words. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer, Question } from '../../src/meeting-process/questions.js';
import { DatabaseDocuments } from '../../src/records/store/documents.js';
import { insertWorkspace } from '../../src/records/store/workspaces.js';
import { DocumentLibrary } from '../../src/agent/documents/document-library.js';
import { systemClock } from '../../src/clock.js';
import { describeDatabase } from '../database/test-databases.js';
import { PlayedMeetings } from './played-meeting.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;
let meetings: PlayedMeetings;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open());
    meetings = new PlayedMeetings(world);
  });
  afterAll(() => world.close());

  const asks = (botId: string, epoch: number, question: Question): Promise<Answer> =>
    world.supervisor.options.answerQuestion!(botId, epoch, question, new AbortController().signal);
  const upload = (name: string, text: string): Promise<Response> =>
    fetch(`${world.url}/v1/documents?name=${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}` },
      body: text,
    });

  it('documents of the own workspace, and of no other', async () => {
    expect((await upload('guide.md', '# Wifi\n\nThe password of the wifi is tulip.')).status).toBe(201);
    const other = await world.database.transaction((tx) => insertWorkspace(tx, { name: 'Others' }));
    const library = new DocumentLibrary({
      store: new DatabaseDocuments(world.database, other.id),
      clock: systemClock,
      onNotice: () => undefined,
    });
    await library.add({ name: 'other.md', bytes: Buffer.from('The password of the wifi is thistle.') });
    const { id, epoch } = await meetings.invited('reads');
    const question: Question = { kind: 'documents', queries: ['wifi password'], limit: 4 };
    expect(await asks(id, epoch, question)).toEqual({
      kind: 'documents',
      passages: [{ source: 'guide.md, Wifi', language: 'en', text: 'The password of the wifi is tulip.' }],
    });
    await expect(asks(id, epoch + 1, question)).rejects.toThrow('another process has the meeting');
    await expect(asks(id, epoch - 1, question)).rejects.toThrow('another process has the meeting');
    await expect(asks('bot_none', epoch, question)).rejects.toThrow('another process has the meeting');
    world.supervisor.end(id, 'meeting_ended');
    await until(
      async () => ((await world.api('GET', `/v1/bots/${id}`)).json as { state: string }).state,
      (state) => state === 'ended',
    );
    await expect(asks(id, epoch, question)).rejects.toThrow('another process has the meeting');
  });

  it('words and notes of other meetings, and of this one before a restart; without those who keep theirs', async () => {
    const past = await meetings.invited('past');
    meetings.joined(past.id, 'ana');
    meetings.joined(past.id, 'cyd', { agent: false });
    meetings.said(past.id, 1, 'ana', 'The venue is the harbour hall.');
    meetings.said(past.id, 2, 'cyd', 'The venue costs me my job.');
    await world.api('POST', `/v1/bots/${past.id}/notes`, { text: 'Venue: paid by Ben.' });
    const here = await meetings.invited('here');
    meetings.joined(here.id, 'ana');
    meetings.said(here.id, 1, 'ana', 'Before: the venue has a garden.');
    await until(
      async () => ((await world.api('GET', '/v1/search?q=venue')).json as { data: object[] }).data.length,
      (count) => count === 4,
    );
    const question: Question = { kind: 'meetings', text: 'venue', limit: 8 };
    const textsOf = async (epoch: number): Promise<string[]> => {
      const answer = await asks(here.id, epoch, question);
      if (answer.kind !== 'meetings') throw new Error(answer.kind);
      return answer.hits.map(({ meetingId, in: place, text }) => `${meetingId} ${place}: ${text}`).sort();
    };
    const others = ['past notes: Venue: paid by Ben.', 'past transcripts: The venue is the harbour hall.'];
    expect(await textsOf(here.epoch)).toEqual(others);
    await world.supervisor.restart(here.id);
    expect(await textsOf(here.epoch + 1)).toEqual([
      'here transcripts: Before: the venue has a garden.',
      ...others,
    ]);
  });
});
