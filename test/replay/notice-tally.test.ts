import { describe, expect, it } from 'vitest';
import { NoticeTally } from '../../src/replay/notice-tally.js';

describe('the notices of a run', () => {
  it('are told once each, with how often they came', () => {
    const tally = new NoticeTally();
    tally.add({ kind: 'response_incomplete', message: 'is being continued' });
    tally.add({ kind: 'response_incomplete', message: 'was cut off' });
    tally.add({ kind: 'response_failed', message: 'failed: overloaded' });
    tally.add({ kind: 'response_failed', message: 'failed: overloaded' });
    tally.add({ kind: 'benign_error', message: 'moot' });
    expect(tally.lines()).toEqual(['is being continued', 'was cut off', 'failed: overloaded (2 times)']);
  });

  it('tell the total of what was dropped', () => {
    const tally = new NoticeTally();
    for (const droppedMs of [20, 1_020, 1_980])
      tally.add({ kind: 'audio_dropped', message: `${droppedMs} ms dropped so far` });
    expect(tally.lines()).toEqual(['1980 ms dropped so far']);
  });

  it('do not grow without end', () => {
    const tally = new NoticeTally();
    for (let count = 0; count < 10_000; count++)
      tally.add({ kind: 'server_error', message: `error ${count}` });
    expect(tally.lines()).toHaveLength(51);
    expect(tally.lines().at(-1)).toBe('and 9950 more notices of the session');
  });
});
