import type { Participant } from '../../room/room.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { ChannelListener } from './output-channels.js';

/** The people of a meeting as far as output channels are concerned. */
export function channelListeners(
  people: readonly MeetingPerson[],
  participants: ReadonlyMap<string, Participant>,
): ChannelListener[] {
  return people.map(({ id, name, prefers }) => ({
    id,
    name,
    prefers,
    metadata: participants.get(id)?.metadata ?? {},
  }));
}
