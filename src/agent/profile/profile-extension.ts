/**
 * What the agent knows of people: what fits the conversation of whoever asks, at every turn; and answers to questions about
 * somebody who is here and agreed to them.
 */
import { z } from 'zod';
import { foldedName } from './folded-name.js';
import { agreesToProfileQuestions, type ProfileIds, profileIdOf } from '../../profiles/profile-ids.js';
import type { ConversationTurn, ProfileSource } from '../../profiles/profile-source.js';
import type { AgentMeeting, KnowledgeBlock, MakeAgentExtension } from '../built-in/agent-meeting.js';
import { agreesToAgent } from '../consent.js';
import { agentTool } from '../tools/tool.js';

/** What is said of a person at one answer. */
const MAX_CHUNKS = 6;
/** Turns that decide what fits: theirs, and the agent's answers to them. */
const RECENT_TURNS = 6;
const MAX_TURN_CHARS = 500;
/** Used chunks that are not asked for again. */
const MAX_USED_CHUNKS = 50;
/** A question about somebody: the model is told that it still runs after so long, and the answer later. */
const TOLD_AFTER_MS = 5_000;
const DEFAULT_LIMIT_MS = 180_000;

/** Where profiles come from, and whose is whose by the host's word. */
export type ProfileOptions = {
  readonly source: ProfileSource;
  readonly ids?: ProfileIds;
  /** A question about somebody is given up after so long; default three minutes. */
  readonly questionLimitMs?: number;
};

/** Makes both for one meeting. */
export function profileExtension({
  source,
  ids = new Map(),
  questionLimitMs = DEFAULT_LIMIT_MS,
}: ProfileOptions): MakeAgentExtension {
  return (meeting) => {
    const used = new Map<string, string[]>();
    return {
      ...(source.chunks === undefined
        ? {}
        : {
            knowledgeFor: async ({ askedBy, text }, signal) => {
              const userId = askedBy === undefined ? undefined : userIdOf(meeting, ids, askedBy);
              if (askedBy === undefined || userId === undefined) return [];
              const excludeIds = used.get(userId) ?? [];
              const turns = conversationOf(meeting, askedBy, text);
              const recentTexts = turns.flatMap(({ role, text: said }) => (role === 'user' ? [said] : []));
              const query = { recentTexts, turns, excludeIds, maxChunks: MAX_CHUNKS };
              const chunks = await source.chunks!(userId, query, { signal });
              // What comes too late for this answer is found again for a later one.
              if (signal.aborted || chunks.length === 0) return [];
              used.set(userId, [...excludeIds, ...chunks.map(({ id }) => id)].slice(-MAX_USED_CHUNKS));
              const title = 'What is known of whoever asks';
              return [{ title, lines: chunks.map((chunk) => chunk.text) } satisfies KnowledgeBlock];
            },
          }),
      tools:
        source.answer === undefined
          ? []
          : [
              agentTool(
                {
                  name: 'query_user_profile',
                  description:
                    'Answers a question about the preferences, relationships, work style or other facts of a person in this meeting, from ' +
                    'their profile. Only for whoever asks, or people who agreed to it.',
                  parameters: z.object({
                    person: z
                      .string()
                      .trim()
                      .min(1)
                      .max(200)
                      .optional()
                      .describe('Their name; absent: whoever asks.'),
                    question: z.string().trim().min(1).max(1_000),
                  }),
                  level: 'read',
                  timeoutMs: TOLD_AFTER_MS,
                },
                async ({ person, question }, { askedBy, signal }) => {
                  const participantId = personMeant(meeting, person, askedBy);
                  if (participantId !== askedBy) checkAgreed(meeting, participantId);
                  const userId = userIdOf(meeting, ids, participantId);
                  if (userId === undefined) throw new Error('this person has no profile');
                  const limit = AbortSignal.any([signal, AbortSignal.timeout(questionLimitMs)]);
                  const found = await source.answer!(userId, question, { signal: limit });
                  return found ?? 'Nothing is known of this person.';
                },
              ),
            ],
    };
  };
}

function userIdOf(meeting: AgentMeeting, ids: ProfileIds, participantId: string): string | undefined {
  const participant = meeting.participantOf(participantId);
  if (participant === undefined || !agreesToAgent(participant.metadata)) return undefined;
  return profileIdOf(participant, ids);
}

/** Who is meant, among those who are here. */
function personMeant(meeting: AgentMeeting, name: string | undefined, askedBy: string | undefined): string {
  if (name === undefined) {
    if (askedBy === undefined) throw new Error('say who is meant: nobody in the meeting asked');
    return askedBy;
  }
  const wanted = foldedName(name);
  const people = meeting.people();
  const exact = people.filter((person) => foldedName(person.name) === wanted);
  const found =
    exact.length > 0 ? exact : people.filter((person) => foldedName(person.name).includes(wanted));
  if (found.length === 1) return found[0]!.id;
  throw new Error(
    found.length === 0
      ? 'nobody of this name is here'
      : 'several people here have this name: ask who is meant',
  );
}

function checkAgreed(meeting: AgentMeeting, participantId: string): void {
  const metadata = meeting.participantOf(participantId)?.metadata;
  if (metadata === undefined || !agreesToAgent(metadata) || !agreesToProfileQuestions(metadata))
    throw new Error('this person did not agree to questions about them');
}

/** What somebody said last, what the agent answered in between, and what they ask now. Words of others stay here. */
function conversationOf(meeting: AgentMeeting, askedBy: string, ask: string): ConversationTurn[] {
  const said = meeting
    .segments()
    .filter(({ speakerId }) => speakerId === askedBy || speakerId === meeting.participantId)
    .map(({ speakerId, text }): ConversationTurn => ({
      role: speakerId === askedBy ? 'user' : 'assistant',
      text: text.slice(0, MAX_TURN_CHARS),
    }));
  const last = said.at(-1);
  const all =
    last?.role === 'user' && last.text.includes(ask.slice(0, MAX_TURN_CHARS))
      ? said
      : [...said, { role: 'user' as const, text: ask.slice(0, MAX_TURN_CHARS) }];
  return all.slice(-RECENT_TURNS);
}
