import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ToolRegistry } from '../../../src/agent/tools/tool-registry.js';
import { readToolsFile } from '../../../src/agent/tools/tools-file.js';

let folder: string;
let number = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tools-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(text: string): Promise<string> {
  const path = join(folder, `tools-${++number}.mjs`);
  await writeFile(path, text);
  return path;
}
const addToolsOfFile = async (registry: ToolRegistry, path: string): Promise<number> => {
  const { tools } = await readToolsFile(path);
  for (const { handler, ...options } of tools) registry.addTool(options, handler);
  return tools.length;
};
const tool = (name: string, more = '') =>
  `{ name: '${name}', description: 'Says hello.', parameters: { type: 'object' }, level: 'read', handler: () => '${name}'${more} }`;

describe('a file of tools', () => {
  it('adds what it exports', async () => {
    const registry = new ToolRegistry();
    const path = await file(`export const tools = [${tool('a')}, ${tool('b', ', timeoutMs: 5 ')}];`);
    expect(await addToolsOfFile(registry, path)).toBe(2);
    expect(registry.all.map(({ name, level, timeoutMs }) => [name, level, timeoutMs])).toEqual([
      ['a', 'read', 10_000],
      ['b', 'read', 5],
    ]);
    const context = { callId: 'c', meetingId: 'm', askedBy: undefined, signal: new AbortController().signal };
    expect(registry.find('b')!.handler({}, context)).toBe('b');
  });

  it.each([
    ['exports none', 'export const other = [];', /exports no list of tools: write export const tools/],
    ['cannot be read', 'export const tools = [', /cannot be loaded: /],
    ['throws', "throw new Error('no database');", /cannot be loaded: no database/],
    ['has something else in its list', 'export const tools = [5];', /tools\[0\] is no object/],
    [
      'has a tool without a level',
      `export const tools = [{ ...${tool('x')}, level: undefined }];`,
      /The tool x needs a level/,
    ],
    [
      'has a tool without a handler',
      `export const tools = [{ ...${tool('x')}, handler: 1 }];`,
      /The tool x needs a handler/,
    ],
    ['has a name twice', `export const tools = [${tool('x')}, ${tool('x')}];`, /There is a tool x already/],
  ])('that %s is refused as a whole', async (_what, text, message) => {
    const registry = new ToolRegistry();
    const path = await file(text);
    await expect(addToolsOfFile(registry, path)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringMatching(message) as string,
    });
    await expect(addToolsOfFile(registry, path)).rejects.toThrow(path);
    expect(registry.all).toEqual([]);
  });

  it('that is not there is said to be missing', async () => {
    await expect(addToolsOfFile(new ToolRegistry(), join(folder, 'none.mjs'))).rejects.toMatchObject({
      code: 'input_missing',
    });
    await expect(addToolsOfFile(new ToolRegistry(), folder)).rejects.toMatchObject({ code: 'input_missing' });
  });
});
