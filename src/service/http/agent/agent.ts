/** The agent of a running meeting: to ask it, to let it do what waits for a yes, and to have it fall silent. */
import { z } from 'zod';
import type { AgentAnswer } from '../../../agent/meeting/agent-options.js';
import type { Clock, TimerHandle } from '../../../clock.js';
import { parseLanguage } from '../../../languages/languages.js';
import type { BotRow } from '../../../records/store/bots.js';
import { audited } from '../../auth/audited.js';
import { actorOf } from '../../auth/scopes.js';
import type { MeetingSnapshot } from '../../events/meeting-picture.js';
import type { AgentQuestion } from '../../meetings/meetings.js';
import type { ServiceParts } from '../../service-parts.js';
import { botPath, waitingCall } from '../bots/bot-schemas.js';
import { botOfCall } from '../bots/bots.js';
import { Problem } from '../problem.js';
import { type Call, type Route, route } from '../route.js';

const TAG = 'Agent';
const MAX_TEXT_CHARS = 2_000;
const LONGEST_WAIT_S = 45;

const callPath = botPath.extend({ callId: z.string().min(1).max(200) });
const askBody = z.strictObject({
  text: z.string().trim().min(1).max(MAX_TEXT_CHARS),
  from: z.exactOptional(z.string().min(1).max(200)).meta({
    description: 'The participant in whose name it is asked; by default the host, from outside.',
  }),
  language: z
    .exactOptional(
      z
        .string()
        .max(100)
        .refine(
          (text) => parseLanguage(text) !== undefined,
          'is no language: use a tag such as es, or a name',
        ),
    )
    .meta({ description: 'What it is answered in; by default what whoever asks speaks.' }),
  waitS: z.number().min(0).max(LONGEST_WAIT_S).default(20).meta({
    description:
      'How long the answer is waited for. What comes later is told by the event `agent`, `answered`.',
  }),
});
const MAX_MESSAGE_CHARS = 4_000;
const messageBody = z.strictObject({
  content: z
    .array(
      z.strictObject({
        type: z.literal('input_text'),
        text: z.string().trim().min(1).max(MAX_MESSAGE_CHARS),
      }),
    )
    .min(1)
    .max(16)
    .refine(
      (parts) => textOf(parts).length <= MAX_MESSAGE_CHARS,
      `has at most ${MAX_MESSAGE_CHARS} characters in all`,
    )
    .meta({ description: 'What is said, as `sendUserMessageContent` takes it: texts, one after the other.' }),
  respond: z.boolean().default(true).meta({
    description:
      'Whether the agent answers, as if it was asked. False: it knows this at every question from now on, as data and not as an instruction.',
  }),
  from: askBody.shape.from,
  language: askBody.shape.language,
  waitS: z.number().min(0).max(LONGEST_WAIT_S).default(0).meta({
    description: 'How long the answer is waited for; by default it is told by the event `agent`, `answered`.',
  }),
});
const askAnswer = z
  .object({
    state: z.enum(['answered', 'cut', 'passed', 'waiting', 'kept']).meta({
      description:
        '`kept`: it was no question; `cut`: silenced before its end; `passed`: there was nothing to say; `waiting`: it is not answered yet.',
    }),
    askId: z.string().optional().meta({ description: 'As events call this question.' }),
    text: z.string().optional().meta({ description: 'The answer: a model wrote it.' }),
    language: z.string().optional(),
  })
  .meta({ id: 'AgentAnswer' });

