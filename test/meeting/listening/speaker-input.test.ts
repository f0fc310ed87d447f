import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { PRE_ROLL_MS, SpeakerInput } from '../../../src/meeting/listening/speaker-input.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';

let book: Phrasebook;
let speaker: SpeakerInput | undefined;
beforeAll(async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  book = await loadBook();
});
afterEach(() => {
  speaker?.close();
});

type Noted = { kind: 'speaking'; speaking: boolean } | { kind: 'audio'; samples: Int16Array; atMs: number };

function listen() {
  const noted: Noted[] = [];
  const made = new SpeakerInput({
    speaking: (speaking) => noted.push({ kind: 'speaking', speaking }),
    audio: ({ samples }, atMs) => noted.push({ kind: 'audio', samples: samples.slice(), atMs }),
  });
  speaker = made;
  const audio = () => noted.flatMap((note) => (note.kind === 'audio' ? [note] : []));
  const speaking = () => noted.flatMap((note) => (note.kind === 'speaking' ? [note.speaking] : []));
  return { speaker: made, noted, audio, speaking };
}

const numbered = (from: number, length = 480) =>
  Int16Array.from({ length }, (_, n) => ((from + n) % 20_000) - 10_000);

describe('Speaker', () => {
  it('hands out every sample at its time, whatever the frames are', () => {
    const { speaker, audio } = listen();
    for (let n = 0; n < 10; n++) {
      speaker.push({ samples: numbered(n * 480), sampleRateHz: 48_000, channelCount: 1 }, 500 + n * 10);
    }
    expect(audio().flatMap(({ samples }) => [...samples])).toEqual([...numbered(0, 4_800)]);
    expect(audio().map(({ atMs }) => atMs)).toEqual(Array.from({ length: 10 }, (_, n) => 500 + n * 10));
  });

  it('adapts other rates and channels to 48 kHz mono', () => {
    const { speaker, audio } = listen();
    for (let n = 0; n < 50; n++) {
      speaker.push(
        { samples: new Int16Array(320).fill(1_000), sampleRateHz: 16_000, channelCount: 2 },
        n * 10,
      );
    }
    speaker.stop();
    const samples = audio().flatMap(({ samples }) => [...samples]);
    expect(samples).toHaveLength(24_000);
    expect(samples[12_000]).toBeCloseTo(1_000, -1);
  });

  it('throws for a format that it cannot take, and goes on with the next frame', () => {
    const { speaker, audio } = listen();
    expect(() => {
      speaker.push({ samples: new Int16Array(123), sampleRateHz: 12_345, channelCount: 1 }, 0);
    }).toThrow('12345');
    speaker.push({ samples: numbered(0), sampleRateHz: 48_000, channelCount: 1 }, 10);
    expect(audio()).toHaveLength(1);
  });

  it('keeps the last moments, across the edge of its memory', () => {
    const { speaker } = listen();
    const total = PRE_ROLL_MS / 10 + 37;
    for (let n = 0; n < total; n++) {
      speaker.push({ samples: numbered(n * 480), sampleRateHz: 48_000, channelCount: 1 }, n * 10);
    }
    const { frame, atMs } = speaker.preRoll();
    expect(frame.samples).toEqual(numbered(37 * 480, PRE_ROLL_MS * 48));
    expect(atMs).toBe(370);
  });

  it('begins anew after a hole: what was before it is not what was just before', () => {
    const { speaker, audio } = listen();
    speaker.push({ samples: numbered(0), sampleRateHz: 48_000, channelCount: 1 }, 0);
    speaker.push({ samples: numbered(0), sampleRateHz: 48_000, channelCount: 1 }, 5_000);
    expect(audio().map(({ atMs }) => atMs)).toEqual([0, 5_000]);
    expect(speaker.preRoll()).toMatchObject({ atMs: 5_000, frame: { samples: { length: 480 } } });
    speaker.stop();
    expect(speaker.preRoll().frame.samples).toHaveLength(0);
  });

  it('a late frame corrects the time, and a little jitter does not', () => {
    const { speaker, audio } = listen();
    for (const atMs of [0, 14, 18, 70, 80]) {
      speaker.push({ samples: numbered(0), sampleRateHz: 48_000, channelCount: 1 }, atMs);
    }
    expect(audio().map(({ atMs }) => atMs)).toEqual([0, 10, 20, 70, 80]);
  });

  it('notices speech, tells before handing it out, and has its beginning in the pre-roll', () => {
    const { speaker, noted, speaking } = listen();
    const phrase = book.get('the-meeting-starts')!.get('en')!.pcm24k;
    const silence = new Int16Array(240);
    let atMs = 0;
    let preRoll: ReturnType<SpeakerInput['preRoll']> | undefined;
    const push = (samples: Int16Array) => {
      speaker.push({ samples, sampleRateHz: 24_000, channelCount: 1 }, atMs);
      if (speaker.speaking) preRoll ??= speaker.preRoll();
      atMs += 10;
    };
    for (let n = 0; n < 100; n++) push(silence);
    expect(speaking()).toEqual([]);
    for (let at = 0; at < phrase.length; at += 240) push(phrase.subarray(at, at + 240));
    for (let n = 0; n < 100; n++) push(silence);
    expect(speaking().at(0)).toBe(true);
    expect(speaking().at(-1)).toBe(false);
    expect(preRoll!.atMs).toBeLessThan(1_000);
    expect(noted.findIndex(({ kind }) => kind === 'speaking')).toBeLessThan(150);
  });

  it('speech that is cut off has ended', () => {
    const { speaker, speaking } = listen();
    const phrase = book.get('the-meeting-starts')!.get('en')!.pcm24k;
    for (let at = 0; at < 24_000; at += 240) {
      speaker.push(
        { samples: phrase.subarray(at, at + 240), sampleRateHz: 24_000, channelCount: 1 },
        at / 24,
      );
    }
    expect(speaker.speaking).toBe(true);
    speaker.stop();
    expect(speaking().at(-1)).toBe(false);
    speaker.stop();
    expect(speaking().filter((on) => !on)).toHaveLength(speaking().filter((on) => on).length);
  });

  it('measures the loudest frame since it was last asked', () => {
    const { speaker } = listen();
    expect(speaker.takeLevelDbfs()).toBe(-100);
    const square = (amplitude: number) => new Int16Array(480).fill(amplitude);
    speaker.push({ samples: square(16_384), sampleRateHz: 48_000, channelCount: 1 }, 0);
    speaker.push({ samples: square(0), sampleRateHz: 48_000, channelCount: 1 }, 10);
    expect(speaker.takeLevelDbfs()).toBeCloseTo(-6.02, 2);
    speaker.push({ samples: square(0), sampleRateHz: 48_000, channelCount: 1 }, 20);
    expect(speaker.takeLevelDbfs()).toBe(-100);
  });
});
