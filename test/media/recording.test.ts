import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureLevel } from '../../audio/index.js';
import { readWav, writeWav } from '../../audio/wav.js';
import { readMedia } from './read-media.js';
import { openRecording, type RecordingOptions } from '../../src/media/recording.js';
import { encode } from './encode.js';

const phrase = readFileSync(
  new URL('../../fixtures/es-where-is-the-station-16000-8bit.wav', import.meta.url),
);
const speech = readWav(phrase);
const silence = writeWav({ sampleRateHz: 16_000, channelCount: 1, samples: new Int16Array(16_000 * 3) });
const levelOf = (samples: Int16Array) => measureLevel(samples).rmsDbfs;

function stereo(left: Int16Array, right: Int16Array): Uint8Array {
  const samples = new Int16Array(left.length * 2);
  left.forEach((sample, index) => {
    samples[index * 2] = sample;
    samples[index * 2 + 1] = right[index] ?? 0;
  });
  return writeWav({ sampleRateHz: 16_000, channelCount: 2, samples });
}

async function voicesOf(source: Uint8Array | string, options: RecordingOptions) {
  const recording = await openRecording(source, options);
  const voices = Array.from({ length: recording.voiceCount }, (): number[] => []);
  for (let read = await recording.read(); read !== undefined; read = await recording.read())
    read.forEach((samples, voice) => voices[voice]!.push(...samples));
  await recording.close();
  return { voices, warnings: recording.warnings() };
}

describe('several audio tracks', () => {
  let twoTracks: Uint8Array;
  beforeAll(async () => {
    const maps = ['-i', 'a.wav', '-i', 'b.wav', '-map', '0:a', '-map', '1:a', '-c:a', 'flac'];
    const flags = ['-disposition:a:0', 'default', '-disposition:a:1', '0'];
    twoTracks = await encode({
      inputs: { 'a.wav': silence, 'b.wav': phrase },
      args: [...maps, ...flags],
      out: 'a.mkv',
    });
  });

  it('the one with speech is heard where the default one has none, and that is told', async () => {
    const { samples, warnings } = await readMedia(twoTracks);
    expect(levelOf(samples)).toBeCloseTo(levelOf(speech.samples), 1);
    expect(warnings).toEqual([
      'it has 2 audio tracks; track 2 is heard (it has speech): choose with --audio-track',
    ]);
  });

  it('the one that was asked for is heard, without a word', async () => {
    expect(levelOf((await readMedia(twoTracks, { audioTrack: 1 })).samples)).toBe(-Infinity);
    expect((await readMedia(twoTracks, { audioTrack: 2 })).warnings).toEqual([]);
    await expect(readMedia(twoTracks, { audioTrack: 3, name: 'x.mkv' })).rejects.toMatchObject({
      code: 'usage',
      message: 'cannot read x.mkv: it has 2 audio tracks: there is no --audio-track 3',
    });
    await expect(readMedia(phrase, { audioTrack: 2 })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('channels', () => {
  const reversed = speech.samples.slice().reverse();
  const call = stereo(speech.samples, reversed);

  it('are told apart when asked for, each as it is', async () => {
    const { voices, warnings } = await voicesOf(call, { channels: 'split' });
    expect(voices).toEqual([[...speech.samples], [...reversed]]);
    expect(warnings).toEqual([]);
    expect((await voicesOf(call, { channels: 'right' })).voices).toEqual([[...reversed]]);
    expect((await voicesOf(call, { channels: 2 })).voices).toEqual([[...reversed]]);
    expect((await voicesOf(phrase, { channels: 'split' })).voices).toEqual([[...speech.samples]]);
    await expect(readMedia(phrase, { channels: 'right', name: 'x.wav' })).rejects.toMatchObject({
      code: 'usage',
      message: 'cannot read x.wav: it has one channel: there is no channel right',
    });
  });

  it('that differ are told of', async () => {
    const { warnings } = await readMedia(call);
    expect(warnings.join()).toMatch(/its two channels differ.*--channels split/);
  });

  it('of which one is inverted are heard, and told of', async () => {
    const { samples, warnings } = await readMedia(
      stereo(
        speech.samples,
        speech.samples.map((sample) => -sample),
      ),
    );
    expect(levelOf(samples)).toBeCloseTo(levelOf(speech.samples), 1);
    expect(warnings).toEqual(['one of its two channels is inverted; it was turned round']);
  });

  it.each([
    ['AAC in M4A', ['-c:a', 'aac', '-b:a', '256k'], 'a.m4a'],
    ['AC-3 in Matroska', ['-c:a', 'ac3'], 'a.mkv'],
    ['WAV', [], 'a.wav'],
    ['FLAC', [], 'a.flac'],
  ])('of 5.1 in %s: speech in the centre is as loud as it was', async (_, args, out) => {
    const centre = ['-i', 'in.wav', '-af', 'aresample=48000,pan=5.1|FC=c0', ...args];
    const { samples } = await readMedia(await encode({ inputs: { 'in.wav': phrase }, args: centre, out }));
    expect(Math.abs(levelOf(samples) - levelOf(speech.samples))).toBeLessThan(3);
  });
});

describe('long recordings', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-long-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  /** A WAV of silence that takes no room on the disk. */
  function longWav(hours: number): string {
    const path = join(dir, `${hours}.wav`);
    const header = Buffer.from(
      writeWav({ sampleRateHz: 48_000, channelCount: 2, samples: new Int16Array(0) }),
    );
    const bytes = hours * 3600 * 48_000 * 4;
    header.writeUInt32LE(bytes > 0xffff_ffff ? 0xffff_ffff : bytes, 40);
    const file = openSync(path, 'w');
    writeSync(file, header);
    ftruncateSync(file, 44 + bytes);
    closeSync(file);
    return path;
  }

  it('of four hours of stereo is opened, and read piece by piece', async () => {
    const recording = await openRecording(longWav(4));
    expect(recording.declaredMs).toBe(4 * 3_600_000);
    const [piece] = (await recording.read())!;
    expect(piece!.length).toBeLessThanOrEqual(480_000);
    await recording.close();
  });

  it('of more than six hours is refused', async () => {
    await expect(openRecording(longWav(6.1), { name: 'long.wav' })).rejects.toThrow(
      'cannot read long.wav: it is longer than six hours; split it',
    );
  });
});
