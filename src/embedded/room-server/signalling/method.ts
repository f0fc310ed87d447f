/** A signalling method: what it takes, how far a client must have come, what it does. */
import { z } from 'zod';
import type { RoomPeer } from '../live-room.js';
import { REFUSALS } from './refusal.js';
import type { SignallingServices } from './services.js';

export const MAX_METADATA_CHARS = 16_384;

/** `data` is the answer; `after` runs once it has been sent. */
type MethodAnswer = { data?: object; after?: () => void };

export type Method = {
  /** The stage a client must have reached. */
  stage: 'connected' | 'entered' | 'joined';
  run(peer: RoomPeer, data: unknown, services: SignallingServices): MethodAnswer | Promise<MethodAnswer>;
};

export function method<Data>(
  stage: Method['stage'],
  schema: z.ZodType<Data>,
  run: (peer: RoomPeer, data: Data, services: SignallingServices) => MethodAnswer | Promise<MethodAnswer>,
): Method {
  return {
    stage,
    run: (peer, data, services) => {
      const parsed = schema.safeParse(data);
      if (parsed.success) return run(peer, parsed.data, services);
      const path = parsed.error.issues[0]?.path.join('.') ?? '';
      throw REFUSALS.badRequest(`The field "${path}" is missing or wrong.`);
    },
  };
}

export const nothing = z.unknown();
export const id = z.string().min(1).max(128);
export const ofPeer = z.object({ peerId: id });
export const record = z.record(z.string(), z.unknown());

/** Another participant, by id. */
export function joinedPeer(peer: RoomPeer, peerId: string): RoomPeer {
  const other = peer.room.peers.get(peerId);
  if (other?.stage !== 'joined') throw REFUSALS.gone('participant');
  return other;
}
