/** The real protocol: a real MCP server in a process of its own, over stdio and over Streamable HTTP. */
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/clock.js';
import { mcpServer } from '../../../../src/agent/tools/mcp/mcp-config.js';
import { McpServer } from '../../../../src/agent/tools/mcp/mcp-server.js';
import { mcpConnections } from '../../../../src/agent/tools/mcp/open-mcp-connection.js';
import { ToolRegistry } from '../../../../src/agent/tools/tool-registry.js';
import { httpServerProcess, SERVER_PROGRAM } from './server-process.js';

/** A program that starts on a busy machine takes its time. */
const GENEROUS = { timeout: 300_000 };

const children: ChildProcess[] = [];
const servers: McpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

async function started(settings: object, guard?: Parameters<typeof mcpConnections>[0]) {
  const registry = new ToolRegistry();
  const config = mcpServer.parse({ name: 'test', connectTimeoutMs: 60_000, timeoutMs: 60_000, ...settings });
  const server = new McpServer({ config, registry, clock: systemClock, open: mcpConnections(guard) });
  servers.push(server);
  await server.start();
  const call = async (
    name: string,
    args: object = {},
    signal = new AbortController().signal,
  ): Promise<unknown> => {
    const tool = registry.find(`test__${name}`);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    return await tool.handler(args as Record<string, unknown>, {
      callId: 'c',
      meetingId: 'm',
      askedBy: undefined,
      signal,
    });
  };
  const names = (): string[] => registry.all.map(({ name }) => name);
  return { server, call, names };
}

async function httpServer(port?: number): Promise<{ url: string; child: ChildProcess }> {
  const server = await httpServerProcess(port);
  children.push(server.child);
  return server;
}

const stdio = { command: process.execPath, args: [SERVER_PROGRAM] };
const NAMES = ['add', 'fail', 'hang', 'huge', 'crash', 'environment', 'learn'].map((name) => `test__${name}`);

describe.each(['stdio', 'http'])('over %s', (kind) => {
  const settings = async (): Promise<object> =>
    kind === 'stdio' ? stdio : { url: (await httpServer()).url, token: 'right' };

  it('its tools are there, are called, fail, say too much, and are stopped', GENEROUS, async () => {
    const { call, names, server } = await started(await settings());
    expect([server.status.problem, names()]).toEqual([undefined, NAMES]);
    expect(await call('add', { a: 2, b: 40 })).toBe('42');
    await expect(call('fail')).rejects.toThrow('no such city');
    await expect(call('add', { a: 'two' })).rejects.toThrow();
    expect(await call('huge')).toHaveLength(3_000_000);
    const stop = new AbortController();
    const hanging = call('hang', {}, stop.signal);
    stop.abort();
    await expect(hanging).rejects.toThrow();
    expect(await call('add', { a: 1, b: 1 })).toBe('2');
  });

  it('a list that changes is read again', GENEROUS, async () => {
    const { call, names } = await started(await settings());
    await call('learn');
    await expect.poll(names, GENEROUS).toEqual([...NAMES, 'test__learnt']);
    expect(await call('learnt')).toBe('learnt');
  });

  it('a call that takes longer than it may is given up', GENEROUS, async () => {
    const { call } = await started({ ...(await settings()), timeoutMs: 200 });
    await expect(call('hang')).rejects.toThrow(/timed out/i);
  });
});

it('a program that ends is gone with its tools, and is started again', GENEROUS, async () => {
  const { server, call, names } = await started(stdio);
  await expect(call('crash')).rejects.toThrow();
  await expect.poll(() => server.status.connections, GENEROUS).toBe(2);
  expect(names()).toEqual(NAMES);
  expect(await call('add', { a: 1, b: 2 })).toBe('3');
});

it('a program gets what it is given, and none of our own secrets', GENEROUS, async () => {
  process.env['SECRET_OF_PARLEY'] = 'secret';
  try {
    const { call } = await started({ ...stdio, env: { GIVEN: 'this' } });
    expect(JSON.parse((await call('environment')) as string)).toEqual(['this', null]);
  } finally {
    delete process.env['SECRET_OF_PARLEY'];
  }
});

it.each([
  ['a program that is not there', { command: join(import.meta.dirname, 'nothing-here') }],
  ['a program that is no server', { command: process.execPath, args: ['-e', ''] }],
  ['a port where nobody listens', { url: 'http://127.0.0.1:9/mcp' }],
])('%s is told, and no error is thrown', GENEROUS, async (_what, settings) => {
  const { server, names } = await started(settings);
  expect([server.status.state, names()]).toEqual(['gone', []]);
  expect(server.status.problem).not.toBe('');
});

it(
  'a service without the right token, and one that is not public where only those are allowed',
  GENEROUS,
  async () => {
    const { url } = await httpServer();
    const wrong = await started({ url, token: 'wrong' });
    expect(wrong.server.status).toMatchObject({ state: 'gone', tools: 0 });
    const guarded = await started({ url, token: 'right' }, { allowsPrivate: false });
    expect(guarded.server.status.state).toBe('gone');
    expect(guarded.server.status.problem).toMatch(/must begin with https/);
    const allowed = await started({ url, token: 'right' }, { allowsPrivate: true });
    expect(await allowed.call('add', { a: 1, b: 1 })).toBe('2');
  },
);
