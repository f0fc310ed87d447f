import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type {
  CallOptions,
  ChunksQuery,
  Profile,
  ProfileChunk,
  ProfileSource,
  SaidText,
} from '../profile-source.js';
import type { FastinoClient } from './client.js';
import type { ProfileCopies } from './profile-copies.js';

/** A copy this old is fetched anew. */
const FRESH_MS = 86_400_000;
/** What goes into instructions is no longer, and a summary that is made so short says more than one that is cut. */
const SUMMARY_CHARS = 400;
const PURPOSE = 'conversation';
/** Chunks that fit less than this are not worth mentioning (Fastino's own default). */
const SIMILARITY_THRESHOLD = 0.25;
/** Messages in one request to learn. */
const INGEST_MESSAGES = 100;

/** Profiles from Fastino, with copies on disk: fresh ones spare a call, old ones serve when Fastino does not. */
export class FastinoProfiles implements ProfileSource {
  readonly #client: FastinoClient;
  readonly #copies: ProfileCopies;
  readonly #clock: Clock;
  readonly #onNotice: (message: string) => void;
  #copiesFailed = false;

  constructor(options: {
    client: FastinoClient;
    copies: ProfileCopies;
    clock: Clock;
    /** Told in one line what whoever runs this should know. */
    onNotice?: (message: string) => void;
  }) {
    this.#client = options.client;
    this.#copies = options.copies;
    this.#clock = options.clock;
    this.#onNotice = options.onNotice ?? (() => undefined);
  }

  get description(): string {
    return this.#client.description;
  }

  /** A copy of today, or else Fastino's answer, or else an older copy when Fastino cannot answer. */
  async profileOf(userId: string, options: CallOptions): Promise<Profile | undefined> {
    const copy = await this.#copies.read(userId, this.#clock.epochMs());
    const ageMs = copy === undefined ? Infinity : this.#clock.epochMs() - copy.fetchedAtMs;
    if (ageMs >= 0 && ageMs < FRESH_MS) return copy;
    try {
      return await this.#fetch(userId, options);
    } catch (error) {
      if (copy === undefined || !isOutage(error)) throw error;
      const days = Math.max(1, Math.round(ageMs / 86_400_000));
      this.#onNotice(`${messageOf(error)}; a copy of ${days === 1 ? 'a day' : `${days} days`} ago is used`);
      return copy;
    }
  }

  async chunks(userId: string, query: ChunksQuery, options: CallOptions): Promise<readonly ProfileChunk[]> {
    const { recentTexts, excludeIds, maxChunks } = query;
    const turns = query.turns ?? recentTexts.map((text) => ({ role: 'user' as const, text }));
    const request = {
      user_id: userId,
      history: turns.map(({ role, text: content }) => ({ role, content })),
      k: maxChunks,
      max_context_turns: turns.length,
      similarity_threshold: SIMILARITY_THRESHOLD,
      ...(excludeIds.length === 0 ? {} : { exclude_chunk_ids: [...excludeIds] }),
    };
    const chunks = (await this.#client.chunks(request, options)) ?? [];
    return chunks.filter(({ id }) => !excludeIds.includes(id)).slice(0, maxChunks);
  }

  async answer(userId: string, question: string, options: CallOptions): Promise<string | undefined> {
    return (await this.#client.query({ user_id: userId, question }, options))?.answer;
  }

  async ingest(userId: string, said: readonly SaidText[], options: CallOptions): Promise<void> {
    for (let from = 0; from < said.length; from += INGEST_MESSAGES) {
      const messages = said.slice(from, from + INGEST_MESSAGES).map(({ text, saidAtMs }) => ({
        role: 'user' as const,
        content: text,
        timestamp: new Date(saidAtMs).toISOString(),
      }));
      const request = {
        user_id: userId,
        source: 'parley',
        message_history: messages,
        options: { dedupe: true },
      };
      if ((await this.#client.ingest(request, options)) === undefined) return; // nobody's
    }
  }

  async #fetch(userId: string, options: CallOptions): Promise<Profile | undefined> {
    const request = { user_id: userId, max_chars: SUMMARY_CHARS, purpose: PURPOSE };
    const answer = await this.#client.summary(request, options);
    if (answer === undefined) {
      await this.#copies.remove(userId);
      return undefined;
    }
    const { summary } = answer;
    const profile = { userId, summary, terms: [], fetchedAtMs: this.#clock.epochMs() };
    try {
      await this.#copies.write(profile);
    } catch (error) {
      if (!this.#copiesFailed) this.#onNotice(`no copy of a profile can be kept: ${messageOf(error)}`);
      this.#copiesFailed = true;
    }
    return profile;
  }
}

/** Whether Fastino would have answered on a better day. A key that is refused may not see copies either. */
function isOutage(error: unknown): boolean {
  return error instanceof ParleyError && (error.code === 'service_unavailable' || error.code === 'protocol');
}
