import { expect, it } from 'vitest';
import { documentsExtension } from '../../src/agent/documents/documents-extension.js';
import { meetingsExtension } from '../../src/agent/search/meetings-extension.js';
import type { PastMeetings } from '../../src/agent/search/past-meetings.js';
import { BuiltInMeeting } from './built-in-meeting.js';

it('finds what was said in this meeting, the best first', async () => {
  const meeting = new BuiltInMeeting();
  meeting.join('ana', 'Ana\u202e');
  meeting.say1('ana', 'The budget is forty thousand.');
  meeting.say1('ana', 'Lunch was good.');
  meeting.say1('ana', 'The budget, the whole budget, is spent.');
  const search = meetingsExtension()(meeting);
  expect(await meeting.call(search, 'search_meeting', { words: 'Budget' })).toEqual({
    thisMeeting: [
      { by: 'Ana', text: 'The budget, the whole budget, is spent.', minutesSinceStart: 2 },
      { by: 'Ana', text: 'The budget is forty thousand.', minutesSinceStart: 0 },
    ],
  });
  expect(await meeting.call(search, 'search_meeting', { words: 'zebra' })).toEqual({ thisMeeting: [] });
});

it('and in past ones, where there are any', async () => {
  const meeting = new BuiltInMeeting();
  meeting.say1('ana', 'budget');
  const asked: unknown[] = [];
  const past: PastMeetings = {
    search: (query) => {
      asked.push(query);
      return Promise.resolve([
        {
          meetingId: 'm-0',
          at: '2026-01-01T10:00:00.000Z',
          by: 'Bob',
          in: 'notes',
          text: 'A budget\nof ten.',
        },
      ]);
    },
  };
  const search = meetingsExtension(past)(meeting);
  const found = {
    ...{ meeting: 'm-0', at: '2026-01-01T10:00:00.000Z', by: 'Bob', in: 'notes' },
    text: 'A budget of ten.',
  };
  expect(await meeting.call(search, 'search_meeting', { words: 'budget' })).toMatchObject({
    thisMeeting: [{ text: 'budget' }],
    pastMeetings: [found],
  });
  expect(await meeting.call(search, 'search_meeting', { words: 'budget', where: 'past' })).toEqual({
    thisMeeting: [],
    pastMeetings: [found],
  });
  await meeting.call(search, 'search_meeting', { words: 'budget', where: 'this' });
  expect(asked).toEqual([1, 2].map(() => ({ text: 'budget', limit: 8 })));
});

it('passages of documents come with their source, and a question goes in several languages', async () => {
  const meeting = new BuiltInMeeting();
  const asked: unknown[] = [];
  const documents = documentsExtension((queries, { limit }) => {
    asked.push([queries, limit]);
    return Promise.resolve(
      queries.includes('nothing')
        ? []
        : [{ source: 'a.pdf, page 3', language: 'de', text: 'x'.repeat(2_000) }],
    );
  })(meeting);
  expect(await meeting.call(documents, 'search_documents', { questions: ['leave', 'Urlaub'] })).toEqual([
    { source: 'a.pdf, page 3', language: 'de', text: 'x'.repeat(800) },
  ]);
  expect(asked).toEqual([[['leave', 'Urlaub'], 4]]);
  expect(await meeting.call(documents, 'search_documents', { questions: ['nothing'] })).toBe(
    'Nothing was found in the documents.',
  );
});
