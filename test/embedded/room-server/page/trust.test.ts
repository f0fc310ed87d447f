import { describe, expect, test, vi } from 'vitest';
import { Trust } from '../../../../src/embedded/room-server/page/trust.js';

/** A server whose answers the test gives, one by one. */
function askedServer() {
  const answers: { resolve: (ids: string[]) => void; reject: (error: Error) => void }[] = [];
  const fetchBotIds = () =>
    new Promise<string[]>((resolve, reject) => {
      answers.push({ resolve, reject });
    });
  return { answers, fetchBotIds };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('who is an interpreter', () => {
  test('those the server named, and nobody whose id only looks like it', () => {
    const { fetchBotIds, answers } = askedServer();
    const trust = new Trust(['parley-1'], fetchBotIds, () => undefined);
    expect(trust.isBot('parley-1')).toBe(true);
    expect(trust.isBot('parley-2')).toBe(false);
    trust.met('guest-1');
    trust.met('parley-1');
    expect(answers).toHaveLength(0);
  });

  test('a newcomer who looks like one is asked about; what they say waits for the answer', async () => {
    const { fetchBotIds, answers } = askedServer();
    const onChange = vi.fn();
    const trust = new Trust([], fetchBotIds, onChange);
    const delivered: string[] = [];
    trust.fromBot('parley-1', () => delivered.push('too early'));
    trust.met('parley-1');
    trust.met('parley-2');
    trust.fromBot('parley-1', () => delivered.push('first'));
    trust.fromBot('parley-2', () => delivered.push('forged'));
    trust.fromBot('guest-1', () => delivered.push('guest'));
    trust.fromBot('parley-1', () => delivered.push('second'));
    expect(answers).toHaveLength(1);
    answers[0]!.resolve([]);
    await settled();
    expect(delivered).toEqual([]); // parley-2 came after the question
    expect(answers).toHaveLength(2);
    answers[1]!.resolve(['parley-1']);
    await settled();
    expect(delivered).toEqual(['first', 'second']);
    expect(onChange).toHaveBeenCalledOnce();
    expect(trust.isBot('parley-2')).toBe(false);
  });

  test('without an answer nobody becomes one, and nobody stops being one', async () => {
    const { fetchBotIds, answers } = askedServer();
    const trust = new Trust(['parley-1'], fetchBotIds, () => undefined);
    trust.met('parley-2');
    answers[0]!.reject(new Error('unreachable'));
    await settled();
    expect(trust.isBot('parley-1')).toBe(true);
    expect(trust.isBot('parley-2')).toBe(false);
    trust.met('parley-2');
    answers[1]!.resolve(['parley-2']);
    await settled();
    expect(trust.isBot('parley-2')).toBe(true);
    expect(trust.isBot('parley-1')).toBe(false);
  });

  test('only so many messages wait', async () => {
    const { fetchBotIds, answers } = askedServer();
    const trust = new Trust([], fetchBotIds, () => undefined);
    let delivered = 0;
    trust.met('parley-1');
    for (let message = 0; message < 1_000; message++) trust.fromBot('parley-1', () => delivered++);
    answers[0]!.resolve(['parley-1']);
    await settled();
    expect(delivered).toBe(100);
  });
});
