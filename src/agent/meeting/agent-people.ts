import { type LanguageTag } from '../../languages/languages.js';
import type { MeetingContext, SaidSpeech } from '../../meeting/meeting-part.js';
import { agreesToAgent } from '../consent.js';
import type { AgentSettings } from './agent-options.js';
import type { SpokenSegments } from './spoken-segments.js';

/** Who people are to the agent of one meeting: hosts, those whose words it may read, and what they are answered in. */
export class AgentPeople {
  readonly #meeting: Pick<MeetingContext, 'people' | 'personOf' | 'room'>;
  readonly #settings: () => AgentSettings;
  readonly #segments: SpokenSegments;

  constructor(
    meeting: Pick<MeetingContext, 'people' | 'personOf' | 'room'>,
    settings: () => AgentSettings,
    segments: SpokenSegments,
  ) {
    this.#meeting = meeting;
    this.#settings = settings;
    this.#segments = segments;
  }

  isHost(participantId: string): boolean {
    return this.#settings().hosts.includes(participantId);
  }

  /** Whether somebody's words are for the agent: their own word, and the host's. */
  agrees(participantId: string): boolean {
    if (this.#meeting.personOf(participantId)?.agent === false) return false;
    const participant = this.#meeting.room.participants.get(participantId);
    return participant === undefined || agreesToAgent(participant.metadata);
  }

  /** Whether the agent may read this. Where one session hears everybody, only if everybody agrees: words are not told apart for certain. */
  mayRead({ speakerId, isMixed }: Pick<SaidSpeech, 'speakerId' | 'isMixed'>): boolean {
    if (isMixed !== true) return this.agrees(speakerId);
    return this.#meeting.people().every(({ id }) => this.agrees(id));
  }

  /** What somebody speaks, where that is one language; else what they prefer to hear. */
  languageOf(participantId: string | undefined): LanguageTag {
    const meeting = this.#meeting;
    const person = participantId === undefined ? undefined : meeting.personOf(participantId);
    const last = this.#segments.all.findLast(({ speakerId }) => speakerId === participantId)?.language;
    if (last !== undefined && participantId !== undefined) return last;
    const { speaks = [], prefers } = person ?? {};
    const [only, ...others] = speaks;
    if (only !== undefined && others.length === 0) return only;
    return prefers ?? only ?? meeting.people().find((each) => each.prefers !== undefined)?.prefers ?? 'en';
  }
}
