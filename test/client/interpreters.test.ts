/** Whom a page's word makes an interpreter, and when. */
import { describe, expect, test, vi } from 'vitest';
import { Interpreters } from '../../src/client/interpreters.js';

/** A server whose answers the test gives, one by one. */
function askedServer() {
  const answers: { id: string; resolve: (is: boolean) => void; reject: (error: Error) => void }[] = [];
  const isInterpreter = (id: string) =>
    new Promise<boolean>((resolve, reject) => {
      answers.push({ id, resolve, reject });
    });
  const onAnswer = vi.fn();
  const onFailure = vi.fn();
  return { answers, onAnswer, onFailure, interpreters: new Interpreters(isInterpreter, onAnswer, onFailure) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a page that knows at once is believed at once', () => {
  const onAnswer = vi.fn();
  const interpreters = new Interpreters((id) => id === 'parley-1', onAnswer, vi.fn());
  expect(interpreters.has('parley-1')).toBe(false);
  interpreters.came('parley-1');
  interpreters.came('guest-1');
  expect(interpreters.has('parley-1')).toBe(true);
  expect(interpreters.has('guest-1')).toBe(false);
  expect(onAnswer.mock.calls).toEqual([['parley-1'], ['guest-1']]);
});

describe('a page that asks its server', () => {
  test('what somebody sends waits for the answer, and is dropped where that is no', async () => {
    const { answers, interpreters } = askedServer();
    const delivered: string[] = [];
    interpreters.came('parley-1');
    interpreters.came('parley-2');
    interpreters.from('parley-1', () => delivered.push('first'));
    interpreters.from('parley-2', () => delivered.push('forged'));
    interpreters.from('parley-1', () => delivered.push('second'));
    expect(delivered).toEqual([]);
    answers[0]!.resolve(true);
    answers[1]!.resolve(false);
    await settled();
    expect(delivered).toEqual(['first', 'second']);
    interpreters.from('parley-1', () => delivered.push('third'));
    interpreters.from('parley-2', () => delivered.push('forged again'));
    await settled();
    expect(delivered).toEqual(['first', 'second', 'third']);
    expect(answers.map(({ id }) => id)).toEqual(['parley-1', 'parley-2']);
  });

  test('whoever sends without having been seen is asked about, too', async () => {
    const { answers, interpreters } = askedServer();
    const delivered: string[] = [];
    interpreters.from('parley-1', () => delivered.push('kept by the meeting'));
    answers[0]!.resolve(true);
    await settled();
    expect(delivered).toEqual(['kept by the meeting']);
  });

  test('without an answer nobody becomes one, and nobody stops being one', async () => {
    const { answers, interpreters, onFailure } = askedServer();
    interpreters.came('parley-1');
    answers[0]!.resolve(true);
    await settled();
    interpreters.came('parley-1'); // met again after a reconnect
    interpreters.came('parley-2');
    answers[1]!.reject(new Error('unreachable'));
    answers[2]!.reject(new Error('unreachable'));
    await settled();
    expect(interpreters.has('parley-1')).toBe(true);
    expect(interpreters.has('parley-2')).toBe(false);
    expect(onFailure).toHaveBeenCalledTimes(2);
    interpreters.came('parley-2');
    answers[3]!.resolve(true);
    await settled();
    expect(interpreters.has('parley-2')).toBe(true);
  });

  test('who left may send what was on the way; who comes with their id is asked about anew', async () => {
    const { answers, interpreters } = askedServer();
    const delivered: string[] = [];
    interpreters.came('parley-1');
    answers[0]!.resolve(true);
    await settled();
    interpreters.left('parley-1');
    expect(interpreters.has('parley-1')).toBe(false);
    interpreters.from('parley-1', () => delivered.push('last words'));
    expect(delivered).toEqual(['last words']);
    interpreters.came('parley-1');
    interpreters.from('parley-1', () => delivered.push('of an impostor'));
    answers[1]!.resolve(false);
    await settled();
    expect(interpreters.has('parley-1')).toBe(false);
    expect(delivered).toEqual(['last words']);
  });

  test('an answer about somebody who has left and come again does not count', async () => {
    const { answers, interpreters } = askedServer();
    interpreters.came('parley-1');
    interpreters.left('parley-1');
    interpreters.came('parley-1');
    answers[0]!.resolve(true);
    await settled();
    expect(interpreters.has('parley-1')).toBe(false);
    answers[1]!.resolve(true);
    await settled();
    expect(interpreters.has('parley-1')).toBe(true);
  });

  test('only so many messages wait', async () => {
    const { answers, interpreters } = askedServer();
    let delivered = 0;
    interpreters.came('parley-1');
    for (let message = 0; message < 1_000; message++) interpreters.from('parley-1', () => delivered++);
    answers[0]!.resolve(true);
    await settled();
    expect(delivered).toBe(100);
  });

  test('a question that throws is a failure like others', () => {
    const onFailure = vi.fn();
    const error = new Error('a slip');
    const interpreters = new Interpreters(
      () => {
        throw error;
      },
      vi.fn(),
      onFailure,
    );
    interpreters.came('parley-1');
    expect(onFailure).toHaveBeenCalledWith('parley-1', error);
    expect(interpreters.has('parley-1')).toBe(false);
  });
});