export function agentRoutes(parts: ServiceParts): Route[] {
  const { meetings, clock } = parts;
  /** The answer to a question, where it comes within so many seconds. */
  const answered = async (
    row: BotRow,
    question: AgentQuestion,
    waitS: number,
  ): Promise<z.input<typeof askAnswer>> => {
    const answer = await withinS(meetings.ask(row, question), waitS, clock);
    return answer === undefined ? { state: 'waiting' } : answerOf(answer);
  };
  return [
    route(
      {
        ...{ method: 'POST', path: '/v1/bots/{botId}/agent/ask', id: 'askAgent', tag: TAG },
        ...{ scope: 'agent:write', summary: 'Asks the agent in the meeting, which answers everybody' },
        description:
          'The answer is heard and read in the meeting as if somebody there had asked; it is in the answer to this request, too.',
        ...{ params: botPath, body: askBody, answer: askAnswer, problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const { waitS, ...question } = call.body;
        return { json: await answered(row, question, waitS) };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/bots/{botId}/messages', id: 'sendMessage', tag: TAG },
        ...{ scope: 'agent:write', status: 202, summary: 'Sends the agent in the meeting a message' },
        description:
          'It is answered in the meeting as a question is; with `respond: false` it is kept for later questions, the newest 20 lines of 400 characters, also where another process takes the meeting up.',
        ...{ params: botPath, body: messageBody, answer: askAnswer, problems: ['conflict'] },
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const { content, respond, waitS, ...by } = call.body;
        const text = textOf(content);
        if (!respond) {
          await meetings.inform(row, text);
          return { json: { state: 'kept' as const } };
        }
        return { json: await answered(row, { text, ...by }, waitS) };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/bots/{botId}/agent/hush', id: 'hushAgent', tag: TAG },
        ...{ scope: 'agent:write', params: botPath, problems: ['conflict'] },
        summary: 'The agent falls silent, and leaves open questions alone for ten minutes',
      },
      async (call) => {
        await meetings.hush(await botOfCall(parts, call));
        return { json: undefined };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/bots/{botId}/agent/approvals', id: 'listApprovals', tag: TAG },
        ...{ scope: 'bots:read', params: botPath, answer: z.object({ data: z.array(waitingCall) }) },
        summary: 'Calls of the agent that wait for a yes, the oldest first',
      },
      async (call) => ({ json: { data: [...(await waitingCalls(parts, call))] } }),
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/agent/approvals/{callId}',
          id: 'decideApproval',
          tag: TAG,
        },
        ...{ scope: 'agent:write', params: callPath, problems: ['conflict'] },
        summary: 'Says yes or no to a call of the agent',
        description:
          'Without a word for a minute nothing is done. Who said it stands in the event `tool` and in the audit. Where it does not wait any more, the problem is `conflict`, `not_waiting`.',
        body: z.strictObject({
          approve: z.boolean(),
          remember: z.boolean().default(false).meta({
            description:
              'A yes goes for this tool whenever the same person asks for it in their own words, until the meeting is over or its process is replaced.',
          }),
        }),
      },
      async (call) => {
        const row = await botOfCall(parts, call);
        const { callId } = call.params;
        const { approve: yes, remember } = call.body;
        const tool = (await waitingCalls(parts, call)).find((each) => each.callId === callId)?.tool;
        const waited = await meetings.approve(row, {
          ...{ callId, yes, by: actorOf(call.caller) },
          ...(remember ? { remember } : {}),
        });
        if (!waited)
          throw new Problem('conflict', `the call ${callId} does not wait for a yes, or not any more`, {
            reason: 'not_waiting',
          });
        const about = {
          ...{ action: yes ? 'agent.approve' : 'agent.deny', target: row.id },
          detail: {
            callId,
            ...(tool === undefined ? {} : { tool }),
            ...(yes && remember ? { remember } : {}),
          },
        };
        await audited(parts, call, about, () => Promise.resolve());
        return { json: undefined };
      },
    ),
  ];
}

function textOf(content: readonly { readonly text: string }[]): string {
  return content.map(({ text }) => text).join('\n');
}

/** Undefined where that takes longer: what becomes of it is told by events. */
async function withinS<Value>(
  value: Promise<Value>,
  seconds: number,
  clock: Clock,
): Promise<Value | undefined> {
  let timer: TimerHandle | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = clock.setTimer(() => resolve(undefined), seconds * 1_000);
  });
  value.catch(() => undefined);
  try {
    return await Promise.race([value, late]);
  } finally {
    timer?.cancel();
  }
}

async function waitingCalls(
  parts: ServiceParts,
  call: Pick<Call<{ botId: string }, unknown, unknown>, 'caller' | 'params'>,
): Promise<NonNullable<MeetingSnapshot['approvals']>> {
  const row = await botOfCall(parts, call);
  const snapshot = (await parts.followed?.snapshotOf(row)) ?? parts.feeds.find(row.id)?.snapshot;
  return snapshot?.approvals ?? [];
}

function answerOf({ askId, outcome: state, text, language }: AgentAnswer): z.input<typeof askAnswer> {
  return { state, askId, language, ...(state === 'passed' ? {} : { text }) };
}
