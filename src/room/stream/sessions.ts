/** Sessions of users in a call, as participants of a room. Pure. */
import { isBotId, type Participant } from '../room.js';
import type { StreamSession } from './sdk-types.js';
import { fieldsOf } from './struct.js';

/** A session with its id in the room. */
export type NamedSession = { readonly id: string; readonly session: StreamSession };

/**
 * Gives sessions their ids: a user's first one has the user's own, further ones have a part of the session's behind it. A session
 * keeps its id for as long as it is there. Our own user is left out: after a reconnect our earlier session is listed as somebody
 * else's for a while, with our own track.
 */
export class SessionIds {
  readonly #ownUserId: string;
  #ids: ReadonlyMap<string, string> = new Map(); // by session id

  constructor(ownUserId: string) {
    this.#ownUserId = ownUserId;
  }

  /** Everyone else of those who are there now. */
  name(sessions: readonly StreamSession[]): readonly NamedSession[] {
    const others = sessions.filter(
      ({ userId, isLocalParticipant }) => userId !== this.#ownUserId && isLocalParticipant !== true,
    );
    const present = new Set(others.map(({ sessionId }) => sessionId));
    const kept = new Map([...this.#ids].filter(([sessionId]) => present.has(sessionId)));
    const taken = new Set(kept.values());
    const named: NamedSession[] = [];
    for (const session of others) {
      const { userId, sessionId } = session;
      const id = kept.get(sessionId) ?? freeId(userId, sessionId, taken);
      kept.set(sessionId, id);
      taken.add(id);
      named.push({ id, session });
    }
    this.#ids = kept;
    return named;
  }
}

function freeId(userId: string, sessionId: string, taken: ReadonlySet<string>): string {
  const ids = [userId, `${userId}~${sessionId.slice(0, 8)}`, `${userId}~${sessionId}`];
  return ids.find((id) => !taken.has(id)) ?? ids[2]!;
}

/** Someone as the room has them. Name and metadata are untrusted text. */
export function toParticipant({ id, session }: NamedSession): Participant {
  const name = typeof session.name === 'string' ? session.name.trim() : '';
  return { id, name: name === '' ? id : name, metadata: fieldsOf(session.custom), isBot: isBotId(id) };
}
