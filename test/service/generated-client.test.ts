/**
 * A client that is generated from the OpenAPI document by somebody else's generator: types by openapi-typescript, requests by
 * openapi-fetch. A program that uses it compiles, and holds a meeting.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

/** What somebody would write. Where a line must not compile, it says so. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

export type Held = { roomId: string; bot: components['schemas']['Bot']; listed: string[]; transcript: string; codes: string[] };

export async function holdMeeting(baseUrl: string, key: string, meanwhile: (botId: string) => Promise<void>): Promise<Held> {
  const api = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } });
  const room = await api.POST('/v1/rooms', { body: {} });
  if (room.data === undefined) throw new Error(room.error.detail);
  const { roomId } = room.data;
  const invited = await api.POST('/v1/bots', {
    body: { meetingId: roomId, languages: ['es', 'en'], engine: 'conversation', budgetUsd: 5, metadata: { team: 'seven' } },
  });
  if (invited.data === undefined) throw new Error(invited.error.detail);
  const bot = invited.data;
  const path = { botId: bot.id };
  await meanwhile(bot.id);
  const list = await api.GET('/v1/bots', { params: { query: { state: 'active', limit: 10 } } });
  const listed = (list.data?.data ?? []).map(({ id, state }) => \`\${id} \${state}\`);
  const changed = await api.PATCH('/v1/bots/{botId}', { params: { path }, body: { languages: ['es', 'en', 'fr'], speed: null } });
  if (changed.data?.revision !== 2) throw new Error('the change was not taken');
  const twice = await api.POST('/v1/bots', { body: { meetingId: roomId } });
  const wrong = await api.POST('/v1/bots', {
    // @ts-expect-error there is no such engine
    body: { meetingId: roomId, engine: 'telepathy' },
  });
  await api.POST('/v1/bots/{botId}/leave', { params: { path }, body: {} });
  const words = await api.GET('/v1/bots/{botId}/transcript', {
    params: { path, query: { format: 'md', language: 'en' } },
    parseAs: 'text',
  });
  // @ts-expect-error a bot has no such field
  void bot.colour;
  // @ts-expect-error a meeting is needed
  const needy: components['schemas']['Invite'] = { languages: ['es', 'en'] };
  void needy;
  const read = await api.GET('/v1/bots/{botId}', { params: { path } });
  return {
    ...{ roomId, listed, transcript: String(words.data), bot: read.data ?? bot },
    codes: [twice.error?.code ?? '', wrong.error?.code ?? ''],
  };
}
`;
const TSCONFIG = {
  compilerOptions: {
    ...{ target: 'ES2023', lib: ['ES2023', 'DOM', 'DOM.Iterable'], module: 'NodeNext', types: [] },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
    ...{ skipLibCheck: true, outDir: 'built', rootDir: '.' },
  },
  files: ['program.ts'],
};

type Held = {
  roomId: string;
  bot: { id: string; state: string; metadata: unknown };
  listed: string[];
  transcript: string;
  codes: string[];
};

describeDatabase('embedded', (test) => {
  let world: ServiceWorld;
  let folder: string;

  beforeAll(async () => {
    world = await serviceWorld(test.open());
    // Within the project, where its packages are found.
    const cache = join(packageRoot(), 'node_modules', '.cache', 'parley');
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(cache, 'generated-client-'));
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('compiles, and holds a meeting', async () => {
    const { json: document } = await world.api('GET', '/v1/openapi.json');
    // What has a default can be left out of a request: this generator has to be told.
    const types = astToString(await openapiTS(document, { defaultNonNullable: false }));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    await writeFile(join(folder, 'api.ts'), types);
    await writeFile(join(folder, 'program.ts'), PROGRAM);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
    const compiled = await promisify(execFile)(process.execPath, [
      join(typescript, 'bin', 'tsc'),
      ...['-p', folder],
    ]).catch((error: unknown) => error as { stdout: string });
    expect(compiled.stdout).toBe('');

    const address = pathToFileURL(join(folder, 'built', 'program.js')).href;
    const { holdMeeting } = (await import(/* @vite-ignore */ address)) as {
      holdMeeting: (url: string, key: string, meanwhile: (botId: string) => Promise<void>) => Promise<Held>;
    };
    const held = await holdMeeting(world.url, world.key, async (botId) => {
      const { supervisor } = world;
      await until(
        () => supervisor.status(botId),
        (status) => status !== undefined,
      );
      supervisor.state(botId, 'joining');
      supervisor.state(botId, 'active');
      supervisor.happens(botId, {
        ...{ type: 'caption', kind: 'speech', segmentId: 's1', turnId: 's1', part: 0 },
        ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en' },
        ...{ sourceText: 'hola a todos', translatedText: 'hello everyone' },
        ...{ original: true, final: true, startMs: 1_000, endMs: 2_000 },
      } as never);
      await until(
        async () =>
          ((await world.api('GET', `/v1/bots/${botId}/captions`)).json as { data: unknown[] }).data.length,
        (kept) => kept === 1,
      );
    });
    expect(held).toMatchObject({
      roomId: 'abcd-efgh-ijkl',
      bot: { metadata: { team: 'seven' } },
      listed: [`${held.bot.id} active`],
      transcript: expect.stringContaining('hello everyone') as string,
      codes: ['bot_exists', 'invalid_request'],
    });
    await until(
      async () => (await world.api('GET', `/v1/bots/${held.bot.id}`)).json as { state: string },
      ({ state }) => state === 'ended',
    );
  });
});
