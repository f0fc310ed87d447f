import { describe, expect, it } from 'vitest';
import { Interjections } from '../../../src/meeting/listening/interjections.js';

const MAX_MS = 700;

/** One sound of Ben's, as our own ear heard it, and the turn that the server made of it. */
function heard(over: boolean, fromMs: number, toMs: number, going = false): Interjections {
  const interjections = new Interjections();
  interjections.began('ben', { startMs: fromMs, endMs: fromMs + 30 }, over);
  if (!going) interjections.ended('ben', { startMs: fromMs, endMs: toMs });
  return interjections;
}

describe('what somebody says while others have the word', () => {
  it.each([
    ['400 ms', heard(true, 1_000, 1_400), true],
    ['700 ms', heard(true, 1_000, 1_700), true],
    ['710 ms', heard(true, 1_000, 1_710), false],
    ['400 ms in a silence', heard(false, 1_000, 1_400), false],
    ['a sound that goes on', heard(true, 1_000, 1_400, true), false],
    ['a sound of another moment', heard(true, 5_000, 5_400), false],
    ['nothing', new Interjections(), false],
  ])('%s: an aside: %s', (_, interjections, is) => {
    expect(interjections.isShortAside('ben', { startMs: 950, endMs: 1_800 }, MAX_MS)).toBe(is);
  });

  it('two sounds of one turn count as one, from the first to the last', () => {
    const interjections = heard(true, 1_000, 1_200);
    interjections.began('ben', { startMs: 1_450, endMs: 1_480 }, true);
    interjections.ended('ben', { startMs: 1_450, endMs: 1_650 });
    const turn = { startMs: 1_000, endMs: 1_650 };
    expect(interjections.isShortAside('ben', turn, MAX_MS)).toBe(true);
    expect(interjections.isShortAside('ben', turn, 600)).toBe(false);
  });

  it('is forgotten with whoever said it, and others are not asked', () => {
    const interjections = heard(true, 1_000, 1_400);
    const turn = { startMs: 1_000, endMs: 1_400 };
    expect(interjections.isShortAside('ana', turn, MAX_MS)).toBe(false);
    interjections.forget('ben');
    expect(interjections.isShortAside('ben', turn, MAX_MS)).toBe(false);
  });
});
