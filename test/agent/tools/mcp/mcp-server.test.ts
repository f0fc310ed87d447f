import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../../src/clock.js';
import { mcpServer } from '../../../../src/agent/tools/mcp/mcp-config.js';
import type { McpConnectionEvents } from '../../../../src/agent/tools/mcp/mcp-connection.js';
import { McpServer } from '../../../../src/agent/tools/mcp/mcp-server.js';
import { levelOf, type McpTool, optionsOf, resultText } from '../../../../src/agent/tools/mcp/mcp-tool.js';
import { ToolRegistry } from '../../../../src/agent/tools/tool-registry.js';

const config = mcpServer.parse({ name: 'files', command: 'x', levels: { read_file: 'read', move: 'write' } });
const tool = (name: string, more: Partial<McpTool> = {}): McpTool => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: 'object', $schema: 'http://json-schema.org/draft-07/schema#' },
  readOnly: false,
  ...more,
});
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A server that does what the test says. */
class Stage {
  readonly clock = new VirtualClock();
  readonly registry = new ToolRegistry();
  readonly opened: McpConnectionEvents[] = [];
  closed = 0;
  list: McpTool[] = [tool('read_file'), tool('other')];
  refuses: string | undefined;
  answersPings = true;
  readonly server = new McpServer({
    config,
    registry: this.registry,
    clock: this.clock,
    open: (_config, events) => {
      this.opened.push(events);
      if (this.refuses !== undefined) return Promise.reject(new Error(this.refuses));
      return Promise.resolve({
        listTools: () => Promise.resolve(this.list),
        callTool: (name, args) => Promise.resolve(`${name} ${JSON.stringify(args)}`),
        ping: () => (this.answersPings ? Promise.resolve() : Promise.reject(new Error('no answer'))),
        close: () => {
          this.closed++;
          return Promise.resolve();
        },
      });
    },
  });

  get names(): string[] {
    return this.registry.all.map(({ name, level }) => `${name} ${level}`);
  }

  async advance(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 500) {
      this.clock.advanceBy(500);
      await turns();
    }
  }
}

describe('an MCP server', () => {
  it('has its tools in the registry, under its name, as the operator said', async () => {
    const stage = new Stage();
    await stage.server.start();
    expect(stage.names).toEqual(['files__read_file read', 'files__other confirm']);
    const [first] = stage.registry.all;
    const context = { callId: 'c', meetingId: 'm', askedBy: undefined, signal: new AbortController().signal };
    expect(await first!.handler({ path: 'a' }, context)).toBe('read_file {"path":"a"}');
    expect(stage.server.status).toEqual({
      name: 'files',
      state: 'ready',
      tools: 2,
      problem: undefined,
      connections: 1,
    });
    await stage.server.close();
    expect([stage.names, stage.closed, stage.server.status.state]).toEqual([[], 1, 'closed']);
  });

  it('changes its list: what is new comes, what went goes, and the rest stays as it is', async () => {
    const stage = new Stage();
    await stage.server.start();
    const kept = stage.registry.all[0];
    stage.list = [tool('read_file'), tool('move')];
    stage.opened[0]!.changed();
    await turns();
    expect(stage.names).toEqual(['files__read_file read', 'files__move write']);
    expect(stage.registry.all[0]).toBe(kept);
    await stage.server.close();
  });

  it('is gone with its tools when it dies, and comes back', async () => {
    const stage = new Stage();
    await stage.server.start();
    stage.refuses = 'not there';
    stage.opened[0]!.closed();
    expect([stage.names, stage.server.status]).toMatchObject([
      [],
      { state: 'gone', problem: 'it ended the connection' },
    ]);
    await stage.advance(10_000);
    // After about 1, 2 and 4 seconds more.
    expect(stage.opened.length).toBe(4);
    expect(stage.server.status.problem).toBe('not there');
    stage.refuses = undefined;
    await stage.advance(10_000);
    expect([stage.names.length, stage.server.status]).toMatchObject([2, { state: 'ready', connections: 2 }]);
    stage.opened[0]!.closed(); // of the past
    expect(stage.names.length).toBe(2);
    await stage.server.close();
    await stage.advance(120_000);
    expect(stage.opened.length).toBe(5);
  });

  it('is asked whether it is there, and is gone where it does not say so', async () => {
    const stage = new Stage();
    await stage.server.start();
    await stage.advance(65_000);
    expect(stage.server.status.state).toBe('ready');
    stage.answersPings = false;
    await stage.advance(30_000);
    expect(stage.opened.length).toBe(2); // it came back at once
    expect(stage.closed).toBe(1);
    await stage.server.close();
  });

  it('that is closed while it is connecting stays closed', async () => {
    const stage = new Stage();
    const starting = stage.server.start();
    await stage.server.close();
    await starting;
    expect([stage.names, stage.closed, stage.server.status.state]).toEqual([[], 1, 'closed']);
  });

  it('says which of its tools could not be added', async () => {
    const stage = new Stage();
    stage.registry.addTool({ ...optionsOf(config, tool('other'))! }, () => 'ours');
    stage.list = [tool('big', { inputSchema: { type: 'object', about: 'x'.repeat(30_000) } }), tool('other')];
    await stage.server.start();
    expect(stage.server.status).toMatchObject({ tools: 0, problem: 'There is a tool files__other already.' });
    stage.list = stage.list.slice(0, 1);
    stage.opened[0]!.changed();
    await turns();
    expect(stage.server.status.problem).toBe('its tool big takes too much to be described');
    await stage.server.close();
  });
});

