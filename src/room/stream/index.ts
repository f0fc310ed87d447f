/** The door to calls of Stream: the client and wrtc are loaded by the first room, and by nothing else. */
import { type Clock, systemClock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { loadWays } from '../../outgoing/agents.js';
import type { Room } from '../room.js';
import { parseCallId } from './call-id.js';

const DEFAULT_JOIN_TIMEOUT_MS = 30_000;

/** One place in a call. */
export type StreamRoomOptions = {
  /** Type and id of the call: `default:weekly-sync`. */
  meetingId: string;
  apiKey: string;
  /** Makes a user token for `participantId`: one for each connection. It is never logged. */
  createToken: () => Promise<string>;
  /** How we are called in the call. */
  name: string;
  /** Our user's id; an interpreter's begins with `BOT_ID_PREFIX`. */
  participantId: string;
  metadata?: Readonly<Record<string, unknown>>;
  /** Address of the API; the vendor's by default. */
  baseUrl?: string;
  /** Whose audio is heard: `people` by default, `nobody` for a participant that only speaks. */
  hears?: 'people' | 'nobody';
  /** How long joining may take. */
  joinTimeoutMs?: number;
  clock?: Clock;
  log: Logger;
};

/**
 * A room in a call of Stream, not joined yet. Throws a ParleyError: `usage` for an id that cannot be one, `config` where the host has
 * not installed the client, `internal` where wrtc cannot be loaded. From here on the process must end by `process.exit`: wrtc
 * crashes a natural end.
 */
export async function createStreamRoom(options: StreamRoomOptions): Promise<Room> {
  const callId = parseCallId(options.meetingId);
  checkUserId(options.participantId);
  const [{ StreamRoom }, { loadStreamSdk }, { loadWrtc }, wayTo] = await Promise.all([
    import('./room.js'),
    import('./sdk-loader.js'),
    import('../webrtc/wrtc.js'),
    loadWays(),
  ]);
  const { apiKey, createToken, name, participantId, metadata = {}, baseUrl, hears = 'people', log } = options;
  return new StreamRoom(
    {
      ...{ callId, apiKey, createToken, name, participantId, metadata, baseUrl, hears, wayTo },
      createSdk: loadStreamSdk(),
      joinTimeoutMs: options.joinTimeoutMs ?? DEFAULT_JOIN_TIMEOUT_MS,
      clock: options.clock ?? systemClock,
      wrtc: loadWrtc(),
    },
    (error, event) => {
      log.error({ event, err: error }, `a listener of the room failed: ${messageOf(error)}`);
    },
  );
}

/** `~` tells further sessions of one user apart, so that no user of ours may have it. */
function checkUserId(id: string): void {
  if (/^[\w@-]{1,128}$/.test(id)) return;
  throw new ParleyError(
    'usage',
    "a user's id at Stream may hold letters, digits and _ @ - only, 1 to 128 of them",
  );
}
