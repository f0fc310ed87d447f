/**
 * The whole of `parley demo`: the meeting that `npm run demo` shows, and after it an agent with its tools. Everybody is in a
 * process of their own.
 */
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEMO_TIMEOUT_MS, DemoStage } from './demo-stage.js';

const stage = new DemoStage();

it(
  'proves that a meeting is interpreted in both directions, whatever the user has set, and that an agent is asked by voice, calls tools of two servers, and is heard and read by everybody',
  { timeout: DEMO_TIMEOUT_MS },
  async () => {
    const folder = mkdtempSync(join(stage.dir, 'own-'));
    writeFileSync(join(folder, 'parley.config.json'), JSON.stringify({ maxSessions: 1, speed: 0.25 }));
    const record = join(folder, 'record');
    const env = {
      PARLEY_RECORD: record,
      PARLEY_LEARN: '1',
      PARLEY_LANGUAGES: 'fr,de',
      PARLEY_ENGINE: 'auto',
    };
    const demo = stage.run(['--agent', '--explain'], { folder, env });
    const exitCode = await demo.ended;
    const text = demo.lines.join('\n');
    expect([exitCode, demo.stderr], text).toEqual([0, '']);

    expect(text).toMatch(/Join it with a browser: https:\/\/localhost:\d+\/[\w-]{14}\n/);
    expect(text).toMatch(/Lucía \[es\]: ¿Me oyen bien.+ → {2}\[en\] Can you hear me well/);
    expect(text).toMatch(
      /Lucía in English: the model is told:\n(?: +\|.*\n)+ +\| - About the speaker: "Lucía Ortega .+el tren\."\n/,
    );
    expect(text.match(/^ {2}The model that interprets (?:Emma|Lucía) knows: ".+"$/gm)).toHaveLength(2);
    expect(text.match(/^ {5}(?:Emma|Lucía) heard "[^"]+", -?\d+\.\d\d s after its end/gm)).toHaveLength(4);
    expect(text).toMatch(
      /^Proven: all 4 phrases were interpreted, in both directions; median delay \d\.\d\d s, longest \d\.\d\d s\.$/m,
    );
    expect(text).not.toMatch(/eyJ/);
    expect(existsSync(record)).toBe(false);

    expect(text).toMatch(/Lucía asks the agent: ¿en qué sala es hoy nuestra reunión\?/);
    expect(text).toMatch(/Emma asks the agent: which room is our meeting in today\?/);
    // Twice each, and again where a question was not heard whole and is asked once more.
    const calls = text.match(/the agent calls (?:rooms__find_room|building__which_floor) \{\} for \w+/gu);
    expect(calls?.length).toBeGreaterThanOrEqual(4);
    expect(text).toMatch(
      /Parley called rooms__find_room \(over stdio\) and building__which_floor \(over HTTP\), and answered "Su reunión es/,
    );
    expect(text).toMatch(
      /Proven: the agent was asked in 2 languages, called its tools, and everybody heard and read/,
    );
    expect(readdirSync(stage.dir).filter((name) => name.startsWith('demo-tools-'))).toEqual([]);
  },
);
