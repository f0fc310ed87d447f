import type { MeetingAssignment } from './protocol.js';

/** The host's word about people, as an assignment carries it. */
type People = NonNullable<MeetingAssignment['people']>;

/** With what the host says of one person now; what they said of them before stays where this says nothing. */
export function withWord(
  people: People,
  participantId: string,
  settings: People[number]['settings'],
): People {
  const before = people.find((person) => person.participantId === participantId)?.settings;
  const others = people.filter((person) => person.participantId !== participantId);
  return [...others, { participantId, settings: { ...before, ...settings } }];
}
