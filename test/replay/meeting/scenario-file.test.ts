import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWav } from '../../../audio/wav.js';
import { isScenarioPath, loadScenario } from '../../../src/replay/meeting/scenario-file.js';
import type { StoredSound } from '../../../src/replay/meeting/sound-store.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-meeting-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Writes a meeting of one person who does this. */
function write(...steps: object[]): string {
  const folder = join(dir, 'weekly');
  mkdirSync(folder, { recursive: true });
  const script = [{ atMs: 0, do: 'join' }, ...steps];
  const meeting = { title: 'Weekly', people: [{ id: 'ana', name: 'Ana', script }] };
  writeFileSync(join(folder, 'meeting.json'), JSON.stringify(meeting));
  return folder;
}

function recording(name: string, durationMs: number): void {
  const samples = new Int16Array(durationMs * 16);
  writeFileSync(join(dir, name), writeWav({ sampleRateHz: 16_000, channelCount: 1, samples }));
}

describe('a meeting on disk', () => {
  it('is a folder, or its meeting.json', () => {
    const folder = write();
    expect(isScenarioPath(folder)).toBe(true);
    expect(isScenarioPath(join(folder, 'meeting.json'))).toBe(true);
    expect(isScenarioPath(join(dir, 'missing.wav'))).toBe(false);
  });

  it('is read with its recordings, each once', async () => {
    recording('a.wav', 500);
    const folder = write(
      { atMs: 100, do: 'say', recording: '../a.wav' },
      { atMs: 700, do: 'say', recording: ['../a.wav', '../weekly/../a.wav'] },
    );
    const loaded = await loadScenario(join(folder, 'meeting.json'));
    expect(loaded.name).toBe('weekly');
    expect([...loaded.recordings.keys()]).toEqual(['../a.wav', '../weekly/../a.wav']);
    expect(new Set(loaded.recordings.values()).size).toBe(1);
    expect(loaded.files).toEqual([join(folder, 'meeting.json'), join(dir, 'a.wav')]);
  });

  it('has two people on the channels of one recording', async () => {
    const [left, right] = [100, -200];
    const samples = Int16Array.from({ length: 16_000 }, (_, index) => (index % 2 === 0 ? left : right));
    writeFileSync(join(dir, 'call.wav'), writeWav({ sampleRateHz: 16_000, channelCount: 2, samples }));
    const folder = write(
      { atMs: 0, do: 'say', recording: '../call.wav', channel: 'left' },
      { atMs: 600, do: 'say', recording: '../call.wav', channel: 2 },
    );
    const { recordings, files } = await loadScenario(folder);
    const sampleAt = (sound: StoredSound, at: number) => {
      const out = new Int16Array(1);
      sound.read(at, out);
      return out[0];
    };
    expect([...recordings.values()].map(({ sound }) => [sound.length, sampleAt(sound, 12_000)])).toEqual([
      [24_000, 100], // half a second, at 48 kHz
      [24_000, -200],
    ]);
    expect(files).toEqual([join(folder, 'meeting.json'), join(dir, 'call.wav')]);
    const wrong = write({ atMs: 0, do: 'say', recording: '../call.wav', channel: 3 });
    await expect(loadScenario(wrong)).rejects.toMatchObject({ code: 'usage' });
  });

  it('names the folder’s file where there is none, and the recording that is missing or none', async () => {
    await expect(loadScenario(join(dir, 'nowhere'))).rejects.toMatchObject({
      code: 'input_missing',
      message: expect.stringContaining(join('nowhere', 'meeting.json')) as unknown,
    });
    const folder = write({ atMs: 100, do: 'say', recording: '../b.wav' });
    await expect(loadScenario(folder)).rejects.toMatchObject({
      code: 'input_missing',
      message: expect.stringContaining('b.wav') as unknown,
    });
    writeFileSync(join(dir, 'b.wav'), 'not a recording');
    await expect(loadScenario(folder)).rejects.toMatchObject({ code: 'input_unusable' });
  });

  it('is refused where somebody would say two things at a time', async () => {
    recording('a.wav', 500);
    const say = (atMs: number) => ({ atMs, do: 'say', recording: '../a.wav' });
    await expect(loadScenario(write(say(100), say(599)))).rejects.toMatchObject({
      code: 'input_unusable',
      message: expect.stringContaining(
        'people[0].script[2].atMs: they are still speaking then: begin at 600',
      ) as unknown,
    });
    const again = [{ atMs: 300, do: 'leave' }, { atMs: 400, do: 'join' }, say(450)];
    await expect(loadScenario(write(say(100), ...again))).resolves.toBeDefined();
  });
});
