/** The door to VideoSDK: the SDK and wrtc are loaded by the first room, and by nothing else. */
import { type Clock, systemClock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { isInheritedName } from '../../inherited-names.js';
import type { Logger } from '../../log.js';
import { loadWays } from '../../outgoing/agents.js';
import type { Room } from '../room.js';
import type { SubscriptionScope } from './audio-subscriptions.js';

/** VideoSDK's own signalling server. */
const DEFAULT_SIGNALING_BASE_URL = 'api.videosdk.live';
const DEFAULT_JOIN_TIMEOUT_MS = 30_000;

export type VideoSdkOptions = {
  meetingId: string;
  /** An access token for this meeting and participant; it is checked when joining, and never logged. */
  token: string;
  /** How we are called in the meeting. */
  name: string;
  /** Our id in the meeting; an interpreter's begins with `BOT_ID_PREFIX`. */
  participantId: string;
  metadata?: Readonly<Record<string, unknown>>;
  /** `host[:port]`, without a scheme: always HTTPS. */
  signalingBaseUrl?: string;
  /** PEM of the authority that is trusted for `signalingBaseUrl` alone, in place of the system's. */
  ca?: string;
  /** Whether the SDK may send VideoSDK traces, logs and statistics of this meeting. Off by default. */
  telemetry?: boolean;
  /**
   * Whose audio is asked for: `people` by default, `everyone` for a participant that stands for a person, `nobody` for one
   * that only speaks.
   */
  hears?: SubscriptionScope;
  /** How long joining may take, a lobby included. */
  joinTimeoutMs?: number;
  clock?: Clock;
  log: Logger;
};

/**
 * A room in VideoSDK, not joined yet. Throws a ParleyError for an id or address that cannot be one, and where wrtc cannot
 * be loaded. From here on the process must end by `process.exit`: wrtc crashes a natural end.
 */
export async function createVideoSdkRoom(options: VideoSdkOptions): Promise<Room> {
  const host = parseHost(options.signalingBaseUrl ?? DEFAULT_SIGNALING_BASE_URL);
  checkId('meeting id', options.meetingId);
  checkId('participant id', options.participantId);
  const [{ VideoSdkRoom }, { loadWrtc }, wayTo] = await Promise.all([
    import('./room.js'),
    import('../webrtc/wrtc.js'),
    loadWays(),
  ]);
  return new VideoSdkRoom(
    {
      meetingId: options.meetingId,
      participantId: options.participantId,
      name: options.name,
      token: options.token,
      metadata: options.metadata ?? {},
      signalingBaseUrl: host,
      trusted: options.ca === undefined ? undefined : { host, ca: options.ca },
      wayTo,
      telemetry: options.telemetry ?? false,
      hears: options.hears ?? 'people',
      joinTimeoutMs: options.joinTimeoutMs ?? DEFAULT_JOIN_TIMEOUT_MS,
      clock: options.clock ?? systemClock,
      wrtc: loadWrtc(),
    },
    (error, event) => {
      options.log.error({ event, err: error }, `a listener of the room failed: ${messageOf(error)}`);
    },
  );
}

/**
 * Loads everything that a room needs, ahead of the first one. From here on the process must end by `process.exit`.
 * @param cacheFolder a folder of ours alone, where what was compiled is kept for the next process
 */
export async function preloadVideoSdk(cacheFolder?: string): Promise<void> {
  const [{ loadBundle }, { loadWrtc }] = await Promise.all([
    import('./sdk-loader.js'),
    import('../webrtc/wrtc.js'),
    import('./room.js'),
    import('./tokens.js'),
    loadWays(),
  ]);
  loadBundle(cacheFolder);
  loadWrtc();
}

/** The SDK writes both ids into the socket's address as they are (videosdk.js line 12450). */
function checkId(what: string, id: string): void {
  if (isInheritedName(id))
    throw new ParleyError('usage', `the ${what} cannot be ${id}: every JavaScript object has that name`);
  if (/^[\w.~-]{1,128}$/.test(id)) return;
  throw new ParleyError('usage', `the ${what} may hold letters, digits and . _ ~ - only, 1 to 128 of them`);
}

function parseHost(signalingBaseUrl: string): string {
  const url = URL.canParse(`https://${signalingBaseUrl}`)
    ? new URL(`https://${signalingBaseUrl}`)
    : undefined;
  if (url === undefined || url.host === '' || url.href !== `https://${url.host}/`) {
    throw new ParleyError('config', 'the signalling address must be host or host:port, without https://');
  }
  return url.host;
}
