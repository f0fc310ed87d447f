import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWav } from '../../../audio/wav.js';
import { cli } from '../run-cli.js';

const FIXTURES = join(import.meta.dirname, '../../..', 'fixtures');
const STATION = join(FIXTURES, 'es-where-is-the-station-8000-mulaw.wav');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('parley convert', () => {
  it('writes what the live path would hear, as long as the recording', async () => {
    const out = join(dir, 'out.wav');
    const { exitCode } = await cli(['convert', STATION, out, '--rate', '24000']);
    expect(exitCode).toBe(0);
    const [before, after] = [readWav(readFileSync(STATION)), readWav(readFileSync(out))];
    expect([after.sampleRateHz, after.channelCount]).toEqual([24_000, 1]);
    expect(after.frames).toBe(before.frames * 3);
  });

  it('refuses to overwrite its recording, even by another name', async () => {
    const input = join(dir, 'a.wav');
    copyFileSync(STATION, input);
    const { exitCode, err } = await cli(['convert', input, join(dir, '.', 'a.wav'), '--rate', '24000']);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/is the recording itself/)]);
    expect(readFileSync(input).equals(readFileSync(STATION))).toBe(true);
  });

  it('exits as replay does for missing and unusable files', async () => {
    const out = join(dir, 'out.wav');
    expect((await cli(['convert', join(dir, 'no.wav'), out, '--rate', '24000'])).exitCode).toBe(66);
    const bad = join(FIXTURES, 'corrupt', 'zero-channels.wav');
    expect((await cli(['convert', bad, out, '--rate', '24000'])).exitCode).toBe(65);
    expect(readdirSync(dir)).toEqual([]);
  });
});
