import { describe, expect, it } from 'vitest';
import { readMedia } from './read-media.js';
import { clickAtMs, clicks, encode, encodeSamples } from './encode.js';
import { writeWav } from '../../audio/wav.js';

const FRAGMENTED = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'];

/** Container and codec: the rate, what ffmpeg is told, and the file. */
const MATRIX: readonly (readonly [string, number, readonly string[], string])[] = [
  ['MP3 with a tag', 44_100, ['-b:a', '128k'], 'a.mp3'],
  ['MP3 without a tag', 48_000, ['-write_xing', '0'], 'a.mp3'],
  ['MP3 for speech without a tag', 16_000, ['-write_xing', '0'], 'a.mp3'],
  ['MP3 for telephones without a tag', 8_000, ['-write_xing', '0'], 'a.mp3'],
  ['MP3 in Matroska', 48_000, ['-c:a', 'libmp3lame'], 'a.mkv'],
  ['AAC in ADTS', 16_000, [], 'a.aac'],
  ['AAC in M4A', 44_100, [], 'a.m4a'],
  ['AAC in fragmented MP4', 48_000, FRAGMENTED, 'a.mp4'],
  ['AAC in MP4 without an edit list', 48_000, ['-use_editlist', '0'], 'a.mp4'],
  ['AAC in Matroska', 48_000, ['-c:a', 'aac'], 'a.mkv'],
  ['AAC in MPEG-TS', 48_000, ['-c:a', 'aac'], 'a.ts'],
  ['Opus in Ogg', 48_000, ['-c:a', 'libopus'], 'a.ogg'],
  ['Opus in WebM', 48_000, ['-c:a', 'libopus'], 'a.webm'],
  ['Opus for speech in WebM', 16_000, ['-c:a', 'libopus'], 'a.webm'],
  ['Opus in MP4', 48_000, ['-c:a', 'libopus'], 'a.mp4'],
  ['Opus in MPEG-TS', 48_000, ['-c:a', 'libopus'], 'a.ts'],
  ['Vorbis in Ogg', 48_000, ['-c:a', 'libvorbis'], 'a.ogg'],
  ['Vorbis in WebM', 16_000, ['-c:a', 'libvorbis'], 'a.webm'],
  ['FLAC', 48_000, [], 'a.flac'],
  ['ALAC in CAF', 48_000, ['-c:a', 'alac'], 'a.caf'],
  ['AIFF', 48_000, [], 'a.aiff'],
  ['Wave64', 22_050, [], 'a.w64'],
  ['ADPCM in WAV', 48_000, ['-c:a', 'adpcm_ima_wav'], 'a.wav'],
  ['Windows Media Audio', 48_000, ['-c:a', 'wmav2'], 'a.wma'],
  ['AAC in FLV', 44_100, ['-c:a', 'aac'], 'a.flv'],
  ['MP3 in FLV', 44_100, ['-c:a', 'libmp3lame'], 'a.flv'],
  ['AAC in LATM', 48_000, ['-c:a', 'aac', '-f', 'latm'], 'a.latm'],
  ['MP2 in MPEG-PS', 48_000, ['-c:a', 'mp2', '-f', 'mpeg'], 'a.mpg'],
  ['AC-3', 48_000, ['-c:a', 'ac3'], 'a.ac3'],
  ['E-AC-3', 48_000, ['-c:a', 'eac3'], 'a.eac3'],
  ['DTS in Matroska', 48_000, ['-c:a', 'dca', '-strict', '-2'], 'a.mkv'],
  ['MP3 in AVI', 48_000, ['-c:a', 'libmp3lame'], 'a.avi'],
  ['PCM in AVI', 48_000, ['-c:a', 'pcm_s16le'], 'a.avi'],
  ['WavPack', 48_000, ['-c:a', 'wavpack'], 'a.wv'],
  ['VOC', 8_000, ['-c:a', 'pcm_u8'], 'a.voc'],
  ['G.723.1 in WAV', 8_000, ['-c:a', 'g723_1', '-b:a', '6300'], 'a.wav'],
];

it.each(MATRIX)('%s stands within 5 ms of where it was recorded', async (_, rateHz, args, out) => {
  const file = await encodeSamples(clicks(rateHz, 3, [1, 2]), rateHz, args, out);
  const { samples, sampleRateHz, durationMs, warnings } = await readMedia(file);
  expect(warnings).toEqual([]);
  expect(Math.abs(clickAtMs(samples, sampleRateHz, 0.5, 1.5) - 1000)).toBeLessThan(5);
  expect(Math.abs(clickAtMs(samples, sampleRateHz, 1.5, 2.5) - 2000)).toBeLessThan(5);
  expect(durationMs).toBeGreaterThan(2950);
  expect(durationMs).toBeLessThan(3150);
});

