import { describe, expect, it } from 'vitest';
import { HeldTurns } from '../../../src/interpreter/route/held-turns.js';

function setUp() {
  const turns = new HeldTurns();
  const done: string[] = [];
  return { turns, done, pass: (turnId: string, what: string) => turns.pass(turnId, () => done.push(what)) };
}

describe('turns that are held', () => {
  it('what comes of them waits for their release, in its order; of others it is done at once', () => {
    const { turns, done, pass } = setUp();
    turns.hold('a');
    pass('a', 'a1');
    pass('b', 'b1');
    pass('a', 'a2');
    expect(done).toEqual(['b1']);
    turns.release('a');
    pass('a', 'a3');
    expect(done).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('what waits of one that is dropped is never done', () => {
    const { turns, done, pass } = setUp();
    turns.hold('a');
    turns.hold('a');
    pass('a', 'a1');
    turns.drop('a');
    turns.release('a');
    expect(done).toEqual([]);
  });

  it('one of which very much waits is released', () => {
    const { turns, done, pass } = setUp();
    turns.hold('a');
    for (let n = 0; n < 2_001; n++) pass('a', 'x');
    expect(done).toHaveLength(2_001);
  });
});
