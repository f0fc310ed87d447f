import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CopyGate } from '../../audio/crosstalk/copy-gate.js';
import { MicrophonePair } from '../../audio/crosstalk/microphone-pair.js';
import { MicrophoneTrace } from '../../audio/crosstalk/microphone-trace.js';
import { readWav } from '../../audio/wav.js';
import { AcousticRoom } from '../../src/room/testing/acoustic-room.js';
import { seededRandom } from '../../src/seeded-random.js';

const FRAME = 480;
const phrase = (path: string): Int16Array => {
  const { samples, sampleRateHz } = readWav(
    readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'phrasebook', path)),
  );
  const factor = 48_000 / sampleRateHz;
  return Int16Array.from({ length: samples.length * factor }, (_, n) => samples[Math.floor(n / factor)]!);
};
const ana = phrase('es/share-my-screen.wav');
const ben = phrase('es/customers-like-it.wav');

/** What a microphone across the room hears of somebody. */
const across = (pcm: Int16Array, delayMs: number, levelDb: number, seed = 3): Int16Array =>
  Int16Array.from(new AcousticRoom({ delayMs, levelDb, seed }).play(pcm), Math.round);

/** Two microphones, compared every 300 ms; the share of frames that each held as a copy after they were found. */
function compare(first: Int16Array, second: Int16Array, secondLateMs = 0) {
  const [one, two] = [new MicrophoneTrace(), new MicrophoneTrace()];
  const pair = new MicrophonePair(one, two);
  const random = seededRandom(9);
  const frameOf = (pcm: Int16Array, from: number): Int16Array =>
    Int16Array.from({ length: FRAME }, (_, n) => Math.round((pcm[from + n] ?? 0) + 8 * (random() - 0.5)));
  let foundMs: number | undefined;
  const copies = [0, 0];
  let frames = 0;
  for (let at = 0; at < Math.max(first.length, second.length); at += FRAME) {
    one.push(frameOf(first, at), at);
    two.push(frameOf(second, at - secondLateMs * 48), at);
    if (at % (30 * FRAME) === 0 && pair.compare() === 'found') foundMs ??= at / 48;
    if (foundMs === undefined) continue;
    frames++;
    if (pair.hears(one) === 'copy') copies[0]!++;
    if (pair.hears(two) === 'copy') copies[1]!++;
  }
  return {
    foundMs,
    shared: pair.shared,
    firstIsNearer: pair.firstIsNearer,
    copies: copies.map((n) => n / frames),
  };
}

describe('two microphones', () => {
  it.each([
    [12, -14, 0],
    [12, -14, 250],
    [12, -14, -200],
    [30, -8, 60],
    [5, -24, 100],
  ])(
    'that hear one person, the second %i ms later, %i dB quieter and sent %i ms later: found',
    (ms, db, lateMs) => {
      const { foundMs, firstIsNearer, copies } = compare(ana, across(ana, ms, db), lateMs);
      expect(foundMs).toBeLessThan(1_300);
      expect(firstIsNearer).toBe(true);
      expect(copies[0]).toBe(0);
      expect(copies[1]).toBeGreaterThan(0.6);
    },
  );

  it.each([
    [ana, ben],
    [ben, ana],
    [phrase('en/share-my-screen.wav'), ana],
    [phrase('de/can-you-hear-me.wav'), phrase('fr/can-you-hear-me.wav')],
  ])('of people who talk at the same time in different places are kept apart', (first, second) => {
    expect(compare(first, second).shared).toBe(false);
    expect(compare(first, second, 120).shared).toBe(false);
  });
});

describe('the gate of a microphone that hears others', () => {
  it('closes at once for a copy, and opens after 60 ms of an own voice, or 400 ms without the other', () => {
    const gate = new CopyGate();
    expect(gate.judge('own')).toBe(true);
    expect(gate.judge('copy')).toBe(false);
    for (let n = 0; n < 5; n++) expect(gate.judge('own')).toBe(false);
    expect(gate.judge('own')).toBe(true);
    for (let n = 0; n < 60; n++) gate.judge('copy');
    for (let n = 0; n < 39; n++) expect(gate.judge('unsure')).toBe(false);
    expect(gate.judge('unsure')).toBe(true);
  });

  it('stays open for two who talk over each other, and closes when the other one alone goes on', () => {
    const gate = new CopyGate();
    for (let n = 0; n < 300; n++) expect(gate.judge(n % 40 < 10 ? 'own' : 'copy')).toBe(true);
    for (let n = 0; n < 100; n++) gate.judge('copy');
    expect(gate.open).toBe(false);
  });

  it('stays as it is while what it hears may be of either', () => {
    const gate = new CopyGate();
    for (let n = 0; n < 100; n++) expect(gate.judge('either')).toBe(true);
    gate.judge('copy');
    for (let n = 0; n < 100; n++) expect(gate.judge('either')).toBe(false);
    for (let n = 0; n < 39; n++) gate.judge('unsure');
    gate.judge('either');
    for (let n = 0; n < 39; n++) expect(gate.judge('unsure')).toBe(false);
    expect(gate.judge('unsure')).toBe(true);
  });

  it('stays closed through short pauses of the other’s voice', () => {
    const gate = new CopyGate();
    for (let n = 0; n < 100; n++) expect(gate.judge(n % 5 === 0 ? 'copy' : 'own')).toBe(false);
  });
});
