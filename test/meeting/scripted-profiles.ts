/** A source of profiles that a test drives: every call waits until it is answered. */
import type {
  CallOptions,
  ChunksQuery,
  Profile,
  ProfileChunk,
  ProfileSource,
  SaidText,
} from '../../src/profiles/profile-source.js';

type Call<What, Answer> = {
  userId: string;
  what: What;
  signal: AbortSignal;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
};

export class ScriptedProfiles implements ProfileSource {
  readonly description = 'a script';
  readonly asked: Call<undefined, Profile | undefined>[] = [];
  readonly chunksAsked: Call<ChunksQuery, readonly ProfileChunk[]>[] = [];
  readonly ingested: Call<readonly SaidText[], void>[] = [];

  profileOf(userId: string, { signal }: CallOptions): Promise<Profile | undefined> {
    return new Promise((resolve, reject) => {
      this.asked.push({ userId, what: undefined, signal, resolve, reject });
    });
  }

  chunks(userId: string, what: ChunksQuery, { signal }: CallOptions): Promise<readonly ProfileChunk[]> {
    return new Promise((resolve, reject) => {
      this.chunksAsked.push({ userId, what, signal, resolve, reject });
    });
  }

  ingest(userId: string, what: readonly SaidText[], { signal }: CallOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ingested.push({ userId, what, signal, resolve, reject });
      signal.addEventListener('abort', () => reject(new Error('given up')));
    });
  }
}

export function profileOf(userId: string, summary: string, terms: readonly string[] = []): Profile {
  return { userId, summary, terms, fetchedAtMs: 0 };
}
