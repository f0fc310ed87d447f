import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plain } from '../../src/text.js';
import { cli } from './run-cli.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-cli-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const oneLine = /^parley: [^\n]+\n$/;

describe('usage', () => {
  it.each([
    [['--help'], /Commands:\n {2}demo/],
    [[], /Commands:\n {2}demo/],
    [['help', 'convert'], /parley convert talk\.mp3/],
    [['replay', '--help'], /--save-cassette <file>/],
    [['realtime', '--help'], /parley realtime --port 8787/],
    [['config', '--help'], /PARLEY_VOICE=cedar/],
    [['join', '--help'], /--leave-when-empty-s <s>[^]+metaData\.preferredLanguage/],
    [['room', '--help'], /create[^]+validate/],
    [['demo', '--help'], /--keep/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ])('%j is help', async (args, text) => {
    const { exitCode, out, err } = await cli(args);
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(text);
  });

  it.each([
    [['replya', 'a.wav'], /unknown command 'replya' \(Did you mean replay\?\)/],
    [['replay'], /missing required argument 'media'/],
    [['replay', 'a.wav', '--bogus'], /unknown option '--bogus'/],
    [['replay', 'a.wav', '--pace', 'fast'], /realtime, max/],
    [['replay', 'a.wav', '--to', 'klingonish'], /--to: "klingonish" is no language/],
    [['replay', 'a.wav', '--live', '--pace', 'max'], /--pace max is for the embedded server/],
    [
      ['replay', 'a.wav', '--url', 'ws://127.0.0.1:1', '--pace', 'max'],
      /--pace max is for the embedded server/,
    ],
    [['replay', 'a.wav', '--live', '--url', 'ws://127.0.0.1:1'], /give --live or --url/],
    [['replay', 'a.wav', '--url', 'ws://example.com/v1/realtime'], /--insecure/],
    [['replay', 'a.wav', '--live', '--responder', 'echo'], /--responder belongs to the embedded server/],
    [['replay', 'a.wav', '--model', 'x'], /--model needs a server/],
    [['replay', 'a.wav', '--cassette', 'c', '--live'], /--cassette needs no server/],
    [['replay', 'a.wav', '--cassette', 'c', '--save-cassette', 'd'], /give one of them/],
    [['replay', 'a.wav', 'b.wav', '--save-cassette', 'c'], /a cassette holds one session/],
    [['replay', 'a.wav', '--vad-threshold', '7'], /--vad-threshold is 7: a number from 0 to 1/],
    [['replay', 'a.wav', '--config', '/nowhere.json'], /nowhere\.json/],
    [['join'], /missing required argument 'meetingId'/],
    [['join', 'a b'], /<meetingId> is made of 1 to 128 letters/],
    [['join', 'abcd', '--live', '--url', 'ws://127.0.0.1:1'], /give --live or --url/],
    [['join', 'abcd', '--languages', 'es'], /--languages: this is one language: give at least two/],
    [['join', 'abcd', '--languages', 'es,spanish'], /this is one language/],
    [['join', 'abcd', '--languages', 'es,klingonish'], /--languages: "klingonish" is no language/],
    [['join', 'abcd', '--leave-when-empty', '0'], /1 to 86400/],
    [['join', 'abcd', '--max-duration', '1.5'], /1 to 1435/],
    [['join', 'abcd', '--barge-in', 'maybe'], /--barge-in is "maybe": others, any or off is allowed/],
    [['convert', 'a.wav', 'b.wav', '--rate', '44100'], /16000, 24000, 48000/],
    [['convert', 'a.wav', 'b.wav'], /--rate/],
    [['realtime', '--port', '70000'], /0 to 65535/],
    [['realtime', '--host', '0.0.0.0', '--port', '0'], /loopback/],
  ])('%j is refused in one line', async (args, text) => {
    const { exitCode, out, err } = await cli(args);
    expect(err).toMatch(text);
    expect(err).toMatch(oneLine);
    expect([exitCode, out]).toEqual([2, '']);
  });

  it('prints a stack trace only when asked', async () => {
    const args = ['replay', join(dir, 'missing.wav'), '--out', dir];
    expect((await cli(args)).err).toMatch(oneLine);
    expect((await cli([...args, '--verbose'])).err).toMatch(/\n {4}at /);
  });
});

describe('text for a terminal', () => {
  it('cannot move the cursor, change colours or reorder what is around it', () => {
    expect(plain('a\u001b[31mb\r\nc\u202ed\u2066e\u0007')).toBe('a [31mb  c d e ');
    expect(plain('¿Dónde está? 中文 👩‍👩‍👧')).toBe('¿Dónde está? 中文 👩‍👩‍👧');
  });
});
