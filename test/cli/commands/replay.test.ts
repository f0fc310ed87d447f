import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { readWav, writeWav } from '../../../audio/wav.js';
import { createEchoResponder } from '../../../src/embedded/phrasebook/responders.js';
import { startRealtimeServer } from '../../../src/embedded/realtime-server/index.js';
import { replayDocumentSchema } from '../../../src/replay/output/document.js';
import { cli } from '../run-cli.js';

const FIXTURES = join(import.meta.dirname, '../../..', 'fixtures');
const STATION = join(FIXTURES, 'es-where-is-the-station-8000-mulaw.wav');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const oneLine = /^parley: [^\n]+\n$/;

describe('parley replay', () => {
  it('says how to have interpreted what the stand-in only played back', async () => {
    const wav = join(FIXTURES, 'phrasebook/es/where-is-the-station.wav');
    const { out, exitCode } = await cli(['replay', wav, '--from', 'es', '--to', 'ja', '--out', dir]);
    expect(exitCode).toBe(0);
    expect(out).toContain('1 turn, 0 translated, 1 not in the phrasebook, played back');
    expect(out).toContain('For all that is said: --live, with OPENAI_API_KEY in the environment');
    expect(readFileSync(join(dir, 'where-is-the-station.ja.srt'), 'utf8')).toContain('お試し用の通訳');
  });

  it('names the phrase, its translation and the results', async () => {
    const { exitCode, out, err } = await cli([
      'replay',
      STATION,
      '--from',
      'Spanish',
      '--to',
      'en',
      '--out',
      dir,
    ]);
    expect([exitCode, err]).toEqual([0, '']);
    expect(out.split('\n')[0]).toBe(
      'Interpreted by embedded Realtime server, a stand-in that knows the phrases of a phrasebook',
    );
    expect(out.replace(/\s+/g, ' ')).toMatch(/¿Dónde está la estación de Where is the nearest train/);
    expect(out).toMatch(/1 recording, 1 turn, 1 translated, median delay \d\.\d\d s/);
    const stem = 'es-where-is-the-station-8000-mulaw';
    const names = [
      'en.srt',
      'en.vtt',
      'es.srt',
      'es.vtt',
      'events.jsonl',
      'report.html',
      'translated.wav',
    ].map((end) => `${stem}.${end}`);
    expect(readdirSync(dir).sort()).toEqual(names);
    for (const name of names) expect(out).toContain(`  ${join(dir, name)}\n`);
  });

  it('prints one JSON document with --json, failures on stderr, and exits with the first failure', async () => {
    const garbage = join(FIXTURES, 'corrupt', 'random-bytes.wav');
    const args = ['replay', garbage, STATION, join(dir, 'missing.wav'), '--json', '--out', dir];
    const { exitCode, out, err } = await cli(args);
    const document = replayDocumentSchema.parse(JSON.parse(out));
    expect(document.files).toHaveLength(1);
    expect(document.files[0]!.turns[0]!.translatedText).toBe('Where is the nearest train station?');
    expect(document.totals).toMatchObject({ files: 1, failedFiles: 2, turns: 1, translatedTurns: 1 });
    expect(exitCode).toBe(65);
    expect(err.trimEnd().split('\n')).toHaveLength(3); // the host and two failures
    expect((await cli(['replay', join(dir, 'missing.wav'), garbage, '--out', dir])).exitCode).toBe(66);
  });

  it('keeps to the embedded server whatever keys and addresses the environment holds', async () => {
    const env = {
      OPENAI_API_KEY: 'not a usable key, with spaces',
      OPENAI_BASE_URL: 'nonsense',
      PARLEY_REALTIME_URL: 'wss://example.invalid/v1/realtime',
      PARLEY_REALTIME_KEY: 'sk-0123456789',
    };
    const { exitCode, out } = await cli(['replay', STATION, '--out', dir], { env });
    expect(exitCode).toBe(0);
    expect(out).toContain('embedded Realtime server');
    expect(readFileSync(join(dir, 'es-where-is-the-station-8000-mulaw.events.jsonl'), 'utf8')).not.toContain(
      'sk-',
    );
  });

  it('tells a refused key from a service that is not there', async () => {
    expect(await cli(['replay', STATION, '--live', '--out', dir])).toMatchObject({ exitCode: 77 });
    const server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right-key' });
    const args = ['replay', STATION, '--url', server.url, '--out', dir];
    const refused = await cli(args, {
      env: { PARLEY_REALTIME_KEY: 'wrong-key', OPENAI_API_KEY: 'sk-openai' },
    });
    expect(refused).toMatchObject({ exitCode: 77 });
    expect(refused.err).toMatch(oneLine);
    expect(refused.err + refused.out).not.toMatch(/wrong-key|sk-openai/);
    await server.close();
    const gone = await cli(args, { env: { PARLEY_REALTIME_KEY: 'right-key' } });
    expect(gone).toMatchObject({ exitCode: 69 });
    expect(gone.out).toMatch(/^Interpreted by 127\.0\.0\.1:\d+ \(key from PARLEY_REALTIME_KEY\)\n$/);
  });

  it('speaks to any server by --url, in real time', async () => {
    const short = join(dir, 'short.wav');
    const { samples, sampleRateHz } = readWav(readFileSync(STATION));
    writeFileSync(
      short,
      writeWav({ sampleRateHz, channelCount: 1, samples: samples.subarray(0, 2.2 * sampleRateHz) }),
    );
    const server = await startRealtimeServer({ responder: createEchoResponder() });
    const args = ['replay', short, '--url', server.url, '--model', 'any', '--json', '--out', dir];
    const startedMs = performance.now();
    const { exitCode, out, err } = await cli(args, { env: { PARLEY_REALTIME_KEY: 'any-key' } });
    await server.close();
    expect([exitCode, err]).toEqual([
      0,
      expect.stringMatching(/^Interpreted by 127\.0\.0\.1:\d+ \(key from \w+\)\n$/),
    ]);
    expect(replayDocumentSchema.parse(JSON.parse(out)).files[0]!.turns).toHaveLength(1);
    expect(performance.now() - startedMs).toBeGreaterThan(2_200);
  });

  it('ends with 69 when the server drops the line, and ends', async () => {
    const sockets = new WebSocketServer({ port: 0 });
    sockets.on('connection', (socket) => socket.terminate());
    await new Promise((resolve) => sockets.once('listening', resolve));
    const { port } = sockets.address() as { port: number };
    const run = await cli(['replay', STATION, '--url', `ws://127.0.0.1:${port}/v1/realtime`, '--out', dir]);
    expect(run.exitCode).toBe(69);
    expect(run.err).toMatch(oneLine);
    await new Promise((resolve) => sockets.close(resolve));
  });

  it('records a cassette and replays it; another target language is a difference', async () => {
    const cassette = join(dir, 'a.cassette');
    const recorded = await cli(['replay', STATION, '--out', join(dir, 'a'), '--save-cassette', cassette]);
    expect(recorded.err).toMatch(/a\.cassette will hold voices/);
    const replayed = await cli(['replay', STATION, '--out', join(dir, 'b'), '--cassette', cassette]);
    expect([replayed.exitCode, replayed.err]).toEqual([0, '']);
    expect(replayed.out).toMatch(/^Interpreted by a cassette recorded from embedded Realtime server/);
    const name = 'es-where-is-the-station-8000-mulaw.translated.wav';
    expect(readFileSync(join(dir, 'b', name)).equals(readFileSync(join(dir, 'a', name)))).toBe(true);
    const other = await cli([
      'replay',
      STATION,
      '--out',
      join(dir, 'c'),
      '--cassette',
      cassette,
      '--to',
      'fr',
    ]);
    expect(other.exitCode).toBe(1);
    expect(other.err).toMatch(
      /session\.update, differs in session\.instructions: recorded .*English.*now .*French/,
    );
    expect(other.err).toMatch(oneLine);
  });

  it('never overwrites a recording', async () => {
    const input = join(dir, 'talk.translated.wav');
    copyFileSync(STATION, input);
    copyFileSync(STATION, join(dir, 'talk.wav'));
    const before = readFileSync(input);
    const { exitCode, err } = await cli(['replay', join(dir, 'talk.wav'), input, '--out', dir]);
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/would overwrite the input/)]);
    expect(readFileSync(input).equals(before)).toBe(true);
  });

  it('never writes a cassette and a result to one file, nor over the cassette that it replays', async () => {
    copyFileSync(STATION, join(dir, 'talk.wav'));
    const args = ['replay', join(dir, 'talk.wav'), '--out', dir];
    const both = await cli([...args, '--save-cassette', join(dir, '.', 'talk.en.srt')]);
    expect([both.exitCode, both.err]).toEqual([2, expect.stringMatching(/would hold two results/)]);
    writeFileSync(join(dir, 'talk.en.vtt'), 'kept');
    const over = await cli([...args, '--cassette', join(dir, 'talk.en.vtt')]);
    expect([over.exitCode, over.err]).toEqual([2, expect.stringMatching(/would overwrite the input/)]);
    expect(readFileSync(join(dir, 'talk.en.vtt'), 'utf8')).toBe('kept');
  });

  it('stops cleanly when interrupted: 130, and the event log is whole', async () => {
    const long = join(dir, 'long.wav');
    const { samples, sampleRateHz } = readWav(readFileSync(join(FIXTURES, 'es-monologue.wav')));
    writeFileSync(long, writeWav({ sampleRateHz, channelCount: 1, samples }));
    const abort = new AbortController();
    const run = cli(['replay', long, '--pace', 'realtime', '--out', dir], {
      signal: abort.signal,
      onOut: () => setTimeout(() => abort.abort(), 300),
    });
    const { exitCode, err } = await run;
    expect([exitCode, err]).toEqual([130, '']);
    const lines = readFileSync(join(dir, 'long.events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { atMs: number }).atMs).at(-1)).toBeLessThan(10_000);
  });

  it('shows progress on a terminal, and only for long recordings', async () => {
    const long = join(dir, 'long.wav');
    writeFileSync(
      long,
      writeWav({ sampleRateHz: 8000, channelCount: 1, samples: new Int16Array(8000 * 61) }),
    );
    expect((await cli(['replay', long, '--out', dir], { liveErr: true })).err).toMatch(/0:30\.0 of 1:01\.0/);
    expect((await cli(['replay', long, '--out', dir])).err).toBe('');
    expect((await cli(['replay', STATION, '--out', dir], { liveErr: true })).err).not.toMatch(/ of /);
  });
});
