/** What the calls are given, in the shapes of both Fastino documents. Unknown fields are ignored. */
import { z } from 'zod';

const MAX_TEXT_CHARS = 100_000;
const MAX_ENTRIES = 500;

const userId = z.string().regex(/^[\w.:@-]{1,128}$/, 'must be 1 to 128 letters, digits and _ . : @ -');
const text = z.string().max(MAX_TEXT_CHARS);
const someText = text.regex(/\S/, 'must not be empty');
const moment = z.iso.datetime({ offset: true });
const turns = z
  .array(z.object({ role: z.string(), content: text }))
  .min(1)
  .max(MAX_ENTRIES);

/** Documented: email, purpose, traits. An own `user_id` stands in the complete example of the Quick Start. */
export const registerSchema = z.object({
  email: z.email(),
  user_id: userId.optional(),
  purpose: text.nullish(),
  traits: z
    .object({
      name: text,
      locale: text,
      timezone: text,
      linkedin_url: text,
      twitter_url: text,
      website: text,
      notes: text,
    })
    .partial()
    .default({}),
});

export const ingestSchema = z
  .object({
    user_id: userId,
    source: someText,
    message_history: z
      .array(
        z.object({
          role: z.enum(['user', 'assistant', 'system']),
          content: someText,
          timestamp: moment.optional(),
        }),
      )
      .max(MAX_ENTRIES)
      .default([]),
    /** `kind` is `document_type` in the Realtime guide. */
    documents: z
      .array(
        z.object({
          content: someText,
          title: text.optional(),
          document_type: text.optional(),
          kind: text.optional(),
          doc_id: text.optional(),
          created_at: moment.optional(),
        }),
      )
      .max(MAX_ENTRIES)
      .default([]),
    options: z.object({ dedupe: z.boolean().default(false) }).default({ dedupe: false }),
  })
  .refine(
    ({ message_history: messages, documents }) => messages.length + documents.length > 0,
    'message_history or documents must hold something',
  );

export const summarySchema = z.object({
  user_id: userId,
  max_chars: z.coerce.number().int().min(1).max(10_000).default(1_000),
  purpose: text.optional(),
});

const chunksSchema = z.object({
  user_id: userId,
  history: turns,
  k: z.int().min(1).max(100).default(6),
  max_context_turns: z.int().min(1).max(100).default(4),
  similarity_threshold: z.number().min(0).max(1).default(0.25),
  exclude_chunk_ids: z.array(z.string()).max(10_000).default([]),
});

/** The request of the Realtime guide. */
const conversationSchema = z.object({
  user_id: userId,
  conversation: turns,
  top_k: z.int().min(1).max(100).default(6),
});

export const querySchema = z.object({
  user_id: userId,
  question: someText,
  use_cache: z.boolean().default(true),
});

export type RegisterRequest = z.infer<typeof registerSchema>;
export type IngestRequest = z.infer<typeof ingestSchema>;
export type Traits = RegisterRequest['traits'];

/** A request for chunks, whichever document it follows. */
export type ChunksRequest = z.infer<typeof chunksSchema> & { shape: 'chunks' | 'results' };

/** The schema that a request for chunks is read with: `conversation` makes it that of the Realtime guide. */
export function chunksSchemaFor(input: Readonly<Record<string, unknown>>): z.ZodType<ChunksRequest> {
  return 'conversation' in input
    ? conversationSchema.transform(({ user_id, conversation, top_k }) => ({
        shape: 'results',
        ...chunksSchema.parse({ user_id, history: conversation, k: top_k }),
      }))
    : chunksSchema.transform((request) => ({ shape: 'chunks', ...request }));
}
