import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { VirtualClock } from '../../../src/clock.js';
import { EchoGuard } from '../../../src/meeting/listening/echo-guard.js';
import { SpeakerInputs } from '../../../src/meeting/listening/speaker-inputs.js';
import { loadBook } from '../../embedded/phrasebook/book.js';

let speech: Int16Array;
beforeAll(async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  speech = (await loadBook()).get('share-my-screen')!.get('es')!.pcm24k;
});

let clock: VirtualClock;
let echo: EchoGuard;
let hearing: SpeakerInputs;
let emitted: string[];
beforeEach(() => {
  clock = new VirtualClock();
  echo = new EchoGuard(() => []);
  emitted = [];
  hearing = new SpeakerInputs({
    clock,
    guard: (id, onCleaned) => echo.microphone(id, onCleaned),
    handlers: {
      speaking: (id, speaking) => emitted.push(`${id} ${speaking ? 'speaks' : 'is silent'}`),
      heard: () => undefined,
      chunk: () => undefined,
      stopped: (id) => emitted.push(`${id} stopped`),
      unusable: (id, why) => emitted.push(`${id}: ${why}`),
    },
  });
});
afterEach(() => {
  for (const id of hearing.participantIds) hearing.forget(id);
  echo.close();
});

/** So much of a phrase, in frames as they come. */
function speak(id: string, durationMs: number): void {
  for (let atMs = 0; atMs < durationMs; atMs += 10) {
    const samples = speech.subarray(atMs * 24, (atMs + 10) * 24);
    hearing.push(id, { samples, sampleRateHz: 24_000, channelCount: 1 }, clock.nowMs());
    clock.advanceBy(10);
  }
}

describe('Hearing', () => {
  it('frames that stay away in the middle of a word end what was being said', () => {
    speak('ana', 1_000);
    expect(emitted).toEqual(['ana speaks']);
    expect(hearing.quietSinceMs('ana', -1)).toBeUndefined();
    clock.advanceBy(400);
    hearing.tick(() => undefined);
    expect(emitted).toEqual(['ana speaks']);
    clock.advanceBy(100);
    hearing.tick(() => undefined);
    expect(emitted).toEqual(['ana speaks', 'ana is silent', 'ana stopped']);
    expect(hearing.quietSinceMs('ana', -1)).toBe(clock.nowMs());
    speak('ana', 1_000);
    expect(emitted.at(-1)).toBe('ana speaks');
  });

  it('tells the loudest level of those whose frames came, and once whose frames cannot be used', () => {
    const levels: string[] = [];
    const tick = () => hearing.tick((id, levelDbfs) => levels.push(`${id} ${levelDbfs > -40}`));
    speak('ana', 500);
    for (let n = 0; n < 3; n++) {
      hearing.push('bob', { samples: new Int16Array(7), sampleRateHz: 1, channelCount: 1 }, n * 10);
    }
    tick();
    tick();
    expect(levels.filter((level) => level.startsWith('ana'))).toEqual(['ana true']);
    expect(emitted.filter((line) => line.startsWith('bob: '))).toHaveLength(1);
  });

  it('knows nothing of whoever was never heard, or is forgotten', () => {
    expect(hearing.quietSinceMs('ana', 7)).toBe(7);
    speak('ana', 500);
    hearing.stop('ana');
    hearing.forget('ana');
    expect(hearing.participantIds).toEqual([]);
    expect(hearing.quietSinceMs('ana', 7)).toBe(7);
  });
});
