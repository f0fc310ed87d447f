import { expect, it } from 'vitest';
import type { MeetingNotice } from '../../../src/meeting/meeting-events.js';
import type { MeetingContext } from '../../../src/meeting/meeting-part.js';
import { OtherInterpreters } from '../../../src/meeting/people/other-interpreters.js';

it('the host is told once of each other interpreter, and not of voices that belong to one', () => {
  const told: MeetingNotice[] = [];
  const others = new OtherInterpreters({
    room: { participantId: 'parley-own' } as MeetingContext['room'],
    notice: (notice) => told.push(notice),
  });
  const joined = (id: string, metadata: Readonly<Record<string, unknown>> = {}): void => {
    const isBot = id.startsWith('parley-');
    others.joined({ id, name: 'Parley', isBot, speaks: [], prefers: undefined, heard: false }, { metadata });
  };
  joined('ana');
  joined('parley-own');
  joined('parley-2-es', { parley: { channel: 'es' } });
  expect(told).toEqual([]);
  joined('parley-2');
  joined('parley-2');
  expect(told).toEqual([
    {
      kind: 'other_interpreter',
      participantId: 'parley-2',
      message:
        'another interpreter is in this meeting (Parley, parley-2): people hear everything twice, and it costs twice; end one of the two',
    },
  ]);
});
