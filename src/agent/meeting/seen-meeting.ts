import type { MeetingContext } from '../../meeting/meeting-part.js';
import type { AgentMeeting } from '../built-in/agent-meeting.js';
import type { AnswerInterpreter } from './agent-answers.js';
import type { AgentPeople } from './agent-people.js';
import type { Silence } from './silence.js';
import type { SpokenSegments } from './spoken-segments.js';

/** The meeting as the tools of its agent see it. */
export function seenMeeting(of: {
  readonly meetingId: string;
  readonly meeting: MeetingContext;
  readonly people: AgentPeople;
  readonly segments: SpokenSegments;
  readonly answers: AnswerInterpreter;
  readonly silence: Silence;
  readonly name: () => string;
  readonly leave: (reason: string) => void;
}): AgentMeeting {
  const { meetingId, meeting, people, segments, answers, silence, leave } = of;
  const { clock, room } = meeting;
  return {
    ...{ meetingId, clock, participantId: room.participantId, leave },
    get name() {
      return of.name();
    },
    people: () => meeting.people(),
    personOf: (id) => meeting.personOf(id),
    participantOf: (id) => room.participants.get(id),
    isHost: (id) => people.isHost(id),
    segments: () => segments.all,
    languageOf: (id) => people.languageOf(id),
    say: (text) =>
      new Promise((resolve) => {
        silence.wait(0, () => {
          void answers.tell(text, 'und').then(resolve);
        });
      }),
    note: (note) => {
      meeting.tell({ note });
    },
  };
}
