import { ParleyError } from '../../errors.js';
import type { MeetingPlatform, PlaceRequest } from '../meeting-platform.js';
import { newBotId } from '../new-bot-id.js';
import type { Room } from '../room.js';
import { parseCallId } from './call-id.js';
import { STREAM_CAPABILITIES } from './capabilities.js';
import { createStreamRoom, type StreamRoomOptions } from './index.js';
import type { StreamCredentials } from './tokens.js';

/** What opens Stream's calls, and where they are. */
export type StreamPlatformOptions = {
  /** Key of your Stream app. */
  apiKey: string;
  /** Address of the API, `https://…/video`; the vendor's by default. */
  baseUrl?: string | undefined;
  /** For people: what the service is called; `Stream` by default. */
  description?: string;
} & (
  | {
      /** It never leaves this process: tokens are signed with it. */
      apiSecret: string;
    }
  | {
      /** A user token that somebody made, for a user whose id begins with `parley-`. */
      token: string;
      /** Where the token came from, such as a variable's name, for errors. */
      tokenSource?: string;
    }
);

/** Makes a room: a seam for tests, which have a stand-in for the vendor's client. */
export type CreateStreamRoom = (options: StreamRoomOptions) => Promise<Room>;

/**
 * Calls of Stream Video. Meeting ids are a call's type and id, `default:weekly-sync`; the call must be there already. It takes
 * `@stream-io/video-client`, which you install beside Parley under its vendor's licence, and which the first room loads; from there
 * on the process must end by `process.exit`. Further voices and tokens take the secret: a given token is for one user.
 */
export function stream(options: StreamPlatformOptions): MeetingPlatform {
  return streamOver(createStreamRoom, options);
}

/** {@link stream}, with rooms that `createRoom` makes. */
export function streamOver(createRoom: CreateStreamRoom, options: StreamPlatformOptions): MeetingPlatform {
  const { apiKey, baseUrl, description = 'Stream' } = options;
  const credentials: StreamCredentials =
    'token' in options
      ? { kind: 'token', apiKey, token: options.token }
      : { kind: 'keys', apiKey, secret: options.apiSecret };
  const tokenSource = ('token' in options ? options.tokenSource : undefined) ?? 'the token';

  const open = async (request: PlaceRequest, hears: 'people' | 'nobody'): Promise<Room> => {
    const { meetingId, name, metadata, clock, log, stayMs } = request;
    const { createUserToken, userIdOf } = await import('./tokens.js');
    const wanted = request.participantId ?? newBotId();
    const participantId =
      credentials.kind === 'keys'
        ? wanted
        : userIdOf(credentials.token, { source: tokenSource, epochMs: clock.epochMs() });
    const createToken = (): Promise<string> =>
      credentials.kind === 'token'
        ? Promise.resolve(credentials.token)
        : createUserToken({
            secret: credentials.secret,
            userId: participantId,
            epochMs: clock.epochMs(),
            expiresInSeconds: Math.ceil(stayMs / 1_000),
          });
    return createRoom({
      ...{ meetingId, apiKey, createToken, name, participantId, hears, clock, log },
      ...(metadata === undefined ? {} : { metadata }),
      ...(baseUrl === undefined ? {} : { baseUrl }),
    });
  };

  return {
    description,
    capabilities: { ...STREAM_CAPABILITIES, roomsByApi: false, furtherVoices: credentials.kind === 'keys' },
    openRoom: (request) => open(request, 'people'),
    openVoice: async (request) => {
      if (credentials.kind === 'token')
        throw new ParleyError(
          'key_refused',
          'no further voice can join: this token is for one user; give the API secret (STREAM_API_SECRET)',
        );
      return open(request, 'nobody');
    },
    createRoom: () => Promise.reject(noRoomsApi()),
    findRoom: () => Promise.reject(noRoomsApi()),
    createToken: async ({ meetingId, participantId, expiresInSeconds }) => {
      parseCallId(meetingId);
      if (credentials.kind === 'token')
        throw new ParleyError(
          'key_refused',
          'a token makes no tokens: give the API secret (STREAM_API_SECRET)',
        );
      const { createUserToken } = await import('./tokens.js');
      const { secret } = credentials;
      return createUserToken({ secret, userId: participantId, epochMs: Date.now(), expiresInSeconds });
    },
  };
}

function noRoomsApi(): ParleyError {
  return new ParleyError(
    'usage',
    "Parley makes and looks up no calls of Stream: your own server or Stream's dashboard does",
  );
}
