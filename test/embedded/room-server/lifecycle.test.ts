import { afterEach, describe, expect, it } from 'vitest';
import { microphoneParameters, SignallingClient, startTestRoom, until } from './harness.js';
import { MediaClient } from './media-client.js';
import { PubSubClient } from './pubsub-client.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** UDP ports, sockets, timers and servers that keep this process busy. */
function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('a participant that goes', () => {
  it('leaves nothing behind, 50 times over', async () => {
    const room = await startTestRoom();
    closers.push(() => room.close());
    const host = new SignallingClient(room, 'host');
    closers.push(() => host.close());
    await host.join();
    const hearing = await MediaClient.create(host, 'receive');
    closers.push(() => hearing.close());
    await hearing.connect(host);
    const cycle = async (n: number): Promise<void> => {
      const guest = new SignallingClient(room, `guest-${n}`);
      const answer = await guest.join();
      const pubSub = await PubSubClient.open(room, answer);
      await pubSub.subscribe('chat');
      const sending = await MediaClient.create(guest, 'send');
      const receiving = await MediaClient.create(guest, 'receive');
      // Every fifth goes in the middle of its handshakes.
      if (n % 5 > 0) await Promise.all([sending.connect(guest), receiving.connect(guest)]);
      await guest.request('produce', {
        transportId: sending.transportId,
        kind: 'audio',
        rtpParameters: microphoneParameters(n),
      });
      await host.waitFor('newConsumer', n + 1);
      if (n % 2 === 0) guest.close();
      else guest.socket.io.engine.close();
      await host.waitFor('peerClosed', n + 1);
      sending.close();
      receiving.close();
      pubSub.close();
    };
    const idle = { participants: 1, transports: 1, producers: 0, consumers: 0, pubSubConnections: 0 };
    const settled = (): Promise<unknown> =>
      until(() => JSON.stringify(room.usage) === JSON.stringify(idle), 'only the host is left');
    for (let n = 0; n < 5; n++) await cycle(n);
    await settled();
    const before = openResources();
    for (let n = 5; n < 50; n++) await cycle(n);
    await settled();
    await until(() => {
      const after = openResources();
      const grown = (name: string): boolean => (after[name] ?? 0) > (before[name] ?? 0);
      return !grown('UDPWrap') && !grown('TCPSocketWrap') && !grown('Timeout') && !grown('TLSWrap');
    }, 'no port, socket or timer more than before');
    expect(room.usage).toEqual(idle);
  });
});

describe('a server that is closed', () => {
  it('leaves nothing behind', async () => {
    const before = openResources();
    const room = await startTestRoom();
    const ana = new SignallingClient(room, 'ana');
    const pubSub = await PubSubClient.open(room, await ana.join());
    const sending = await MediaClient.create(ana, 'send');
    await sending.connect(ana);
    await ana.request('produce', {
      transportId: sending.transportId,
      kind: 'audio',
      rtpParameters: microphoneParameters(1),
    });
    void room.faults.freeze(60_000);
    await room.close();
    await until(() => ana.disconnectReason, 'the client notices');
    sending.close();
    pubSub.close();
    await until(() => {
      const after = openResources();
      return ['UDPWrap', 'TCPSocketWrap', 'TCPServerWrap', 'Timeout'].every(
        (name) => (after[name] ?? 0) <= (before[name] ?? 0),
      );
    }, 'everything is closed');
    await room.close(); // again changes nothing
  });
});
