/** What an agent looks up by way of the supervisor: the answer, or in one sentence that it is not to be had. */
import { expect, it } from 'vitest';
import type { AgentMeeting } from '../../src/agent/built-in/agent-meeting.js';
import { VirtualClock } from '../../src/clock.js';
import type { Question } from '../../src/meeting-process/questions.js';
import { SupervisorQuestions } from '../../src/meeting-process/supervisor-questions.js';

function setUp({ isThere = true } = {}) {
  const clock = new VirtualClock();
  const sent: [number, Question][] = [];
  const questions = new SupervisorQuestions(clock, (id, question) => {
    sent.push([id, question]);
    return isThere;
  });
  const meeting = { segments: () => [] } as unknown as AgentMeeting;
  const tools = questions.extensions.flatMap((make) => make(meeting).tools ?? []);
  const call = (name: string, args: object, signal = new AbortController().signal): Promise<unknown> =>
    Promise.resolve(
      tools
        .find((tool) => tool.name === name)!
        .handler(args as never, {
          ...{ callId: 'c', meetingId: 'm', askedBy: 'ana', signal },
        }),
    );
  return { clock, sent, questions, call };
}

const NO_DOCUMENTS = 'The documents are not available now. Say so, and do not guess.';

it('passages and past words come as the supervisor has them', async () => {
  const { questions, sent, call } = setUp();
  const found = call('search_documents', { questions: ['wifi password'] });
  const past = call('search_meeting', { words: 'venue', where: 'past' });
  expect(sent).toEqual([
    [0, { kind: 'documents', queries: ['wifi password'], limit: 4 }],
    [1, { kind: 'meetings', text: 'venue', limit: 8 }],
  ]);
  const hit = { meetingId: 'weekly', at: '2026-03-02T10:00:00.000Z', by: 'Ana', in: 'notes' } as const;
  questions.answered(1, { kind: 'meetings', hits: [{ ...hit, text: 'The venue is booked.' }] });
  questions.answered(0, { kind: 'documents', passages: [{ source: 'guide.md', text: 'It is tulip.' }] });
  questions.answered(0, { kind: 'documents', passages: [] }); // twice: nobody waits any more
  expect(await found).toEqual([{ source: 'guide.md', text: 'It is tulip.' }]);
  expect(await past).toEqual({
    thisMeeting: [],
    pastMeetings: [{ meeting: 'weekly', at: hit.at, by: 'Ana', in: 'notes', text: 'The venue is booked.' }],
  });
});

it('a supervisor that is gone, says nothing, or knows nothing costs the question alone', async () => {
  const gone = setUp({ isThere: false });
  await expect(gone.call('search_documents', { questions: ['a'] })).rejects.toThrow(NO_DOCUMENTS);

  const { clock, questions, call } = setUp();
  const unanswered = call('search_documents', { questions: ['a'] });
  const failed = expect(unanswered).rejects.toThrow(NO_DOCUMENTS);
  clock.advanceBy(7_999);
  clock.advanceBy(1);
  await failed;
  questions.answered(0, { kind: 'documents', passages: [] });

  const refused = call('search_meeting', { words: 'a', where: 'past' });
  questions.answered(1, undefined);
  await expect(refused).rejects.toThrow('Past meetings are not available now.');

  const left = call('search_documents', { questions: ['a'] });
  questions.supervisorIsGone();
  await expect(left).rejects.toThrow(NO_DOCUMENTS);
});

it('eight questions wait at most, and one that nobody waits for is dropped', async () => {
  const { sent, call, questions } = setUp();
  const aborted = new AbortController();
  const waiting = [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
    call('search_documents', { questions: [String(number)] }, number === 1 ? aborted.signal : undefined),
  );
  await expect(call('search_documents', { questions: ['9'] })).rejects.toThrow(NO_DOCUMENTS);
  expect(sent.length).toBe(8);
  aborted.abort();
  await expect(waiting[0]).rejects.toThrow('nobody waits for it any more');
  const ninth = call('search_documents', { questions: ['9'] });
  questions.answered(8, { kind: 'documents', passages: [] });
  expect(await ninth).toBe('Nothing was found in the documents.');
  const settled = Promise.allSettled(waiting);
  questions.supervisorIsGone();
  await settled;
});
