/**
 * The port to what is known of people: who somebody is, in their own interest, so that names, terms and register come out
 * right. Adapters: `fastino/` (the Fastino Personalization API, with copies kept on disk) and `static-profiles.ts` (a file).
 * All texts are untrusted, and private: they go into instructions only quoted and capped, and never into a log.
 */

/** What is known of one person. */
export type Profile = {
  /** The id under which the source knows them, such as `usr_42af7c`. */
  readonly userId: string;
  /** Who they are and how they speak, in prose; may be empty. */
  readonly summary: string;
  /** Names and terms that they use, each as it is to be kept; empty where the source knows none. */
  readonly terms: readonly string[];
  /** When the source said so, in milliseconds since 1970. */
  readonly fetchedAtMs: number;
};

/** One thing that is known of a person, found because it fits what is being said. */
export type ProfileChunk = { readonly id: string; readonly text: string };

/** One turn of a conversation with somebody: what they said, or what they were answered. */
export type ConversationTurn = { readonly role: 'user' | 'assistant'; readonly text: string };

/** What is being said, for finding the chunks that fit. */
export type ChunksQuery = {
  /** The person's own latest words, oldest first. */
  readonly recentTexts: readonly string[];
  /** Of a conversation with them: their words and the answers, oldest first, in place of their words alone. */
  readonly turns?: readonly ConversationTurn[];
  /** Chunks that were used already. */
  readonly excludeIds: readonly string[];
  /** At most so many. */
  readonly maxChunks: number;
};

/** Something that a person said in a meeting. */
export type SaidText = {
  readonly text: string;
  /** When, in milliseconds since 1970. */
  readonly saidAtMs: number;
};

/** How a call is given up; its promise rejects soon afterwards. */
export type CallOptions = { readonly signal: AbortSignal };

/**
 * Where profiles come from. Calls may take long and may fail: they reject with a ParleyError whose message says what to
 * do and holds no private text. Nothing that a meeting needs may wait for them.
 */
export interface ProfileSource {
  /** For people: where profiles come from, such as `Fastino at api.fastino.ai`. */
  readonly description: string;
  /** The profile of a person; undefined when the source knows none, which is no error. */
  profileOf(userId: string, options: CallOptions): Promise<Profile | undefined>;
  /** What is known of a person that fits what is being said, the best first. Absent where the source cannot tell. */
  chunks?(userId: string, query: ChunksQuery, options: CallOptions): Promise<readonly ProfileChunk[]>;
  /** Answers a question about a person; undefined when the source knows none. May take minutes. Absent where it cannot. */
  answer?(userId: string, question: string, options: CallOptions): Promise<string | undefined>;
  /** Adds what a person said to what is known of them. Absent where the source does not learn. */
  ingest?(userId: string, said: readonly SaidText[], options: CallOptions): Promise<void>;
}
