/**
 * What a meeting process asks of its supervisor: what the agent looks up lies in a database, which no meeting process opens. A question
 * names no workspace: it is asked for the process's own bot, and whoever answers knows whose that is.
 */
import { z } from 'zod';

const MAX_QUERY_CHARS = 500;
const MAX_QUERIES = 8;
/** Of one passage or quote; whoever answers cuts it. */
export const MAX_FOUND_CHARS = 4_000;
const MAX_FOUND = 20;

const query = z.string().min(1).max(MAX_QUERY_CHARS);
const limit = z.int().min(1).max(MAX_FOUND);
const found = z.string().max(MAX_FOUND_CHARS);

/** A question. `documents`: passages that fit; `meetings`: what was said and noted in other meetings, and before a restart in this one. */
export const questionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('documents'), queries: z.array(query).min(1).max(MAX_QUERIES), limit }),
  z.strictObject({ kind: z.literal('meetings'), text: query, limit }),
]);

/** What is known, the best first. Texts and names are untrusted. */
export const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('documents'),
    passages: z
      .array(z.strictObject({ source: found, language: z.string().max(100).optional(), text: found }))
      .max(MAX_FOUND),
  }),
  z.strictObject({
    kind: z.literal('meetings'),
    hits: z
      .array(
        z.strictObject({
          meetingId: z.string().max(128),
          at: z.string().max(40),
          by: found,
          in: z.enum(['transcripts', 'notes']),
          text: found,
        }),
      )
      .max(MAX_FOUND),
  }),
]);

/** See {@link questionSchema}. */
export type Question = z.infer<typeof questionSchema>;
/** See {@link answerSchema}. */
export type Answer = z.infer<typeof answerSchema>;
