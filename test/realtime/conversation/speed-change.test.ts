import { describe, expect, it } from 'vitest';
import type { ScriptedConnection } from '../scripted-transport.js';
import { connected, makeSession, turns } from '../session-fixture.js';

/** `speed` of every update that says anything of it, and every request, in order. */
function sent(connection: ScriptedConnection): unknown[] {
  return connection.sent.flatMap((event) => {
    if (event.type === 'response.create') return ['response'];
    if (event.type !== 'session.update') return [];
    const { audio } = event['session'] as { audio?: { output?: { speed?: unknown } } };
    return audio?.output?.speed === undefined ? [] : [audio.output.speed];
  });
}

describe('a change of speed', () => {
  it('is part of the configuration when it comes before it, and is not sent where it is the own pace', async () => {
    const { session, server } = makeSession();
    session.setSpeed(1.2);
    await session.connect();
    expect(sent(server.connection)).toEqual([1.2]);
    session.setSpeed(1);
    session.setSpeed(1);
    expect(sent(server.connection)).toEqual([1.2, 1]);
    expect(sent((await connected()).server.connection)).toEqual([]);
  });

  it('waits for the end of a response, and goes before the next request', async () => {
    const { session, server } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b', 2_000, 3_000);
    session.setSpeed(1.5);
    session.setSpeed(1.2);
    connection.responseCreated('r1', 'a');
    session.setSpeed(1.3);
    expect(sent(connection)).toEqual(['response']);
    connection.responseDone('r1');
    expect(sent(connection)).toEqual(['response', 1.3, 'response']);
    session.setSpeed(1.4);
    session.setSpeed(1.3); // back to what it is
    connection.respond('r2', 'b', 'out_b', 20);
    expect(sent(connection)).toEqual(['response', 1.3, 'response']);
  });

  it('waits for the end of a response that the server made', async () => {
    const { session, server } = await connected({ responses: 'server' });
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1');
    session.setSpeed(1.2);
    expect(sent(connection)).toEqual([]);
    connection.responseDone('r1');
    expect(sent(connection)).toEqual([1.2]);
  });

  it('that the server refuses is told, and not tried again', async () => {
    const { session, server, emitted } = await connected();
    const { connection } = server;
    session.setSpeed(1.2);
    const update = connection.sent.at(-1)!;
    connection.error({ code: 'unknown_parameter', message: 'no speed here', event_id: update.event_id });
    connection.turn('a');
    expect(sent(connection)).toEqual([1.2, 'response']);
    expect(emitted.notice).toMatchObject([
      { kind: 'update_rejected', message: 'the server refused the speed: no speed here' },
    ]);
  });

  it('holds on the line that a change of voice opens', async () => {
    const { session, server } = await connected();
    server.connection.turn('a');
    server.connection.respond('r0', 'a', 'out_a', 100);
    session.setSpeed(1.2);
    session.setVoice('cedar');
    session.setSpeed(1.3);
    await turns();
    expect(server.connections).toHaveLength(2);
    expect(sent(server.connection).at(-1)).toBe(1.3);
  });

  it.each([0.2, 1.6, Number.NaN, Infinity])('is refused at %d, with its range', async (speed) => {
    const { session } = await connected();
    expect(() => session.setSpeed(speed)).toThrow(`speed is ${speed}: allowed is 0.25 to 1.5`);
    expect(() => makeSession({ speed })).toThrow('allowed is 0.25 to 1.5');
  });
});
