/** The machines that carry meetings. */
import { z } from 'zod';
import { listWorkers, setWorkerState, type WorkerRow } from '../../../records/store/workers.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { present } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const worker = z
  .object({
    ...{ id: z.string(), version: z.string(), state: z.string(), slots: z.int(), used: z.int() },
    load: z.number().meta({ description: 'Share of its cores that is busy, 0 to 1.' }),
    ...{ rssMib: z.int(), startedAt: z.string(), seenAt: z.string(), address: z.string().optional() },
  })
  .meta({ id: 'Worker' });

/** A machine that was not seen for so long is gone. */
const GONE_MS = 30_000;

export function workerRoutes(parts: ServiceParts): Route[] {
  const { database, worker: own } = parts;
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/workers', id: 'listWorkers', tag: 'Fleet', scope: 'bots:read' },
        ...{ summary: 'The machines that carry meetings', answer: z.object({ data: z.array(worker) }) },
      },
      async () => ({ json: { data: (await listWorkers(database.orm)).map(workerOf) } }),
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/workers/{workerId}/drain',
          id: 'drainWorker',
          tag: 'Fleet',
          scope: 'admin',
        },
        summary: 'Takes no more meetings on a machine; those that run go on',
        params: z.strictObject({ workerId: z.string().regex(/^wrk_[\w-]{1,64}$/) }),
        ...{ answer: worker, status: 202 },
      },
      async (call) => {
        const { workerId } = call.params;
        const row = await audited(parts, call, { action: 'worker.drain', target: workerId }, (tx) =>
          setWorkerState(tx, workerId, 'draining'),
        );
        if (row === undefined) throw new Problem('not_found', `there is no worker ${workerId}`);
        if (workerId === own.id) own.drain();
        return { json: workerOf(row) };
      },
    ),
  ];
}

function workerOf({ startedAt, seenAt, state, ...row }: WorkerRow): z.input<typeof worker> {
  const isGone = Date.now() - seenAt.getTime() > GONE_MS;
  return present({
    ...{ ...row, state: isGone ? 'gone' : state },
    ...{ startedAt: startedAt.toISOString(), seenAt: seenAt.toISOString() },
  });
}
