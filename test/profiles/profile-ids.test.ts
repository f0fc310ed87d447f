import { describe, expect, it } from 'vitest';
import { agreesToLearning, parseProfileIds, profileIdOf } from '../../src/profiles/profile-ids.js';

const ids = parseProfileIds({ p1: 'usr_ana' }, 'ids.json');
const of = (id: string, fastinoUserId?: unknown) => profileIdOf({ id, metadata: { fastinoUserId } }, ids);

describe('whose profile is whose', () => {
  it('the host’s word comes first', () => {
    expect(of('p1', 'usr_eve')).toBe('usr_ana');
    expect(of('p1')).toBe('usr_ana');
  });

  it('others are believed, but for an id that is given to somebody', () => {
    expect(of('p2', 'usr_bob')).toBe('usr_bob');
    expect(of('p2', 'usr_ana')).toBeUndefined();
    expect(of('p2')).toBeUndefined();
  });

  it.each([
    [''],
    [7],
    [null],
    [['usr_bob']],
    [{ id: 'x' }],
    ['a b'],
    ['../../etc'],
    ['a\nb'],
    ['x'.repeat(129)],
    ['{}'],
  ])('%j is nobody’s id', (claim) => {
    expect(of('p2', claim)).toBeUndefined();
  });

  it.each([[[]], ['usr'], [{ p1: 7 }], [{ p1: 'a b' }], [null]])('%j is refused in one line', (json) => {
    expect(() => parseProfileIds(json, 'ids.json')).toThrow(/^ids.json maps no profiles: write it like /);
  });
});

it('agreement is true and nothing else', () => {
  expect(agreesToLearning({ parleyLearn: true })).toBe(true);
  for (const parleyLearn of [undefined, false, 'true', 'yes', 1, {}, null])
    expect(agreesToLearning({ parleyLearn })).toBe(false);
});
