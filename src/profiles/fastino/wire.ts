/**
 * What goes over the wire to and from the Fastino Personalization API: a type per request, a schema per answer. From
 * Fastino's "Quick Start"; its "Integrating with OpenAI Realtime" shows another answer to `/chunks`, which is read too. Where
 * they disagree, requests have the shape of the former. Unknown fields of answers are ignored.
 */
import { z } from 'zod';

/** Base address of the service. */
export const FASTINO_BASE_URL = 'https://api.fastino.ai';

/** Longest text that is taken from an answer, in UTF-16 code units; a longer one is refused as garbage. */
const MAX_TEXT = 20_000;
const MAX_ITEMS = 200;

const text = z.string().max(MAX_TEXT);
const id = z.string().min(1).max(256);

/** One message of a conversation. */
type FastinoMessage = { role: 'user' | 'assistant' | 'system'; content: string };

/** `POST /register`: makes a user; an existing one's traits are merged. */
export type RegisterRequest = {
  email: string;
  /** What the profile is for: what Fastino looks for. */
  purpose?: string;
  traits?: {
    name?: string;
    locale?: string;
    timezone?: string;
    linkedin_url?: string;
    twitter_url?: string;
    website?: string;
    notes?: string;
  };
};
export const registerAnswerSchema = z.object({
  user_id: id,
  created_at: z.string().nullish(),
  status: z.string().nullish(),
});
export type RegisterAnswer = z.infer<typeof registerAnswerSchema>;

/** `POST /ingest`: adds conversations and documents. Times are ISO 8601, UTC. With `dedupe` nothing is added twice. */
export type IngestRequest = {
  user_id: string;
  source: string;
  message_history?: readonly (FastinoMessage & { timestamp: string })[];
  documents?: readonly {
    content: string;
    title?: string;
    document_type?: string;
    doc_id?: string;
    created_at?: string;
  }[];
  options?: { dedupe?: boolean };
};
export const ingestAnswerSchema = z.object({
  saved: z.object({ documents: z.number().nullish(), message_history: z.number().nullish() }).nullish(),
  received_at: z.string().nullish(),
});
export type IngestAnswer = z.infer<typeof ingestAnswerSchema>;

/** `GET /summary`: a user in prose. */
export type SummaryRequest = { user_id: string; max_chars: number; purpose: string };
export const summaryAnswerSchema = z.object({
  user_id: id.nullish(),
  generated_at: z.string().nullish(),
  purpose: z.string().nullish(),
  summary: text,
  cached: z.boolean().nullish(),
});
export type SummaryAnswer = z.infer<typeof summaryAnswerSchema>;

/** `POST /chunks`: what is known that fits a conversation. */
export type ChunksRequest = {
  user_id: string;
  history: readonly FastinoMessage[];
  /** At most so many; 6 where it is not said. */
  k?: number;
  max_context_turns?: number;
  similarity_threshold?: number;
  exclude_chunk_ids?: readonly string[];
};
export const chunksAnswerSchema = z.union([
  z.object({ chunks: z.array(z.object({ id, text })).max(MAX_ITEMS) }),
  /** The other document's shape: excerpts, which may come without an id. */
  z.object({ results: z.array(z.object({ id: id.nullish(), excerpt: text })).max(MAX_ITEMS) }),
]);
export type ChunksAnswer = z.infer<typeof chunksAnswerSchema>;

/** `POST /query`: a question about a user, answered from what is kept, or by a search of up to minutes. */
export type QueryRequest = {
  user_id: string;
  question: string;
  /** True where it is not said. */
  use_cache?: boolean;
};
export const queryAnswerSchema = z.object({
  user_id: id.nullish(),
  question: z.string().nullish(),
  answer: text,
  cached: z.boolean().nullish(),
});
export type QueryAnswer = z.infer<typeof queryAnswerSchema>;

/** Any error; `USER_NOT_FOUND` comes with 404. */
export const errorAnswerSchema = z.object({ error: z.object({ code: z.string() }) });
