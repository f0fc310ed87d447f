/**
 * The agent of a service's meeting, whole: the service with its database, a real supervisor, the meeting in a process of its own, the
 * model at a Realtime server over a socket. What it answers is in a document that the service has, and in a meeting of before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
const folder = mkdtempSync(join(tmpdir(), 'parley-sa-'));
let world: ServiceWorld;
let model: RealtimeServer;
let child: Awaited<ReturnType<typeof bundledChild>>;
let supervisor: Supervisor;

/** What the stand-in makes of what it is asked, and of what tools give back: it quotes that. */
const script = {
  onUserText: (text: string, tools: readonly string[]) => {
    if (!tools.includes('search_documents')) return undefined;
    const calls = {
      wifi: { name: 'search_documents', arguments: JSON.stringify({ questions: ['wifi password'] }) },
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
        return supervisor;
      },
    });
  });
  afterAll(async () => {
    await world.close();
    await model.close();
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
});
