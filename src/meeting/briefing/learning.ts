import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock.js';
import { messageOf } from '../../errors.js';
import type { ProfileSource, SaidText } from '../../profiles/profile-source.js';

/** People whose words are kept; those who agree later are not learnt from. */
const MAX_PEOPLE = 500;
/** Kept of one person; what they say beyond it is not learnt. */
const MAX_TURNS = 500;
const MAX_CHARS = 50_000;

type Kept = { userId: string; said: SaidText[]; chars: number };

/** Keeps what people say who agreed to it, and adds it to their own profiles once the meeting is over. */
export class Learning {
  readonly #source: ProfileSource;
  readonly #clock: Clock;
  readonly #onTrouble: (message: string) => void;
  readonly #kept = new Map<string, Kept>();

  constructor(options: {
    /** One that learns; another one is told nothing. */
    source: ProfileSource;
    clock: Clock;
    /** Told in one line when something could not be added. */
    onTrouble: (message: string) => void;
  }) {
    this.#source = options.source;
    this.#clock = options.clock;
    this.#onTrouble = options.onTrouble;
  }

  /** From now on this person's words are kept for this profile; what was kept for another one is forgotten. */
  agreed(participantId: string, userId: string): void {
    if (this.#kept.get(participantId)?.userId === userId) return;
    this.#kept.delete(participantId);
    if (this.#kept.size >= MAX_PEOPLE) return;
    this.#kept.set(participantId, { userId, said: [], chars: 0 });
  }

  /** This person does not agree, or not any more: what they said is forgotten. */
  declined(participantId: string): void {
    this.#kept.delete(participantId);
  }

  /** Somebody is gone: what they said stays until the end, where they said anything. */
  left(participantId: string): void {
    if (this.#kept.get(participantId)?.said.length === 0) this.#kept.delete(participantId);
  }

  /** What this person said in one turn; forgotten at once unless they agreed. */
  said(participantId: string, text: string): void {
    const kept = this.#kept.get(participantId);
    if (kept === undefined || text === '') return;
    if (kept.said.length >= MAX_TURNS || kept.chars + text.length > MAX_CHARS) return;
    kept.said.push({ text, saidAtMs: this.#clock.epochMs() });
    kept.chars += text.length;
  }

  /** Adds to everyone's profile what they said, for `timeLimitMs` at most, and forgets it. Never rejects. */
  async finish(timeLimitMs: number): Promise<void> {
    const stop = new AbortController();
    const timer = this.#clock.setTimer(() => stop.abort(), timeLimitMs);
    const all = [...this.#kept.values()].filter(({ said }) => said.length > 0);
    this.#kept.clear();
    setMaxListeners(0, stop.signal); // one of each who waits
    const failures: unknown[] = [];
    await Promise.all(
      all.map(async ({ userId, said }) => {
        try {
          await this.#source.ingest?.(userId, said, { signal: stop.signal });
        } catch (error) {
          failures.push(error);
        }
      }),
    );
    if (failures.length > 0) {
      const whose = failures.length === 1 ? 'a profile' : `${failures.length} profiles`;
      this.#onTrouble(`what was said could not be added to ${whose}: ${messageOf(failures[0])}`);
    }
    timer.cancel();
  }
}
