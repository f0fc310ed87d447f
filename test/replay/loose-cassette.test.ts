/** Sessions that were kept in real time: repeated by the times of the server's messages, whatever the frames. */
import { describe, expect, it } from 'vitest';
import type { Cassette } from '../../src/replay/cassette/cassette-file.js';
import { CassettePlayer } from '../../src/replay/cassette/cassette-player.js';

const append = (audio: string): string => `{"type":"input_audio_buffer.append","audio":"${audio}"}`;
const cut = (audioEndMs: number): string =>
  `{"type":"conversation.item.truncate","item_id":"item_1","content_index":0,"audio_end_ms":${audioEndMs}}`;

const cassette: Cassette = {
  header: { recordedFrom: 'a script', input: 'none', options: {} },
  entries: [
    { atMs: 312, opened: true },
    { atMs: 320, direction: 'client', text: append('AAAA') },
    { atMs: 330, direction: 'client', text: append('BBBB') },
    { atMs: 400, direction: 'client', text: cut(200) },
    { atMs: 455, direction: 'server', text: '{"type":"one"}' },
  ],
};

async function play(isLoose: boolean, ...sent: string[]) {
  let atMs = 0;
  const received: string[] = [];
  const player = new CassettePlayer(cassette, {
    nowMs: () => atMs,
    stepMs: 10,
    onHandlerError: () => undefined,
    isLoose,
  });
  const opening = player.open({ message: (text) => received.push(text), closed: () => undefined });
  expect(player.releaseDue()).toBe(false);
  atMs = 310;
  expect(player.releaseDue()).toBe(true);
  const line = await opening;
  for (const text of sent) line.send(text);
  atMs = 440;
  player.releaseDue();
  const early = received.length;
  atMs = 450;
  player.releaseDue();
  return { player, early, received };
}

describe('a cassette of a meeting', () => {
  it('opens when its line was open, and takes other audio and other times where it was kept in real time', async () => {
    const { player, early, received } = await play(true, append('CCCC'), cut(190));
    expect([early, received]).toEqual([0, ['{"type":"one"}']]);
    expect(player.mismatch).toBeUndefined();
    player.finish();
  });

  it('takes neither where it was not', async () => {
    const { player } = await play(false, append('CCCC'));
    expect(player.mismatch?.message).toMatch(/^audio chunk 1, .* differs in audio/);
  });

  it('tells another event all the same', async () => {
    const { player, received } = await play(true, '{"type":"response.create"}');
    expect(player.mismatch?.message).toMatch(/^client event 1, conversation.item.truncate, differs in type/);
    expect(received).toEqual([]);
  });
});
