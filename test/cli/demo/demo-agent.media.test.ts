/** `parley demo --agent`, with its tools and everybody else in processes of their own: beside the other demos, not after them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliProcess } from '../../browser/cli-process.js';

const DEADLINE_MS = 180_000;

let dir: string;
let demo: CliProcess | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-demo-'));
});
afterEach(async () => {
  demo?.send('SIGKILL');
  await demo?.ended;
  rmSync(dir, { recursive: true });
});

it(
  'proves that an agent is asked by voice in two languages, calls tools of two servers, and is heard and read by everybody',
  { timeout: DEADLINE_MS + 10_000 },
  async () => {
    demo = new CliProcess(['demo', '--agent'], { cacheFolder: dir, deadlineMs: DEADLINE_MS });
    const exitCode = await demo.ended;
    const text = demo.lines.join('\n');
    expect([exitCode, demo.stderr], text).toEqual([0, '']);
    expect(text).toMatch(/Lucía asks the agent: ¿en qué sala es hoy nuestra reunión\?/);
    expect(text).toMatch(/Emma asks the agent: which room is our meeting in today\?/);
    expect(
      text.match(/the agent calls (?:rooms__find_room|building__which_floor) \{\} for \w+/gu),
    ).toHaveLength(4);
    expect(text).toMatch(
      /Parley called rooms__find_room \(over stdio\) and building__which_floor \(over HTTP\), and answered "Su reunión es/,
    );
    expect(text).toMatch(
      /Proven: the agent was asked in 2 languages, called its tools, and everybody heard and read/,
    );
    expect(readdirSync(dir).filter((name) => name.startsWith('demo-tools-'))).toEqual([]);
  },
);
