/**
 * Who is in the room, through reconnects. The SDK tells of the same people again after one, does not tell of those who
 * left meanwhile, and mixes its own keys into metadata on one of the two ways it learns of people.
 */
import { isBotId, type Participant } from '../room.js';
import type { SdkPeer } from './sdk-types.js';

/** Keys that the SDK adds; it strips them itself from people who come later (videosdk.js line 13834). */
const SDK_METADATA_KEYS = new Set(['enableAgentEvents', 'agent_id', 'agent_name', 'is_videosdk_agent']);

/** What one step changed. */
export type ParticipantsChange =
  | { kind: 'joined'; participant: Participant }
  | { kind: 'changed'; participant: Participant }
  | { kind: 'left'; participant: Participant };

/** Everyone else in the room. Each method returns what it changed, oldest first. */
export class SdkParticipants {
  readonly #ownId: string;
  readonly #participants = new Map<string, Participant>();

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  get participants(): ReadonlyMap<string, Participant> {
    return this.#participants;
  }

  /** Someone is here, perhaps already known. */
  add(peer: SdkPeer): readonly ParticipantsChange[] {
    const participant = toParticipant(peer);
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
  reconcile(peers: readonly SdkPeer[]): readonly ParticipantsChange[] {
    const present = new Set(peers.map((peer) => peer.id));
    const ghosts = [...this.#participants.keys()].filter((id) => !present.has(id));
    return [...ghosts.flatMap((id) => this.remove(id)), ...peers.flatMap((peer) => this.add(peer))];
  }
}

function toParticipant(peer: SdkPeer): Participant {
  const { metaData } = peer;
  const entries =
    typeof metaData === 'object' && metaData !== null && !Array.isArray(metaData)
      ? Object.entries(metaData as Record<string, unknown>)
      : [];
  const name = typeof peer.displayName === 'string' ? peer.displayName.trim() : '';
  return {
    id: peer.id,
    name: name === '' ? peer.id : name,
    metadata: Object.fromEntries(entries.filter(([key]) => !SDK_METADATA_KEYS.has(key))),
    isBot: isBotId(peer.id),
  };
}

function sameDescription(one: Participant, other: Participant): boolean {
  return one.name === other.name && JSON.stringify(one.metadata) === JSON.stringify(other.metadata);
}
