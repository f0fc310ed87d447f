/** What a client may ask for through signalling, method by method: entering, being there, moderating. */
import { z } from 'zod';
import { announcedReason, LEAVE_REASONS } from './leave-reasons.js';
import { MEDIA_METHODS } from './media-methods.js';
import {
  id,
  joinedPeer,
  MAX_METADATA_CHARS,
  type Method,
  method,
  nothing,
  ofPeer,
  record,
} from './method.js';
import type { RoomPeer } from '../live-room.js';
import { REFUSALS } from './refusal.js';

const MAX_NAME_CHARS = 256;

const joinSchema = z.object({
  displayName: z.string().default(''),
  device: z
    .unknown()
    .optional()
    .refine((device) => device === undefined || JSON.stringify(device).length <= MAX_NAME_CHARS),
  mode: z.string().max(64).default('SEND_AND_RECV'),
  metaData: record
    .nullish()
    .transform((metaData) => metaData ?? {})
    .refine((metaData) => JSON.stringify(metaData).length <= MAX_METADATA_CHARS),
  autoConsume: z.boolean().default(true),
});

function enter(peer: RoomPeer): void {
  peer.stage = 'entered';
  peer.notify('entryResponded', { id: peer.id, decision: 'allowed', sessionId: peer.room.sessionId });
}

function deny(peer: RoomPeer): void {
  peer.stage = 'connected';
  peer.notify('entryResponded', { id: peer.id, decision: 'denied' });
}

function requireModerator(peer: RoomPeer): void {
  if (!peer.claims.permissions.includes('allow_mod')) {
    throw REFUSALS.notAllowed('This needs the permission allow_mod.');
  }
}

/** Asks another participant's client to switch something on or off: it decides itself. */
function askPeer(event: 'enableMic' | 'disableMic' | 'enableWebcam' | 'disableWebcam'): Method {
  return method('joined', ofPeer, (peer, { peerId }) => {
    requireModerator(peer);
    joinedPeer(peer, peerId).socket.emit(event, { peerId: peer.id }, () => undefined);
    return {};
  });
}

/** Every method that does something; others are acknowledged and noted. */
export const METHODS: Readonly<Record<string, Method>> = {
  ...MEDIA_METHODS,
  requestEntry: method(
    'connected',
    z.object({ name: z.string().max(MAX_NAME_CHARS).default('') }),
    (peer, { name }, { faults }) => {
      if (peer.stage !== 'connected') return {};
      if (faults.strike('lobby') !== undefined) return {};
      if (faults.strike('denyEntry') !== undefined) return { after: () => deny(peer) };
      if (!peer.claims.permissions.includes('ask_join')) return { after: () => enter(peer) };
      peer.stage = 'waiting';
      return {
        after: () => {
          for (const host of peer.room.joined()) {
            if (!host.claims.permissions.includes('ask_join')) {
              host.notify('entryRequested', { id: peer.id, name });
            }
          }
        },
      };
    },
  ),
  respondEntry: method(
    'joined',
    z.object({ id, decision: z.enum(['allowed', 'denied']) }),
    (peer, { id: guestId, decision }) => {
      if (peer.claims.permissions.includes('ask_join')) {
        throw REFUSALS.notAllowed('Who had to ask cannot let others in.');
      }
      const guest = peer.room.peers.get(guestId);
      if (guest?.stage !== 'waiting') throw REFUSALS.gone('waiting participant');
      if (decision === 'allowed') enter(guest);
      else deny(guest);
      return {};
    },
  ),
  join: method('entered', joinSchema, (peer, data, { pubSubUrl }) => {
    const { room } = peer;
    const isNew = peer.stage !== 'joined';
    peer.profile = { ...data, displayName: data.displayName.slice(0, MAX_NAME_CHARS) };
    peer.stage = 'joined';
    if (isNew) room.notify('newPeer', peer.info, peer);
    return {
      data: {
        peers: room.joined(peer).map((other) => other.info),
        poll: [],
        messages: [],
        unsupportedCodecs: [],
        pubSubUrl: pubSubUrl(peer),
      },
      after: () => {
        room.sendMediaStates(peer);
        room.consumeAll(peer);
      },
    };
  }),
  changeDisplayName: method('joined', z.object({ displayName: z.string() }), (peer, data) => {
    const oldDisplayName = peer.displayName;
    const displayName = data.displayName.slice(0, MAX_NAME_CHARS);
    peer.profile = { ...peer.profile, displayName };
    peer.room.notify('peerDisplayNameChanged', { peerId: peer.id, displayName, oldDisplayName }, peer);
    return {};
  }),
  changeMode: method('joined', z.object({ mode: z.string().max(64) }), (peer, { mode }) => {
    peer.profile = { ...peer.profile, mode };
    peer.room.notify('peerModeChanged', { peerId: peer.id, mode });
    return { data: { unsupportedCodecs: [] } };
  }),
  enablePeerMic: askPeer('enableMic'),
  disablePeerMic: askPeer('disableMic'),
  enablePeerWebcam: askPeer('enableWebcam'),
  disablePeerWebcam: askPeer('disableWebcam'),
  removePeer: method('joined', ofPeer, (peer, { peerId }, { endPeer }) => {
    requireModerator(peer);
    endPeer(joinedPeer(peer, peerId), LEAVE_REASONS.removed);
    return {};
  }),
  closeRoom: method('joined', nothing, (peer, _data, { endPeer }) => {
    requireModerator(peer);
    return {
      after: () => {
        for (const other of [...peer.room.peers.values()]) endPeer(other, LEAVE_REASONS.roomClosed);
      },
    };
  }),
  definePeerLeftReason: method(
    'connected',
    z.object({ leaveReason: z.string() }),
    (peer, { leaveReason }) => {
      peer.announcedReason = announcedReason(leaveReason);
      return {};
    },
  ),
};
