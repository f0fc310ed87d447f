/** Minutes of a meeting. */
import { z } from 'zod';
import { minutesSchema } from '../../../agent/minutes/minutes.js';
import { minutesMarkdown } from '../../../agent/minutes/minutes-markdown.js';
import { parseLanguage, sameLanguage } from '../../../languages/languages.js';
import { isOver } from '../../../records/store/bot-states.js';
import { listMinutes } from '../../../records/store/minutes.js';
import type { ServiceParts } from '../../service-parts.js';
import { botPath } from '../bots/bot-schemas.js';
import { botOfCall } from '../bots/bots.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Records';
const language = z
  .string()
  .max(100)
  .refine((text) => parseLanguage(text) !== undefined, 'is no language: use a tag such as es, or a name');
const minutes = minutesSchema.extend({ madeAt: z.string() }).meta({ id: 'Minutes' });

export function minutesRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
  return [
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/minutes',
          id: 'getMinutes',
          tag: TAG,
          scope: 'records:read',
        },
        summary: 'Minutes of a meeting, in each language that they were made in',
        params: botPath,
        query: z.strictObject({
          language: z.exactOptional(language),
          format: z
            .enum(['json', 'md'])
            .default('json')
            .meta({ description: '`md`: Markdown, of one language.' }),
        }),
        ...{
          answer: z.object({ data: z.array(minutes) }),
          answerTypes: ['text/markdown'],
          problems: ['erased'],
        },
      },
      async (call) => {
        const { id, erasedAt } = await botOfCall(parts, call);
        if (erasedAt !== null) throw new Problem('erased', 'the minutes of this meeting were erased');
        const wanted = call.query.language === undefined ? undefined : parseLanguage(call.query.language);
        const all = (await listMinutes(database.orm, id)).filter(
          (each) => wanted === undefined || sameLanguage(each.minutes.language, wanted),
        );
        if (call.query.format === 'json')
          return {
            json: { data: all.map((each) => ({ ...each.minutes, madeAt: each.madeAt.toISOString() })) },
          };
        const [first] = all;
        if (first === undefined)
          throw new Problem('not_found', 'there are no such minutes: make them with POST to this address');
        return new Response(minutesMarkdown(first.minutes), {
          headers: { 'content-type': 'text/markdown; charset=utf-8' },
        });
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/bots/{botId}/minutes',
          id: 'makeMinutes',
          tag: TAG,
          scope: 'bots:write',
        },
        summary: 'Makes the minutes of a meeting that is over, anew where there are some',
        ...{ params: botPath, repeatable: true, answer: z.object({ data: z.array(minutesSchema) }) },
        body: z.strictObject({
          languages: z
            .array(language)
            .max(8)
            .default([])
            .meta({ description: 'By default those that were interpreted into, and each participant’s.' }),
        }),
        problems: ['erased', 'conflict'],
      },
      async (call) => {
        const bot = await botOfCall(parts, call);
        if (bot.erasedAt !== null) throw new Problem('erased', 'this meeting was erased');
        if (!isOver(bot.state))
          throw new Problem('conflict', 'the meeting is not over yet', { reason: 'bot_still_runs' });
        const tags = call.body.languages.map((each) => parseLanguage(each)!);
        return { json: { data: await parts.minutes.make(bot, [...new Set(tags)]) } };
      },
    ),
  ];
}
