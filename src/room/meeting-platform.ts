/**
 * The port to a service that has meetings: it makes rooms and tokens, and opens our places in a meeting. `videosdk/` has the
 * adapter to VideoSDK and to the embedded room, `stream/` the one to Stream.
 */
import type { Clock } from '../clock.js';
import type { Logger } from '../log.js';
import type { Room, RoomCapabilities } from './room.js';

/** What a platform can do. */
export type PlatformCapabilities = RoomCapabilities & {
  /** Rooms can be made and looked up without joining one. */
  readonly roomsByApi: boolean;
  /** Further participants of ours can join, one for each language that is spoken. */
  readonly furtherVoices: boolean;
};

/** A place in a meeting. */
export type PlaceRequest = {
  readonly meetingId: string;
  /** How the participant is called there. */
  readonly name: string;
  /**
   * The id to join with, which begins with `parley-`; a new one by default. Whoever is there under the same id has to leave. A
   * token that is for one participant decides itself.
   */
  readonly participantId?: string;
  /** What the others learn of the participant. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** How long what opens the meeting has to last: joining again after an outage takes it again. */
  readonly stayMs: number;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A meeting as its service knows it: both ids lead to it. */
export type RoomInfo = { readonly roomId: string; readonly customRoomId?: string };

/** Who may join what, and for how long. */
export type TokenRequest = {
  readonly meetingId: string;
  readonly participantId: string;
  readonly expiresInSeconds: number;
};

/** A service that has meetings. All methods reject with a ParleyError that says what to do. */
export interface MeetingPlatform {
  /** For people: which service, such as `the embedded room at https://localhost:8443`. */
  readonly description: string;
  readonly capabilities: PlatformCapabilities;
  /** Our place as an interpreter in a meeting, not joined yet. */
  openRoom(request: PlaceRequest): Promise<Room>;
  /** The place of a further voice, not joined yet: it speaks, and hears nobody. */
  openVoice(request: PlaceRequest): Promise<Room>;
  /** Makes a room; with the custom id of one that exists, finds it. */
  createRoom(customRoomId?: string): Promise<RoomInfo>;
  /** The room of this id or custom id; undefined where there is none. */
  findRoom(id: string): Promise<RoomInfo | undefined>;
  /** Makes a token with which one participant can join one meeting. */
  createToken(request: TokenRequest): Promise<string>;
}
