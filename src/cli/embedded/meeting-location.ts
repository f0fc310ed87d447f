/** Which service a command means: an embedded room that runs on this machine, or VideoSDK; or Stream, where that is said. */
import { ParleyError } from '../../errors.js';
import { defaultCacheFolder, loadSecret } from '../../installation.js';
import type { MeetingPlatform } from '../../room/meeting-platform.js';
import { stream } from '../../room/stream/platform.js';
import type { StreamCredentials } from '../../room/stream/tokens.js';
import { videoSdk } from '../../room/videosdk/platform.js';
import type { VideoSdkCredentials } from '../../room/videosdk/tokens.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import type { CliIo } from '../io.js';
import { plain } from '../../text.js';
import { ownCommand } from '../own-command.js';
import { findRunningRooms, type RunningRoom } from './running-rooms.js';

/** Where embedded rooms keep their certificate and announce themselves. */
export function cacheFolderOf(io: CliIo): string {
  return defaultCacheFolder({ ...io.env });
}

/**
 * The latest embedded room that runs here, or else VideoSDK. `VIDEOSDK_SIGNALING_BASE_URL` decides where it is set. Throws
 * ParleyError `key_refused` when there is neither a room nor a key, and `config` for half of a pair of keys.
 */
export async function findLocation(config: ProcessSettings, cacheFolder: string): Promise<Location> {
  if (config.platform === 'stream') return streamPlace(config);
  return (await candidates(config, cacheFolder))[0]!;
}

/**
 * The place that has this meeting: an embedded room that knows it, or else VideoSDK, which is asked nothing here. Throws
 * as {@link findLocation} does, and `usage` when only embedded rooms are there and none knows the meeting.
 */
export async function findLocationOf(
  meetingId: string,
  config: ProcessSettings,
  cacheFolder: string,
): Promise<Location> {
  if (config.platform === 'stream') return streamPlace(config);
  const found = await candidates(config, cacheFolder);
  for (const place of found) {
    if (place.embedded === undefined || (await place.platform.findRoom(meetingId)) !== undefined)
      return place;
  }
  throw new ParleyError(
    'usage',
    `${found[0]!.platform.description} has no meeting ${plain(meetingId).slice(0, 64)}: make one with "${ownCommand(process.env)} room create"`,
  );
}

/** A place where meetings are; VideoSDK is not asked whether it has one before that is joined. */
export type Location = {
  readonly platform: MeetingPlatform;
  /** Where an embedded room is; undefined for VideoSDK and Stream. */
  readonly embedded?: Pick<RunningRoom, 'origin' | 'signalingBaseUrl'>;
};

/** Every place in the order of preference; at least one. */
async function candidates(config: ProcessSettings, cacheFolder: string): Promise<readonly Location[]> {
  const wanted = config.videoSdkSignalingBaseUrl;
  const running = (await findRunningRooms(cacheFolder)).filter(
    ({ signalingBaseUrl }) => wanted === undefined || signalingBaseUrl === wanted,
  );
  const embedded = await Promise.all(running.map((room) => embeddedPlace(room, cacheFolder)));
  const credentials = credentialsOf(config);
  if (credentials === undefined && embedded.length === 0)
    throw new ParleyError(
      'key_refused',
      `there is nowhere to meet: start an embedded room with "${ownCommand(process.env)} room", or set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY for VideoSDK`,
    );
  return credentials === undefined || (wanted !== undefined && embedded.length > 0)
    ? embedded
    : [...embedded, videoSdkPlace(credentials, config)];
}

async function embeddedPlace(room: RunningRoom, cacheFolder: string): Promise<Location> {
  const { origin, apiKey, signalingBaseUrl, apiUrl, ca } = room;
  const platform = videoSdk({
    ...{ apiKey, signalingBaseUrl, apiUrl, ca },
    secret: await loadSecret(cacheFolder),
    description: `the embedded room at ${origin}`,
  });
  return { platform, embedded: { origin, signalingBaseUrl } };
}

function videoSdkPlace(credentials: VideoSdkCredentials, config: ProcessSettings): Location {
  const { videoSdkApiUrl: apiUrl, videoSdkSignalingBaseUrl: signalingBaseUrl } = config;
  const address = { apiUrl, signalingBaseUrl };
  const platform =
    credentials.kind === 'keys'
      ? videoSdk({ apiKey: credentials.apiKey, secret: credentials.secret, ...address })
      : videoSdk({ token: credentials.token, tokenSource: 'VIDEOSDK_AUTH_TOKEN', ...address });
  return { platform };
}

/** Calls of Stream. Throws ParleyError `key_refused` without keys. */
function streamPlace(config: ProcessSettings): Location {
  const credentials = streamCredentialsOf(config);
  if (credentials === undefined)
    throw new ParleyError(
      'key_refused',
      'calls of Stream take keys: set STREAM_API_KEY and STREAM_API_SECRET (or STREAM_USER_TOKEN)',
    );
  const { apiKey } = credentials;
  const baseUrl = config.streamBaseUrl;
  return {
    platform:
      credentials.kind === 'keys'
        ? stream({ apiKey, apiSecret: credentials.secret, baseUrl })
        : stream({ apiKey, token: credentials.token, tokenSource: 'STREAM_USER_TOKEN', baseUrl }),
  };
}

/** Key and secret of a Stream app, or else a user token; undefined for nothing. Throws ParleyError `config` for half of them. */
export function streamCredentialsOf(config: ProcessSettings): StreamCredentials | undefined {
  const { streamApiKey: apiKey, streamApiSecret: secret, streamUserToken: token } = config;
  if (apiKey !== undefined && secret !== undefined) return { kind: 'keys', apiKey, secret };
  if (apiKey !== undefined && token !== undefined) return { kind: 'token', apiKey, token };
  if (apiKey === undefined && secret === undefined && token === undefined) return undefined;
  throw new ParleyError(
    'config',
    apiKey === undefined
      ? `${secret === undefined ? 'STREAM_USER_TOKEN' : 'STREAM_API_SECRET'} is set and STREAM_API_KEY is not: they go together`
      : 'STREAM_API_KEY is set, and neither STREAM_API_SECRET nor STREAM_USER_TOKEN',
  );
}

/** A pair of keys, or else a token; undefined for neither. Throws ParleyError `config` for half of a pair and no token. */
export function credentialsOf(config: ProcessSettings): VideoSdkCredentials | undefined {
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
