import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readWav } from '../../../audio/wav.js';
import { SoundStore } from '../../../src/replay/meeting/sound-store.js';
import { SoundTrack } from '../../../src/replay/meeting/sound-track.js';

it('a store gives back what was put, with silence in between, and parts of it', () => {
  const store = new SoundStore();
  store.write(Int16Array.of(1, 2, 3));
  store.write(Int16Array.of(-7, 8), 5);
  expect(store.length).toBe(7);
  const all = new Int16Array(9).fill(99);
  expect(store.read(0, all)).toBe(7);
  expect([...all]).toEqual([1, 2, 3, 0, 0, -7, 8, 99, 99]);
  const part = store.part(1, 3);
  const out = new Int16Array(5).fill(99);
  expect([part.length, part.read(1, out)]).toEqual([3, 2]);
  expect([...out]).toEqual([3, 0, 99, 99, 99]);
  expect(part.read(3, out)).toBe(0);
  store.close();
  store.close();
});

it('a track mixes what comes at one time, also when it comes late, and is written up to its end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  const track = new SoundTrack();
  try {
    const frame = (value: number) => new Int16Array(480).fill(value);
    track.add(frame(100), 0);
    track.add(frame(30), 12_000); // in the second block of 10 s
    track.add(frame(11), 0);
    track.add(frame(5), 25_000);
    const path = join(folder, 'a.wav');
    for (let time = 0; time < 2; time++) {
      track.writeWav(path, 25_000);
      const { samples, durationMs, sampleRateHz } = readWav(readFileSync(path));
      expect([durationMs, sampleRateHz]).toEqual([25_000, 48_000]);
      expect([samples[0], samples[479], samples[480]]).toEqual([111, 111, 0]);
      expect([samples[12 * 48_000 - 1], samples[12 * 48_000]]).toEqual([0, 30]);
    }
    track.add(frame(7), 25_000);
    track.writeWav(path, 25_010);
    expect(readWav(readFileSync(path)).samples[25 * 48_000]).toBe(12);
  } finally {
    track.close();
    rmSync(folder, { recursive: true });
  }
});