describe('a gap in the timestamps', () => {
  it('is silence, and what follows stands at its time', async () => {
    const whole = await encodeSamples(clicks(48_000, 6, [1, 5]), 48_000, ['-c:a', 'libopus'], 'a.webm');
    const args = ['-i', 'in.webm', '-c', 'copy', '-bsf:a', "noise=drop='between(n,100,199)'"];
    const file = await encode({ inputs: { 'in.webm': whole }, args, out: 'a.webm' });
    const { samples, durationMs, warnings } = await readMedia(file);
    expect(warnings).toEqual(['nothing was recorded for 2.0 s in one place: silence stands there']);
    expect(Math.abs(durationMs - 6000)).toBeLessThan(25);
    expect(Math.abs(clickAtMs(samples, 48_000, 0, 3) - 1000)).toBeLessThan(5);
    expect(Math.abs(clickAtMs(samples, 48_000, 3, 6) - 5000)).toBeLessThan(5);
    const hole = samples.subarray(2.1 * 48_000, 3.9 * 48_000);
    expect(hole.every((sample) => sample === 0)).toBe(true);
  });

  it('is found where chunks of an AVI are empty', async () => {
    const whole = await encodeSamples(clicks(48_000, 6, [1, 5]), 48_000, ['-c:a', 'libmp3lame'], 'a.mkv');
    const args = ['-i', 'in.mkv', '-c', 'copy', '-bsf:a', "noise=drop='between(n,84,166)'"];
    const file = await encode({ inputs: { 'in.mkv': whole }, args, out: 'a.avi' });
    const { samples, durationMs, warnings } = await readMedia(file);
    expect(warnings).toEqual(['nothing was recorded for 2.0 s in one place: silence stands there']);
    expect(Math.abs(durationMs - 6000)).toBeLessThan(60);
    expect(Math.abs(clickAtMs(samples, 48_000, 0, 3) - 1000)).toBeLessThan(5);
    expect(Math.abs(clickAtMs(samples, 48_000, 3, 6) - 5000)).toBeLessThan(5);
  });

  it('is found between the pages of Ogg', async () => {
    const args = ['-c:a', 'libopus', '-page_duration', '20000'];
    const whole = Buffer.from(await encodeSamples(clicks(48_000, 6, [1, 4.005]), 48_000, args, 'a.ogg'));
    const pages: Buffer[] = [];
    for (let at = 0; at < whole.length;) {
      const next = whole.indexOf('OggS', at + 4, 'latin1');
      pages.push(whole.subarray(at, next < 0 ? whole.length : next));
      at = next < 0 ? whole.length : next;
    }
    expect(pages.length).toBeGreaterThan(290);
    // The first packet after the gap has the burst.
    const { samples, warnings } = await readMedia(
      Buffer.concat([...pages.slice(0, 102), ...pages.slice(202)]),
    );
    expect(warnings).toEqual(['nothing was recorded for 2.0 s in one place: silence stands there']);
    expect(Math.abs(clickAtMs(samples, 48_000, 0, 2) - 1000)).toBeLessThan(5);
    expect(Math.abs(clickAtMs(samples, 48_000, 3, 6) - 4005)).toBeLessThan(5);
  });
});

it.each(['libmp3lame', 'ac3'])('sound of an AVI (%s) that begins late does so to a chunk', async (sound) => {
  const wav = writeWav({ sampleRateHz: 48_000, channelCount: 1, samples: clicks(48_000, 3, [1]) });
  const video = ['-f', 'lavfi', '-i', 'color=c=black:s=64x64:r=25:d=5'];
  const maps = ['-map', '0:v', '-map', '1:a', '-c:v', 'mpeg4', '-c:a', sound];
  const args = [...video, '-itsoffset', '2', '-i', 'in.wav', ...maps];
  const { samples, sampleRateHz, warnings } = await readMedia(
    await encode({ inputs: { 'in.wav': wav }, args, out: 'l.avi' }),
  );
  expect(warnings).toEqual([expect.stringMatching(/^its sound begins after (?:1\.9|2\.0) s of silence$/)]);
  expect(Math.abs(clickAtMs(samples, sampleRateHz, 0, 5) - 3000)).toBeLessThan(50);
});

