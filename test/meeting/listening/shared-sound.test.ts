import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { SharedSound } from '../../../src/meeting/listening/shared-sound.js';

beforeAll(() => loadResampler());

const frame = (value: number) => ({
  samples: new Int16Array(480).fill(value),
  sampleRateHz: 48_000,
  channelCount: 1,
});

function setUp() {
  const heard: [id: string, first: number, atMs: number][] = [];
  const sound = new SharedSound((id, { samples }, atMs) => heard.push([id, samples[0]!, atMs]));
  return { sound, heard };
}

describe('the sound of a shared screen', () => {
  it('is added to what its owner says, and others are heard as they are', () => {
    const { sound, heard } = setUp();
    for (let atMs = 0; atMs < 200; atMs += 10) {
      sound.play('ana', frame(300), atMs);
      sound.hear('ana', frame(1_000), atMs);
      sound.hear('ben', frame(7), atMs);
    }
    sound.endAll();
    expect(heard.filter(([id]) => id === 'ben')).toHaveLength(20);
    const ana = heard.filter(([id]) => id === 'ana');
    expect(ana).toHaveLength(20);
    expect(ana.every(([, first], n) => first === 1_300 && ana[n]![2] === n * 10)).toBe(true);
  });

  it('is heard without a microphone, and when it has ended the microphone is as before', () => {
    const { sound, heard } = setUp();
    for (let atMs = 0; atMs < 100; atMs += 10) sound.play('ana', frame(300), atMs);
    sound.end('ana');
    sound.end('ana');
    sound.hear('ana', frame(5), 100);
    expect(heard.map(([, first]) => first)).toEqual([...new Array<number>(10).fill(300), 5]);
  });
});
