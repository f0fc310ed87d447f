import type { Clock } from '../../clock.js';
import type { PersonContext } from '../../interpreter/instructions/instructions.js';
import type { Profile, ProfileSource } from '../../profiles/profile-source.js';

/** Stands for what is being said before anybody has said anything. */
export const SESSION_START = 'Start of a meeting: names, terms and manner of speaking';
/** Chunks that are used at a time, and asked for. */
export const MAX_CHUNKS = 3;
/** Between two questions for chunks. */
const REFINE_INTERVAL_MS = 10_000;
/** The person's own latest turns that say what is being talked about, and what is used of each. */
const RECENT_TURNS = 4;
const MAX_TURN_CHARS = 500;
/** Used chunks that are not asked for again. */
const MAX_USED_CHUNKS = 50;

/** What a dossier is made of. */
type ProfileCollectionOptions = {
  userId: string;
  source: ProfileSource;
  clock: Clock;
  /** Whether what is said decides, turn by turn, which chunks are used. */
  refine: boolean;
  /** The profile came. */
  onProfile: (profile: Profile) => void;
  /** {@link ProfileCollection.context} is another one. */
  onChanged: () => void;
  onTrouble: (error: unknown) => void;
};

/**
 * What is known of one person of a meeting, as it comes in: nobody waits for it, and without it the meeting goes on.
 */
export class ProfileCollection {
  readonly userId: string;
  readonly #options: ProfileCollectionOptions;
  readonly #stop = new AbortController();
  readonly #recentTexts: string[] = [];
  readonly #usedIds: string[] = [];
  #notes: readonly string[] = [];
  #profile: Profile | undefined;
  #asking = false;
  #askedAtMs = -Infinity;

  constructor(options: ProfileCollectionOptions) {
    this.userId = options.userId;
    this.#options = options;
    void this.#fetch();
  }

  /** What is known so far; undefined before anything is. */
  get context(): PersonContext | undefined {
    if (this.#profile === undefined) return undefined;
    const { summary, terms } = this.#profile;
    return { summary, terms, notes: this.#notes };
  }

  /** What the person said in one turn. */
  said(text: string): void {
    this.#recentTexts.push(text.slice(0, MAX_TURN_CHARS));
    if (this.#recentTexts.length > RECENT_TURNS) this.#recentTexts.shift();
    const { refine, clock } = this.#options;
    if (!refine || this.#profile === undefined || this.#asking) return;
    if (clock.nowMs() - this.#askedAtMs < REFINE_INTERVAL_MS) return;
    void this.#ask([...this.#recentTexts]);
  }

  /** Nothing more is asked for, and nothing that still comes is used. */
  close(): void {
    this.#stop.abort();
  }

  async #fetch(): Promise<void> {
    const { source, onProfile, onChanged, onTrouble } = this.#options;
    const { signal } = this.#stop;
    try {
      const profile = await source.profileOf(this.userId, { signal });
      if (profile === undefined || signal.aborted) return;
      this.#profile = profile;
      onProfile(profile);
      onChanged();
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
      return;
    }
    await this.#ask([SESSION_START]);
  }

  async #ask(recentTexts: readonly string[]): Promise<void> {
    const { source, clock, onChanged, onTrouble } = this.#options;
    const { signal } = this.#stop;
    if (source.chunks === undefined) return;
    this.#asking = true;
    this.#askedAtMs = clock.nowMs();
    try {
      const query = { recentTexts, excludeIds: [...this.#usedIds], maxChunks: MAX_CHUNKS };
      const chunks = await source.chunks(this.userId, query, { signal });
      if (chunks.length === 0 || signal.aborted) return;
      this.#usedIds.push(...chunks.map(({ id }) => id));
      this.#usedIds.splice(0, this.#usedIds.length - MAX_USED_CHUNKS);
      this.#notes = [...chunks.map(({ text }) => text), ...this.#notes].slice(0, MAX_CHUNKS);
      onChanged();
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
    } finally {
      this.#asking = false;
    }
  }
}
