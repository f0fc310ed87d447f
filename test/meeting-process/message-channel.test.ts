import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ipcChannel } from '../../src/meeting-process/message-channel.js';

class Peer extends EventEmitter {
  connected: boolean;

  constructor(connected: boolean) {
    super();
    this.connected = connected;
  }

  send(): boolean {
    return this.connected;
  }
}

it('a channel whose other side goes says so once', () => {
  const peer = new Peer(true);
  let closes = 0;
  ipcChannel(peer, z.unknown()).onClose(() => closes++);
  expect(closes).toBe(0);
  peer.emit('disconnect');
  expect(closes).toBe(1);
});

it('a channel whose other side was gone before anybody listened says so, too', async () => {
  let closes = 0;
  const channel = ipcChannel(new Peer(false), z.unknown());
  channel.onClose(() => closes++);
  await Promise.resolve();
  expect(closes).toBe(1);
  expect(channel.send('anything')).toBe(false);
});
