import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWav, writeWav } from '../../audio/wav.js';
import { replayedFileSchema } from '../../src/replay/output/document.js';
import { parseSrt, parseVtt } from '../captions/parse.js';
import { echo, FIXTURES, run, type Replayed } from './replay-helpers.js';

const STATION = join(FIXTURES, 'es-where-is-the-station.wav');
const MONOLOGUE = join(FIXTURES, 'es-monologue.wav');
const BUSY_LOOP = 'for (;;) Math.sqrt(Math.random())';
const TWO_PHRASES = join(FIXTURES, 'es-two-phrases-pause.wav');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-replay-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('a recording at max', () => {
  it('gives every result, all on the timeline of the recording', async () => {
    const { file, outputs, wav, events } = await run(TWO_PHRASES, dir);
    expect(replayedFileSchema.parse(file)).toEqual(file);
    expect(file.warnings).toEqual([]);
    expect(file.turns).toHaveLength(2);
    const heard = readWav(wav);
    expect([heard.sampleRateHz, heard.channelCount]).toEqual([48_000, 1]);
    expect(heard.durationMs).toBe(file.output.durationMs);
    expect(heard.durationMs).toBeGreaterThanOrEqual(file.input.durationMs);
    expect(heard.durationMs).toBeGreaterThanOrEqual(file.turns[1]!.playedToMs!);
    for (const turn of file.turns) {
      expect(turn.firstAudioDelayMs).toBeGreaterThan(0);
      const { playedFromMs, playedToMs } = turn;
      expect(rms(heard.samples, playedFromMs!, playedToMs!)).toBeGreaterThan(100);
      expect(rms(heard.samples, playedFromMs! - 50, playedFromMs!)).toBe(0);
    }
    for (const [vtt, srt] of [
      [outputs.saidVtt, outputs.saidSrt],
      [outputs.translatedVtt, outputs.translatedSrt],
    ] as const) {
      const cues = parseVtt(readFileSync(vtt, 'utf8'));
      expect(cues).toEqual(parseSrt(readFileSync(srt, 'utf8')));
      expect(cues).toHaveLength(2);
      cues.forEach((cue, index) => {
        expect(Math.abs(cue.startMs - file.turns[index]!.startMs)).toBeLessThan(2);
      });
    }
    expect(readFileSync(outputs.report, 'utf8')).toContain('said ');
    expect(events.map((line) => line.atMs)).toEqual(events.map((line) => line.atMs).sort((a, b) => a - b));
    expect(events.some((line) => JSON.stringify(line).length > 20_000)).toBe(false);
  });

  it('finds speech where it is: bounds within 20 ms of the samples', async () => {
    const speech = readWav(readFileSync(TWO_PHRASES));
    const { file } = await run(TWO_PHRASES, dir);
    const spans = loudSpans(speech.samples);
    expect(file.turns).toHaveLength(spans.length);
    file.turns.forEach((turn, index) => {
      expect(Math.abs(turn.startMs - spans[index]!.fromMs)).toBeLessThanOrEqual(20);
      expect(Math.abs(turn.endMs - spans[index]!.toMs)).toBeLessThanOrEqual(20);
    });
  });

  it('is the same five times over, two of them beside two busy loops', async () => {
    const runs: Replayed[] = [];
    const busy: Worker[] = [];
    for (let count = 0; count < 5; count++) {
      if (count === 3) {
        for (let loop = 0; loop < 2; loop++) busy.push(new Worker(BUSY_LOOP, { eval: true }));
        await Promise.all(busy.map((worker) => once(worker, 'online')));
      }
      runs.push(await run(MONOLOGUE, join(dir, String(count))));
    }
    await Promise.all(busy.map((worker) => worker.terminate()));
    const [first, ...others] = runs;
    for (const other of others) {
      expect(other.wav.equals(first!.wav)).toBe(true);
      expect(other.file.turns).toEqual(first!.file.turns);
      expect(other.eventsText).toBe(first!.eventsText);
    }
  });

  it('is cut where the speaker goes on, with --barge-in any, and nowhere else', async () => {
    const overlap = join(FIXTURES, 'es-overlap-answer.wav');
    const whole = await run(overlap, join(dir, 'whole'));
    expect(whole.file.turns.map((turn) => turn.interrupted)).toEqual([false, false]);
    const { file, wav, events } = await run(overlap, join(dir, 'cut'), { bargeIn: 'any' });
    const [first, second] = [file.turns[0]!, file.turns[1]!];
    expect([first.interrupted, second.interrupted]).toEqual([true, false]);
    const heardAt = events.filter(({ event }) => event.type === 'input_audio_buffer.speech_started')[1]!.atMs;
    expect(first.playedToMs!).toBeLessThanOrEqual(heardAt + 20);
    expect(rms(readWav(wav).samples, heardAt + 20, second.playedFromMs!)).toBe(0);
    const truncate = events.find(({ event }) => event.type === 'conversation.item.truncate')!.event;
    expect(
      Math.abs(Number(truncate['audio_end_ms']) - (first.playedToMs! - first.playedFromMs!)),
    ).toBeLessThanOrEqual(10);
  });

  it('works from silence and from a few samples: no turns, an output all the same', async () => {
    const short = join(dir, 'short.wav');
    writeFileSync(short, writeWav({ sampleRateHz: 8000, channelCount: 2, samples: new Int16Array(6) }));
    for (const path of [join(FIXTURES, 'silence.wav'), short]) {
      const { file, wav } = await run(path, dir);
      expect(file.turns).toEqual([]);
      expect(file.input.peakDbfs).toBeNull();
      expect(readWav(wav).durationMs).toBeGreaterThanOrEqual(file.input.durationMs);
    }
  });
});

