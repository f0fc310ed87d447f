/** What is kept of one user: traits, memories, and the answers that were found for questions about them. */
import { createHash } from 'node:crypto';
import { anonymise } from './anonymise.js';
import type { IngestRequest, Traits } from './requests.js';
import type { Memory } from './memory.js';
import { retrieve } from './retrieval.js';
import { summarise } from './summary.js';

const MAX_MEMORIES = 2_000;
const MAX_SUMMARIES = 32;
/** Long documents are remembered in pieces of about so many characters. */
const PIECE_CHARS = 400;
const ANSWER_MEMORIES = 3;
const NOTHING_KNOWN = 'Nothing is known about that.';

/** What became of an ingest: one id for each document, and one for a conversation. */
type Ingested = {
  documents: number;
  conversations: number;
  insertedIds: readonly string[];
  skipped: readonly { type: 'document' | 'message'; reason: 'duplicate'; doc_id?: string }[];
};

/** One user. `nextId` makes ids that are unique in the server. */
export class Person {
  readonly userId: string;
  readonly email: string;
  readonly createdAtMs: number;
  readonly #nextId: (prefix: string) => string;
  #traits: Traits = {};
  #memories: Memory[] = [];
  #answerCount = 0;
  readonly #seen = new Set<string>();
  readonly #summaries = new Map<number, { summary: string; generatedAtMs: number }>();

  constructor(options: {
    userId: string;
    email: string;
    createdAtMs: number;
    nextId: (prefix: string) => string;
  }) {
    this.userId = options.userId;
    this.email = options.email;
    this.createdAtMs = options.createdAtMs;
    this.#nextId = options.nextId;
  }

  /** Oldest first. */
  get memories(): readonly Memory[] {
    return this.#memories;
  }

  /** New traits replace those of the same name; the others stay. */
  merge(traits: Traits): void {
    const given = Object.entries(traits).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, anonymise(value)] as const],
    );
    this.#traits = { ...this.#traits, ...Object.fromEntries(given) };
    this.#summaries.clear();
  }

  /** Remembers documents in pieces, and of conversations what the user said. */
  ingest({ documents, message_history: messages, options }: IngestRequest, epochMs: number): Ingested {
    const insertedIds: string[] = [];
    const skipped: Ingested['skipped'][number][] = [];
    const isKnown = (content: string): boolean => {
      const known = this.#isKnown(content);
      return known && options.dedupe;
    };
    for (const { content, title, doc_id: docId, created_at: createdAt } of documents) {
      if (isKnown(content)) {
        skipped.push({
          type: 'document',
          reason: 'duplicate',
          ...(docId === undefined ? {} : { doc_id: docId }),
        });
        continue;
      }
      insertedIds.push(this.#nextId('doc'));
      const heading = title === undefined ? '' : `${title}: `;
      for (const piece of piecesOf(content)) this.#remember(`${heading}${piece}`, createdAt, epochMs);
    }
    let newMessages = 0;
    for (const { role, content, timestamp } of messages) {
      if (isKnown(`${role}: ${content}`)) {
        skipped.push({ type: 'message', reason: 'duplicate' });
        continue;
      }
      newMessages++;
      if (role !== 'user') continue;
      for (const piece of piecesOf(content)) this.#remember(piece, timestamp, epochMs);
    }
    if (newMessages > 0) insertedIds.push(this.#nextId('msg'));
    this.#summaries.clear();
    return {
      documents: insertedIds.length - (newMessages > 0 ? 1 : 0),
      conversations: newMessages > 0 ? 1 : 0,
      insertedIds,
      skipped,
    };
  }

  /** `cached` when it was made before and nothing has changed since. */
  summary(maxChars: number, epochMs: number): { summary: string; generatedAtMs: number; cached: boolean } {
    const kept = this.#summaries.get(maxChars);
    if (kept !== undefined) return { ...kept, cached: true };
    const made = { summary: summarise(this.#traits, this.#memories, maxChars), generatedAtMs: epochMs };
    if (this.#summaries.size >= MAX_SUMMARIES) this.#summaries.clear();
    this.#summaries.set(maxChars, made);
    return { ...made, cached: false };
  }

  /** The answer that is kept for this question; undefined when it was never asked. */
  keptAnswer(question: string): string | undefined {
    const wanted = normal(question);
    const kept = this.#memories.findLast(
      (memory) => memory.source === 'stage3' && normal(memory.question) === wanted,
    );
    return kept?.source === 'stage3' ? kept.answer : undefined;
  }

  /** Looks for an answer in what is remembered, and keeps it where there is one. */
  answer(question: string, epochMs: number): string {
    const remembered = this.#memories.filter(({ source }) => source === 'memory');
    const limits = { k: ANSWER_MEMORIES, similarityThreshold: 0, excludeIds: [] };
    const { usedWords, matches } = retrieve(remembered, [question], limits);
    if (usedWords.length === 0) return NOTHING_KNOWN;
    const answer = matches.map(({ memory }) => memory.text).join(' ');
    const index = ++this.#answerCount;
    this.#memories = this.#memories.filter(
      (memory) => memory.source !== 'stage3' || normal(memory.question) !== normal(question),
    );
    this.#keep({
      id: `stage3_${index}`,
      text: `Q: ${question}\nA: ${answer}`,
      source: 'stage3',
      createdAtMs: epochMs,
      index,
      question,
      answer,
    });
    return answer;
  }

  #remember(text: string, at: string | undefined, epochMs: number): void {
    this.#keep({
      id: this.#nextId('mem'),
      text: anonymise(text),
      source: 'memory',
      createdAtMs: at === undefined ? epochMs : Date.parse(at),
    });
  }

  #keep(memory: Memory): void {
    this.#memories.push(memory);
    if (this.#memories.length > MAX_MEMORIES) this.#memories.shift();
  }

  /** Whether this was ingested before; from now on it was. */
  #isKnown(content: string): boolean {
    const digest = createHash('sha256').update(normal(content)).digest('base64');
    const known = this.#seen.has(digest);
    this.#seen.add(digest);
    if (this.#seen.size > MAX_MEMORIES) this.#seen.delete(this.#seen.values().next().value!);
    return known;
  }
}

/** Equal for texts that differ in case and spaces only. */
function normal(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** A text in pieces of whole sentences; a sentence that is longer is a piece of its own. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of sentences.segment(text)) {
    if (piece !== '' && piece.length + segment.length > PIECE_CHARS) {
      pieces.push(piece.trim());
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece.trim()].filter((each) => each !== '');
}
