import type { PublishOptions, Room } from '../room/room.js';
import { CHAT_TOPIC } from './topics.js';

const NO_KEPT_DATA =
  'this meeting keeps no messages: those who come later do not get the captions from before';
const NO_CHAT =
  'captions are not posted to the chat: here a message reaches everybody, and each caption would be there in every language';

/** How captions and notices are sent: topic, text, and what becomes of them. */
export type SendData = (topic: string, text: string, options: PublishOptions) => Promise<void>;

/**
 * Sends to a room what it can carry. Where it cannot keep messages, none are kept. Where a message reaches everybody, what is
 * for some goes out with their ids (`recipientIds` in the payload) for clients to leave out what is not for them, and the
 * chat, which knows no such thing, is left alone. `onNotice` is called once for each of these.
 */
export function roomSender(
  room: Pick<Room, 'capabilities' | 'send'>,
  onNotice: (message: string) => void,
): SendData {
  const noticed = new Set<string>();
  const notice = (message: string): void => {
    if (noticed.has(message)) return;
    noticed.add(message);
    onNotice(message);
  };
  return async (topic, text, options) => {
    const { directedData, keptData } = room.capabilities;
    const { persist, sendOnly, ...sent } = options;
    const kept = persist === true && keptData;
    if (persist === true && !keptData) notice(NO_KEPT_DATA);
    const what: PublishOptions = { ...sent, ...(kept ? { persist } : {}) };
    if (sendOnly === undefined) return room.send(topic, text, what);
    if (directedData) return room.send(topic, text, { ...what, sendOnly });
    if (topic === CHAT_TOPIC) {
      notice(NO_CHAT);
      return;
    }
    return room.send(topic, text, { ...what, payload: { ...what.payload, recipientIds: sendOnly } });
  };
}
