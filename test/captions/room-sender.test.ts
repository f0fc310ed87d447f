import { describe, expect, it } from 'vitest';
import { roomSender } from '../../src/captions/room-sender.js';
import type { PublishOptions, RoomCapabilities } from '../../src/room/room.js';

function senderTo(capabilities: RoomCapabilities) {
  const sent: { topic: string; text: string; options: PublishOptions | undefined }[] = [];
  const notices: string[] = [];
  const send = roomSender(
    {
      capabilities,
      send: (topic, text, options) => {
        sent.push({ topic, text, options });
        return Promise.resolve();
      },
    },
    (message) => notices.push(message),
  );
  return { send, sent, notices };
}

describe('what is sent to a room', () => {
  it('goes as it is where the room can do it all', async () => {
    const { send, sent, notices } = senderTo({ directedData: true, keptData: true });
    await send('PARLEY_CAPTIONS_es', 'Hola.', { sendOnly: ['ana'], persist: true, payload: { v: 2 } });
    expect(sent).toEqual([
      {
        topic: 'PARLEY_CAPTIONS_es',
        text: 'Hola.',
        options: { sendOnly: ['ana'], persist: true, payload: { v: 2 } },
      },
    ]);
    expect(notices).toEqual([]);
  });

  it('is not kept where the room keeps nothing, which is said once', async () => {
    const { send, sent, notices } = senderTo({ directedData: true, keptData: false });
    await send('PARLEY_CAPTIONS_es', 'Hola.', { persist: true, payload: { v: 2 } });
    await send('PARLEY_CAPTIONS_es', 'Adiós.', { persist: true, payload: { v: 2 } });
    expect(sent.map(({ options }) => options)).toEqual([{ payload: { v: 2 } }, { payload: { v: 2 } }]);
    expect(notices).toEqual([
      'this meeting keeps no messages: those who come later do not get the captions from before',
    ]);
  });

  it('reaches everybody, and says whom it is for, where a message cannot go to some only', async () => {
    const { send, sent, notices } = senderTo({ directedData: false, keptData: true });
    await send('PARLEY_CAPTIONS_es', 'Choose a language.', { sendOnly: ['ana'], payload: { v: 2 } });
    expect(sent).toEqual([
      {
        topic: 'PARLEY_CAPTIONS_es',
        text: 'Choose a language.',
        options: { payload: { v: 2, recipientIds: ['ana'] } },
      },
    ]);
    expect(notices).toEqual([]);
  });

  it('is not posted to the chat there, which is said once', async () => {
    const { send, sent, notices } = senderTo({ directedData: false, keptData: false });
    await send('CHAT', 'Ana: Hola.', { sendOnly: ['ben'] });
    await send('CHAT', 'Ana: Adiós.', { sendOnly: ['ben'] });
    expect(sent).toEqual([]);
    expect(notices).toEqual([
      'captions are not posted to the chat: here a message reaches everybody, and each caption would be there in every language',
    ]);
  });
});
