/** Which service a command means: an embedded room that runs on this machine, or VideoSDK. */
import { ParleyError } from '../../errors.js';
import { defaultCacheFolder, loadSecret } from '../../embedded/room-server/http/certificate.js';
import { RoomsApi } from '../../room/videosdk/rooms-api.js';
import type { VideoSdkCredentials } from '../../room/videosdk/tokens.js';
import type { Config } from '../../settings.js';
import { plain, type CliIo } from '../io.js';
import { findRunningRooms, type RunningRoom } from './running-rooms.js';

/** Where meetings are, and what opens them. */
export type MeetingLocation = {
  kind: 'embedded' | 'videosdk';
  /** For people, such as `the embedded room at https://localhost:8443`. */
  description: string;
  credentials: VideoSdkCredentials;
  /** Where a given token came from, for errors. */
  tokenSource: string;
  apiUrl?: string;
  signalingBaseUrl?: string;
  /** PEM that is trusted for both addresses. */
  ca?: string;
  /** Where its meeting pages are; VideoSDK has none of ours. */
  pageOrigin?: string;
};

const NOWHERE =
  'start an embedded room with "parley room", or set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY for VideoSDK';

/** Where embedded rooms keep their certificate and announce themselves. */
export function cacheFolderOf(io: CliIo): string {
  return defaultCacheFolder({ ...io.env });
}

/**
 * The latest embedded room that runs here, or else VideoSDK. `VIDEOSDK_SIGNALING_BASE_URL` decides where it is set. Throws
 * ParleyError `key_refused` when there is neither a room nor a key, and `config` for half of a pair of keys.
 */
export async function findLocation(config: Config, cacheFolder: string): Promise<MeetingLocation> {
  return (await candidates(config, cacheFolder))[0]!;
}

/**
 * The place that has this meeting: an embedded room that knows it, or else VideoSDK, which is asked nothing here. Throws
 * as {@link findLocation} does, and `usage` when only embedded rooms are there and none knows the meeting.
 */
export async function findLocationOf(
  meetingId: string,
  config: Config,
  cacheFolder: string,
): Promise<MeetingLocation> {
  const places = await candidates(config, cacheFolder);
  for (const place of places) {
    if (place.kind === 'videosdk' || (await roomsApiOf(place).findRoom(meetingId)) !== undefined)
      return place;
  }
  throw new ParleyError(
    'usage',
    `${places[0]!.description} has no meeting ${plain(meetingId).slice(0, 64)}: make one with "parley room create"`,
  );
}

/** Where a place's meetings are joined, and what is trusted there. */
export function addressOf({ signalingBaseUrl, ca }: MeetingLocation): {
  signalingBaseUrl?: string;
  ca?: string;
} {
  return {
    ...(signalingBaseUrl === undefined ? {} : { signalingBaseUrl }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** The REST API of a place. */
export function roomsApiOf(place: MeetingLocation): RoomsApi {
  return new RoomsApi({ credentials: place.credentials, apiUrl: place.apiUrl, ca: place.ca });
}

/** Every place in the order of preference; at least one. */
async function candidates(config: Config, cacheFolder: string): Promise<readonly MeetingLocation[]> {
  const wanted = config.videoSdkSignalingBaseUrl;
  const running = (await findRunningRooms(cacheFolder)).filter(
    ({ signalingBaseUrl }) => wanted === undefined || signalingBaseUrl === wanted,
  );
  const embedded = await Promise.all(running.map((room) => embeddedPlace(room, cacheFolder)));
  const credentials = credentialsOf(config);
  if (credentials === undefined && embedded.length === 0)
    throw new ParleyError('key_refused', `there is nowhere to meet: ${NOWHERE}`);
  return credentials === undefined || (wanted !== undefined && embedded.length > 0)
    ? embedded
    : [...embedded, videoSdkPlace(credentials, config)];
}

async function embeddedPlace(room: RunningRoom, cacheFolder: string): Promise<MeetingLocation> {
  const { origin, apiKey, signalingBaseUrl, apiUrl, ca } = room;
  return {
    kind: 'embedded',
    description: `the embedded room at ${origin}`,
    credentials: { kind: 'keys', apiKey, secret: await loadSecret(cacheFolder) },
    tokenSource: 'the token',
    signalingBaseUrl,
    apiUrl,
    ca,
    pageOrigin: origin,
  };
}

function videoSdkPlace(credentials: VideoSdkCredentials, config: Config): MeetingLocation {
  const { videoSdkApiUrl: apiUrl, videoSdkSignalingBaseUrl: signalingBaseUrl } = config;
  return {
    kind: 'videosdk',
    description: `VideoSDK${signalingBaseUrl === undefined ? '' : ` at ${signalingBaseUrl}`}`,
    credentials,
    tokenSource: 'VIDEOSDK_AUTH_TOKEN',
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(signalingBaseUrl === undefined ? {} : { signalingBaseUrl }),
  };
}

/** A pair of keys, or else a token; undefined for neither. Throws ParleyError `config` for half of a pair and no token. */
export function credentialsOf(config: Config): VideoSdkCredentials | undefined {
  const { videoSdkApiKey: apiKey, videoSdkSecretKey: secret, videoSdkAuthToken: token } = config;
  if (apiKey !== undefined && secret !== undefined) return { kind: 'keys', apiKey, secret };
  if (token !== undefined) return { kind: 'token', token };
  if (apiKey === undefined && secret === undefined) return undefined;
  const [given, missing] =
    apiKey === undefined
      ? ['VIDEOSDK_SECRET_KEY', 'VIDEOSDK_API_KEY']
      : ['VIDEOSDK_API_KEY', 'VIDEOSDK_SECRET_KEY'];
  throw new ParleyError('config', `${given} is set and ${missing} is not: they go together`);
}
