/** For monitors: whether the process lives, whether it can serve, and what it counts. */
import { z } from 'zod';
import type { ServiceParts } from '../service-parts.js';
import { type Route, route } from './route.js';

const TAG = 'Monitoring';
const readiness = z.object({
  ready: z.boolean(),
  database: z.boolean().meta({ description: 'It answers, and has this version’s schema.' }),
  draining: z.boolean(),
  meetings: z.int(),
  slots: z.int(),
});

export function monitorRoutes(parts: ServiceParts): Route[] {
  return [
    route(
      {
        ...{ method: 'GET', path: '/healthz', id: 'health', tag: TAG, scope: 'anybody' },
        ...{ summary: 'The process lives', answer: z.object({ version: z.string() }) },
      },
      () => Promise.resolve({ json: { version: parts.version } }),
    ),
    route(
      {
        ...{ method: 'GET', path: '/readyz', id: 'readiness', tag: TAG, scope: 'anybody' },
        ...{ summary: 'The service can take invitations', answer: readiness },
        otherStatuses: { 503: 'Not now.' },
      },
      async () => {
        const database = await parts.isDatabaseReady();
        const draining = parts.isDraining();
        const ready = database && !draining;
        const { running: meetings, slots } = parts.meetings;
        return { ...(ready ? {} : { status: 503 }), json: { ready, database, draining, meetings, slots } };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/metrics', id: 'metrics', tag: TAG, scope: 'anybody' },
        ...{
          summary: 'Counters for Prometheus; no names and no ids of meetings',
          answerTypes: ['text/plain'],
        },
      },
      async () => {
        const { contentType, text } = await parts.metrics.text();
        return new Response(text, { headers: { 'content-type': contentType } });
      },
    ),
  ];
}
