/** `parley demo` as `npm run demo` runs it, with another engine, and interrupted: servers, interpreter and participants in processes of their own. */
import { expect, it } from 'vitest';
import { DEMO_TIMEOUT_MS, DemoStage } from './demo-stage.js';

const stage = new DemoStage();

it('proves that a meeting is interpreted in both directions', { timeout: DEMO_TIMEOUT_MS }, async () => {
  const demo = stage.run([]);
  const exitCode = await demo.ended;
  const text = demo.lines.join('\n');
  expect([exitCode, demo.stderr], text).toEqual([0, '']);
  expect(text).toMatch(/Proven: all 4 phrases were interpreted, in both directions; median delay .+ s\.$/);
});

it(
  'proves that the continuous engine interprets a meeting in both directions, and that its delay stays bounded',
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
