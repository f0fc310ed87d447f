/** Search over what was said and noted. */
import { z } from 'zod';
import { parseLanguage } from '../../../languages/languages.js';
import { search } from '../../../records/store/search.js';
import type { ServiceParts } from '../../service-parts.js';
import { moment } from '../bots/bot-schemas.js';
import { present } from '../bots/bot-views.js';
import { type Route, route } from '../route.js';

const places = z
  .string()
  .max(100)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(['transcripts', 'notes'])));

const hit = z
  .object({
    in: z.enum(['transcripts', 'notes']),
    bot: z.string(),
    meetingId: z.string(),
    at: z.string(),
    by: z.string().meta({ description: 'Who said or wrote it.' }),
    note: z.string().optional(),
    caption: z
      .string()
      .optional()
      .meta({ description: 'The id of the caption, as in the list of captions.' }),
    speakerId: z.string().optional(),
    quote: z.object({
      text: z.string(),
      matches: z
        .array(z.tuple([z.int(), z.int()]))
        .meta({ description: 'Where the words are: begin and end in the text.' }),
    }),
    score: z.number(),
  })
  .meta({ id: 'SearchHit' });

export function searchRoutes({ database }: ServiceParts): Route[] {
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/search', id: 'search', tag: 'Records', scope: 'records:read' },
        summary: 'Finds what was said and noted, in any language, the best first',
        query: z.strictObject({
          q: z
            .string()
            .trim()
            .min(1)
            .max(500)
            .meta({ description: 'Words; accents and case do not matter.' }),
          in: z
            .exactOptional(places)
            .meta({ description: '`transcripts`, `notes`, or both, which is the default.' }),
          language: z
            .exactOptional(
              z
                .string()
                .max(100)
                .refine((text) => parseLanguage(text) !== undefined, 'is no language'),
            )
            .meta({ description: 'What was said in this language, or translated into it.' }),
          from: z.exactOptional(moment),
          to: z.exactOptional(moment),
          bot: z.exactOptional(z.string().max(64)).meta({ description: 'Of one bot.' }),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        answer: z.object({ data: z.array(hit) }),
      },
      async ({ caller, query }) => {
        const { q, in: wanted, language, from, to, bot, limit } = query;
        const hits = await search(database.orm, caller.workspaceId, {
          ...{ text: q, limit },
          ...present({
            in: wanted,
            botId: bot,
            language: language === undefined ? undefined : parseLanguage(language),
          }),
          ...(from === undefined ? {} : { from: new Date(from) }),
          ...(to === undefined ? {} : { to: new Date(to) }),
        });
        return {
          json: {
            data: hits.map(({ in: place, botId, meetingId, at, by, noteId, segment, quote, score }) => ({
              ...{ in: place, bot: botId, meetingId, at: at.toISOString(), by, score },
              ...present({
                note: noteId,
                caption: segment === undefined ? undefined : `${segment.epoch}-${segment.segmentId}`,
                speakerId: segment?.speakerId,
              }),
              quote: {
                text: quote.text,
                matches: quote.matches.map(([begin, end]): [number, number] => [begin, end]),
              },
            })),
          },
        };
      },
    ),
  ];
}
