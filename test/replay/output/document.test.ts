import { describe, expect, it } from 'vitest';
import {
  replayDocument,
  replayDocumentSchema,
  type ReplayedFile,
} from '../../../src/replay/output/document.js';
import { PeakTrack, reducePeaks } from '../../../src/replay/output/waveform.js';

const turn = {
  speaker: 'Ana',
  startMs: 500,
  endMs: 2000,
  sourceText: 'hola',
  translatedText: 'hello',
  firstAudioDelayMs: 900,
  playedFromMs: 2900,
  playedToMs: 3500,
  interrupted: false,
};
const file: ReplayedFile = {
  input: { path: 'a.wav', sampleRateHz: 48_000, channels: 1, durationMs: 4000, peakDbfs: -3.1 },
  engine: 'conversation',
  turns: [turn, { ...turn, firstAudioDelayMs: 1100 }],
  output: { path: 'out/a.translated.wav', durationMs: 4200 },
  warnings: [],
};
const unheard = {
  ...turn,
  translatedText: '',
  firstAudioDelayMs: null,
  playedFromMs: null,
  playedToMs: null,
};

describe('the document of a run', () => {
  it('adds up its files and matches its schema', () => {
    const cut = { ...turn, firstAudioDelayMs: 1500, interrupted: true };
    const playedBack = { ...turn, translatedText: '[not in the phrasebook: 3.2 s played back]' };
    const document = replayDocument([file, { ...file, turns: [unheard, cut, playedBack] }], 1);
    expect(replayDocumentSchema.parse(document)).toEqual(document);
    expect(document.totals).toEqual({
      files: 2,
      failedFiles: 1,
      turns: 5,
      translatedTurns: 3,
      playedBackTurns: 1,
      interruptedTurns: 1,
      inputDurationMs: 8000,
      outputDurationMs: 8400,
      medianFirstAudioDelayMs: 1000,
    });
  });

  it('has a median between two, and none without a heard turn', () => {
    expect(replayDocument([file], 0).totals.medianFirstAudioDelayMs).toBe(1000);
    expect(replayDocument([{ ...file, turns: [unheard] }], 0).totals.medianFirstAudioDelayMs).toBeNull();
  });

  it('is refused with a field missing, renamed or added', () => {
    const document = replayDocument([file], 0);
    const { interrupted: cut, ...renamed } = turn;
    for (const turns of [[renamed], [{ ...renamed, wasInterrupted: cut }], [{ ...turn, more: 1 }]]) {
      expect(replayDocumentSchema.safeParse({ ...document, files: [{ ...file, turns }] }).success).toBe(
        false,
      );
    }
  });
});

describe('peaks', () => {
  it('are the largest magnitude of each frame, kept through any number of buckets', () => {
    const track = new PeakTrack();
    for (let frame = 0; frame < 3000; frame++) {
      track.push([Int16Array.of(0, frame === 1234 ? -32768 : 100, -50)]);
    }
    expect(track.peaks).toHaveLength(3000);
    expect(track.peaks[1234]).toBe(255);
    expect(track.peaks[0]).toBe(1);
    const reduced = reducePeaks(track.peaks, 100);
    expect(reduced).toHaveLength(100);
    expect([...reduced.keys()].filter((index) => reduced[index] === 255)).toEqual([41]);
    expect(reducePeaks(track.peaks, 5000)).toHaveLength(3000);
  });
});
