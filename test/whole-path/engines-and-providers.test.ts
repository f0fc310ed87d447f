/**
 * One meeting, replayed through the command line with each engine and over each form of a provider: the same phrases come
 * out, in the same languages. Servers keep their own time, so that all of these runs take as long as the meeting does, at
 * the same time.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResponder } from '../../src/embedded/responder.js';
import { type RealtimeServer, startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { meetingDocumentSchema } from '../../src/replay/meeting/document.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { cli } from '../cli/run-cli.js';

const PHRASES = join(import.meta.dirname, '..', '..', 'fixtures', 'phrasebook');
const KEY = 'a-key-of-this-test';
const ENGINES = ['conversation', 'translate'] as const;
type Engine = (typeof ENGINES)[number];

/** Who says what, when: a phrase each, one after the other. */
const SAID = [
  { speaker: 'ana', from: 'es', to: 'en', phrase: 'can-you-hear-me', atMs: 800 },
  { speaker: 'ben', from: 'en', to: 'es', phrase: 'the-meeting-starts', atMs: 4_500 },
] as const;

let folder: string;
let meeting: string;
let server: RealtimeServer;
let flat: RealtimeServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-forms-'));
  meeting = join(folder, 'short');
  mkdirSync(meeting);
  const person = (id: string, name: string, preferredLanguage: string) => ({
    id,
    name,
    preferredLanguage,
    script: [
      { atMs: 0, do: 'join' },
      ...SAID.filter(({ speaker }) => speaker === id).map(({ atMs, phrase }) => ({
        atMs,
        do: 'say',
        recording: `${phrase}.wav`,
      })),
    ],
  });
  for (const { from, phrase } of SAID) {
    copyFileSync(join(PHRASES, from, `${phrase}.wav`), join(meeting, `${phrase}.wav`));
  }
  const people = [person('ana', 'Ana', 'es'), person('ben', 'Ben', 'en')];
  writeFileSync(join(meeting, 'meeting.json'), JSON.stringify({ title: 'Short', people }));
  const responder = await createResponder('phrasebook');
  const deployments = ['my-realtime', 'my-translate', 'my-transcriber'];
  server = await startRealtimeServer({ responder, key: KEY, deployments });
  flat = await startRealtimeServer({
    responder,
    key: KEY,
    form: { sessionShape: 'flat', inputRateHz: 16_000 },
  });
});
afterAll(async () => {
  await Promise.all([server.close(), flat.close()]);
  rmSync(folder, { recursive: true });
});

/** Replays at the same time. */
const AT_ONCE = 3;

/** How each form is asked for: flags, and variables of the environment. */
const FORMS: Record<string, () => { flags: readonly string[]; env: Record<string, string> }> = {
  embedded: () => ({ flags: [], env: {} }),
  OpenAI: () => ({
    flags: ['--live'],
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1` },
  }),
  'Azure OpenAI': () => ({
    flags: ['--live', '--provider', 'azure', '--transcription-model', 'my-transcriber'],
    env: {
      AZURE_OPENAI_ENDPOINT: `http://127.0.0.1:${server.port}`,
      AZURE_OPENAI_API_KEY: KEY,
      AZURE_OPENAI_DEPLOYMENT: 'my-realtime',
      AZURE_OPENAI_TRANSLATE_DEPLOYMENT: 'my-translate',
    },
  }),
  'nested sessions': () => ({ flags: ['--url', server.url], env: { PARLEY_REALTIME_KEY: KEY } }),
  'flat sessions at 16 kHz': () => ({
    flags: ['--url', flat.url, '--session-shape', 'flat', '--input-rate-hz', '16000'],
    env: { PARLEY_REALTIME_KEY: KEY },
  }),
};

/** Which engines interpreted in one run, and what was said and heard in it, in order. */
async function replayed(form: string, engine: Engine): Promise<unknown> {
  const { flags, env } = FORMS[form]!();
  const out = join(folder, `${form} ${engine}`);
  const args = ['replay', meeting, '--json', '--barge-in', 'off', '--engine', engine, '--out', out, ...flags];
  const run = await cli(args, { env: { XDG_CACHE_HOME: folder, ...env } });
  if (run.exitCode !== 0) return run;
  const { phrases, engines } = meetingDocumentSchema.parse(JSON.parse(run.out));
  const said = phrases.map(({ speakerId, sourceText, translations }) => ({
    speakerId,
    sourceText,
    heard: translations.map(({ to, text, heardFromMs, cut }) => ({
      to,
      text,
      whole: heardFromMs !== null && !cut,
    })),
  }));
  return { engines: [...new Set(engines.map((each) => each.engine))], said };
}

it('every engine over every form gives the same phrases in the same languages', async () => {
  const book = await loadBook();
  const said = SAID.map(({ speaker, from, to, phrase }) => ({
    speakerId: speaker,
    sourceText: book.get(phrase)!.get(from)!.text,
    heard: [{ to, text: book.get(phrase)!.get(to)!.text, whole: true }],
  }));
  const runs = Object.keys(FORMS).flatMap((form) => ENGINES.map((engine) => ({ form, engine })));
  const results: (readonly [string, unknown])[] = [];
  // Most of them are in real time: a few at once, or the process falls behind and what is heard has holes.
  for (let first = 0; first < runs.length; first += AT_ONCE) {
    const some = runs.slice(first, first + AT_ONCE);
    results.push(
      ...(await Promise.all(
        some.map(async ({ form, engine }) => [`${form}, ${engine}`, await replayed(form, engine)] as const),
      )),
    );
  }
  expect(Object.fromEntries(results)).toEqual(
    Object.fromEntries(runs.map(({ form, engine }) => [`${form}, ${engine}`, { engines: [engine], said }])),
  );
});
