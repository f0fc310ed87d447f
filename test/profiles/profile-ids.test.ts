import { describe, expect, it } from 'vitest';
import { agreesToLearning, profileIdOf, profileIdsSchema } from '../../src/profiles/profile-ids.js';

const ids = new Map([['p1', 'usr_ana']]);
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

  it('a map of participant ids to profile ids is read as it is', () => {
    expect(profileIdsSchema.parse({ p1: 'usr_42af7c' })).toEqual({ p1: 'usr_42af7c' });
  });

  it.each([['usr'], [{ p1: 7 }], [{ p1: 'a b' }], [null]])('%j maps no profiles', (json) => {
    expect(profileIdsSchema.safeParse(json).success).toBe(false);
  });
});

it('agreement is true and nothing else', () => {
  expect(agreesToLearning({ parleyLearn: true })).toBe(true);
  for (const parleyLearn of [undefined, false, 'true', 'yes', 1, {}, null])
    expect(agreesToLearning({ parleyLearn })).toBe(false);
});
