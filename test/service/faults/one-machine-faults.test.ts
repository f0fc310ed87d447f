/** Faults of `parley serve` with its embedded database, on one machine: real processes, a real disk. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedFolder } from '../../database/test-databases.js';
import { FaultStage, until } from './fault-stage.js';
import { SmallDisk } from './small-disk.js';

type Captions = { data: { text?: string; translatedText?: string }[]; nextCursor?: string };

describe('one machine', { timeout: 600_000 }, () => {
  let stage: FaultStage;
  let data: string;
  let disk: SmallDisk | undefined;
  let args: readonly string[];
  let botId: string;

  beforeAll(async () => {
    stage = await FaultStage.open({ postgres: false });
    data = join(stage.folder, 'data');
    const template = await embeddedFolder();
    disk = await SmallDisk.make(data, 160);
    if (disk === undefined) cpSync(template, join(data, 'database'), { recursive: true });
    else disk.run('cp', '-r', template, join(data, 'database'));
    rmSync(template, { recursive: true });
    args = ['--data', data, '--max-meetings', '4'];
    await stage.serve(args, { within: disk?.within ?? [] });
    botId = await stage.invite('meeting');
    await stage.speaks('meeting');
  }, 300_000);
  afterAll(async () => {
    await stage.close();
    disk?.close();
  });

  const present = () => stage.registry.present('meeting')[0]!;
  /** Numbers of the words that the record has. */
  const recorded = async (): Promise<number[]> => {
    const numbers: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await stage.api<Captions>(
        'GET',
        `/v1/bots/${botId}/captions?limit=500${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { translatedText = '' } of page.data) {
        const [, number] = /^word (\d+)$/.exec(translatedText) ?? [];
        if (number !== undefined) numbers.push(Number(number));
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return [...new Set(numbers)];
  };
  /** The record has every word up to this one. */
  const hasAll = async (upTo: number): Promise<void> => {
    const numbers = await until(recorded, (all) => Math.max(0, ...all) >= upTo);
    const known = new Set(numbers);
    expect(Array.from({ length: upTo }, (_, index) => index + 1).filter((each) => !known.has(each))).toEqual(
      [],
    );
  };

  it('refuses a second service on its folder, and says who has it', async () => {
    const second = stage.start(['serve', '--port', '0', ...args], { within: disk?.within ?? [] });
    expect(await second.ended).toBe(69);
    expect(second.stderr).toMatch(new RegExp(`process ${stage.service.pid}\\b`));
    expect(second.stdout).toBe('');
    expect(await stage.api('GET', `/v1/bots/${botId}`)).toMatchObject({ state: 'active' });
  });

  it('whose service is killed keeps its meetings: the next one finds them, and no word is lost', async () => {
    const before = present();
    await stage.service.kill();
    const said = before.words.length;
    await until(
      () => before.words.length,
      (length) => length > said + 5,
    );
    await stage.serve(args, { within: disk?.within ?? [] });
    await hasAll(before.words.at(-1)!.number);
    expect(await stage.api('GET', `/v1/bots/${botId}`)).toMatchObject({ state: 'active', epoch: 1 });
    expect(stage.registry.presences('meeting')).toEqual([before]);
  });

  it('whose disk is full goes on with its meetings, says so, and has every word once there is room again', async () => {
    if (disk === undefined) return;
    const before = present();
    disk.fill();
    await until(
      () => stage.service.stderr,
      (text) => text.includes('no space left on device'),
    );
    const said = before.words.length;
    await until(
      () => before.words.length,
      (length) => length > said + 20,
    );
    expect(stage.registry.presences('meeting')).toEqual([before]);
    disk.empty();
    await hasAll(before.words.at(-1)!.number);
    expect(await stage.api('GET', `/v1/bots/${botId}`)).toMatchObject({ state: 'active', epoch: 1 });
  });
});
