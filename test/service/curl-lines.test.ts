/** The curl lines of README.md and docs/service.md, run as they stand by the real curl, one after the other. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { newSetupToken } from '../../src/service/auth/setup.js';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

/** Lines of the blocks with curl in them: those that set a variable, and those that call. */
async function curlLines(document: string): Promise<readonly string[]> {
  const text = await readFile(join(packageRoot(), document), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .filter(([, block]) => /^curl /m.test(block!))
    .flatMap(([, block]) => block!.split('\n'))
    .filter((line) => /^(?:curl |[A-Z]+=\S*(?:"[^"]*")?$)/.test(line));
}

describeDatabase('embedded', (test) => {
  let world: ServiceWorld;
  let home: string;
  /** What stands for the reader's own values. */
  const own = new Map<string, string>();

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'parley-curl-'));
    await writeFile(
      join(home, '.curlrc'),
      'silent\nshow-error\nfail-with-body\nnoproxy = "*"\nmax-time = 100\n',
    );
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  const filled = (line: string): string => {
    let text = line;
    for (const [place, value] of own) text = text.replaceAll(place, value);
    return text;
  };
  const shell = (before: readonly string[], line: string): [string, string[], object] => [
    'bash',
    ['-c', [...before, line].map(filled).join('\n')],
    { env: { HOME: home, PATH: process.env['PATH'] } },
  ];
  const run = async (before: readonly string[], line: string): Promise<string> =>
    (await promisify(execFile)(...shell(before, line))).stdout;
  const start = (before: readonly string[], line: string): { child: ChildProcess; text: () => string } => {
    const child = spawn(...shell(before, line));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return { child, text: () => text };
  };
  const becomesActive = async (id: string): Promise<void> => {
    await until(
      () => world.supervisor.status(id),
      (status) => status !== undefined,
    );
    world.supervisor.state(id, 'joining');
    world.supervisor.state(id, 'active');
    world.supervisor.happens(id, {
      ...{ type: 'caption', kind: 'speech', segmentId: 's1', turnId: 's1', part: 0 },
      ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en' },
      ...{ sourceText: '¿Dónde está la estación?', translatedText: 'Where is the station?' },
      ...{ original: true, final: true, startMs: 1_000, endMs: 2_000 },
    } as never);
    await until(
      async () =>
        ((await world.api('GET', `/v1/bots/${id}/captions`)).json as { data: unknown[] }).data.length,
      (kept) => kept === 1,
    );
  };

  describe.each(['README.md', 'docs/service.md'])('%s', (document) => {
    beforeAll(async () => {
      own.clear();
      world = await serviceWorld(test.open());
      own.set('http://127.0.0.1:8710', world.url);
    });
    afterAll(() => world.close());

    it('every curl line does what it says', async () => {
      const lines = await curlLines(document);
      const variables: string[] = [];
      const called: string[] = [];
      let stream: ReturnType<typeof start> | undefined;
      if (document === 'README.md') own.set('pk_...', world.key);
      else {
        // As before anybody was here.
        await world.database.script('delete from users');
        own.set('<behind the # of the link>', await newSetupToken(world.database));
      }
      for (const line of lines) {
        if (!line.startsWith('curl ')) {
          variables.push(line);
          continue;
        }
        const path = /\/(\w+)(?:\?[^\s"]*)?"?(?= |$)/.exec(line.replace(/ #.*$/, ''))?.[1] ?? line;
        called.push(path);
        if (path === 'events') {
          stream = start(variables, line);
          await until(stream.text, (text) => text.includes('Where is the station?'));
          continue;
        }
        const answer = await run(variables, line);
        switch (path) {
          case 'setup':
            own.set('pk_...', (JSON.parse(answer) as { key: string }).key);
            break;
          case 'rooms':
            own.set('abcd-efgh-ijkl', (JSON.parse(answer) as { roomId: string }).roomId);
            break;
          case 'bots': {
            const { id } = JSON.parse(answer) as { id: string };
            own.set('bot_...', id);
            await becomesActive(id);
            break;
          }
          case 'transcript':
          case 'search':
            expect(answer).toContain('Where is the station?');
            break;
        }
      }
      if (document === 'README.md') {
        expect(called).toEqual(['bots', 'events']);
        await world.api('POST', `/v1/bots/${own.get('bot_...')!}/leave`, {});
      } else {
        expect(called).toHaveLength(8);
        expect((await world.api('GET', `/v1/bots/${own.get('bot_...')!}`)).json).toMatchObject({
          settings: { languages: ['es', 'en', 'fr'] },
        });
      }
      // The meeting is over: the stream ends by itself, and so does curl.
      await until(
        () => stream!.child.exitCode,
        (code) => code !== null,
      );
      expect(stream!.child.exitCode).toBe(0);
      expect(stream!.text()).toMatch(/^event: snapshot$/m);
    });
  });
});
