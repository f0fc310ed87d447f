/** Search over what was said and noted, and in documents. */
import { z } from 'zod';
import type { DocumentHit } from '../../../agent/documents/search/search-documents.js';
import { parseLanguage, sameLanguage } from '../../../languages/languages.js';
import { search, type SearchHit } from '../../../records/store/search.js';
import type { Quote } from '../../../search/ranking.js';
import type { ServiceParts } from '../../service-parts.js';
import { moment } from '../bots/bot-schemas.js';
import { present } from '../bots/bot-views.js';
import { type Route, route } from '../route.js';

const MAX_HITS = 100;
const places = z
  .string()
  .max(100)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(['transcripts', 'notes', 'documents'])));

const hit = z
  .object({
    in: z.enum(['transcripts', 'notes', 'documents']),
    bot: z.string().optional().meta({ description: 'Of what was said and noted, as are the next two.' }),
    meetingId: z.string().optional(),
    by: z.string().optional().meta({ description: 'Who said or wrote it.' }),
    at: z.string().meta({ description: 'When it was said or noted, or the document was added.' }),
    document: z.string().optional().meta({ description: 'The id of the document.' }),
    source: z.string().optional().meta({ description: 'Where in it, for people: name, page and headings.' }),
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
    score: z.number().meta({ description: 'To be compared within one of the places only.' }),
  })
  .meta({ id: 'SearchHit' });

export function searchRoutes({ database, documentsOf }: ServiceParts): Route[] {
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
          in: z.exactOptional(places).meta({
            description:
              '`transcripts`, `notes` and `documents`, separated by commas; by default the first two. Documents belong to no meeting and no time: with `bot`, `from` or `to` none is found. Of several places the best of each come first.',
          }),
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
          limit: z.coerce.number().int().min(1).max(MAX_HITS).default(20),
        }),
        answer: z.object({ data: z.array(hit) }),
      },
      async ({ caller, query, request }) => {
        const { q, in: wanted = ['transcripts', 'notes'], language, from, to, bot, limit } = query;
        const tag = language === undefined ? undefined : parseLanguage(language);
        const inMeetings = wanted.filter((place) => place !== 'documents');
        const said =
          inMeetings.length === 0
            ? []
            : await search(database.orm, caller.workspaceId, {
                ...{ text: q, limit, in: inMeetings },
                ...present({ botId: bot, language: tag }),
                ...(from === undefined ? {} : { from: new Date(from) }),
                ...(to === undefined ? {} : { to: new Date(to) }),
              });
        const isForDocuments = wanted.includes('documents') && (bot ?? from ?? to) === undefined;
        const written = isForDocuments
          ? await documentsOf(caller.workspaceId).search([q], {
              limit: tag === undefined ? limit : MAX_HITS,
              signal: request.signal,
            })
          : [];
        const inLanguage = written.filter(
          ({ document }) =>
            tag === undefined || (document.language !== undefined && sameLanguage(document.language, tag)),
        );
        return { json: { data: inTurn(said.map(hitOf), inLanguage.map(hitInDocument)).slice(0, limit) } };
      },
    ),
  ];
}

type Hit = z.input<typeof hit>;

function hitOf({ in: place, botId, meetingId, at, by, noteId, segment, quote, score }: SearchHit): Hit {
  return {
    ...{ in: place, bot: botId, meetingId, at: at.toISOString(), by, score, quote: quoteOf(quote) },
    ...present({
      note: noteId,
      caption: segment === undefined ? undefined : `${segment.epoch}-${segment.segmentId}`,
      speakerId: segment?.speakerId,
    }),
  };
}

function hitInDocument({ document, source, quote, score }: DocumentHit): Hit {
  return {
    ...{ in: 'documents', document: document.id, source, at: document.addedAt.toISOString() },
    ...{ quote: quoteOf(quote), score },
  };
}

function quoteOf({ text, matches }: Quote): Hit['quote'] {
  return { text, matches: matches.map(([begin, end]): [number, number] => [begin, end]) };
}

/** One of each, the best first: scores of different places cannot be compared. */
function inTurn<Value>(first: readonly Value[], second: readonly Value[]): Value[] {
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) => index).flatMap((index) =>
    [first[index], second[index]].filter((value) => value !== undefined),
  );
}
