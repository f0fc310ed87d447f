/** Function calls over a scripted server: one output for each call, one response for all calls of a response. */
import { describe, expect, it } from 'vitest';
import { withoutReply } from '../../src/realtime-client/tool-calls.js';
import type { ScriptedConnection } from '../realtime/scripted-transport.js';
import { type ClientFixture, makeClient, sentOf, settle } from './fixture.js';

/** The model calls a function; its response goes on. */
function call(
  connection: ScriptedConnection,
  callId: string,
  name: string,
  args: string,
  status = 'completed',
): void {
  const item = { id: `${callId}_item`, type: 'function_call', call_id: callId, name, arguments: '' };
  connection.say({ type: 'conversation.item.added', item });
  connection.say({
    type: 'response.output_item.done',
    response_id: 'resp_1',
    output_index: 0,
    item: { ...item, arguments: args, status },
  });
}

const outputs = ({ server }: ClientFixture): unknown[] =>
  sentOf(server, 'conversation.item.create').map((event) => {
    const { item } = event as { item: { call_id?: string; output?: string; type: string } };
    return item.type === 'function_call_output' ? [item.call_id, item.output] : item.type;
  });
const asked = ({ server }: ClientFixture): number => sentOf(server, 'response.create').length;

describe('tools', () => {
  it('run together, are answered as they come, and the model goes on once', async () => {
    const fixture = await makeClient();
    const { client, server } = fixture;
    let answerSlow: (value: unknown) => void = () => undefined;
    client.addTool({ name: 'slow' }, () => new Promise((resolve) => (answerSlow = resolve)));
    client.addTool<{ a: number }>({ name: 'add' }, ({ a }) => ({ sum: a + 1 }));
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'slow', '{}');
    call(server.connection, 'call_2', 'add', '{"a":1}');
    await settle();
    expect(outputs(fixture)).toEqual([['call_2', '{"sum":2}']]);
    server.connection.responseDone('resp_1');
    await settle();
    expect(asked(fixture)).toBe(0);
    answerSlow('done');
    await settle();
    expect(outputs(fixture)).toEqual([
      ['call_2', '{"sum":2}'],
      ['call_1', '"done"'],
    ]);
    expect(asked(fixture)).toBe(1);
    await client.disconnect();
  });

  it.each([
    ['gives nothing back', '{}', () => undefined, 'null'],
    [
      'throws',
      '{}',
      () => {
        throw new Error('no such customer');
      },
      '{"error":"no such customer"}',
    ],
    ['rejects', '{}', () => Promise.reject(new Error('no network')), '{"error":"no network"}'],
    ['gives what JSON cannot hold', '{}', () => 10n, '{"error":"Do not know how to serialize a BigInt"}'],
    [
      'has arguments that are no object',
      '[1]',
      () => 1,
      '{"error":"The arguments of \\"tool\\" are no JSON object"}',
    ],
  ])('one that %s', async (_what, args, handler: () => unknown, expected) => {
    const fixture = await makeClient();
    const { client, server } = fixture;
    client.addTool({ name: 'tool' }, handler);
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'tool', args);
    server.connection.responseDone('resp_1');
    await settle();
    expect(outputs(fixture)).toEqual([['call_1', expected]]);
    expect(asked(fixture)).toBe(1);
    await client.disconnect();
  });

  it('arguments that are no JSON, and a tool that is not there, are errors for the model', async () => {
    const fixture = await makeClient();
    const { client, server } = fixture;
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'nowhere', '{}');
    call(server.connection, 'call_2', 'nowhere', '{"a":');
    server.connection.responseDone('resp_1');
    await settle();
    expect(outputs(fixture)).toEqual([
      ['call_1', '{"error":"Tool \\"nowhere\\" has not been added"}'],
      ['call_2', expect.stringContaining('"error"')],
    ]);
    expect(asked(fixture)).toBe(1);
    await client.disconnect();
  });

  it('one that takes too long is told so, and its result is dropped', async () => {
    const fixture = await makeClient({ toolTimeoutMs: 1_000 });
    const { client, server, clock, logged } = fixture;
    let answer: (value: unknown) => void = () => undefined;
    client.addTool({ name: 'slow' }, () => new Promise((resolve) => (answer = resolve)));
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'slow', '{}');
    server.connection.responseDone('resp_1');
    await settle();
    clock.advanceBy(1_000);
    await settle();
    answer('late');
    await settle();
    expect(outputs(fixture)).toEqual([['call_1', '{"error":"Tool \\"slow\\" did not answer within 1 s"}']]);
    expect(logged).toEqual(['tool "slow" answered after its time limit: the result was dropped']);
    await client.disconnect();
  });

  it('a long result is cut, and one can be without a reply', async () => {
    const fixture = await makeClient({ maxToolOutputChars: 10 });
    const { client, server } = fixture;
    client.addTool({ name: 'long' }, () => withoutReply('x'.repeat(100)));
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'long', '{}');
    server.connection.responseDone('resp_1');
    await settle();
    expect(outputs(fixture)).toEqual([['call_1', '"xxxxxxxx…']]);
    expect(asked(fixture)).toBe(0);
    await client.disconnect();
  });

  it('the same call is made once, and one that was not completed is answered, not made', async () => {
    const fixture = await makeClient();
    const { client, server } = fixture;
    let calls = 0;
    client.addTool({ name: 'count' }, () => ++calls);
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'count', '{}');
    call(server.connection, 'call_1', 'count', '{}');
    call(server.connection, 'call_2', 'count', '{"a', 'incomplete');
    server.connection.responseDone('resp_1', 'cancelled');
    await settle();
    expect(calls).toBe(1);
    expect(outputs(fixture)).toEqual([
      ['call_2', '{"error":"the call was not completed: it was not made"}'],
      ['call_1', '1'],
    ]);
    await client.disconnect();
  });

  it('a call that is being answered outlives its connection: call and output go to the next one, once', async () => {
    const fixture = await makeClient();
    const { client, server, clock } = fixture;
    let answer: (value: unknown) => void = () => undefined;
    client.addTool({ name: 'slow' }, () => new Promise((resolve) => (answer = resolve)));
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'slow', '{"a":1}');
    await settle();
    server.connection.drop(1006);
    clock.advanceBy(1);
    await settle();
    answer({ ok: true });
    await settle();
    expect(server.connections.length).toBe(2);
    expect(outputs(fixture)).toEqual(['function_call', ['call_1', '{"ok":true}']]);
    expect(asked(fixture)).toBe(1);
    await client.disconnect();
  });

  it('one that is answered while there is no connection is told to the next one', async () => {
    const fixture = await makeClient();
    const { client, server, clock } = fixture;
    let answer: (value: unknown) => void = () => undefined;
    client.addTool({ name: 'slow' }, () => new Promise((resolve) => (answer = resolve)));
    server.connection.responseCreated('resp_1');
    call(server.connection, 'call_1', 'slow', '{"a":1}');
    await settle();
    let open: () => void = () => undefined;
    server.gate = new Promise((resolve) => (open = resolve));
    server.connection.drop(1006);
    clock.advanceBy(1);
    answer({ ok: true });
    await settle();
    open();
    await settle();
    expect(outputs(fixture)).toEqual(['function_call', ['call_1', '{"ok":true}']]);
    expect(asked(fixture)).toBe(1);
    await client.disconnect();
  });
});
