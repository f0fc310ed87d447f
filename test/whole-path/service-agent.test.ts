/**
 * The agent of a service's meeting, whole: the service with its database, a real supervisor, the meeting in a process of its own, the
 * model at a Realtime server over a socket. What it answers is in a document that the service has, and in a meeting of before.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BotEvent } from '../../src/bot/event-log.js';
import { exportDatabase } from '../../src/database/transfer.js';
import { createResponder } from '../../src/embedded/responder.js';
import {
  type FunctionResult,
  type RealtimeServer,
  startRealtimeServer,
} from '../../src/embedded/realtime-server/index.js';
import { Supervisor } from '../../src/supervisor/supervisor.js';
import { describeDatabase } from '../database/test-databases.js';
import { scriptedPlace, type ServiceWorld, serviceWorld, until } from '../service/service-world.js';
import { bundledChild } from '../supervisor/bundled-child.js';

const KEY = 'the-key-of-the-model';
const ROOMS_KEY = 'the-key-of-the-rooms';
const LEADS_KEY = 'the-key-of-the-leads';
const folder = mkdtempSync(join(tmpdir(), 'parley-sa-'));
let world: ServiceWorld;
let model: RealtimeServer;
let child: Awaited<ReturnType<typeof bundledChild>>;
let supervisor: Supervisor;
let outside: Outside;
const events: BotEvent[] = [];

/** What the world says of the meeting's tools: an HTTP service, and an MCP server that adds leads. */
class Outside {
  readonly leads: unknown[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<Outside> {
    const server = createServer((request, response) => {
      void textOf(request).then((body) => {
        const answer = made.#answer(request, body);
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(answer.json === undefined ? '' : JSON.stringify(answer.json));
      });
    });
    const made = new Outside(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer({ method, url, headers }: IncomingMessage, body: string): { status: number; json?: unknown } {
    if (url === '/rooms') {
      // It says what it was sent, as a careless service may.
      if (headers['x-api-key'] !== ROOMS_KEY) return { status: 401 };
      const { tool, arguments: args } = JSON.parse(body) as Record<string, unknown>;
      return { status: 200, json: { room: 'blue', tool, args, sent: headers['x-api-key'] } };
    }
    if (method !== 'POST') return { status: 405 };
    if (headers.authorization !== `Bearer ${LEADS_KEY}`) return { status: 401 };
    const message = JSON.parse(body) as { id?: number; method: string; params?: { arguments?: unknown } };
    if (message.id === undefined) return { status: 202 };
    return { status: 200, json: { jsonrpc: '2.0', id: message.id, result: this.#result(message) } };
  }

  #result({ method, params }: { method: string; params?: { arguments?: unknown } }): unknown {
    switch (method) {
      case 'initialize':
        return {
          ...{ protocolVersion: '2025-06-18', capabilities: { tools: {} } },
          serverInfo: { name: 'leads', version: '1' },
        };
      case 'tools/list':
        return { tools: [{ name: 'add', description: 'Adds a lead.', inputSchema: { type: 'object' } }] };
      case 'tools/call':
        this.leads.push(params?.arguments);
        return { content: [{ type: 'text', text: `There are ${this.leads.length} leads.` }] };
      default:
        return {};
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Everything in a folder, as one text. */
function textsIn(path: string): string {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

/** What the stand-in makes of what it is asked, and of what tools give back: it quotes that. */
const script = {
  onUserText: (message: string, tools: readonly string[]) => {
    if (!tools.includes('search_documents')) return undefined;
    const { request: text } = JSON.parse(message) as { request: string };
    const calls = {
      wifi: { name: 'search_documents', arguments: JSON.stringify({ questions: ['wifi password'] }) },
      room: { name: 'find_room', arguments: JSON.stringify({ title: 'weekly' }) },
      lead: { name: 'leads__add', arguments: JSON.stringify({ name: text }) },
      venue: { name: 'search_meeting', arguments: JSON.stringify({ words: 'venue', where: 'past' }) },
    };
    const wanted = Object.entries(calls).find(([word]) => text.includes(word));
    return wanted === undefined ? undefined : { calls: [wanted[1]] };
  },
  onFunctionResults: (results: readonly FunctionResult[]) => {
    const [first] = results;
    const { result, problem } = JSON.parse(first?.output ?? '{}') as { result?: string; problem?: string };
    return { say: result ?? problem ?? '' };
  },
};

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    outside = await Outside.open();
    child = await bundledChild('agent-child');
    model = await startRealtimeServer({ responder: await createResponder('echo'), key: KEY, script });
    world = await serviceWorld(test.open(), {
      runFolder: join(folder, 'run'),
      places: {
        all: [scriptedPlace()],
        backend: { kind: 'embedded', url: model.url, key: KEY, model: 'm', description: 'a stand-in' },
        interpreter: 'a stand-in',
      },
      openSupervisor: async (about) => {
        supervisor = await Supervisor.open({ ...about, program: child.program });
        supervisor.events.on('event', (_bot, _epoch, event) => events.push(event));
        return supervisor;
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await model.close();
    outside.close();
    await child.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const invited = async (meetingId: string, settings: object): Promise<string> => {
    const { json } = await world.api('POST', '/v1/bots', { meetingId, languages: ['es', 'en'], ...settings });
    const { id } = json as { id: string };
    await until(
      async () => ((await world.api('GET', `/v1/bots/${id}`)).json as { state: string }).state,
      (state) => state === 'active',
    );
    return id;
  };
  const ask = async (id: string, text: string): Promise<Record<string, unknown>> =>
    (await world.api('POST', `/v1/bots/${id}/agent/ask`, { text, language: 'en', waitS: 45 })).json;

  it('answers from a document of its workspace and names its source, and from what was noted in another meeting', async () => {
    const uploaded = await fetch(`${world.url}/v1/documents?name=guide.md`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}` },
      body: '# Wifi\n\nThe password of the wifi is tulip.',
    });
    expect(uploaded.status).toBe(201);
    const before = await invited('before', {});
    await world.api('POST', `/v1/bots/${before}/notes`, { text: 'The venue is the harbour hall.' });
    const id = await invited('now', { agent: 'silent' });
    const answer = await ask(id, 'What is the password of the wifi?');
    expect(answer).toMatchObject({ state: 'answered', language: 'en' });
    expect(JSON.parse(answer['text'] as string)).toEqual([
      { source: 'guide.md, Wifi', language: 'en', text: 'The password of the wifi is tulip.' },
    ]);
    const past = await ask(id, 'What did we say of the venue?');
    expect(JSON.parse(past['text'] as string)).toMatchObject({
      pastMeetings: [{ meeting: 'before', in: 'notes', text: 'The venue is the harbour hall.' }],
    });
    expect(supervisor.list().map(({ restarts }) => restarts)).toEqual([0, 0]);
  });

  it('calls tools that the invitation names with sealed keys; what needs a yes waits for one by the API', async () => {
    for (const [name, value] of Object.entries({ 'rooms-key': ROOMS_KEY, 'leads-key': LEADS_KEY }))
      expect((await world.api('PUT', `/v1/agent/secrets/${name}`, { value })).status).toBe(200);
    const rooms = {
      ...{ name: 'find_room', description: 'Finds the room of a meeting.', level: 'read' },
      ...{ url: `${outside.url}/rooms`, headers: { 'X-Api-Key': { secret: 'rooms-key' } } },
      parameters: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
    };
    const authorization = { Authorization: { secret: 'leads-key', prefix: 'Bearer ' } };
    const id = await invited('tools', {
      agent: 'silent',
      agentTools: [rooms, { ...rooms, name: 'who_is_here' }],
      agentServers: [
        { name: 'leads', url: `${outside.url}/mcp`, headers: authorization },
        { name: 'gone', url: 'http://127.0.0.1:1/mcp' },
      ],
    });
    const found = await ask(id, 'Which room is it?');
    expect(JSON.parse(found['text'] as string)).toEqual({
      ...{ room: 'blue', tool: 'find_room', args: { title: 'weekly' }, sent: '[redacted]' },
    });
    // A server that is not there, and a name that is taken, cost their own tools, and are told.
    const notices = (): string[] =>
      events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    await until(notices, (all) =>
      all.some((message) => message.startsWith('the tools of gone are not there:')),
    );
    expect(notices()).toContain('a tool of the settings is not there: There is a tool who_is_here already.');

    const waiting = async (): Promise<{ callId: string; tool: string; arguments: string }[]> =>
      ((await world.api('GET', `/v1/bots/${id}/agent/approvals`)).json as { data: never[] }).data;
    const decided = async (text: string, approve: boolean): Promise<Record<string, unknown>> => {
      const answer = ask(id, text);
      const [call] = await until(waiting, (all) => all.length > 0);
      expect(call).toMatchObject({ tool: 'leads__add', arguments: JSON.stringify({ name: text }) });
      const path = `/v1/bots/${id}/agent/approvals/${call!.callId}`;
      expect((await world.api('POST', path, { approve })).status).toBe(204);
      return answer;
    };
    expect(await decided('Add the lead Cleo', false)).toMatchObject({
      text: 'Nothing was done: it was not approved. Do not try again unless asked to.',
    });
    expect(outside.leads).toEqual([]);
    expect(await decided('Add the lead Zoe', true)).toMatchObject({ text: 'There are 1 leads.' });
    expect(outside.leads).toEqual([{ name: 'Add the lead Zoe' }]);
    const words = events.flatMap((event) =>
      event.type === 'tool' && (event.what === 'approved' || event.what === 'denied')
        ? [`${event.what} ${event.decidedBy?.replace(/:.*/, ':…') ?? ''}`]
        : [],
    );
    expect(words).toEqual(['denied key:…', 'approved key:…']);

    // The keys stand nowhere but sealed.
    const rows: string[] = [];
    await exportDatabase(world.database, (line) => rows.push(line));
    expect(rows.filter((row) => row.includes('"agent_secrets"')).length).toBe(2);
    const shown = [
      ...[rows.join('\n'), world.logged.join('\n'), JSON.stringify(events), textsIn(join(folder, 'run'))],
      ...(await Promise.all(
        [`/v1/bots/${id}`, '/v1/agent/secrets', '/v1/audit', '/v1/workspace'].map(async (path) =>
          JSON.stringify((await world.api('GET', path)).json),
        ),
      )),
    ].join('\n');
    expect(shown).toContain('rooms-key');
    expect(shown).not.toContain(ROOMS_KEY);
    expect(shown).not.toContain(LEADS_KEY);
  });
});
