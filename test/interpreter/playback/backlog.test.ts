import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backlog, PAUSE_MS } from '../../../src/interpreter/playback/backlog.js';

const ORDER_WAIT_MS = 1_000;

const turn = (turnId: string, endMs: number) => ({ turnId, endMs });
const ms = (durationMs: number) => new Int16Array(durationMs * 48);

describe('backlog', () => {
  it('gives phrases in the order in which they were said, whatever came first', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('late', 3_000), 'ana', 'l', ms(100), 0);
    backlog.add(turn('early', 1_000), 'bob', 'e', ms(100), 0);
    backlog.add(turn('middle', 2_000), 'ana', 'm', ms(100), 0);
    expect([1, 2, 3, 4].map(() => backlog.take(10)?.turnId)).toEqual(['early', 'middle', 'late', undefined]);
    expect(backlog.waitingMs).toBe(0);
  });

  it('keeps the items of a phrase together, each with its end', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('a', 1), 'ana', 'a1', ms(10), 0);
    backlog.add(turn('b', 2), 'bob', 'b1', ms(10), 0);
    backlog.endItem('a1');
    backlog.add(turn('a', 1), 'ana', 'a2', ms(30), 0);
    backlog.add(turn('a', 1), 'ana', 'a2', ms(5), 0);
    expect(backlog.waitingMs).toBe(55);
    const phrase = backlog.take(0)!;
    expect(phrase.items.map(({ outputId, chunks, ended }) => [outputId, chunks.length, ended])).toEqual([
      ['a1', 1, true],
      ['a2', 2, false],
    ]);
    expect(phrase.waitingMs).toBe(45);
    expect(backlog.waitingMs).toBe(10);
  });

  it('copies what it is given', () => {
    const backlog = new Backlog<string>();
    const pcm = ms(10).fill(7);
    backlog.add(turn('a', 1), 'ana', 'a1', pcm, 0);
    pcm.fill(0);
    expect(backlog.take(0)!.items[0]!.chunks[0]![0]).toBe(7);
  });

  it('waits for what was said earlier, a second at most', () => {
    const backlog = new Backlog<string>();
    backlog.expect(turn('first', 1_000), 'ana');
    backlog.expect(turn('second', 2_000), 'bob');
    backlog.add(turn('second', 2_000), 'bob', 's', ms(100), 5_000);
    expect(backlog.take(5_000)).toBeUndefined();
    expect(backlog.take(5_000 + ORDER_WAIT_MS - 10)).toBeUndefined();
    expect(backlog.take(5_000 + ORDER_WAIT_MS)?.turnId).toBe('second');
    backlog.add(turn('first', 1_000), 'ana', 'f', ms(100), 7_000);
    expect(backlog.take(7_000)?.turnId).toBe('first'); // late, and not lost
  });

  it.each([
    ['turns out to be nothing', (backlog: Backlog<string>) => backlog.settle('first')],
    ['is given up with its speaker', (backlog: Backlog<string>) => backlog.forget('ana')],
  ])('does not wait for a turn that %s', (_what, end) => {
    const backlog = new Backlog<string>();
    backlog.expect(turn('first', 1_000), 'ana');
    backlog.add(turn('second', 2_000), 'bob', 's', ms(100), 5_000);
    expect(backlog.take(5_000)).toBeUndefined();
    end(backlog);
    expect(backlog.take(5_000)?.turnId).toBe('second');
  });

  it('does not wait for another language of the same words, whose end is heard a little differently', () => {
    const backlog = new Backlog<string>();
    backlog.expect(turn('into English', 1_980), 'ana→en');
    backlog.add(turn('into German', 2_000), 'ana→de', 'g', ms(100), 0);
    expect(backlog.take(0)?.turnId).toBe('into German');
  });

  it('of two who end at the same time, again and again, the one goes first who was not spoken for last', () => {
    const backlog = new Backlog<string>();
    const order: (string | undefined)[] = [];
    for (let round = 0; round < 3; round++) {
      const endMs = round * 15_000;
      backlog.expect(turn(`ana ${round}`, endMs), 'ana');
      backlog.expect(turn(`bob ${round}`, endMs + 20), 'bob');
      backlog.add(turn(`ana ${round}`, endMs), 'ana', `a${round}`, ms(15_000), endMs);
      order.push(backlog.take(endMs)?.turnId); // Bob's comes a little later
      backlog.add(turn(`bob ${round}`, endMs + 20), 'bob', `b${round}`, ms(15_000), endMs + 100);
      order.push(backlog.take(endMs + 100)?.turnId);
      backlog.takeAll(() => true); // who came second was too late
    }
    expect(order).toEqual(['ana 0', 'bob 0', 'ana 1', 'bob 1', 'ana 2', 'bob 2']);
    backlog.expect(turn('bob 9', 90_000), 'bob');
    backlog.expect(turn('ana 9', 90_010), 'ana');
    backlog.add(turn('bob 9', 90_000), 'bob', 'b9', ms(10), 90_000);
    expect(backlog.take(90_000)).toBeUndefined(); // Bob was last
    backlog.add(turn('ana 9', 90_010), 'ana', 'a9', ms(10), 90_100);
    expect([backlog.take(90_100)?.turnId, backlog.take(90_100)?.turnId]).toEqual(['ana 9', 'bob 9']);
    backlog.expect(turn('ana 10', 99_000), 'ana');
    backlog.add(turn('bob 10', 99_000), 'bob', 'b10', ms(10), 99_000);
    expect(backlog.take(99_000)).toBeUndefined();
    expect(backlog.take(99_000 + ORDER_WAIT_MS)?.turnId).toBe('bob 10');
  });

  it('keeps what a speaker who is gone has said', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('a', 1), 'ana', 'a', ms(10), 0);
    backlog.forget('ana');
    backlog.settle('a');
    expect(backlog.take(0)?.turnId).toBe('a');
  });

  const overdue = (backlog: Backlog<string>, aheadMs: number, limitMs: number, atMs = 0) => {
    const taken: string[] = [];
    for (;;) {
      const phrase = backlog.takeOverdue(aheadMs, limitMs, atMs);
      if (phrase === undefined) return taken;
      taken.push(phrase.turnId);
    }
  };

  it('takes out the oldest until every other begins in time, and not a phrase more', () => {
    const backlog = new Backlog<string>();
    for (const [id, endMs] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
    ] as const)
      backlog.add(turn(id, endMs), 'ana', id, ms(3_000), 0);
    expect(overdue(backlog, 0, 9_000)).toEqual([]); // d waits 9 s
    expect(overdue(backlog, 500, 9_000)).toEqual(['a']);
    expect(overdue(backlog, 4_000, 5_000)).toEqual(['b', 'c']);
    expect(overdue(backlog, 5_001, 5_000)).toEqual(['d']); // what is being spoken is too long for any
    expect(overdue(backlog, 60_000, 5_000)).toEqual([]);
  });

  it('counts what a phrase has waited already', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('a', 1), 'ana', 'a', ms(3_000), 1_000);
    expect(overdue(backlog, 4_000, 8_000, 5_000)).toEqual([]);
    expect(overdue(backlog, 4_000, 8_000, 5_010)).toEqual(['a']);
  });

  it('does not count the newest phrase’s own length as its wait', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('a', 1), 'ana', 'a', ms(15_000), 0);
    expect(overdue(backlog, 0, 8_000)).toEqual([]);
  });

  it('pauses where another one’s words begin, and nowhere else', () => {
    const backlog = new Backlog<string>();
    for (const [id, endMs, owner] of [
      ['a', 1_000, 'ana'],
      ['a2', 2_000, 'ana'],
      ['b', 3_000, 'bob'],
    ] as const)
      backlog.add(turn(id, endMs), owner, id, ms(100), 0);
    expect(backlog.take(10)?.turnId).toBe('a');
    expect(backlog.take(10, 0)?.turnId).toBe('a2');
    expect(backlog.take(10, PAUSE_MS - 10)).toBeUndefined();
    expect(backlog.take(10, PAUSE_MS)?.turnId).toBe('b');
  });

  it('counts the pauses between speakers as waiting', () => {
    const backlog = new Backlog<string>();
    backlog.add(turn('a', 1_000), 'ana', 'a', ms(3_000), 0);
    backlog.add(turn('b', 2_000), 'bob', 'b', ms(3_000), 0);
    expect(overdue(backlog, 0, 3_000 + PAUSE_MS)).toEqual([]);
    expect(overdue(backlog, 0, 3_000 + PAUSE_MS - 1)).toEqual(['a']);
  });

  it('gives every phrase once, by one way or another, and counts what waits (property)', () => {
    const step = fc.record({
      do: fc.constantFrom('expect', 'add', 'settle', 'take', 'overdue', 'all'),
      turn: fc.integer({ min: 0, max: 9 }),
      ms: fc.integer({ min: 1, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const backlog = new Backlog<string>();
        const added = new Map<string, number>();
        const given = new Map<string, number>();
        const give = (phrases: readonly { turnId: string; waitingMs: number }[]) => {
          for (const { turnId, waitingMs } of phrases)
            given.set(turnId, (given.get(turnId) ?? 0) + Math.round(waitingMs));
        };
        steps.forEach(({ do: what, turn: n, ms: durationMs }, at) => {
          const one = turn(`t${n}`, n * 150);
          if (what === 'expect') backlog.expect(one, 'ana');
          if (what === 'add') {
            backlog.add(one, 'ana', `i${n}`, ms(durationMs), at * 400);
            added.set(one.turnId, (added.get(one.turnId) ?? 0) + durationMs);
          }
          if (what === 'settle') backlog.settle(one.turnId);
          if (what === 'take') {
            const phrase = backlog.take(at * 400);
            if (phrase !== undefined) give([phrase]);
          }
          if (what === 'overdue') {
            const phrase = backlog.takeOverdue(durationMs, 2_000, at * 400);
            if (phrase !== undefined) give([phrase]);
          }
          if (what === 'all') give(backlog.takeAll(({ owner }) => owner === (n % 2 === 0 ? 'ana' : 'bob')));
          const total = (of: ReadonlyMap<string, number>) =>
            [...of.values()].reduce((sum, one) => sum + one, 0);
          expect(backlog.waitingMs).toBeCloseTo(total(added) - total(given), 3);
        });
        give(backlog.takeAll(() => true));
        expect(backlog.waitingMs).toBe(0);
        expect([...given].sort()).toEqual([...added].sort());
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
