import { expect, it } from 'vitest';
import { SpeechMeter } from '../../src/media/speech-meter.js';

/** Seconds of frames of 160 samples, each as loud as `levelAt` says. */
function measured(seconds: number, levelAt: (frame: number) => number): number {
  const meter = new SpeechMeter();
  for (let frame = 0; frame < seconds * 100; frame++) {
    const peak = levelAt(frame);
    meter.push(
      Int16Array.from({ length: 160 }, (_, n) => Math.round(peak * Math.sin(n * 0.4))),
      true,
    );
  }
  meter.end();
  return meter.speechMs;
}

it('syllables and pauses are speech', () => {
  expect(measured(3, (frame) => (frame % 25 < 15 ? 8_000 : 300))).toBe(3_000);
});

it('a hum, and noise that hardly changes, are none, whatever a detector of voices says', () => {
  expect(measured(3, () => 8_000)).toBe(0);
  expect(measured(3, (frame) => 8_000 + 800 * (frame % 5))).toBe(0);
});

it('what is not a whole second counts at the end', () => {
  expect(measured(0.5, (frame) => (frame % 10 < 5 ? 8_000 : 300))).toBe(500);
});