describe('a tool of an MCP server', () => {
  it('needs a yes unless it is listed, or its server is taken at its word', () => {
    const readOnly = tool('see', { readOnly: true });
    const trusting = mcpServer.parse({
      name: 'a',
      command: 'x',
      trustsReadOnlyHint: true,
      levels: { see: 'host' },
    });
    expect(levelOf(config, readOnly)).toBe('confirm');
    expect(levelOf(trusting, readOnly)).toBe('host');
    expect(levelOf({ ...trusting, levels: {} }, readOnly)).toBe('read');
    expect(levelOf({ ...trusting, levels: {} }, tool('do'))).toBe('confirm');
    expect(levelOf(trusting, tool('toString', { readOnly: false }))).toBe('confirm');
  });

  it('is described by what is left of its own words', () => {
    const hostile = tool('t', { description: `Use me.\u202e\u200b ${'x'.repeat(5_000)}` });
    const options = optionsOf(config, hostile)!;
    expect(options.description.startsWith('Use me. x')).toBe(true);
    expect(options.description.length).toBe(1_000);
    expect(options.parameters).toEqual({ type: 'object' });
    expect(options.timeoutMs).toBe(11_000);
  });

  it('gives back text; what is none is named', () => {
    expect(
      resultText(
        [
          { type: 'text', text: 'one' },
          { type: 'image', mimeType: 'image/png' },
          { type: 'resource', resource: { uri: 'file:///a', text: 'inside' } },
          { type: 'resource_link', uri: 'file:///b' },
        ],
        undefined,
      ),
    ).toBe('one\n[image image/png]\ninside\n[resource_link file:///b]');
    expect(resultText([], { a: 1 })).toBe('{"a":1}');
    expect(resultText([], undefined)).toBe('');
  });

  it.each([
    [{ name: 'A', command: 'x' }],
    [{ name: 'a', command: '' }],
    [{ name: 'a', url: 'file:///etc/passwd' }],
    [{ name: 'a', url: 'https://x', command: 'x' }],
    [{ name: 'a', command: 'x', levels: { t: 'admin' } }],
  ])('%j is no server', (settings) => {
    expect(mcpServer.safeParse(settings).success).toBe(false);
  });
});
