/** Where the service's meetings are, by its settings: VideoSDK, the embedded room, or both. */
import { ParleyError } from '../../errors.js';
import { loadSecret } from '../../installation.js';
import type { MeetingPlace, MeetingPlaces } from '../../service/meetings/places.js';
import { platformOf } from '../../meeting-process/makers.js';
import type { PlatformSpec } from '../../meeting-process/protocol.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { credentialsOf } from '../embedded/meeting-location.js';
import { type RoomProcess, startRoomProcess } from '../embedded/room-process.js';
import { findRunningRooms, type RunningRoom } from '../embedded/running-rooms.js';

/** Places of meetings, and what was started for them. */
export type OpenPlaces = {
  readonly all: MeetingPlaces['all'];
  /** A meeting of the embedded room, to try. */
  readonly firstMeeting: { readonly meetingId: string; readonly page: string } | undefined;
  close(): Promise<void>;
};

/** How places are opened. */
export type PlacesOptions = {
  readonly config: ProcessSettings;
  readonly cacheFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The embedded room though there are keys; without keys it is there anyway. */
  readonly embedded: boolean;
  readonly roomPort: number;
};

/**
 * Opens them: the embedded room in a process of its own where there are no keys for VideoSDK, or it was asked for. Throws
 * ParleyError `config` for half of a pair of keys, `service_unavailable` where the room does not start.
 */
export async function openPlaces({
  config,
  cacheFolder,
  env,
  embedded,
  roomPort,
}: PlacesOptions): Promise<OpenPlaces> {
  checkPlatform(config);
  const credentials = credentialsOf(config);
  const wantsRoom = embedded || credentials === undefined;
  const room = wantsRoom ? await startRoomProcess(['--port', String(roomPort)], env) : undefined;
  const places = [
    ...(room === undefined ? [] : [await embeddedPlace(room, cacheFolder)]),
    ...(credentials === undefined ? [] : [videoSdkPlace(credentials, config)]),
  ] as [MeetingPlace, ...MeetingPlace[]];
  return {
    all: places,
    firstMeeting: room === undefined ? undefined : { meetingId: room.meetingId, page: room.page },
    close: async () => room?.end(),
  };
}

/**
 * Places that are there already, for a machine that runs meetings of a service elsewhere: VideoSDK where its keys are set, and an
 * embedded room that runs on this machine. Throws ParleyError `key_refused` where there is neither.
 */
export async function findPlaces({
  config,
  cacheFolder,
}: Pick<PlacesOptions, 'config' | 'cacheFolder'>): Promise<MeetingPlaces['all']> {
  checkPlatform(config);
  const credentials = credentialsOf(config);
  const [room] = await findRunningRooms(cacheFolder);
  const places = [
    ...(room === undefined
      ? []
      : [placeOf('embedded', await embeddedSpec(room, cacheFolder), (id) => `${room.origin}/${id}`)]),
    ...(credentials === undefined ? [] : [videoSdkPlace(credentials, config)]),
  ];
  const [first, ...others] = places;
  if (first !== undefined) return [first, ...others];
  throw new ParleyError(
    'key_refused',
    'there are no meetings to run: set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, as for the service',
  );
}

function checkPlatform({ platform }: ProcessSettings): void {
  if (platform === 'videosdk') return;
  throw new ParleyError(
    'config',
    'the service runs meetings of VideoSDK and of the embedded room, and the platform is stream: join calls of Stream by "parley join --stream"',
  );
}

async function embeddedPlace({ page }: RoomProcess, cacheFolder: string): Promise<MeetingPlace> {
  const { origin } = new URL(page);
  const running = (await findRunningRooms(cacheFolder)).find((each) => each.origin === origin)!;
  return placeOf('embedded', await embeddedSpec(running, cacheFolder), (id) => `${origin}/${id}`);
}

async function embeddedSpec(room: RunningRoom, cacheFolder: string): Promise<PlatformSpec> {
  const { apiKey, signalingBaseUrl, apiUrl, ca, origin } = room;
  return {
    kind: 'embedded',
    credentials: { kind: 'keys', apiKey, secret: await loadSecret(cacheFolder) },
    ...{ signalingBaseUrl, apiUrl, ca, description: `the embedded room at ${origin}` },
  };
}

function videoSdkPlace(
  credentials: NonNullable<ReturnType<typeof credentialsOf>>,
  config: ProcessSettings,
): MeetingPlace {
  const { videoSdkApiUrl: apiUrl, videoSdkSignalingBaseUrl: signalingBaseUrl } = config;
  const given =
    credentials.kind === 'keys'
      ? ({ kind: 'keys', apiKey: credentials.apiKey, secret: credentials.secret } as const)
      : ({ kind: 'token', token: credentials.token, source: 'VIDEOSDK_AUTH_TOKEN' } as const);
  const spec: PlatformSpec = {
    ...{ kind: 'videosdk', credentials: given },
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(signalingBaseUrl === undefined ? {} : { signalingBaseUrl }),
  };
  return placeOf('videosdk', spec, () => undefined);
}

function placeOf(
  name: MeetingPlace['name'],
  spec: PlatformSpec,
  pageOf: MeetingPlace['pageOf'],
): MeetingPlace {
  const platform = platformOf(spec);
  return {
    ...{ name, spec, pageOf, description: platform.description },
    roomsByApi: platform.capabilities.roomsByApi,
    createRoom: (customRoomId) => platform.createRoom(customRoomId),
    findRoom: (id) => platform.findRoom(id),
    createToken: (request) => platform.createToken(request),
  };
}
