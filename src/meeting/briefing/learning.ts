import { setMaxListeners } from 'node:events';
import { messageOf } from '../../errors.js';
import { agreesToLearning, type ProfileIds, profileIdOf } from '../../profiles/profile-ids.js';
import type { ProfileSource, SaidText } from '../../profiles/profile-source.js';
import type { Participant } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { MeetingContext, MeetingPart, SaidSpeech } from '../meeting-part.js';

/** People whose words are kept; those who agree later are not learnt from. */
const MAX_PEOPLE = 500;
/** Kept of one person; what they say beyond it is not learnt. */
const MAX_TURNS = 500;
const MAX_CHARS = 50_000;

type Kept = { userId: string; said: SaidText[]; chars: number };

/** Keeps what people say who agreed to it, and adds it to their own profiles once the meeting is over. */
export class Learning implements MeetingPart {
  readonly name = 'learning';
  readonly #meeting: Pick<MeetingContext, 'clock' | 'notice'>;
  readonly #source: ProfileSource;
  readonly #ids: ProfileIds;
  readonly #kept = new Map<string, Kept>();

  /** @param source one that learns; another one is told nothing. `ids`: whose profile is whose, by the host's word */
  constructor(
    meeting: Pick<MeetingContext, 'clock' | 'notice'>,
    { source, ids = new Map<string, string>() }: { source: ProfileSource; ids?: ProfileIds },
  ) {
    this.#meeting = meeting;
    this.#source = source;
    this.#ids = ids;
  }

  joined({ isBot }: Pick<MeetingPerson, 'isBot'>, participant: Participant): void {
    if (!isBot) this.updated(participant);
  }

  /** Whoever does not agree, or not any more, is not learnt from: what they said is forgotten. */
  updated(participant: Participant): void {
    const userId = profileIdOf(participant, this.#ids);
    if (userId !== undefined && agreesToLearning(participant.metadata)) this.#agreed(participant.id, userId);
    else this.#kept.delete(participant.id);
  }

  /** From now on this person's words are kept for this profile; what was kept for another one is forgotten. */
  #agreed(participantId: string, userId: string): void {
    if (this.#kept.get(participantId)?.userId === userId) return;
    this.#kept.delete(participantId);
    if (this.#kept.size >= MAX_PEOPLE) return;
    this.#kept.set(participantId, { userId, said: [], chars: 0 });
  }

  /** What they said stays until the end, where they said anything. */
  left({ id }: Pick<MeetingPerson, 'id'>): void {
    if (this.#kept.get(id)?.said.length === 0) this.#kept.delete(id);
  }

  /** Forgotten at once unless they agreed. */
  said({ speakerId, text, isMixed }: Pick<SaidSpeech, 'speakerId' | 'text' | 'isMixed'>): void {
    const kept = this.#kept.get(speakerId);
    if (kept === undefined || text === '' || isMixed === true) return; // nobody learns another's words
    if (kept.said.length >= MAX_TURNS || kept.chars + text.length > MAX_CHARS) return;
    kept.said.push({ text, saidAtMs: this.#meeting.clock.epochMs() });
    kept.chars += text.length;
  }

  /** Adds to everyone's profile what they said, for `timeLimitMs` at most, and forgets it. Never rejects. */
  async finish(timeLimitMs: number): Promise<void> {
    const stop = new AbortController();
    const timer = this.#meeting.clock.setTimer(() => stop.abort(), timeLimitMs);
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
      const message = `what was said could not be added to ${whose}: ${messageOf(failures[0])}`;
      this.#meeting.notice({ kind: 'profile', message });
    }
    timer.cancel();
  }
}
