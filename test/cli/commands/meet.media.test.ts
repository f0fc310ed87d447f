/** `parley meet`: one command for the room, its page and Parley. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { joinEventSchema } from '../../../src/bot/events.js';
import { CliProcess } from '../../browser/cli-process.js';

const START_TIMEOUT_MS = 60_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-meet-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

it('starts a room, says where its page is, joins it, and takes all of it away at the end', async () => {
  const parley = new CliProcess(['meet', '--json', '--port', '0', '--id', 'stand-up'], {
    cacheFolder: dir,
    deadlineMs: 120_000,
    env: {},
  });
  const place = await parley.line((line) => {
    const event = joinEventSchema.parse(JSON.parse(line));
    return event.type === 'started' ? event.place : undefined;
  }, START_TIMEOUT_MS);
  const origin = /https:\/\/localhost:\d+/.exec(place)![0];
  await parley.line((line) => {
    const event = joinEventSchema.parse(JSON.parse(line));
    return event.type === 'state' && event.state === 'connected' ? true : undefined;
  }, START_TIMEOUT_MS);
  expect(parley.stderr).toContain(`\n  ${origin}/stand-up\n`);
  expect(parley.stderr).toMatch(/a stand-in interprets: it knows \d+ phrases, such as "[^"]+" or "[^"]+"/);
  parley.send('SIGINT');
  expect(await parley.ended).toBe(130);
  expect(joinEventSchema.parse(JSON.parse(parley.lines.at(-1)!))).toMatchObject({
    type: 'ended',
    reason: { kind: 'asked' },
  });
  await expect(fetch(origin)).rejects.toThrow(); // nothing listens any more
});
