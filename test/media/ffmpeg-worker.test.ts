import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import { FfmpegFailure, FfmpegWorker, locateFfmpeg } from '../../src/media/ffmpeg/ffmpeg-worker.js';

const flac = readFileSync(new URL('../../fixtures/formats/es-where-is-the-station.flac', import.meta.url));

let open: FfmpegWorker | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(deadlineMs = 60_000): Promise<FfmpegWorker> {
  open = await FfmpegWorker.start(locateFfmpeg(), deadlineMs);
  return open;
}

describe('locateFfmpeg', () => {
  it('says how to install the core where it is missing, and its licence', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'no-ffmpeg-'));
    try {
      expect(() => locateFfmpeg(pathToFileURL(join(elsewhere, 'module.js')).href)).toThrow(
        expect.objectContaining({
          code: 'input_unusable',
          message: expect.stringMatching(/npm install @ffmpeg\/core@0\.12\.10.*GPL-2\.0-or-later/) as string,
        }) as Error,
      );
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe('FfmpegWorker', () => {
  it('opens nothing that a file names: other protocols are off, and the disk is not there', async () => {
    const ffmpeg = await start();
    const concat = `ffconcat version 1.0\nfile '${import.meta.filename}'\n`;
    await ffmpeg.writeFile('list', new TextEncoder().encode(concat));
    const input = ['-v', 'level+warning', '-protocol_whitelist', 'file'];
    const listed = await ffmpeg.exec([...input, '-safe', '0', '-f', 'concat', '-i', 'list', 'out.wav']);
    expect(listed.status).not.toBe(0);
    expect(listed.log.map((line) => line.text).join('\n')).toMatch(/No such file|Impossible to open/);
    const http = await ffmpeg.exec([...input, '-i', 'http://127.0.0.1:9/a.wav', 'out.wav']);
    expect(http.status).not.toBe(0);
    expect(http.log.map((line) => line.text).join('\n')).toMatch(/Protocol.*not (on whitelist|found)/);
  });

  it('still works after a refused input', async () => {
    const ffmpeg = await start();
    await ffmpeg.writeFile('bad', new Uint8Array(100));
    expect((await ffmpeg.exec(['-f', 'flac', '-i', 'bad', 'out.wav'])).status).not.toBe(0);
    await ffmpeg.writeFile('in', flac);
    expect((await ffmpeg.exec(['-f', 'flac', '-i', 'in', '-f', 's16le', 'out.raw'])).status).toBe(0);
    expect((await ffmpeg.readFile('out.raw')).length).toBe(2 * 24_000 * 3.555);
  });

  it('rejects what the core cannot do, and everything after the deadline or the end', async () => {
    const ffmpeg = await start();
    await expect(ffmpeg.readFile('nothing')).rejects.toThrow(FfmpegFailure);
    await ffmpeg.close();
    await expect(ffmpeg.readFile('in')).rejects.toThrow(FfmpegFailure);
    await expect(FfmpegWorker.start(locateFfmpeg(), 1)).rejects.toThrow('not done after 0.001 s');
  });
});
