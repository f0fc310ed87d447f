import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { SignallingClient, signToken, startTestRoom, until } from './harness.js';
import { PubSubClient } from './pubsub-client.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('pubSub connections', () => {
  it('are probed, and closed when three probes stay unanswered', async () => {
    const clock = new VirtualClock({ epochOriginMs: Date.now() });
    const room = await startTestRoom({ clock });
    closers.push(() => room.close());
    const signalling = new SignallingClient(room, 'ana', { secret: signToken(room.secret) });
    closers.push(() => signalling.close());
    const pubSub = await PubSubClient.open(room, await signalling.join());
    expect(pubSub.pingIntervalMs).toBe(10_000);
    clock.advanceBy(10_000);
    await until(() => pubSub.pings.length === 1, 'the first probe arrives');
    pubSub.send({ pong: { seq: pubSub.pings[0] } });
    await pubSub.subscribe('chat'); // after the pong, so that it has been read
    for (let n = 2; n <= 4; n++) {
      clock.advanceBy(10_000);
      await until(() => pubSub.pings.length === n, `probe ${n} arrives`);
    }
    expect(pubSub.pings).toEqual([1, 2, 3, 4]);
    expect(pubSub.closeCode).toBeUndefined();
    clock.advanceBy(10_000);
    await until(() => pubSub.closeCode, 'the connection is given up');
    expect(room.usage).toMatchObject({ participants: 1, pubSubConnections: 0 });
  });
});
