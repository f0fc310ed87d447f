import type { OnAudio, Room, TrackSource } from '../../../src/room/room.js';

/** Wraps what `listen` and `publish` are given. */
export type RoomTaps = {
  audio(onAudio: OnAudio): OnAudio;
  source(source: TrackSource): TrackSource;
};

/** A room as it is, with somebody who looks at what passes in both directions. */
export function tapRoom(room: Room, taps: RoomTaps): Room {
  return {
    capabilities: room.capabilities,
    get events() {
      return room.events;
    },
    get state() {
      return room.state;
    },
    get participants() {
      return room.participants;
    },
    participantId: room.participantId,
    join: () => room.join(),
    leave: () => room.leave(),
    listen: (onAudio) => {
      room.listen(taps.audio(onAudio));
    },
    publish: (source) => {
      room.publish(taps.source(source));
    },
    send: (topic, text, options) => room.send(topic, text, options),
    subscribe: (topic, onMessage) => room.subscribe(topic, onMessage),
  };
}
