import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureLevel } from '../../../audio/index.js';
import { readWav } from '../../../audio/wav.js';
import { SharedRooms } from '../../../src/meeting/listening/shared-rooms.js';
import { AcousticRoom } from '../../../src/room/testing/acoustic-room.js';
import { seededRandom } from '../../../src/seeded-random.js';

const FRAME = 480;
const PHRASES = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'phrasebook');
const PAUSE = new Int16Array(48_000);

function phrase(path: string): Int16Array {
  const { samples, sampleRateHz } = readWav(readFileSync(join(PHRASES, path)));
  const factor = 48_000 / sampleRateHz;
  return Int16Array.from({ length: samples.length * factor }, (_, n) => samples[Math.floor(n / factor)]!);
}

const across = (pcm: Int16Array): Int16Array =>
  Int16Array.from(new AcousticRoom({ delayMs: 12, levelDb: -14, seed: 3 }).play(pcm), Math.round);
const sum = (one: Int16Array, two: Int16Array): Int16Array =>
  Int16Array.from({ length: Math.max(one.length, two.length) }, (_, n) => (one[n] ?? 0) + (two[n] ?? 0));
const inRow = (...sounds: Int16Array[]): Int16Array => Int16Array.from(sounds.flatMap((sound) => [...sound]));

/** What comes out of the microphones of Ana and Bea, in frames: their levels. */
function hear(ana: Int16Array, bea: Int16Array, beaLateMs = 0) {
  const told: string[] = [];
  const rooms = new SharedRooms({
    found: (nearId, copyId) => told.push(`${copyId} hears ${nearId}`),
    copied: (id) => told.push(`copied: ${id}`),
  });
  const levels: Record<string, number[]> = { ana: [], bea: [] };
  const stageOf = (id: string) =>
    rooms.microphone(id, (samples, atMs) => {
      levels[id]![atMs / 10] = measureLevel(samples).rmsDbfs;
    });
  const [first, second] = [stageOf('ana'), stageOf('bea')];
  const random = seededRandom(1);
  const frame = (pcm: Int16Array, from: number): Int16Array =>
    Int16Array.from({ length: FRAME }, (_, n) => Math.round((pcm[from + n] ?? 0) + 8 * (random() - 0.5)));
  for (let at = 0; at < Math.max(ana.length, bea.length) + 48_000; at += FRAME) {
    first.push(frame(ana, at), at / 48);
    second.push(frame(bea, at - beaLateMs * 48), at / 48);
  }
  for (const stage of [first, second]) stage.flush();
  /** Milliseconds with sound between two times. */
  const soundMs = (id: 'ana' | 'bea', fromMs: number, toMs: number): number =>
    levels[id]!.slice(fromMs / 10, toMs / 10).filter((level) => level > -55).length * 10;
  return { rooms, told, levels, soundMs };
}

const screen = phrase('es/share-my-screen.wav');
const customers = phrase('es/customers-like-it.wav');
const screenMs = screen.length / 48;

describe('two microphones in one room', () => {
  it.each([0, 200, -200])('hear one person once; with %i ms between their networks', (lateMs) => {
    const ana = inRow(screen, PAUSE, PAUSE, customers);
    const { rooms, told, soundMs } = hear(ana, across(ana), lateMs);
    expect(told).toEqual(['bea hears ana', 'copied: bea']);
    expect(rooms.sharedPairs).toBe(1);
    expect(soundMs('ana', 0, screenMs)).toBeGreaterThan(2_500);
    // Until it was found, then never again.
    expect(rooms.copied.shareOf('bea', { startMs: Math.max(0, lateMs), endMs: screenMs })).toBeGreaterThan(
      0.9,
    );
    expect(soundMs('bea', 1_200, 20_000)).toBeLessThan(60 + Math.max(0, -lateMs));
    expect(rooms.copied.shareOf('ana', { startMs: 0, endMs: 20_000 })).toBe(0);
  });

  it.each([
    [-6, -6, 0],
    [-9, 0, 1],
    [-3, 3, 1],
  ])(
    'about as near to who speaks, in reverberation of %i and %i dB, the second %i dB louder: one of them has every word',
    (firstDb, secondDb, levelDb) => {
      const said = inRow(screen, PAUSE, PAUSE, customers, PAUSE, PAUSE, screen);
      const near = (delayMs: number, reverberationDb: number, level: number, seed: number): Int16Array =>
        Int16Array.from(
          new AcousticRoom({ delayMs, levelDb: level - 3, reverberationDb, seed }).play(said),
          Math.round,
        );
      const [ana, bea] = [near(3, firstDb, 0, 5), near(15, secondDb, levelDb, 9)];
      const { levels, rooms } = hear(ana, bea);
      const alone = [
        hear(ana, new Int16Array(0)).levels['ana']!,
        hear(new Int16Array(0), bea).levels['bea']!,
      ];
      expect(rooms.sharedPairs).toBe(1);
      const phrases = [screen, customers, screen].map(({ length }) => length / 480);
      let from = 0;
      for (const frames of phrases) {
        const loud = (row: readonly number[]): number =>
          row.slice(from, from + frames).filter((level) => level > -35).length;
        const heard = [loud(levels['ana']!), loud(levels['bea']!)];
        const held = [loud(alone[0]!), loud(alone[1]!)];
        const winner = heard[0]! > heard[1]! ? 0 : 1;
        expect(heard[winner]! / held[winner]!).toBeGreaterThan(0.97);
        // Until they are found to be in one room both are heard.
        expect(heard[1 - winner]!).toBeLessThan(from === 0 ? 150 : 25);
        from += frames + 200;
      }
    },
  );

  it('each hears its own person in turn', () => {
    const ana = inRow(screen, PAUSE, PAUSE, across(customers));
    const bea = inRow(across(screen), PAUSE, PAUSE, customers);
    const { soundMs } = hear(ana, bea);
    const fromMs = screenMs + 2_000;
    expect(soundMs('bea', fromMs, 20_000)).toBeGreaterThan(2_500);
    expect(soundMs('ana', fromMs + 200, 20_000)).toBeLessThan(700);
    expect(soundMs('bea', 1_000, fromMs)).toBe(0);
  });

  it('people who really talk over each other are both heard, to their last word', () => {
    const ana = inRow(screen, PAUSE, sum(screen, across(customers)));
    const bea = inRow(across(screen), PAUSE, sum(customers, across(screen)));
    const alone = hear(inRow(screen, PAUSE, screen), inRow(new Int16Array(screen.length), PAUSE, customers));
    const { soundMs, rooms } = hear(ana, bea);
    expect(rooms.sharedPairs).toBe(1);
    const fromMs = screenMs + 1_000;
    for (const id of ['ana', 'bea'] as const) {
      const said = alone.soundMs(id, fromMs, 20_000);
      expect(said).toBeGreaterThan(2_000);
      expect(soundMs(id, fromMs, 20_000)).toBeGreaterThan(0.95 * said);
    }
  });

  it('people who talk at the same time in different places are heard as they are', () => {
    const { rooms, told, soundMs } = hear(screen, customers);
    expect([told, rooms.sharedPairs, rooms.copied.copiedMs]).toEqual([[], 0, 0]);
    expect(soundMs('bea', 0, 5_000)).toBeGreaterThan(2_000);
  });

  it('no time is lost: every frame comes out once at its own time', () => {
    const { levels } = hear(screen, across(screen));
    const frames = screen.length / FRAME + 100;
    for (const id of ['ana', 'bea']) expect(Object.keys(levels[id]!)).toHaveLength(Math.ceil(frames));
  });
});
