/** Tools that every agent has: who is here, a reminder, leaving. */
import { z } from 'zod';
import { languageName } from '../../languages/languages.js';
import type { TimerHandle } from '../../clock.js';
import { agentTool } from '../tools/tool.js';
import type { MakeAgentExtension } from './agent-meeting.js';

const MAX_PEOPLE = 100;
const MAX_REMINDERS = 20;
const MAX_REMINDER_CHARS = 300;
const LONGEST_WAIT_MIN = 24 * 60;

/** Makes them for one meeting. */
export const meetingTools: MakeAgentExtension = (meeting) => {
  const reminders = new Set<TimerHandle>();
  const whoIsHere = agentTool(
    {
      name: 'who_is_here',
      description: 'Lists the people in this meeting, with the languages that they speak and prefer.',
      parameters: z.object({}),
      level: 'read',
    },
    () =>
      meeting
        .people()
        .slice(0, MAX_PEOPLE)
        .map(({ id, name, speaks, prefers }) => ({
          name,
          speaks: speaks.map((tag) => languageName(tag)),
          ...(prefers === undefined ? {} : { prefers: languageName(prefers) }),
          ...(meeting.isHost(id) ? { isHost: true } : {}),
        })),
  );
  const remindAt = agentTool(
    {
      name: 'remind_at',
      description:
        'Says a reminder to everyone in this meeting after so many minutes. For a time of day, work out the minutes from now.',
      parameters: z.object({
        minutes: z.number().min(0.1).max(LONGEST_WAIT_MIN).describe('From now.'),
        text: z.string().trim().min(1).max(MAX_REMINDER_CHARS).describe('What is said then.'),
      }),
      level: 'write',
    },
    ({ minutes, text }) => {
      if (reminders.size >= MAX_REMINDERS) throw new Error(`${MAX_REMINDERS} reminders are waiting already`);
      const timer = meeting.clock.setTimer(() => {
        reminders.delete(timer);
        void meeting.say(text);
      }, minutes * 60_000);
      reminders.add(timer);
      return { remindsInMinutes: minutes, now: new Date(meeting.clock.epochMs()).toISOString() };
    },
  );
  const leaveMeeting = agentTool(
    {
      name: 'leave_meeting',
      description:
        'Leaves this meeting for good, and ends its interpretation. Only when a host clearly asks for it.',
      parameters: z.object({}),
      level: 'host',
    },
    () => {
      meeting.leave('asked to leave by a host of the meeting');
      return 'Leaving.';
    },
  );
  return {
    tools: [whoIsHere, remindAt, leaveMeeting],
    closed: () => {
      for (const timer of reminders) timer.cancel();
    },
  };
};
