/** The tool by which the agent finds what was said: in this meeting, and in past ones. */
import { z } from 'zod';
import { oneLine } from '../../text.js';
import { scores } from '../../search/ranking.js';
import { words } from '../../search/words.js';
import type { MakeAgentExtension, SaidSegment } from '../built-in/agent-meeting.js';
import { agentTool } from '../tools/tool.js';
import type { PastMeetings } from './past-meetings.js';

const MAX_HITS = 8;
const MAX_QUOTE_CHARS = 400;

/** Makes it for one meeting; without `past` it finds what was said in this meeting alone. */
export function meetingsExtension(past?: PastMeetings): MakeAgentExtension {
  return (meeting) => ({
    tools: [
      agentTool(
        {
          name: 'search_meeting',
          description:
            'Finds what was said in this meeting' +
            (past === undefined ? '.' : ', and what was said and noted in past meetings.') +
            ' Give words that were used, in the language in which they were said. Say who said it, and when.',
          parameters: z.object({
            words: z.string().trim().min(1).max(300),
            ...(past === undefined ? {} : { where: z.enum(['this', 'past', 'both']).default('both') }),
          }),
          level: 'read',
        },
        async (args, { signal }) => {
          const { words: query } = args;
          const where = 'where' in args ? args.where : 'this';
          const here = where === 'past' ? [] : bestSegments(query, meeting.segments());
          const before =
            past === undefined || where === 'this'
              ? []
              : await past.search({ text: query, limit: MAX_HITS }, signal);
          return {
            thisMeeting: here.map(({ speakerName, text, atMs }) => ({
              by: oneLine(speakerName, 100),
              text: oneLine(text, MAX_QUOTE_CHARS),
              minutesSinceStart: Math.round(atMs / 6_000) / 10,
            })),
            ...(before.length === 0
              ? {}
              : {
                  pastMeetings: before.map(({ meetingId, at, by, in: where, text }) => ({
                    ...{ meeting: meetingId, at, by: oneLine(by, 100), in: where },
                    text: oneLine(text, MAX_QUOTE_CHARS),
                  })),
                }),
          };
        },
      ),
    ],
  });
}

/** Those that have some of the words, the best first. */
export function bestSegments(query: string, segments: readonly SaidSegment[]): readonly SaidSegment[] {
  const found = scores(
    words(query),
    segments.map(({ text }) => words(text)),
  );
  return [...segments.keys()]
    .filter((index) => found[index]! > 0)
    .sort((a, b) => found[b]! - found[a]! || b - a)
    .slice(0, MAX_HITS)
    .map((index) => segments[index]!);
}
