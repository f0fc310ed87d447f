/** A process in which messages of the server cannot be handled: the session ends, and says why. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import type { ParleyError } from '../../../src/errors.js';
import { Handshake } from '../../../src/realtime/connection/handshake.js';
import { ScriptedServer } from '../scripted-transport.js';

/** A handshake whose owner handles messages as `handle` says, and what it was told of its loss. */
function begun(handle: (handshake: Handshake, text: string) => void) {
  const clock = new VirtualClock();
  const server = new ScriptedServer({ handshake: false });
  const losses: ParleyError[] = [];
  const handshake = new Handshake({
    open: server.open,
    clock,
    replaces: false,
    greets: true,
    configure: () => undefined,
    opened: () => undefined,
    message: (text) => handle(handshake, text),
    lost: (error) => {
      losses.push(error);
      handshake.stop(error);
    },
  });
  const ready = handshake.begin();
  return { server, losses, ready };
}

const failing = (): never => {
  throw new TypeError('the table is broken');
};

describe('messages that cannot be handled', () => {
  it('end a connection that was not confirmed yet at the first of them, with the true reason', async () => {
    const { server, losses, ready } = begun(failing);
    const rejected = expect(ready).rejects.toMatchObject({ code: 'internal', retryable: false });
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => server.connection.say({ type: 'session.created', session: {} })).toThrow('broken');
    await rejected;
    expect(losses.map(({ message }) => message)).toEqual([
      'what the Realtime server sends cannot be handled in this process (the table is broken): this is no fault of the server or the network; start Parley again, and report it',
    ]);
  });

  it('end one that was confirmed at the third in a row, and one that can be handled starts the count anew', async () => {
    const { server, losses, ready } = begun((handshake, text) => {
      if (text.includes('session.created')) handshake.created(undefined);
      else if (text.includes('session.updated')) handshake.updated(undefined);
      else if (text.includes('broken')) failing();
    });
    await new Promise((resolve) => setImmediate(resolve));
    const { connection } = server;
    connection.say({ type: 'session.created', session: {} });
    connection.say({ type: 'session.updated', session: {} });
    await ready;
    const fails = (): void => {
      expect(() => connection.say({ type: 'broken' })).toThrow('broken');
    };
    fails();
    fails();
    connection.say({ type: 'fine' });
    fails();
    fails();
    expect(losses).toEqual([]);
    fails();
    expect(losses).toMatchObject([{ code: 'internal', retryable: false }]);
  });
});
