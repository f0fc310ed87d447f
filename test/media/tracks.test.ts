import { describe, expect, it } from 'vitest';

import { askedTrack, chooseTrack, tracksNote, tracksToTry } from '../../src/media/tracks.js';

const track = (isDefault: boolean, speechMs?: number) => ({ isDefault, speechMs });

describe('tracks', () => {
  it('are tried from the default one on', () => {
    expect(tracksToTry([track(false), track(true), track(false)])).toEqual([1, 0, 2]);
    expect(tracksToTry([track(true), track(true)])).toEqual([0, 1]);
  });

  it('the default one is heard if it has speech, else the one that has', () => {
    expect(chooseTrack([track(false, 5000), track(true, 1500)])).toBe(1);
    expect(chooseTrack([track(true, 0), track(false, 5000)])).toBe(1);
    expect(chooseTrack([track(true, 300), track(false, 200)])).toBe(0);
    expect(chooseTrack([track(false, 0), track(true, 0)])).toBe(1);
    expect(chooseTrack([track(false, 0), track(false, 0)])).toBe(0);
  });

  it('are told where there are several', () => {
    expect(tracksNote([track(true, 10)], 0)).toEqual([]);
    expect(tracksNote([track(true, 0), track(false, 5000)], 1)).toEqual([
      'it has 2 audio tracks; track 2 is heard (it has speech): choose with --audio-track',
    ]);
    expect(tracksNote([track(true, 0), track(false, 0)], 0).join()).toContain(
      'track 1 is heard (the default one)',
    );
  });

  it('are counted from 1 when asked for', () => {
    expect(askedTrack(2, 2)).toBe(1);
    expect(() => askedTrack(2, 1)).toThrow('it has one audio track: there is no --audio-track 2');
    expect(() => askedTrack(0, 3)).toThrow(/it has 3 audio tracks/);
  });
});
