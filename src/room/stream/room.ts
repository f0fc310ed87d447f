import type { Participant } from '../room.js';
import { RejoiningRoom } from '../sdk/rejoining-room.js';
import { Roster } from '../sdk/roster.js';
import { STREAM_CAPABILITIES } from './capabilities.js';
import { StreamConnection, type StreamConnectionOptions } from './connection.js';
import { type CustomEvents, StreamData } from './data.js';

type StreamRoomOptions = Omit<StreamConnectionOptions, 'microphone'>;

/** The room port over a call of Stream. */
export class StreamRoom extends RejoiningRoom<Participant, CustomEvents> {
  constructor(options: StreamRoomOptions, onListenerError: (error: unknown, event: string) => void) {
    const { participantId, clock, wrtc } = options;
    super(
      {
        ...{ participantId, clock, wrtc, capabilities: STREAM_CAPABILITIES, service: 'Stream' },
        roster: new Roster(participantId, (participant: Participant) => participant),
        createData: (onProblem) => new StreamData({ ownId: participantId, clock, onProblem }),
        openConnection: (microphone, events) => new StreamConnection({ ...options, microphone }, events),
      },
      onListenerError,
    );
  }
}