describe('cassettes and paces', () => {
  it('replay a kept session without a server, sample for sample', async () => {
    const cassette = join(dir, 'a.cassette');
    const recorded = await run(TWO_PHRASES, join(dir, 'a'), { saveCassette: cassette, bargeIn: 'any' });
    expect(statSync(cassette).mode & 0o777).toBe(0o600);
    const replayed = await run(TWO_PHRASES, join(dir, 'b'), {
      backend: { kind: 'cassette', path: cassette },
      bargeIn: 'any',
    });
    expect(replayed.wav.equals(recorded.wav)).toBe(true);
    expect(replayed.file.turns).toEqual(recorded.file.turns);
    expect(replayed.eventsText).toBe(recorded.eventsText);
  });

  it('say at real-time pace what is said at max, and replay at max what was kept at real-time pace', async () => {
    const cassette = join(dir, 'a.cassette');
    const short = join(dir, 'short.wav');
    const { samples } = readWav(readFileSync(STATION));
    writeFileSync(
      short,
      writeWav({ sampleRateHz: 48_000, channelCount: 1, samples: samples.subarray(0, 3.4 * 48_000) }),
    );
    const fast = await run(short, join(dir, 'fast'));
    const real = await run(short, join(dir, 'real'), { pace: 'realtime', saveCassette: cassette });
    const replayed = await run(short, join(dir, 'replayed'), {
      backend: { kind: 'cassette', path: cassette },
    });
    expect(replayed.file.turns).toEqual(real.file.turns);
    expect(replayed.wav.equals(real.wav)).toBe(true);
    expect(real.file.turns).toHaveLength(1);
    const [a, b] = [fast.file.turns[0]!, real.file.turns[0]!];
    expect([b.startMs, b.endMs, b.sourceText, b.translatedText]).toEqual([
      a.startMs,
      a.endMs,
      a.sourceText,
      a.translatedText,
    ]);
    expect(Math.abs(b.firstAudioDelayMs! - a.firstAudioDelayMs!)).toBeLessThan(500);
  });

  it('report the first difference and fail', async () => {
    const cassette = join(dir, 'a.cassette');
    await run(TWO_PHRASES, join(dir, 'a'), { saveCassette: cassette });
    const backend = { kind: 'cassette', path: cassette } as const;
    await expect(run(TWO_PHRASES, join(dir, 'b'), { backend, to: 'fr' })).rejects.toMatchObject({
      code: 'cassette_mismatch',
      message: expect.stringMatching(/session\.update, differs in session\.instructions/) as string,
    });
    await expect(run(STATION, join(dir, 'b'), { backend })).rejects.toThrow(/audio chunk \d+, .*sha256/);
  });

  it('never hold a configured key', async () => {
    const cassette = join(dir, 'a.cassette');
    const key = 'sk-proj-0123456789abcdef';
    const leaking = {
      ...echo,
      respondToAudio: () => ({ sourceText: key, text: key, pcm24k: new Int16Array(2400) }),
    };
    await expect(run(TWO_PHRASES, dir, { saveCassette: cassette, secrets: [key] }, leaking)).rejects.toThrow(
      /no cassette was kept/,
    );
    expect(() => statSync(cassette)).toThrow();
  });
});

/** Root mean square of 48 kHz samples between two times. */
function rms(samples: Int16Array, fromMs: number, toMs: number): number {
  const part = samples.subarray(Math.round(fromMs * 48), Math.round(toMs * 48));
  return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / part.length);
}

/** Stretches of 48 kHz samples above -50 dBFS, joined over pauses shorter than half a second. */
function loudSpans(samples: Int16Array): { fromMs: number; toMs: number }[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (let atMs = 0; atMs * 48 < samples.length; atMs += 10) {
    if (rms(samples, atMs, atMs + 10) < 32_768 * 10 ** (-50 / 20)) continue;
    const last = spans.at(-1);
    if (last !== undefined && atMs - last.toMs < 500) last.toMs = atMs + 10;
    else spans.push({ fromMs: atMs, toMs: atMs + 10 });
  }
  return spans;
}
