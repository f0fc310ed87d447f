/** One stay in a meeting through a service's SDK, as the room sees it. */
import type { AudioFrame } from '../../../audio/index.js';
import type { LeaveReason } from '../room.js';
import type { JoinFailure } from './join-failure.js';

/** One connection of a room to its meeting, joined once. */
export interface RoomConnection {
  /** Resolves with undefined in the meeting, or with why we are not in it; then the connection is still to be closed. */
  join(): Promise<JoinFailure | undefined>;
  /** Leaves the meeting and ends everything that belongs to it. Safe in every state, and to call twice. */
  close(): Promise<void>;
}

/** What a connection tells, after it was joined and until it is closed. */
export type RoomConnectionEvents<Peer, DataLine> = {
  /** In the meeting, for the first time or again; `peers` is everyone else in it, `dataLine` what messages go through. */
  onJoined(peers: readonly Peer[], dataLine: DataLine): void;
  /** The SDK lost its connection and tries by itself. */
  onInterrupted(): void;
  /** Final: the service or the SDK ended our stay. */
  onLeft(reason: LeaveReason): void;
  /** Final: the connection is dead and the SDK does not know. */
  onDead(why: string): void;
  onPeerJoined(peer: Peer): void;
  onPeerLeft(participantId: string, reason: LeaveReason | undefined): void;
  onAudioStarted(participantId: string): void;
  onAudioStopped(participantId: string): void;
  onFrame(participantId: string, frame: AudioFrame): void;
  onShareStarted(participantId: string): void;
  onShareStopped(participantId: string): void;
  /** Absent: the sound of shared screens is not received. */
  onShareFrame?(participantId: string, frame: AudioFrame): void;
  onNotice(text: string): void;
};
