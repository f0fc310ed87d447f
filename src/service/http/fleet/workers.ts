/** The machines that carry meetings. */
import { z } from 'zod';
import { askToDrain, listWorkers, takeBackDrain, type WorkerRow } from '../../../records/store/workers.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { present } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

/** How a machine empties itself. */
const mode = z.enum(['wait', 'handover']);
const worker = z
  .object({
    ...{ id: z.string(), version: z.string(), slots: z.int(), used: z.int() },
    state: z.enum(['running', 'full', 'draining', 'drained', 'gone']).meta({
      description:
        'draining: it takes no more meetings, and some run; drained: nothing runs any more. Both until that is taken back, or it is started again.',
    }),
    load: z.number().meta({ description: 'Share of its cores that is busy, 0 to 1.' }),
    ...{ rssMib: z.int(), startedAt: z.string(), seenAt: z.string() },
    address: z.string().optional().meta({ description: 'Where other machines of the service reach it.' }),
    drain: z.object({ mode, until: z.string() }).optional().meta({
      description: 'What it was asked for by this API, and until when.',
    }),
  })
  .meta({ id: 'Worker' });

const params = z.strictObject({ workerId: z.string().regex(/^wrk_[\w-]{1,64}$/) });

/** A machine that was not seen for so long is gone. */
const GONE_MS = 30_000;

export function workerRoutes(parts: ServiceParts): Route[] {
  const { database } = parts;
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
        summary: 'Takes no more meetings on a machine, until that is taken back or it is started again',
        description:
          'It sees this within a second (without a fleet: at once). `wait`: its meetings go on until they end. `handover`: other machines take them over, with up to a second without the bot: there has to be another machine that takes meetings. It can be asked again, in another way.',
        params,
        body: z.strictObject({
          mode: mode.default('wait'),
          timeoutS: z.int().min(1).max(86_400).default(3_600).meta({
            description:
              'What runs then still is left. A handover takes 30 s at most: what nobody has taken by then waits for a machine, without the bot.',
          }),
        }),
        ...{ answer: worker, status: 202, problems: ['conflict'] },
      },
      async (call) => {
        const { workerId } = call.params;
        const { mode: how, timeoutS } = call.body;
        const all = await listWorkers(database.orm);
        checkThere(all, workerId);
        if (how === 'handover' && !all.some((each) => each.id !== workerId && takesMeetings(each)))
          throw new Problem(
            'conflict',
            'no other worker could take the meetings over: start one, or let it wait until they end',
          );
        const about = { action: 'worker.drain', target: workerId, detail: { mode: how, timeoutS } };
        const row = await audited(parts, call, about, async (tx) => {
          const drained = await askToDrain(tx, workerId, { mode: how, timeoutMs: timeoutS * 1_000 });
          if (drained === undefined) throw new Problem('conflict', `the worker ${workerId} is gone`);
          return drained;
        });
        if (parts.machine?.id === workerId) parts.machine.checkNow();
        return { json: workerOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/workers/{workerId}/drain', id: 'undrainWorker', tag: 'Fleet' },
        ...{ scope: 'admin', summary: 'Takes meetings on a machine again', params },
        description:
          'What this API asked for is taken back, within a second. Meetings that were handed over stay where they are, and a machine whose process was told to end ends.',
        ...{ answer: worker, status: 202, problems: ['conflict'] },
      },
      async (call) => {
        const { workerId } = call.params;
        checkThere(await listWorkers(database.orm), workerId);
        const row = await audited(parts, call, { action: 'worker.undrain', target: workerId }, async (tx) => {
          const goesOn = await takeBackDrain(tx, workerId);
          if (goesOn === undefined)
            throw new Problem('conflict', `the worker ${workerId} was not asked to drain by this API`);
          return goesOn;
        });
        if (parts.machine?.id === workerId) parts.machine.checkNow();
        return { json: workerOf(row) };
      },
    ),
  ];
}

/** Throws a Problem where there is no such worker now. */
function checkThere(all: readonly WorkerRow[], workerId: string): void {
  const asked = all.find(({ id }) => id === workerId);
  if (asked === undefined) throw new Problem('not_found', `there is no worker ${workerId}`);
  if (shownState(asked) === 'gone') throw new Problem('conflict', `the worker ${workerId} is gone`);
}

function workerOf({ startedAt, seenAt, drain, ...row }: WorkerRow): z.input<typeof worker> {
  return present({
    ...{ ...row, state: shownState({ ...row, seenAt }) },
    ...{ startedAt: startedAt.toISOString(), seenAt: seenAt.toISOString() },
    drain:
      drain === null
        ? undefined
        : {
            mode: drain.mode,
            until: new Date(new Date(drain.askedAt).getTime() + drain.timeoutMs).toISOString(),
          },
  });
}

function shownState({
  state,
  used,
  seenAt,
}: Pick<WorkerRow, 'state' | 'used' | 'seenAt'>): z.input<typeof worker>['state'] {
  if (Date.now() - seenAt.getTime() > GONE_MS) return 'gone';
  return state === 'draining' && used === 0 ? 'drained' : state;
}

function takesMeetings(row: WorkerRow): boolean {
  return ['running', 'full'].includes(shownState(row));
}
