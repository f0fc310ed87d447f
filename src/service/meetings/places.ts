/** The port to where meetings are: programs choose which services there are. */
import type { BackendSpec, PlatformSpec } from '../../meeting-process/protocol.js';
import type { RoomInfo, TokenRequest } from '../../room/meeting-platform.js';

/** A service that has meetings: VideoSDK, or the embedded room. */
export type PlaceName = 'videosdk' | 'embedded';

/** One service that has meetings. All methods reject with a ParleyError that says what to do. */
export interface MeetingPlace {
  readonly name: PlaceName;
  /** For people, such as `VideoSDK`. */
  readonly description: string;
  /** What a meeting process needs to join its meetings; holds keys. */
  readonly spec: PlatformSpec;
  /** Rooms can be made and looked up. */
  readonly roomsByApi: boolean;
  createRoom(customRoomId?: string): Promise<RoomInfo>;
  /** The room of this id or custom id; undefined where there is none. */
  findRoom(id: string): Promise<RoomInfo | undefined>;
  createToken(request: TokenRequest): Promise<string>;
  /** The page of a meeting, where the service has one of its own. */
  pageOf(meetingId: string): string | undefined;
}

/** Where meetings are, and who interprets them. */
export interface MeetingPlaces {
  /** In the order of preference; at least one. */
  readonly all: readonly [MeetingPlace, ...MeetingPlace[]];
  /** Who interprets; holds keys. */
  readonly backend: BackendSpec;
  /** For people: who interprets. */
  readonly interpreter: string;
}
