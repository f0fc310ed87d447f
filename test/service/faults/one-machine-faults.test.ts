/** Faults of `parley serve` with its embedded database, on one machine: real processes, a real disk. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedFolder } from '../../database/test-databases.js';
import { FaultStage, killPid, until, WORDS_IN_HAND } from './fault-stage.js';
import { SmallDisk } from './small-disk.js';

type Captions = { data: { id: string; translatedText?: string }[]; nextCursor?: string };
/** The record is read page by page, and a key may ask 30 times a second. */
const PAGES_MS = 2_000;

type Bot = { state: string; epoch: number };

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
    if (disk === undefined) {
      process.stderr.write('\nno disk of its own can be made here: the full disk is LEFT OUT\n\n');
      cpSync(template, join(data, 'database'), { recursive: true });
    } else disk.run('cp', '-r', template, join(data, 'database'));
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
  const bot = () => stage.api<Bot>('GET', `/v1/bots/${botId}`);
  /** Numbers of the words of one process that the record has. */
  const recorded = async (epoch: number): Promise<number[]> => {
    const numbers: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await stage.api<Captions>(
        'GET',
        `/v1/bots/${botId}/captions?limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { id, translatedText = '' } of page.data) {
        const [, number] = /^word (\d+)$/.exec(translatedText) ?? [];
        if (number !== undefined && id.startsWith(`${epoch}-`)) numbers.push(Number(number));
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return numbers;
  };
  /** The record has every word of a process up to this one. */
  const hasAll = async (upTo: number, epoch = 1): Promise<void> => {
    const numbers = await until(
      () => recorded(epoch),
      (all) => Math.max(0, ...all) >= upTo,
      PAGES_MS,
    );
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
    expect(await bot()).toMatchObject({ state: 'active' });
  });

  it('whose service is killed keeps its meetings: the next one finds them, and no word is lost', async () => {
    const before = present();
    await stage.service.kill();
    await stage.goesOn('meeting');
    await stage.serve(args, { within: disk?.within ?? [] });
    await hasAll(before.words.at(-1)!.number);
    expect(await bot()).toMatchObject({ state: 'active', epoch: 1 });
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
    await stage.goesOn('meeting', 20);
    expect(stage.registry.presences('meeting')).toEqual([before]);
    disk.empty();
    await hasAll(before.words.at(-1)!.number);
    expect(await bot()).toMatchObject({ state: 'active', epoch: 1 });
  });

  it('whose meeting process is killed says that it recovers, and that it has recovered', async () => {
    const before = present();
    const { epoch } = await bot();
    killPid(before.pid, 'SIGKILL');
    await stage.speaksAgain('meeting', epoch + 1);
    const states = async (): Promise<string[]> => {
      const { data } = await stage.api<{ data: { to?: string }[] }>('GET', `/v1/bots/${botId}/states`);
      return data.flatMap(({ to }) => to ?? []);
    };
    await until(states, (all) => all.includes('recovering') && all.at(-1) === 'active', PAGES_MS);
    expect((await states()).slice(-3)).toEqual(['active', 'recovering', 'active']);
    expect(await bot()).toMatchObject({ state: 'active', epoch: epoch + 1 });
  });

  it('that loses its power has its meeting back, with the next epoch, and the words that only its disk had', async () => {
    const before = present();
    await stage.service.kill();
    await stage.goesOn('meeting'); // these are in the journal alone
    killPid(before.pid, 'SIGKILL');
    await stage.serve(args, { within: disk?.within ?? [] });
    await stage.speaksAgain('meeting', 3);
    expect(await bot()).toMatchObject({ state: 'active', epoch: 3 });
    await hasAll(before.words.at(-1)!.number - WORDS_IN_HAND, 2);
  });
});
