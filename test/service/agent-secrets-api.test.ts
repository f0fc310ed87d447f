/** Tools by settings: secrets come in and never out, and what cannot be used is named before anybody waits for it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

let world: ServiceWorld;
const TOOL = { name: 'find_room', description: 'Finds a room.', url: 'https://rooms.example.com/find' };

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open(), { webhooksToPrivate: false });
  });
  afterAll(() => world.close());

  const problemsOf = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const { status, json } = await world.api(method, path, body);
    expect(status).toBe(422);
    const { errors } = json as { errors: { path: string; code: string; problem: string }[] };
    return errors.map(({ path: where, code }) => `${where} ${code}`);
  };

  it('a secret is set, listed by its name, given to the meetings that name it, and deleted', async () => {
    const set = await world.api('PUT', '/v1/agent/secrets/rooms-key', { value: 'first value' });
    expect(set).toMatchObject({ status: 200, json: { name: 'rooms-key' } });
    await world.api('PUT', '/v1/agent/secrets/rooms-key', { value: 'second value' });
    await world.api('PUT', '/v1/agent/secrets/other', { value: 'not for this meeting' });
    const listed = await world.api('GET', '/v1/agent/secrets');
    expect((listed.json as { data: { name: string }[] }).data.map(({ name }) => name)).toEqual([
      'other',
      'rooms-key',
    ]);
    expect(JSON.stringify(listed.json)).not.toContain('value');
    for (const value of ['', ' a', 'a\nb', 'é', 'x'.repeat(4_097)])
      expect((await world.api('PUT', '/v1/agent/secrets/a', { value })).status).toBe(422);
    expect((await world.api('PUT', '/v1/agent/secrets/Not%20a%20name', { value: 'a' })).status).toBe(422);

    const agentTools = [{ ...TOOL, headers: { 'X-Api-Key': { secret: 'rooms-key' } } }];
    const { json } = await world.api('POST', '/v1/bots', { meetingId: 'named', agentTools });
    const { id, settings } = json as { id: string; settings: object };
    expect(settings).toMatchObject({
      agentTools: [{ ...TOOL, level: 'confirm', headers: { 'X-Api-Key': { secret: 'rooms-key' } } }],
    });
    const started = await until(
      () => world.supervisor.started.find(({ botId }) => botId === id),
      (request) => request !== undefined,
    );
    expect(started!.agent).toEqual({
      secrets: { 'rooms-key': 'second value' },
      toolsAtPrivateAddresses: false,
    });
    const { json: plain } = await world.api('POST', '/v1/bots', { meetingId: 'plain' });
    const without = await until(
      () => world.supervisor.started.find(({ botId }) => botId === (plain as { id: string }).id),
      (request) => request !== undefined,
    );
    expect(without!.agent).toBeUndefined();

    const patched = await world.api('PATCH', `/v1/bots/${id}`, { agentTools: [] });
    expect(patched).toMatchObject({ status: 409, json: { errors: [{ path: 'agentTools', code: 'fixed' }] } });
    expect((await world.api('DELETE', '/v1/agent/secrets/rooms-key')).status).toBe(204);
    expect((await world.api('DELETE', '/v1/agent/secrets/rooms-key')).status).toBe(404);
    const audit = (await world.api('GET', '/v1/audit')).json as {
      data: { action: string; target: string }[];
    };
    expect(audit.data.filter(({ target }) => target === 'rooms-key').map(({ action }) => action)).toEqual([
      'agent.secret.delete',
      'agent.secret.set',
      'agent.secret.set',
    ]);
  });

  it('names of secrets that are not there, addresses that are not public, programs, and wrong tools are refused with their place', async () => {
    const missing = { Authorization: { secret: 'nobody', prefix: 'Bearer ' } };
    const wrong = {
      agentTools: [
        { ...TOOL, headers: missing, signedWith: 'nobody' },
        { ...TOOL, name: 'b', url: 'http://rooms.example.com' },
        { ...TOOL, name: 'c', url: 'https://169.254.169.254/latest' },
      ],
      agentServers: [{ name: 'crm', url: 'https://localhost/mcp', headers: missing }],
    };
    const places = [
      'agentTools[1].url not_public',
      'agentTools[2].url not_public',
      'agentServers[0].url not_public',
      'agentTools[0].headers.Authorization missing',
      'agentTools[0].signedWith missing',
      'agentServers[0].headers.Authorization missing',
    ];
    expect(await problemsOf('POST', '/v1/bots', { meetingId: 'wrong', ...wrong })).toEqual(places);
    expect(await problemsOf('PATCH', '/v1/workspace', { defaults: wrong })).toEqual(
      places.map((place) => `defaults.${place}`),
    );
    for (const settings of [
      { agentServers: [{ name: 'files', command: 'npx' }] },
      { agentTools: [TOOL, TOOL] },
      { agentTools: [{ ...TOOL, headers: { Authorization: 'Bearer plain' } }] },
      { agentTools: [{ ...TOOL, headers: { Host: { secret: 'a' } } }] },
      { agentTools: [{ ...TOOL, parameters: { type: 'string' } }] },
    ])
      expect((await world.api('POST', '/v1/bots', { meetingId: 'wrong', ...settings })).status).toBe(422);
  });

  it('a workspace’s tools are those of invitations that name none', async () => {
    await world.api('PATCH', '/v1/workspace', { defaults: { agent: 'silent', agentTools: [TOOL] } });
    const { json } = await world.api('POST', '/v1/bots', { meetingId: 'by-default' });
    expect((json as { settings: { agentTools: object[] } }).settings.agentTools).toMatchObject([TOOL]);
    const own = await world.api('POST', '/v1/bots', { meetingId: 'own', agentTools: [] });
    expect((own.json as { settings: { agentTools: object[] } }).settings.agentTools).toEqual([]);
  });
});
