/** The machines that carry meetings. */
import { z } from 'zod';
import { listWorkers } from '../../../records/store/workers.js';
import type { ServiceParts } from '../../service-parts.js';
import { present } from '../bots/bot-views.js';
import { type Route, route } from '../route.js';

const worker = z
  .object({
    ...{ id: z.string(), version: z.string(), state: z.string(), slots: z.int(), used: z.int() },
    load: z.number().meta({ description: 'Share of its cores that is busy, 0 to 1.' }),
    ...{ rssMib: z.int(), startedAt: z.string(), seenAt: z.string(), address: z.string().optional() },
  })
  .meta({ id: 'Worker' });

export function workerRoutes({ database }: ServiceParts): Route[] {
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/workers', id: 'listWorkers', tag: 'Fleet', scope: 'bots:read' },
        ...{ summary: 'The machines that carry meetings', answer: z.object({ data: z.array(worker) }) },
      },
      async () => ({
        json: {
          data: (await listWorkers(database.orm)).map(({ startedAt, seenAt, ...row }) =>
            present({ ...row, startedAt: startedAt.toISOString(), seenAt: seenAt.toISOString() }),
          ),
        },
      }),
    ),
  ];
}
