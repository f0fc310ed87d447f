import { describe, expect, it } from 'vitest';
import { parseProfiles, staticProfiles } from '../../src/profiles/static-profiles.js';

const signal = new AbortController().signal;

describe('profiles from a file', () => {
  it('are found by id', async () => {
    const profiles = parseProfiles(
      { usr_1: { summary: 'Engineer.', terms: ['BIM'] }, usr_2: { summary: 'Lawyer.' } },
      'people.json',
    );
    const source = staticProfiles(profiles, 'people.json');
    expect(await source.profileOf('usr_1', { signal })).toEqual({
      userId: 'usr_1',
      summary: 'Engineer.',
      terms: ['BIM'],
      fetchedAtMs: 0,
    });
    expect((await source.profileOf('usr_2', { signal }))?.terms).toEqual([]);
    for (const other of ['usr_3', '__proto__', 'constructor', ''])
      expect(await source.profileOf(other, { signal })).toBeUndefined();
  });

  it.each([
    [[]],
    ['text'],
    [{ usr_1: 'Engineer.' }],
    [{ usr_1: { summary: 7 } }],
    [{ usr_1: { sumary: 'Engineer.' } }],
    [{ usr_1: { terms: 'BIM' } }],
    [{ usr_1: { summary: 'x'.repeat(4_001) } }],
  ])('%j is refused in one line', (json) => {
    expect(() => parseProfiles(json, 'people.json')).toThrow(
      /^people.json holds no profiles: write it like /,
    );
  });

  it('too many are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`usr_${n}`, {}]));
    expect(() => parseProfiles(many, 'people.json')).toThrow(/holds 10001 profiles: 10000 are allowed/);
  });
});
