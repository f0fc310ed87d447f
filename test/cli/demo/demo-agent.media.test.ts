/** `parley demo --agent`, with its tools and everybody else in processes of their own: beside the other demos, not after them. */
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEMO_TIMEOUT_MS, DemoStage } from './demo-stage.js';

const stage = new DemoStage();

it(
  'proves that an agent is asked by voice in two languages, calls tools of two servers, and is heard and read by everybody',
  { timeout: DEMO_TIMEOUT_MS },
  async () => {
    const demo = stage.run(['--agent']);
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
    expect(readdirSync(stage.dir).filter((name) => name.startsWith('demo-tools-'))).toEqual([]);
  },
);
