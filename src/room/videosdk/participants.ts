import { isBotId, type Participant } from '../room.js';
import type { SdkPeer } from './sdk-types.js';

/** Keys that the SDK adds; it strips them itself from people who come later (videosdk.js line 13834). */
const SDK_METADATA_KEYS = new Set(['enableAgentEvents', 'agent_id', 'agent_name', 'is_videosdk_agent']);

/** Someone as the SDK has them: it mixes its own keys into metadata on one of the two ways it learns of people. */
export function toParticipant(peer: SdkPeer): Participant {
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
