import { describe, expect, it } from 'vitest';
import { callingEnd, madeCalls } from '../../../../src/realtime/conversation/turns/call-answers.js';
import { GatheredCalls } from '../../../../src/realtime/conversation/turns/gathered-calls.js';
import { TurnLedger } from '../../../../src/realtime/conversation/turns/turn-ledger.js';
import { parseServerEvent } from '../../../../src/realtime/protocol/server-events.js';

let eventNumber = 0;
function take(calls: GatheredCalls, type: string, fields: object): void {
  const wire = { event_id: `e${++eventNumber}`, type, response_id: 'r', output_index: 0, ...fields };
  const parsed = parseServerEvent(JSON.stringify(wire));
  if (parsed.kind !== 'event') throw new Error(`not an event: ${JSON.stringify(parsed)}`);
  calls.take(parsed.event);
}
const item = (fields: object) => ({
  type: 'function_call' as const,
  id: 'i1',
  name: 'look',
  arguments: '',
  ...fields,
});
const delta = { item_id: 'i1', call_id: 'c1' };

describe('calls of a response', () => {
  it('grow with their arguments, and are complete with their item', () => {
    const calls = new GatheredCalls();
    take(calls, 'response.output_item.added', { item: item({ call_id: 'c1', status: 'in_progress' }) });
    take(calls, 'response.function_call_arguments.delta', { ...delta, delta: '{"a":' });
    take(calls, 'response.function_call_arguments.delta', { ...delta, delta: '1}' });
    const grown = { itemId: 'i1', callId: 'c1', name: 'look', arguments: '{"a":1}' };
    expect(calls.all()).toEqual([{ ...grown, complete: false }]);
    take(calls, 'response.output_item.done', { item: item({ call_id: 'c1', status: 'completed' }) });
    expect(calls.all()).toEqual([{ ...grown, complete: true }]);
  });

  it('are known from the end of their arguments, of their item, or of the response alone', () => {
    const done = new GatheredCalls();
    take(done, 'response.function_call_arguments.done', { ...delta, name: 'look', arguments: '{}' });
    expect(done.all()).toMatchObject([{ name: 'look', arguments: '{}', complete: false }]);
    const ended = new GatheredCalls();
    take(ended, 'response.output_item.done', { item: item({ call_id: 'c1', arguments: '{"b":2}' }) });
    expect(ended.all()).toMatchObject([{ arguments: '{"b":2}', complete: true }]);
    expect(new GatheredCalls().all([item({ call_id: 'c1', arguments: '{}' })])).toMatchObject([
      { callId: 'c1', complete: true },
    ]);
  });

  it('are none without an id or a name, and one for each id', () => {
    const calls = new GatheredCalls();
    take(calls, 'response.function_call_arguments.delta', { item_id: 'i0', call_id: 'c0', delta: '{}' });
    const output = [
      item({ id: 'a' }),
      item({ id: 'b', call_id: 'same', arguments: '1' }),
      item({ id: 'c', call_id: 'same', arguments: '2' }),
    ];
    expect(calls.all(output)).toMatchObject([{ callId: 'same', arguments: '1' }]);
  });

  it('are cut where they are too long to be true', () => {
    const calls = new GatheredCalls();
    take(calls, 'response.function_call_arguments.done', {
      ...delta,
      name: 'look',
      arguments: 'x'.repeat(200_000),
    });
    expect(calls.all()[0]!.arguments).toHaveLength(100_000);
  });
});

describe('which calls are made', () => {
  const gathered = Array.from({ length: 18 }, (_, index) => ({
    itemId: `i${index}`,
    callId: `c${index}`,
    name: 'look',
    arguments: '{}',
    complete: index !== 1,
  }));
  const turn = new TurnLedger().open('item', 'turn', 0);
  const outputs = (end: Parameters<typeof madeCalls>[2]) =>
    madeCalls(turn, gathered, end).map(({ output }) => output);

  it('those of a complete response, sixteen at a time, but none that was cut off', () => {
    turn.steps = 5;
    const made = outputs('completed');
    expect(made[0]).toBeUndefined();
    expect(made[1]).toBe('The call was not made: it was cut off by the output limit.');
    expect(made[15]).toBeUndefined();
    expect(made[16]).toBe('The call was not made: at most 16 are made at a time.');
  });

  it('none behind the fifth step, none that was cut off, none that was interrupted', () => {
    turn.steps = 6;
    expect(outputs('completed')[0]).toMatch(/too many calls were made before it/);
    expect(outputs('cut off')[0]).toMatch(/cut off by the output limit/);
    expect(outputs('interrupted')[0]).toBe('The call was not made: the answer was interrupted.');
    expect((['completed', 'incomplete', 'cancelled', 'failed', undefined] as const).map(callingEnd)).toEqual([
      'completed',
      'cut off',
      'interrupted',
      'interrupted',
      'completed',
    ]);
  });
});
