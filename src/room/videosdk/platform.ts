import { ParleyError } from '../../errors.js';
import { isInheritedName } from '../../inherited-names.js';
import type { MeetingPlatform, PlaceRequest } from '../meeting-platform.js';
import { newBotId } from '../new-bot-id.js';
import type { Room } from '../room.js';
import { VIDEOSDK_CAPABILITIES } from './capabilities.js';
import { createVideoSdkRoom } from './index.js';
import { readClaims } from './token-claims.js';
import type { VideoSdkCredentials } from './tokens.js';

/** Where VideoSDK is, and what opens it. */
export type VideoSdkPlatformOptions = (
  | {
      apiKey: string;
      /** It never leaves this process: tokens are signed with it. */
      secret: string;
    }
  | {
      /** A token that somebody made: for one participant, or for nobody in particular. */
      token: string;
      /** Where the token came from, such as a variable's name, for errors. */
      tokenSource?: string;
    }
) & {
  /** Address of the REST API; `https://api.videosdk.live` by default. */
  apiUrl?: string | undefined;
  /** `host[:port]` of the signalling server, without a scheme; VideoSDK's own by default. */
  signalingBaseUrl?: string | undefined;
  /** PEM of the authority that is trusted for both addresses, in place of the system's: an embedded room's. */
  ca?: string | undefined;
  /** For people: what the service is called; `VideoSDK` by default. */
  description?: string;
  /** Whether the SDK may send VideoSDK traces and logs of meetings. Off by default. */
  telemetry?: boolean;
};

/**
 * VideoSDK's meetings, and those of an embedded room, which speaks the same protocol at its own addresses. The SDK and WebRTC
 * are loaded by the first room that is opened; from there on the process must end by `process.exit`. Further voices, rooms
 * and tokens take a pair of keys; a given token serves as far as it goes.
 */
export function videoSdk(options: VideoSdkPlatformOptions): MeetingPlatform {
  const { apiUrl, signalingBaseUrl, ca, telemetry } = options;
  const credentials: VideoSdkCredentials =
    'token' in options
      ? { kind: 'token', token: options.token }
      : { kind: 'keys', apiKey: options.apiKey, secret: options.secret };
  const source = ('token' in options ? options.tokenSource : undefined) ?? 'the token';
  const isForOne = credentials.kind === 'token' && readClaims(credentials.token)?.participantId !== undefined;
  const description =
    options.description ?? `VideoSDK${signalingBaseUrl === undefined ? '' : ` at ${signalingBaseUrl}`}`;

  const open = async (request: PlaceRequest, hears: 'people' | 'nobody'): Promise<Room> => {
    const { meetingId, name, metadata, clock, log, stayMs } = request;
    const { joinTokenFor } = await import('./tokens.js');
    const { token, participantId } = joinTokenFor({
      credentials,
      source,
      roomId: meetingId,
      participantId: request.participantId ?? newBotId(),
      epochMs: clock.epochMs(),
      expiresInSeconds: Math.ceil(stayMs / 1_000),
    });
    return createVideoSdkRoom({
      meetingId,
      token,
      name,
      participantId,
      ...(metadata === undefined ? {} : { metadata }),
      hears,
      clock,
      log,
      ...(signalingBaseUrl === undefined ? {} : { signalingBaseUrl }),
      ...(ca === undefined ? {} : { ca }),
      ...(telemetry === undefined ? {} : { telemetry }),
    });
  };
  const roomsApi = async () => {
    const { RoomsApi } = await import('./rooms-api.js');
    return new RoomsApi({ credentials, apiUrl, ca });
  };

  return {
    description,
    capabilities: { ...VIDEOSDK_CAPABILITIES, roomsByApi: true, furtherVoices: !isForOne },
    openRoom: (request) => open(request, 'people'),
    openVoice: async (request) => {
      if (isForOne)
        throw new ParleyError(
          'key_refused',
          'no further voice can join: this token is for one participant; set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY',
        );
      return open(request, 'nobody');
    },
    createRoom: async (customRoomId) => (await roomsApi()).createRoom(customRoomId),
    findRoom: async (id) => (await roomsApi()).findRoom(id),
    createToken: async ({ meetingId, participantId, expiresInSeconds }) => {
      if (credentials.kind === 'token')
        throw new ParleyError(
          'key_refused',
          'a token makes no tokens: set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY',
        );
      if (isInheritedName(participantId))
        throw new ParleyError(
          'usage',
          `nobody can join as ${participantId}: every JavaScript object has that name; take another participant id`,
        );
      const { createAccessToken } = await import('./tokens.js');
      return createAccessToken({ ...credentials, roomId: meetingId, participantId, expiresInSeconds });
    },
  };
}