describe('sound that begins later than its file', () => {
  it.each([
    ['l.mp4', 'mpeg4', 'aac'],
    ['l.mkv', 'mpeg4', 'aac'],
    ['l.ts', 'mpeg4', 'aac'],
    ['l.flv', 'flv1', 'aac'],
    ['l.mpg', 'mpeg1video', 'mp2'],
    ['l.wmv', 'wmv2', 'wmav2'],
  ])('%s', async (out, picture, sound) => {
    const wav = writeWav({ sampleRateHz: 44_100, channelCount: 1, samples: clicks(44_100, 3, [1]) });
    const video = ['-f', 'lavfi', '-i', 'color=c=black:s=64x64:r=25:d=5'];
    const maps = ['-map', '0:v', '-map', '1:a', '-c:v', picture, '-c:a', sound];
    const args = [...video, '-itsoffset', '2', '-i', 'in.wav', ...maps];
    const { samples, sampleRateHz, warnings } = await readMedia(
      await encode({ inputs: { 'in.wav': wav }, args, out }),
    );
    expect(warnings[0]).toBe('its sound begins after 2.0 s of silence');
    expect(warnings.join()).not.toMatch(/cut short|damaged/);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 0, 5) - 3000)).toBeLessThan(5);
  });
});

it('a stream that was recorded from its second hour on begins with its recording', async () => {
  const args = ['-c:a', 'aac', ...FRAGMENTED, '-output_ts_offset', '4000'];
  const file = await encodeSamples(clicks(48_000, 3, [1, 2]), 48_000, args, 'a.mp4');
  const { samples, durationMs, warnings } = await readMedia(file);
  expect(warnings).toEqual([]);
  expect(Math.abs(durationMs - 3000)).toBeLessThan(100);
  expect(Math.abs(clickAtMs(samples, 48_000, 0.5, 1.5) - 1000)).toBeLessThan(5);
});

describe('sound that ends earlier than its file', () => {
  it.each(['l.mp4', 'l.mkv'])('%s', async (out) => {
    const wav = writeWav({ sampleRateHz: 48_000, channelCount: 1, samples: clicks(48_000, 3, [1]) });
    const video = ['-f', 'lavfi', '-i', 'color=c=black:s=64x64:r=5:d=6', '-i', 'in.wav'];
    const args = [...video, '-map', '0:v', '-map', '1:a', '-c:v', 'mpeg4', '-c:a', 'aac'];
    const { samples, durationMs, warnings } = await readMedia(
      await encode({ inputs: { 'in.wav': wav }, args, out }),
    );
    expect(warnings).toEqual(['nothing was recorded in its last 3.0 s: silence stands there']);
    expect(Math.abs(durationMs - 6000)).toBeLessThan(25);
    expect(Math.abs(clickAtMs(samples, 48_000, 0, 6) - 1000)).toBeLessThan(5);
  });
});

