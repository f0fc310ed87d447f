/** Every endpoint. */
import { z } from 'zod';
import { openApiDocument } from '../openapi/document.js';
import type { ServiceParts } from '../service-parts.js';
import { agentRoutes } from './agent/agent.js';
import { agentSecretRoutes } from './agent/secrets.js';
import { documentRoutes } from './agent/documents.js';
import { workspaceToolRoutes } from './agent/workspace-tools.js';
import { botRoutes } from './bots/bots.js';
import { eventRoutes } from './bots/events.js';
import { roomRoutes } from './fleet/rooms.js';
import { workerRoutes } from './fleet/workers.js';
import { monitorRoutes } from './monitors.js';
import { meetingRecordRoutes } from './records/meeting-records.js';
import { minutesRoutes } from './records/minutes.js';
import { noteRoutes } from './records/notes.js';
import { searchRoutes } from './records/search.js';
import { toolCallRoutes } from './records/tool-calls.js';
import { type Route, route } from './route.js';
import { webhookRoutes } from './webhooks/webhooks.js';
import { accountRoutes } from './workspace/accounts.js';
import { keyRoutes } from './workspace/keys.js';
import { oidcRoutes } from './workspace/oidc.js';
import { setupRoutes } from './workspace/setup.js';
import { signInRoutes } from './workspace/sign-in.js';
import { workspaceRoutes } from './workspace/workspace.js';

/** The endpoints of a service, and its OpenAPI document among them. */
export function apiRoutes(parts: ServiceParts): readonly Route[] {
  const routes: Route[] = [
    ...botRoutes(parts),
    ...eventRoutes(parts),
    ...meetingRecordRoutes(parts),
    ...noteRoutes(parts),
    ...minutesRoutes(parts),
    ...toolCallRoutes(parts),
    ...searchRoutes(parts),
    ...agentRoutes(parts),
    ...agentSecretRoutes(parts),
    ...workspaceToolRoutes(parts),
    ...documentRoutes(parts),
    ...webhookRoutes(parts),
    ...keyRoutes(parts),
    ...accountRoutes(parts),
    ...workspaceRoutes(parts),
    ...roomRoutes(parts),
    ...workerRoutes(parts),
    ...setupRoutes(parts),
    ...signInRoutes(parts),
    ...oidcRoutes(parts),
    ...monitorRoutes(parts),
  ];
  const document = JSON.stringify(openApiDocument(routes, { version: parts.version, serverUrl: '/' }));
  const own = route(
    {
      ...{ method: 'GET', path: '/v1/openapi.json', id: 'openApi', tag: 'Monitoring', scope: 'anybody' },
      ...{ summary: 'This document', answer: z.looseObject({ openapi: z.string() }) },
    },
    () =>
      Promise.resolve(
        new Response(document, {
          headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
        }),
      ),
  );
  return [...routes, own];
}
