/**
 * Who is in the room, through reconnects. SDKs tell of the same people again after one, and do not tell of those who left
 * meanwhile.
 */
import type { Participant } from '../room.js';

/** What one step changed. */
export type ParticipantsChange =
  | { kind: 'joined'; participant: Participant }
  | { kind: 'changed'; participant: Participant }
  | { kind: 'left'; participant: Participant };

/** Everyone else in the room. Each method returns what it changed, oldest first. */
export class Roster<Peer> {
  readonly #ownId: string;
  readonly #toParticipant: (peer: Peer) => Participant;
  readonly #participants = new Map<string, Participant>();

  /** `toParticipant`: someone as the SDK has them, as the room has them. */
  constructor(ownId: string, toParticipant: (peer: Peer) => Participant) {
    this.#ownId = ownId;
    this.#toParticipant = toParticipant;
  }

  get participants(): ReadonlyMap<string, Participant> {
    return this.#participants;
  }

  /** Someone is here, perhaps already known. */
  add(peer: Peer): readonly ParticipantsChange[] {
    const participant = this.#toParticipant(peer);
    if (participant.id === this.#ownId) return [];
    const known = this.#participants.get(participant.id);
    if (known !== undefined && sameDescription(known, participant)) return [];
    this.#participants.set(participant.id, participant);
    return [{ kind: known === undefined ? 'joined' : 'changed', participant }];
  }

  remove(participantId: string): readonly ParticipantsChange[] {
    const participant = this.#participants.get(participantId);
    if (participant === undefined) return [];
    this.#participants.delete(participantId);
    return [{ kind: 'left', participant }];
  }

  /** After joining again: `peers` is everyone who is here now. */
  reconcile(peers: readonly Peer[]): readonly ParticipantsChange[] {
    const present = new Set(peers.map((peer) => this.#toParticipant(peer).id));
    const ghosts = [...this.#participants.keys()].filter((id) => !present.has(id));
    return [...ghosts.flatMap((id) => this.remove(id)), ...peers.flatMap((peer) => this.add(peer))];
  }
}

function sameDescription(one: Participant, other: Participant): boolean {
  return one.name === other.name && JSON.stringify(one.metadata) === JSON.stringify(other.metadata);
}
