/** The five calls of the Fastino Personalization API: what was asked → what is answered. */
import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { People } from './people.js';
import type { Memory } from './memory.js';
import { REFUSALS } from './refusal.js';
import { chunksSchemaFor, ingestSchema, querySchema, registerSchema, summarySchema } from './requests.js';
import { type Match, retrieve } from './retrieval.js';

/** The calls by their paths. */
export const CALLS = {
  register: 'POST',
  ingest: 'POST',
  summary: 'GET',
  chunks: 'POST',
  query: 'POST',
} as const;
export type FastinoCall = keyof typeof CALLS;

export type CallServices = {
  clock: Clock;
  people: People;
  /** The shape of `/chunks` answers: the Quick Start's `chunks`, the Realtime guide's `results`, or that of the request. */
  chunksShape: 'chunks' | 'results' | 'as_asked';
  /** Resolves after the time that a search takes which a question without a kept answer starts. */
  search: () => Promise<void>;
};

type Input = Readonly<Record<string, unknown>>;
type Answer = (input: Input, services: CallServices) => unknown;

/** `input` is the body, or the parameters of a GET. Each throws FastinoRefusal for what it will not take. */
export const ANSWERS: Readonly<Record<FastinoCall, Answer>> = {
  register: (input, { people }) => {
    const person = people.register(parse(registerSchema, input));
    return { user_id: person.userId, created_at: iso(person.createdAtMs), status: 'active' };
  },

  ingest: (input, { people, clock }) => {
    const request = parse(ingestSchema, input);
    const done = people.require(request.user_id).ingest(request, clock.epochMs());
    return {
      saved: { documents: done.documents, message_history: done.conversations },
      skipped: done.skipped,
      processing_triggered: {
        documents: done.documents > 0,
        message_history: done.conversations > 0,
      },
      inserted_document_ids: done.insertedIds,
      received_at: iso(clock.epochMs()),
    };
  },

  summary: (input, { people, clock }) => {
    const { user_id: userId, max_chars: maxChars, purpose } = parse(summarySchema, input);
    const { summary, generatedAtMs, cached } = people.require(userId).summary(maxChars, clock.epochMs());
    return {
      user_id: userId,
      generated_at: iso(generatedAtMs),
      purpose: purpose ?? null, // "not yet implemented, returns general summary" (Quick Start)
      summary,
      cached,
    };
  },

  chunks: (input, { people, chunksShape }) => {
    const { shape, history, ...request } = parse(chunksSchemaFor(input), input);
    const { memories } = people.require(request.user_id);
    const texts = history
      .filter(({ role }) => role !== 'system')
      .slice(-request.max_context_turns)
      .map(({ content }) => content);
    const { matches, usedWords, candidateCount } = retrieve(memories, texts, {
      k: request.k,
      similarityThreshold: request.similarity_threshold,
      excludeIds: request.exclude_chunk_ids,
    });
    if ((chunksShape === 'as_asked' ? shape : chunksShape) === 'results')
      return { results: matches.map(({ memory }) => ({ excerpt: memory.text })) }; // all that the Realtime guide shows
    return {
      chunks: matches.map(chunkOf),
      used_query: usedWords.join(' '),
      debug: {
        stage3_count: matches.filter(({ memory }) => memory.source === 'stage3').length,
        memory_count: matches.filter(({ memory }) => memory.source === 'memory').length,
        total_candidates: candidateCount,
        threshold: request.similarity_threshold,
      },
    };
  },

  query: async (input, { people, clock, search }) => {
    const { user_id: userId, question, use_cache: useCache } = parse(querySchema, input);
    const person = people.require(userId);
    const kept = useCache ? person.keptAnswer(question) : undefined;
    if (kept !== undefined) return { user_id: userId, question, answer: kept, cached: true };
    await search();
    return { user_id: userId, question, answer: person.answer(question, clock.epochMs()), cached: false };
  },
};

function chunkOf({ memory, score }: Match) {
  const { id, text, source, createdAtMs } = memory;
  const at = iso(createdAtMs);
  return { id, text, score, source, created_at: at, updated_at: at, ...foundAnswer(memory) };
}

function foundAnswer(memory: Memory) {
  if (memory.source !== 'stage3') return {};
  const { index, question, answer } = memory;
  return { question_index: index, question, answer };
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const { data, error } = schema.safeParse(input);
  if (data !== undefined) return data;
  const [issue] = error!.issues;
  const field = issue?.path.join('.') ?? '';
  throw REFUSALS.invalid(`${field === '' ? 'The request' : field}: ${issue?.message ?? 'is not valid'}`);
}

/** ISO 8601 in UTC, to the second, as the documents have it. */
function iso(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
