/** `parley demo` as `npm run demo` runs it: servers, interpreter and participants in processes of their own. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEMO_TIMEOUT_MS, DemoStage } from './demo-stage.js';

const stage = new DemoStage();

it(
  'proves that a meeting is interpreted in both directions, whatever the user has set, and ends with exit code 0',
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
    const demo = stage.run(['--explain'], { folder, env });
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
      /Proven: all 4 phrases were interpreted, in both directions; median delay \d\.\d\d s, longest \d\.\d\d s\.$/,
    );
    expect(text).not.toMatch(/eyJ/);
    expect(existsSync(record)).toBe(false);
  },
);

it(
  'proves the same of the continuous engine, whose delay stays bounded',
  { timeout: DEMO_TIMEOUT_MS },
  async () => {
    const demo = stage.run(['--engine', 'translate']);
    const exitCode = await demo.ended;
    const text = demo.lines.join('\n');
    expect([exitCode, demo.stderr], text).toEqual([0, '']);
    expect(
      text.match(/(?:Lucía in English|Emma in español): the translate engine \(asked for\)/g),
    ).toHaveLength(2);
    const delaysS = [...text.matchAll(/heard "[^"]+", (-?\d+\.\d\d) s after its end$/gm)].map(([, delay]) =>
      Number(delay),
    );
    expect(delaysS).toHaveLength(4);
    for (const delayS of delaysS) expect(delayS).toBeLessThan(5);
    expect(text).toMatch(/Proven: all 4 phrases were interpreted, in both directions;/);
  },
);

it('leaves nobody behind when it is interrupted', { timeout: 60_000 }, async () => {
  const demo = stage.run(['--keep'], { deadlineMs: 50_000 });
  await demo.line((line) => (line.includes('Emma (English) is here') ? line : undefined), 40_000);
  expect(await demo.interrupt()).toBe(130);
  expect(demo.lines.at(-1)).not.toContain('Proven');
  expect(demo.lines.join('\n')).not.toContain('the model is told:');
});
