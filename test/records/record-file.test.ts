import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RECORD_FILE, RecordFile } from '../../src/records/record-file.js';

const EPOCH_MS = Date.UTC(2026, 10, 21, 3, 8, 15, 250);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-record-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const create = (meetingId = 'abcd-efgh-ijkl', directory = join(dir, 'minutes', 'more')) =>
  RecordFile.create(directory, { meetingId, epochMs: EPOCH_MS }, (message) => {
    throw new Error(message);
  });
const linesOf = ({ path }: RecordFile) => readFileSync(join(path, RECORD_FILE), 'utf8').split('\n');
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('RecordFile', () => {
  it('is a folder of its own for its owner alone, and its file is too', async () => {
    const record = await create();
    expect(record.path).toBe(join(dir, 'minutes', 'more', '2026-11-21T03-08-15Z-abcd-efgh-ijkl'));
    expect(modeOf(join(dir, 'minutes'))).toBe(0o700);
    expect(modeOf(record.path)).toBe(0o700);
    expect(modeOf(join(record.path, RECORD_FILE))).toBe(0o600);
    await record.close();
  });

  it('holds every line in order, and none that comes after its end', async () => {
    const record = await create();
    const lines = Array.from({ length: 2_000 }, (_, n) => JSON.stringify({ n }));
    for (const line of lines) record.write(line);
    await record.close();
    await record.close();
    record.write('late');
    expect(linesOf(record)).toEqual([...lines, '']);
    expect(record.lost).toBe(1);
  });

  it('is readable while it is being written', async () => {
    const record = await create();
    record.write('{"a":1}');
    await expect.poll(() => linesOf(record)).toEqual(['{"a":1}', '']);
    record.write('{"a":2}');
    await expect.poll(() => linesOf(record)).toEqual(['{"a":1}', '{"a":2}', '']);
    await record.close();
  });

  it('never writes over another record', async () => {
    const records = [await create(), await create(), await create()];
    expect(new Set(records.map(({ path }) => path)).size).toBe(3);
    expect(readdirSync(join(dir, 'minutes', 'more'))).toHaveLength(3);
    await Promise.all(records.map((record) => record.close()));
  });

  it('takes no path from a meeting’s id', async () => {
    const record = await create('../../etc/passwd\n');
    expect(readdirSync(join(dir, 'minutes', 'more'))).toEqual(['2026-11-21T03-08-15Z-______etc_passwd_']);
    await record.close();
  });

  it('says in one line why it cannot be begun', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(create('abcd', join(dir, 'file'))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/^--record .*file cannot be written: E/) as string,
    });
  });

  it('drops and counts what a disk is too slow for', async () => {
    const record = await create();
    for (let n = 0; n < 20_000; n++) record.write('x'); // no disk is asked in between
    expect(record.lost).toBeGreaterThan(9_000);
    await record.close();
    expect(linesOf(record).length - 1 + record.lost).toBe(20_000);
  });
});
