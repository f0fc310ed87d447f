/** Keys, sign-in, webhooks and workers in any database. */
import { expect, it } from 'vitest';
import type { Database } from '../../../src/database/database.js';
import * as access from '../../../src/records/store/access.js';
import { addToOutbox, outboxAgeMs, takeFromOutbox } from '../../../src/records/store/outbox.js';
import * as webhooks from '../../../src/records/store/webhooks.js';
import {
  askToDrain,
  beginWorker,
  listWorkers,
  seeWorker,
  takeBackDrain,
} from '../../../src/records/store/workers.js';
import {
  abandonRequest,
  addAudit,
  beginRequest,
  keepAnswer,
  listAudit,
  serviceValue,
} from '../../../src/records/store/workspaces.js';
import { newWorkspace } from './bots.js';

const HOUR_MS = 3_600_000;
const inAnHour = () => new Date(Date.now() + HOUR_MS);
const anHourAgo = () => new Date(Date.now() - HOUR_MS);

export function accessTests(open: () => Database): void {
  it('a key holds until it is revoked or expires', async () => {
    const { orm } = open();
    const workspaceId = await newWorkspace(open());
    const about = { workspaceId, name: 'CI', prefix: 'pk_1', scopes: ['bots:read'] };
    const key = await access.insertApiKey(orm, { ...about, hash: `a${workspaceId}` });
    await access.insertApiKey(orm, { ...about, hash: `b${workspaceId}`, expiresAt: anHourAgo() });
    expect(await access.findValidApiKey(orm, `a${workspaceId}`)).toMatchObject({ scopes: ['bots:read'] });
    expect(await access.findValidApiKey(orm, `b${workspaceId}`)).toBeUndefined();
    await access.touchApiKey(orm, key.id);
    expect(await access.revokeApiKey(orm, 'ws_other', key.id)).toBeUndefined();
    const revoked = await access.revokeApiKey(orm, workspaceId, key.id);
    expect(revoked?.lastUsedAt).toBeInstanceOf(Date);
    expect(await access.findValidApiKey(orm, `a${workspaceId}`)).toBeUndefined();
    expect(await access.listApiKeys(orm, workspaceId)).toHaveLength(2);
  });

  it('people sign in with a passkey whose counter grows, and sessions end', async () => {
    const { orm } = open();
    const workspaceId = await newWorkspace(open());
    const user = await access.insertUser(orm, {
      workspaceId,
      name: 'Ana',
      email: 'Ana@X.test',
      role: 'owner',
    });
    expect(user.email).toBe('ana@x.test');
    const id = `cred-${workspaceId}`;
    const publicKey = Uint8Array.from([1, 2, 255, 0]);
    await access.insertPasskey(orm, {
      id,
      userId: user.id,
      publicKey,
      counter: 4,
      transports: ['usb'],
      name: 'Key',
    });
    const passkey = await access.findPasskey(orm, id);
    expect([...passkey!.publicKey]).toEqual([1, 2, 255, 0]);
    expect(await access.usePasskey(orm, id, 5)).toBe(true);
    expect(await access.usePasskey(orm, id, 5)).toBe(false);
    const session = { hash: `s${workspaceId}`, userId: user.id, userAgent: 'Firefox' };
    await access.insertSession(orm, { ...session, expiresAt: inAnHour() });
    expect((await access.findSession(orm, session.hash))?.user.name).toBe('Ana');
    await access.prolongSession(orm, session.hash, anHourAgo());
    expect(await access.findSession(orm, session.hash)).toBeUndefined();
    await access.prolongSession(orm, session.hash, inAnHour());
    await access.updateUser(orm, workspaceId, user.id, { disabledAt: new Date() });
    expect(await access.findSession(orm, session.hash)).toBeUndefined();
    expect(await access.deleteUser(orm, workspaceId, user.id)).toBe(true);
    expect(await access.findPasskey(orm, id)).toBeUndefined();
  });

  it('a link holds once, even when it is used twice at the same time', async () => {
    const { orm } = open();
    const hash = `t${await newWorkspace(open())}`;
    await access.insertOneTimeToken(orm, { hash, kind: 'setup', expiresAt: inAnHour(), detail: { a: 1 } });
    expect(await access.useOneTimeToken(orm, 'passkey', hash)).toBeUndefined();
    const used = await Promise.all([1, 2, 3].map(() => access.useOneTimeToken(orm, 'setup', hash)));
    expect(used.filter((each) => each !== undefined).map(({ detail }) => detail)).toEqual([{ a: 1 }]);
    expect(await access.findOneTimeToken(orm, 'setup', hash)).toBeUndefined();
  });

  it('a request that is repeated gets its answer, another one with its key none', async () => {
    const { orm } = open();
    const request = { workspaceId: await newWorkspace(open()), key: 'k', requestHash: 'h' };
    const begun = await Promise.all([1, 2, 3].map(() => beginRequest(orm, request)));
    expect(begun.map(({ kind }) => kind).sort()).toEqual(['new', 'running', 'running']);
    await keepAnswer(orm, request, { status: 201, response: { id: 'bot_1' } });
    const again = { kind: 'answered', status: 201, response: { id: 'bot_1' } };
    expect(await beginRequest(orm, request)).toEqual(again);
    expect(await beginRequest(orm, { ...request, requestHash: 'other' })).toEqual({ kind: 'other' });
    await abandonRequest(orm, request);
    expect(await beginRequest(orm, request)).toEqual({ kind: 'new' });
  });

  it('what the installation has once is made once', async () => {
    let made = 0;
    const key = `secret-${Date.now()}`;
    const values = await Promise.all(
      [1, 2, 3].map(() => serviceValue(open().orm, key, () => `value ${++made}`)),
    );
    expect(new Set(values).size).toBe(1);
    expect(await serviceValue(open().orm, key, () => 'another')).toBe(values[0]);
  });

  it('events are taken once, in their order, and deliveries have a history', async () => {
    const { orm } = open();
    const workspaceId = await newWorkspace(open());
    await open().transaction((tx) => takeFromOutbox(tx, 10_000));
    expect(await outboxAgeMs(orm)).toBeUndefined();
    const events = Array.from({ length: 20 }, (_, n) => ({ workspaceId, type: 'webhook.test', data: { n } }));
    await addToOutbox(orm, events);
    expect(await outboxAgeMs(orm)).toBeGreaterThanOrEqual(0);
    const taken = await Promise.all([1, 2].map(() => open().transaction((tx) => takeFromOutbox(tx, 10))));
    const numbers = taken.flat().map(({ body }) => (body['data'] as { n: number }).n);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    const [event] = taken[0]!;
    const about = { workspaceId, url: 'https://a.test/', events: ['bot.ended'], secret: 'one' };
    const webhook = await webhooks.insertWebhook(orm, about);
    const rotated = await webhooks.rotateWebhook(orm, workspaceId, webhook.id, 'two', inAnHour());
    expect(rotated).toMatchObject({ secret: 'two', previousSecret: 'one' });
    const one = { outboxId: event!.id, webhookId: webhook.id };
    await webhooks.keepDelivery(orm, { ...one, attempt: 1, state: 'waiting', nextAt: anHourAgo() });
    const due = await open().transaction((tx) => webhooks.takeDueDeliveries(tx, 10));
    expect(due.map(({ attempt }) => attempt)).toEqual([1]);
    await webhooks.keepDelivery(orm, { ...one, attempt: 1, state: 'failed', status: 500, durationMs: 12 });
    await webhooks.keepDelivery(orm, { ...one, attempt: 2, state: 'delivered', status: 204 });
    const history = await webhooks.listDeliveries(orm, webhook.id, { limit: 10 });
    expect(history.map(({ attempt, status, type }) => [attempt, status, type]).sort()).toEqual([
      [1, 500, 'webhook.test'],
      [2, 204, 'webhook.test'],
    ]);
    expect(await webhooks.listWebhooksFor(orm, workspaceId, null)).toHaveLength(1);
    await webhooks.updateWebhook(orm, workspaceId, webhook.id, { disabledAt: new Date() });
    expect(await webhooks.listWebhooksFor(orm, workspaceId, null)).toEqual([]);
    expect(await webhooks.deleteWebhook(orm, workspaceId, webhook.id)).toBe(true);
    expect(await webhooks.attemptsOf(orm, event!.id, webhook.id)).toEqual([]);
  });

  it('a worker that was asked to take no more keeps that in mind', async () => {
    const { orm } = open();
    const worker = { id: 'wrk_1', address: null, version: '1', slots: 4, used: 0, load: 0.5, rssMib: 99 };
    await seeWorker(orm, { ...worker, state: 'running' });
    await askToDrain(orm, 'wrk_1', { mode: 'handover', timeoutMs: 60_000 });
    expect(await seeWorker(orm, { ...worker, used: 2, state: 'running' })).toMatchObject({
      ...{ state: 'draining', used: 2, load: 0.5 },
      drain: { mode: 'handover', timeoutMs: 60_000, askedAt: expect.any(String) as string },
    });
    expect(await takeBackDrain(orm, 'wrk_1')).toMatchObject({ state: 'running', drain: null });
    expect(await takeBackDrain(orm, 'wrk_1')).toBeUndefined();
    // It has not read that yet.
    expect(await seeWorker(orm, { ...worker, state: 'draining' })).toMatchObject({ state: 'draining' });
    expect(await seeWorker(orm, { ...worker, state: 'running' })).toMatchObject({ state: 'running' });
    expect(await seeWorker(orm, { ...worker, state: 'gone' })).toMatchObject({ state: 'gone' });
    expect(await askToDrain(orm, 'wrk_1', { mode: 'wait', timeoutMs: 1 })).toBeUndefined();
    expect(await askToDrain(orm, 'wrk_none', { mode: 'wait', timeoutMs: 1 })).toBeUndefined();
    // What was asked of the process before is over.
    expect(await beginWorker(orm, { ...worker, state: 'running' })).toMatchObject({
      ...{ state: 'running', drain: null },
    });
    expect((await listWorkers(orm)).map(({ id }) => id)).toContain('wrk_1');
  });

  it('who did what is listed, newest first', async () => {
    const { orm } = open();
    const workspaceId = await newWorkspace(open());
    const entry = { workspaceId, actorKind: 'user' as const, actorId: 'usr_1', target: '', detail: {} };
    for (const action of ['a', 'b', 'c']) await addAudit(orm, { ...entry, action });
    const page = await listAudit(orm, workspaceId, { limit: 2 });
    expect(page.map(({ action }) => action)).toEqual(['c', 'b']);
    const rest = await listAudit(orm, workspaceId, { limit: 2, after: page[1]!.id });
    expect(rest.map(({ action }) => action)).toEqual(['a']);
  });
}
