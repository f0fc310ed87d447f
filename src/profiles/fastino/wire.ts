/**
 * What goes over the wire to and from the Fastino Personalization API: a schema per body, for client and stand-in alike.
 * From Fastino's "Quick Start"; its "Integrating with OpenAI Realtime" answers `/chunks` in another shape, which is read
 * too. Where they disagree, requests have the shape of the former. Unknown fields are ignored everywhere.
 */
import { z } from 'zod';

/** Longest text that is taken from an answer, in UTF-16 code units; a longer one is refused as garbage. */
const MAX_TEXT = 20_000;
const MAX_ITEMS = 200;

const text = z.string().max(MAX_TEXT);
const userId = z.string().min(1).max(256);

/** Base address of the service. */
export const FASTINO_BASE_URL = 'https://api.fastino.ai';

/** One message of a conversation. */
export const messageSchema = z.object({ role: z.enum(['user', 'assistant', 'system']), content: z.string() });
export type FastinoMessage = z.infer<typeof messageSchema>;

/** `POST /register`: makes a user; an existing one's traits are merged. */
export const registerRequestSchema = z.object({
  email: z.email(),
  purpose: z.exactOptional(z.string()),
  traits: z.exactOptional(
    z.object({
      name: z.exactOptional(z.string()),
      locale: z.exactOptional(z.string()),
      timezone: z.exactOptional(z.string()),
      linkedin_url: z.exactOptional(z.string()),
      twitter_url: z.exactOptional(z.string()),
      website: z.exactOptional(z.string()),
      notes: z.exactOptional(z.string()),
    }),
  ),
});
export type RegisterRequest = z.infer<typeof registerRequestSchema>;
export const registerAnswerSchema = z.object({
  user_id: userId,
  created_at: z.string().nullish(),
  status: z.string().nullish(),
});
export type RegisterAnswer = z.infer<typeof registerAnswerSchema>;

/** `POST /ingest`: adds conversations and documents. Times are ISO 8601, UTC. */
export const ingestRequestSchema = z.object({
  user_id: userId,
  source: z.string(),
  message_history: z.exactOptional(z.array(messageSchema.extend({ timestamp: z.string() }))),
  documents: z.exactOptional(
    z.array(
      z.object({
        content: z.string(),
        title: z.exactOptional(z.string()),
        document_type: z.exactOptional(z.string()),
        doc_id: z.exactOptional(z.string()),
        created_at: z.exactOptional(z.string()),
      }),
    ),
  ),
  options: z.exactOptional(z.object({ dedupe: z.exactOptional(z.boolean()) })),
});
export type IngestRequest = z.infer<typeof ingestRequestSchema>;
export const ingestAnswerSchema = z.object({
  saved: z.object({ documents: z.number().nullish(), message_history: z.number().nullish() }).nullish(),
  received_at: z.string().nullish(),
});
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;

/** `GET /summary?user_id&max_chars&purpose`. */
export type SummaryRequest = { user_id: string; max_chars: number; purpose: string };
export const summaryAnswerSchema = z.object({
  user_id: userId.nullish(),
  generated_at: z.string().nullish(),
  purpose: z.string().nullish(),
  summary: text,
  cached: z.boolean().nullish(),
});
export type SummaryAnswer = z.infer<typeof summaryAnswerSchema>;

/** `POST /chunks`: what is known that fits a conversation. */
export const chunksRequestSchema = z.object({
  user_id: userId,
  history: z.array(messageSchema).min(1),
  /** At most so many; 6 where it is not said. */
  k: z.exactOptional(z.int().min(1).max(100)),
  max_context_turns: z.exactOptional(z.int().min(1)),
  similarity_threshold: z.exactOptional(z.number().min(0).max(1)),
  exclude_chunk_ids: z.exactOptional(z.array(z.string())),
});
export type ChunksRequest = z.infer<typeof chunksRequestSchema>;

const chunkSchema = z.object({ id: z.string().min(1).max(256), text, score: z.number().nullish() });
/** The other document's shape: excerpts, which may come without an id. */
const excerptSchema = z.object({
  id: z.string().min(1).max(256).nullish(),
  excerpt: text,
  score: z.number().nullish(),
});
export const chunksAnswerSchema = z.union([
  z.object({ chunks: z.array(chunkSchema).max(MAX_ITEMS) }),
  z.object({ results: z.array(excerptSchema).max(MAX_ITEMS) }),
]);
export type ChunksAnswer = z.infer<typeof chunksAnswerSchema>;

/** `POST /query`: a question about a user, answered from what is kept, or by a search of up to minutes. */
export const queryRequestSchema = z.object({
  user_id: userId,
  question: z.string().min(1),
  /** True where it is not said. */
  use_cache: z.exactOptional(z.boolean()),
});
export type QueryRequest = z.infer<typeof queryRequestSchema>;
export const queryAnswerSchema = z.object({
  user_id: userId.nullish(),
  question: z.string().nullish(),
  answer: text,
  cached: z.boolean().nullish(),
});
export type QueryAnswer = z.infer<typeof queryAnswerSchema>;

/** Any error; `USER_NOT_FOUND` comes with 404. */
export const errorAnswerSchema = z.object({
  error: z.object({ code: z.string(), message: z.string().nullish() }),
});
