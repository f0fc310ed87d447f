import type { PgBoss } from 'pg-boss';
import type { Clock } from '../clock.js';
import { messageOf, ParleyError, type ParleyErrorCode } from '../errors.js';
import type { Logger } from '../log.js';
import { redactText } from '../redaction.js';
import type { Order, Orders } from './orders.js';

/** How long a worker may take for it: saying something is heard to its end. */
const ANSWER_MS = 60_000;
const POLL_MS = 100;
/** What was ordered holds words: it is not kept. */
const KEEP_S = 60;
const AT_ONCE = 8;

type Answer = { ok: true; value?: unknown } | { ok: false; code: string; message: string };

/** Orders as short jobs, in a queue for each worker. */
export function pgBossOrders(boss: PgBoss, { clock, log }: { clock: Clock; log: Logger }): Orders {
  const made = new Map<string, Promise<string>>();
  const queueOf = (workerId: string): Promise<string> => {
    const name = `orders_${workerId}`;
    let ready = made.get(name);
    if (ready === undefined) {
      const options = { expireInSeconds: ANSWER_MS / 1_000, retryLimit: 0, notify: true };
      ready = boss
        .createQueue(name, { ...options, retentionSeconds: KEEP_S, deleteAfterSeconds: KEEP_S })
        .then(() => name);
      ready.catch(() => made.delete(name));
      made.set(name, ready);
    }
    return ready;
  };
  return {
    ask: async (workerId, order) => {
      const queue = await queueOf(workerId);
      const id = await boss.send(queue, order, {});
      const untilMs = clock.nowMs() + ANSWER_MS;
      while (id !== null && clock.nowMs() < untilMs) {
        await new Promise<void>((resolve) => clock.setTimer(resolve, POLL_MS));
        const [job] = await boss.findJobs(queue, { id });
        if (job === undefined) break;
        if (job.state === 'completed') return valueOf(job.output as Answer);
        if (job.state === 'failed' || job.state === 'cancelled') break;
      }
      throw new ParleyError('service_unavailable', 'the machine that has the meeting does not answer', {
        retryable: true,
      });
    },
    serve: async (workerId, answer) => {
      const queue = await queueOf(workerId);
      await boss.work<Order, Answer>(
        queue,
        { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 1, localConcurrency: AT_ONCE },
        async ([job]) => {
          if (job === undefined) return { ok: true };
          try {
            const value = await answer(job.data);
            return value === undefined ? { ok: true } : { ok: true, value };
          } catch (error) {
            const code = error instanceof ParleyError ? error.code : 'internal';
            if (code === 'internal')
              log.error({ err: error, botId: job.data.botId }, 'an order could not be followed');
            return { ok: false, code, message: redactText(messageOf(error)) };
          }
        },
      );
      return () => boss.offWork(queue, { wait: false });
    },
  };
}

function valueOf(answer: Answer): unknown {
  if (answer.ok) return answer.value;
  throw new ParleyError(answer.code as ParleyErrorCode, answer.message);
}
