/** Who interprets, as the command line says it: what it refuses, and what it warns of, before a session is open. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEchoResponder } from '../../../src/embedded/phrasebook/responders.js';
import { type RealtimeServer, startRealtimeServer } from '../../../src/embedded/realtime-server/index.js';
import { cli, type CliRun } from '../run-cli.js';

const STATION = join(import.meta.dirname, '../../..', 'fixtures', 'es-where-is-the-station-8000-mulaw.wav');
const KEY = 'the-right-key';

let folder: string;
let server: RealtimeServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-provider-'));
  server = await startRealtimeServer({
    responder: createEchoResponder(),
    key: KEY,
    deployments: ['my-realtime', 'my-transcriber'],
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const live = (env: Record<string, string>, ...flags: string[]): Promise<CliRun> =>
  cli(['replay', STATION, '--out', folder, '--live', ...flags], {
    env: { XDG_CACHE_HOME: folder, ...env },
  });
const azure = (env: Record<string, string>, ...flags: string[]): Promise<CliRun> =>
  live(
    {
      AZURE_OPENAI_ENDPOINT: `http://127.0.0.1:${server.port}`,
      AZURE_OPENAI_API_KEY: KEY,
      AZURE_OPENAI_DEPLOYMENT: 'my-realtime',
      ...env,
    },
    '--provider',
    'azure',
    ...flags,
  );
/** OpenAI's form at the embedded server, with a key that it refuses: nothing is interpreted. */
const openAi = (...flags: string[]): Promise<CliRun> =>
  live({ OPENAI_API_KEY: 'a-wrong-key', OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1` }, ...flags);

const lastLine = ({ err }: CliRun): string => err.trimEnd().split('\n').at(-1)!;

describe('is refused in one line', () => {
  it.each([
    ['no address', { AZURE_OPENAI_ENDPOINT: '' }, 2, /^parley: AZURE_OPENAI_ENDPOINT is not set/],
    [
      'an api-version',
      { AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com/openai?api-version=2025-04-01' },
      2,
      /no api-version$/,
    ],
    ['no deployment', { AZURE_OPENAI_DEPLOYMENT: '' }, 2, /^parley: AZURE_OPENAI_DEPLOYMENT is not set/],
    ['no key', { AZURE_OPENAI_API_KEY: '' }, 77, /needs a key: set AZURE_OPENAI_API_KEY, or AZURE_TENANT_ID/],
    [
      'half an application',
      { AZURE_OPENAI_API_KEY: '', AZURE_TENANT_ID: 'tenant' },
      2,
      /go together: set all three$/,
    ],
    ['a key that is not the resource’s', { AZURE_OPENAI_API_KEY: 'secret-0123' }, 77, /Incorrect API key/],
    [
      'a deployment that is not there',
      { AZURE_OPENAI_DEPLOYMENT: 'elsewhere' },
      69,
      /The API deployment for this resource does not exist/,
    ],
  ])('Azure with %s', async (_what, env, exitCode, message) => {
    const run = await azure(env);
    expect(run.exitCode).toBe(exitCode);
    expect(lastLine(run)).toMatch(message);
    expect(run.err + run.out).not.toContain('secret-0123');
  });

  it('OpenAI without a key, with a key that it does not take, and with the form of another server', async () => {
    const keyless = await live({});
    expect([keyless.exitCode, keyless.err]).toEqual([
      77,
      'parley: api.openai.com needs a key: set OPENAI_API_KEY in the environment\n',
    ]);
    const refused = await openAi();
    expect([refused.exitCode, lastLine(refused)]).toEqual([77, expect.stringMatching(/Incorrect API key/)]);
    expect(refused.out).toMatch(/^Interpreted by 127\.0\.0\.1:\d+ \(key from OPENAI_API_KEY\)\n$/);
    const formed = await openAi('--session-shape', 'flat');
    expect([formed.exitCode, formed.err]).toEqual([
      2,
      'parley: --session-shape and --input-rate-hz are for the server at --url\n',
    ]);
  });
});

describe('is warned of', () => {
  const warnings = ({ err }: CliRun): string[] =>
    err.split('\n').filter((line) => /shut down|written down/.test(line));

  it('models that retire, with the date and what to set instead; never the defaults', async () => {
    expect(warnings(await openAi())).toEqual([]);
    expect(warnings(await openAi('--model', 'gpt-realtime', '--transcription-model', 'whisper-1'))).toEqual([
      expect.stringMatching(
        /^parley: the model gpt-realtime (is|was) shut down on 2027-01-20: use --model gpt-realtime-2\.1$/,
      ),
      expect.stringMatching(
        /^parley: the model whisper-1 (is|was) shut down on 2027-02-26: use --transcription-model gpt-realtime-whisper$/,
      ),
    ]);
  });

  it('Azure without a deployment that transcribes, and nothing where there is one', async () => {
    const refused = { AZURE_OPENAI_API_KEY: 'a-wrong-key' };
    expect(warnings(await azure(refused))).toEqual([
      'parley: what people say is not written down: name your deployment that transcribes by --transcription-model',
    ]);
    expect(warnings(await azure(refused, '--transcription-model', 'my-transcriber'))).toEqual([]);
  });
});