describe('files that are joined', () => {
  it.each([
    ['WebM', ['-c:a', 'libopus'], 'a.webm'],
    ['MP3', [], 'a.mp3'],
    ['MP3 without a tag', ['-write_xing', '0'], 'a.mp3'],
    ['AAC', [], 'a.aac'],
    ['Ogg', ['-c:a', 'libopus'], 'a.ogg'],
    ['FLAC', [], 'a.flac'],
    ['MPEG-TS', ['-c:a', 'aac'], 'a.ts'],
    ['MP4', ['-c:a', 'aac'], 'a.m4a'],
    ['MP4 for the web', ['-c:a', 'aac', '-movflags', '+faststart'], 'a.m4a'],
    ['fragmented MP4', FRAGMENTED, 'a.mp4'],
    ['ADPCM in WAV', ['-c:a', 'adpcm_ima_wav'], 'a.wav'],
    ['Matroska', ['-c:a', 'aac'], 'a.mkv'],
    ['AIFF', [], 'a.aiff'],
    ['CAF', ['-c:a', 'pcm_s16be'], 'a.caf'],
    ['Wave64', [], 'a.w64'],
    ['Windows Media Audio', ['-c:a', 'wmav2'], 'a.wma'],
    ['FLV', ['-c:a', 'aac', '-ar', '44100'], 'a.flv'],
  ] as const)('%s: all of it, and nothing is called damaged', async (_, args, out) => {
    const part = await encodeSamples(clicks(48_000, 3, [1]), 48_000, args, out);
    const { samples, sampleRateHz, durationMs, warnings } = await readMedia(
      Buffer.concat([part, part, part]),
    );
    expect(warnings).toEqual([]);
    expect(Math.abs(durationMs - 9000)).toBeLessThan(240);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 0, 3) - 1000)).toBeLessThan(5);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 3.2, 6) - 4000)).toBeLessThan(75);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 6.4, 9) - 7000)).toBeLessThan(150);
  });

  it.each([
    ['MP3', [16_000, 44_100], [[], []], 'a.mp3'],
    ['AAC', [44_100, 48_000], [[], []], 'a.aac'],
    ['FLAC', [48_000, 44_100], [[], []], 'a.flac'],
    ['M4A', [48_000, 44_100], [[], []], 'a.m4a'],
    ['Vorbis in Ogg', [16_000, 48_000], [[], ['-ac', '2']], 'a.ogg'],
    [
      'Ogg',
      [48_000, 44_100],
      [
        ['-c:a', 'libopus'],
        ['-c:a', 'libvorbis'],
      ],
      'a.ogg',
    ],
    [
      'FLAC and Opus in Ogg',
      [16_000, 16_000],
      [
        ['-c:a', 'flac'],
        ['-c:a', 'libopus'],
      ],
      'a.ogg',
    ],
    [
      'WebM',
      [48_000, 48_000],
      [
        ['-c:a', 'libopus'],
        ['-c:a', 'libvorbis', '-ac', '2'],
      ],
      'a.webm',
    ],
  ] as const)('%s of two rates, codecs or numbers of channels: all of it', async (_, rates, args, out) => {
    const parts = [];
    for (const [index, rateHz] of rates.entries())
      parts.push(await encodeSamples(clicks(rateHz, 3, [1]), rateHz, args[index]!, out));
    const { samples, sampleRateHz, durationMs, warnings } = await readMedia(Buffer.concat(parts));
    expect(warnings).toEqual([]);
    expect(Math.abs(durationMs - 6000)).toBeLessThan(120);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 0, 3) - 1000)).toBeLessThan(5);
    expect(Math.abs(clickAtMs(samples, sampleRateHz, 3.2, 6) - 4000)).toBeLessThan(110);
  });
});

describe('what is joined behind a recording and cannot be read', () => {
  it('is told, and how much it is', async () => {
    const first = await encodeSamples(clicks(48_000, 3, [1]), 48_000, ['-c:a', 'aac'], 'a.m4a');
    const damaged = Buffer.from(first);
    damaged.fill(0, damaged.indexOf('stsd', 0, 'latin1') - 4, damaged.length);
    const { warnings: told } = await readMedia(Buffer.concat([first, damaged]));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^another recording is joined behind it, .* MiB that were not read: it begins like MP4/,
    );
  });

  it('costs nothing of what is joined behind it', async () => {
    const part = await encodeSamples(clicks(48_000, 3, [1]), 48_000, ['-c:a', 'aac'], 'a.m4a');
    const damaged = Buffer.from(part);
    damaged.fill(0, damaged.indexOf('mp4a', 0, 'latin1') - 8, damaged.indexOf('stts', 0, 'latin1') - 4);
    const { samples, durationMs, warnings } = await readMedia(Buffer.concat([part, damaged, part]));
    expect(warnings).toEqual([expect.stringMatching(/^another recording is joined behind it, 0\.0 MiB/)]);
    expect(Math.abs(durationMs - 6000)).toBeLessThan(120);
    expect(Math.abs(clickAtMs(samples, 48_000, 3.2, 6) - 4000)).toBeLessThan(110);
  });
});

it('an MP3 that was copied keeps all its sound', async () => {
  const whole = await encodeSamples(clicks(48_000, 3, [0.03, 2]), 48_000, [], 'a.mp3');
  const inMatroska = await encode({
    inputs: { 'in.mp3': whole },
    args: ['-i', 'in.mp3', '-c', 'copy'],
    out: 'a.mkv',
  });
  const copy = await encode({
    inputs: { 'in.mkv': inMatroska },
    args: ['-i', 'in.mkv', '-c', 'copy'],
    out: 'a.mp3',
  });
  const { samples, sampleRateHz } = await readMedia(copy);
  expect(Math.abs(clickAtMs(samples, sampleRateHz, 0, 1) - 30)).toBeLessThan(50);
  expect(samples.length / sampleRateHz).toBeGreaterThan(2.95);
});
