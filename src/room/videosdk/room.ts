import { RejoiningRoom } from '../sdk/rejoining-room.js';
import { Roster } from '../sdk/roster.js';
import { VIDEOSDK_CAPABILITIES } from './capabilities.js';
import { DataChannel } from './data.js';
import { toParticipant } from './participants.js';
import { SdkConnection, type SdkConnectionOptions } from './sdk-connection.js';
import type { SdkPeer, SdkPubSub } from './sdk-types.js';

type VideoSdkRoomOptions = Omit<SdkConnectionOptions, 'microphone'>;

/** The room port over VideoSDK. */
export class VideoSdkRoom extends RejoiningRoom<SdkPeer, SdkPubSub> {
  constructor(options: VideoSdkRoomOptions, onListenerError: (error: unknown, event: string) => void) {
    const { participantId, clock, wrtc } = options;
    super(
      {
        ...{ participantId, clock, wrtc, capabilities: VIDEOSDK_CAPABILITIES, service: 'VideoSDK' },
        roster: new Roster(participantId, toParticipant),
        createData: (onProblem) => new DataChannel(participantId, onProblem),
        openConnection: (microphone, events) => new SdkConnection({ ...options, microphone }, events),
      },
      onListenerError,
    );
  }
}
