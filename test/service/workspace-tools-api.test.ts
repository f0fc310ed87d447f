/** Tools of a workspace: kept with their secrets' names, checked before anybody waits for them, tried, and given to its meetings. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpServerProcess } from '../agent/tools/mcp/server-process.js';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;
let guarded: ServiceWorld;
let child: ChildProcess | undefined;
const TOOL = { name: 'find_room', description: 'Finds a room.', url: 'https://rooms.example.com/find' };
const SERVER = { name: 'crm', url: 'https://crm.example.com/mcp' };

describe.each(['embedded', 'postgres'] as const)('in a database of the kind %s', (kind) => {
  describeDatabase(kind, (test) => {
    beforeAll(async () => {
      world = await serviceWorld(test.open());
    });
    afterAll(async () => {
      child?.kill('SIGKILL');
      await world.close();
    });

    const keyWith = async (scopes: string[]) => {
      const { json } = await world.api('POST', '/v1/keys', { name: 'k', scopes });
      const { key } = json as { key: string };
      return (method: string, path: string, body?: unknown) =>
        world.api(method, path, body, { authorization: `Bearer ${key}` });
    };
    const startedWith = async (body: object) => {
      const { json } = await world.api('POST', '/v1/bots', body);
      const { id, settings } = json as { id: string; settings: object };
      const request = await until(
        () => world.supervisor.started.find(({ botId }) => botId === id),
        (each) => each !== undefined,
      );
      return { id, settings, request: request! };
    };

    it('a tool is added, read, changed, and deleted; hosts read it, and administrators change it', async () => {
      await world.api('PUT', '/v1/agent/secrets/rooms-key', { value: 'first value' });
      const headers = { 'X-Api-Key': { secret: 'rooms-key' } };
      const added = await world.api('POST', '/v1/tools', { ...TOOL, headers, level: 'read' });
      const { id } = added.json as { id: string };
      expect(added.status).toBe(201);
      expect(added.headers.get('location')).toBe(`/v1/tools/${id}`);
      const time = expect.stringMatching(/^2\d{3}-.*Z$/) as string;
      const tool = {
        ...{ id, ...TOOL, headers, level: 'read', parameters: { type: 'object', properties: {} } },
        ...{ createdAt: time, updatedAt: time },
      };
      expect(added.json).toEqual(tool);
      const host = await keyWith(['bots:read', 'bots:write', 'agent:write']);
      expect((await host('GET', '/v1/tools')).json).toEqual({ data: [tool] });
      expect((await host('GET', `/v1/tools/${id}`)).json).toEqual(tool);
      expect((await host('POST', '/v1/tools', { ...TOOL, name: 'mine' })).status).toBe(403);

      const change = { name: 'room', headers: null, timeoutMs: 2_000, level: null };
      const changed = await world.api('PATCH', `/v1/tools/${id}`, change);
      expect(changed).toMatchObject({ status: 200 });
      expect(changed.json).not.toHaveProperty('headers');
      expect(changed.json).toEqual({
        ...{ ...tool, headers: undefined, name: 'room', timeoutMs: 2_000, level: 'confirm' },
      });
      expect((await world.api('POST', '/v1/tools', { ...TOOL, name: 'room' })).json).toMatchObject({
        ...{ code: 'conflict', errors: [{ path: 'name', problem: 'is the name of another tool' }] },
      });
      const other = (await world.api('POST', '/v1/tools', TOOL)).json as { id: string };
      expect((await world.api('PATCH', `/v1/tools/${other.id}`, { name: 'room' })).status).toBe(409);
      for (const each of [id, other.id])
        expect((await world.api('DELETE', `/v1/tools/${each}`)).status).toBe(204);
      for (const [method, body] of [
        ['GET', undefined],
        ['PATCH', { level: 'read' }],
        ['DELETE', undefined],
      ] as const)
        expect((await world.api(method, `/v1/tools/${id}`, body)).status).toBe(404);
      const audit = (await world.api('GET', '/v1/audit')).json as { data: { action: string }[] };
      expect(
        audit.data.map(({ action }) => action).filter((action) => action.startsWith('agent.http')),
      ).toEqual(['delete', 'delete', 'create', 'change', 'create'].map((what) => `agent.http.${what}`));
    });

    it('everything that is wrong is named with its place, at adding and at changing', async () => {
      const wrong = { ...TOOL, url: 'ftp://a', level: 'never', extra: 1, timeoutMs: 5 };
      const problems = async (method: string, path: string, body: object): Promise<unknown> => {
        const { status, json } = await world.api(method, path, body);
        expect(status).toBe(422);
        return (json as { errors: { path: string }[] }).errors.map(({ path: place }) => place).sort();
      };
      expect(await problems('POST', '/v1/tools', wrong)).toEqual(['extra', 'level', 'timeoutMs', 'url']);
      const { json } = await world.api('POST', '/v1/mcp-servers', SERVER);
      const path = `/v1/mcp-servers/${(json as { id: string }).id}`;
      expect(await problems('PATCH', path, { name: 'Not A Name', command: 'npx' })).toEqual([
        'command',
        'name',
      ]);
      expect(await problems('PATCH', path, { name: null })).toEqual(['name']);
      expect(await problems('PATCH', path, {})).toEqual(['']);
      expect(await problems('PATCH', path, { headers: { Authorization: { secret: 'nobody' } } })).toEqual([
        'headers.Authorization',
      ]);
      expect(await problems('POST', '/v1/tools', { ...TOOL, signedWith: 'nobody' })).toEqual(['signedWith']);
      expect((await world.api('GET', path)).json).toMatchObject(SERVER);
      expect((await world.api('DELETE', path)).status).toBe(204);
    });

    it('a workspace has so many servers, also where several are added at the same time', async () => {
      const added = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          world.api('POST', '/v1/mcp-servers', { ...SERVER, name: `crm-${index}` }),
        ),
      );
      expect(added.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(8);
      const { data } = (await world.api('GET', '/v1/mcp-servers')).json as { data: { id: string }[] };
      expect(data).toHaveLength(8);
      for (const { id } of data) await world.api('DELETE', `/v1/mcp-servers/${id}`);
    });

    it('meetings that name none have them, with the secrets that they name; a meeting’s own stand in their place', async () => {
      await world.api('PUT', '/v1/agent/secrets/crm-key', { value: 'of the crm' });
      const headers = { Authorization: { secret: 'crm-key', prefix: 'Bearer ' } };
      const ids = [
        ['/v1/tools', TOOL],
        ['/v1/mcp-servers', { ...SERVER, headers }],
      ].map(async ([path, body]) => {
        const { json } = await world.api('POST', path as string, body);
        return `${path as string}/${(json as { id: string }).id}`;
      });
      const paths = await Promise.all(ids);
      const { request, settings } = await startedWith({ meetingId: 'by-default' });
      expect(request.settings).toMatchObject({ agentTools: [TOOL], agentServers: [{ ...SERVER, headers }] });
      expect(request.agent).toEqual({ secrets: { 'crm-key': 'of the crm' }, toolsAtPrivateAddresses: true });
      expect(settings).not.toHaveProperty('agentTools'); // of the bot itself nothing was said
      const own = await startedWith({ meetingId: 'own', agentTools: [], agentServers: [SERVER] });
      expect(own.request.settings).toMatchObject({ agentTools: [], agentServers: [SERVER] });
      expect(own.request.agent?.secrets).toEqual({});
      for (const path of paths) await world.api('DELETE', path);
      const later = await startedWith({ meetingId: 'later' });
      expect(later.request.agent).toBeUndefined();
    });

    it('a server is tried with its secrets, and says what it can do, or why it cannot be reached', async () => {
      const server = await httpServerProcess();
      ({ child } = server);
      const { url } = server;
      await world.api('PUT', '/v1/agent/secrets/crm-key', { value: 'wrong-value' });
      const { json } = await world.api('POST', '/v1/mcp-servers', {
        ...{ ...SERVER, url, connectTimeoutMs: 60_000, trustsReadOnlyHint: true, levels: { fail: 'write' } },
        headers: { Authorization: { secret: 'crm-key', prefix: 'Bearer ' } },
      });
      const path = `/v1/mcp-servers/${(json as { id: string }).id}`;
      const refused = await world.api('POST', `${path}/test`);
      expect(refused).toMatchObject({ status: 200, json: { ok: false, tools: [] } });
      expect(JSON.stringify(refused.json)).not.toContain('wrong-value');
      await world.api('PUT', '/v1/agent/secrets/crm-key', { value: 'right' });
      // A program on a busy machine may take its time: it is asked again.
      const { ok, tools } = await until(
        async () => (await world.api('POST', `${path}/test`)).json as { ok: boolean; tools: object[] },
        (test_) => test_.ok,
      );
      expect(ok).toBe(true);
      expect(tools.slice(0, 3)).toEqual([
        { name: 'add', description: 'Adds two numbers.', level: 'read', usable: true },
        { name: 'fail', description: 'Fails.', level: 'write', usable: true },
        { name: 'hang', description: 'Never answers.', level: 'confirm', usable: true },
      ]);
      const host = await keyWith(['bots:read', 'bots:write', 'agent:write']);
      expect((await host('POST', `${path}/test`)).status).toBe(403);
      expect((await world.api('POST', '/v1/mcp-servers/mcp_none/test')).status).toBe(404);
      await world.api('DELETE', path);
    });
  });
});

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    guarded = await serviceWorld(test.open(), { webhooksToPrivate: false });
  });
  afterAll(() => guarded.close());

  it.each([
    'http://rooms.example.com',
    'https://localhost/mcp',
    'https://169.254.169.254/latest',
    'https://[::1]/',
  ])('%s is no address of a tool or server', async (url) => {
    for (const [path, body] of [
      ['/v1/tools', TOOL],
      ['/v1/mcp-servers', SERVER],
    ] as const)
      expect(await guarded.api('POST', path, { ...body, url })).toMatchObject({
        status: 422,
        json: { errors: [{ path: 'url', code: 'not_public' }] },
      });
  });
});
