/** A machine without a fleet is emptied by the API. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

type Worker = { id: string; state: string; used: number; drain?: { mode: string; until: string } };

describeDatabase('embedded', ({ open }) => {
  let world: ServiceWorld;
  beforeEach(async () => {
    world = await serviceWorld(open());
  });
  afterEach(() => world.close());

  const worker = async (): Promise<Worker | undefined> => {
    const { json } = await world.api('GET', '/v1/workers');
    return (json as { data: Worker[] }).data[0];
  };
  const active = async (meetingId: string): Promise<string> => {
    const { json } = await world.api('POST', '/v1/bots', { meetingId });
    const { id } = json as { id: string };
    await until(
      () => world.supervisor.status(id),
      (status) => status !== undefined,
    );
    world.supervisor.state(id, 'joining');
    world.supervisor.state(id, 'active');
    return id;
  };
  const shown = async (state: string): Promise<Worker> =>
    (await until(worker, (each) => each?.state === state))!;

  it('it takes no more, says so, and is empty when its meetings have ended', async () => {
    const id = await active('goes-on');
    const { id: workerId } = await shown('running');
    const asked = await world.api('POST', `/v1/workers/${workerId}/drain`, { timeoutS: 600 });
    expect(asked.status).toBe(202);
    expect(asked.json).toMatchObject({ id: workerId, drain: { mode: 'wait' } });
    await until(
      () => world.api('GET', '/readyz'),
      ({ status }) => status === 503,
    );
    const refused = await world.api('POST', '/v1/bots', { meetingId: 'another' });
    expect(refused.json).toMatchObject({ code: 'service_unavailable', reason: 'draining' });
    expect(await shown('draining')).toMatchObject({ used: 1 });
    world.supervisor.end(id, 'meeting_ended');
    await world.api('POST', `/v1/workers/${workerId}/drain`, { mode: 'wait' }); // it looks at once
    const { id: drained } = await shown('drained');
    const again = await world.api('DELETE', `/v1/workers/${drained}/drain`);
    expect(again).toMatchObject({ status: 202, json: { id: drained, state: 'running' } });
    await shown('running');
    expect((await world.api('GET', '/readyz')).status).toBe(200);
    await active('comes-after');
    expect((await world.api('DELETE', `/v1/workers/${drained}/drain`)).status).toBe(409);
  });

  it('what was to be left in the end is not, where that is taken back', async () => {
    const id = await active('stays');
    const { id: workerId } = await shown('running');
    await world.api('POST', `/v1/workers/${workerId}/drain`, { timeoutS: 1 });
    await shown('draining');
    await world.api('DELETE', `/v1/workers/${workerId}/drain`);
    await shown('running');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(world.supervisor.commands).not.toContainEqual([id, { kind: 'stop', drainMs: 5000 }]);
  });

  it('what still runs in the end is left', async () => {
    const id = await active('too-long');
    const { id: workerId } = await shown('running');
    await world.api('POST', `/v1/workers/${workerId}/drain`, { timeoutS: 1 });
    await until(
      () => world.api('GET', `/v1/bots/${id}`),
      ({ json }) => (json as { state: string }).state === 'ended',
    );
    expect(world.supervisor.commands).toContainEqual([id, { kind: 'stop', drainMs: 5000 }]);
  });

  it('nobody could take its meetings over, and nobody else can be emptied', async () => {
    const { id } = await shown('running');
    const handover = await world.api('POST', `/v1/workers/${id}/drain`, { mode: 'handover' });
    expect(handover.status).toBe(409);
    expect(handover.json).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining('no other worker') as string,
    });
    expect((await world.api('POST', '/v1/workers/wrk_nobody/drain', {})).status).toBe(404);
    expect((await world.api('POST', `/v1/workers/${id}/drain`, { mode: 'now' })).status).toBe(422);
    expect(await worker()).toMatchObject({ state: 'running' });
  });
});
