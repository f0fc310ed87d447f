import { describe, expect, it } from 'vitest';
import { CopiedSpeech } from '../../../src/meeting/listening/copied-speech.js';

describe('what a microphone heard of others', () => {
  it('is told as a share of a stretch of speech', () => {
    const copied = new CopiedSpeech();
    copied.add('bea', 1_000, 2_000);
    expect(copied.shareOf('bea', { startMs: 1_000, endMs: 2_000 })).toBe(1);
    expect(copied.shareOf('bea', { startMs: 500, endMs: 2_500 })).toBe(0.5);
    expect(copied.shareOf('bea', { startMs: 2_000, endMs: 3_000 })).toBe(0);
    expect(copied.shareOf('ana', { startMs: 1_000, endMs: 2_000 })).toBe(0);
    expect(copied.shareOf('bea', { startMs: 1_500, endMs: 1_500 })).toBe(0);
    expect(copied.copiedMs).toBe(1_000);
  });

  it('goes on until a voice of its own is heard, and begins no later than is found out', () => {
    const copied = new CopiedSpeech();
    copied.add('bea', 1_000, 2_000);
    copied.began('bea', 1_800);
    copied.reach('bea', 3_000);
    copied.ended('bea', 2_800);
    copied.reach('bea', 4_000);
    expect(copied.shareOf('bea', { startMs: 1_000, endMs: 3_000 })).toBe(0.9);
    copied.began('bea', 5_000);
    copied.reach('bea', 6_000);
    expect(copied.shareOf('bea', { startMs: 2_800, endMs: 6_000 })).toBeCloseTo(1 / 3.2);
  });

  it('is forgotten with whoever it was', () => {
    const copied = new CopiedSpeech();
    copied.add('bea', 0, 1_000);
    copied.forget('bea');
    expect(copied.shareOf('bea', { startMs: 0, endMs: 1_000 })).toBe(0);
  });
});
