/** Secrets that tools of agents are called with. They come in, and never out. */
import { z } from 'zod';
import { secretName } from '../../../agent/tools/configured/tool-settings.js';
import {
  type AgentSecretRow,
  deleteAgentSecret,
  keepAgentSecret,
  listAgentSecrets,
} from '../../../records/store/agent-secrets.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Agent';
const MAX_SECRETS = 100;

const agentSecret = z
  .object({ name: z.string(), createdAt: z.string(), updatedAt: z.string() })
  .meta({ id: 'AgentSecret' });
const secretPath = z.strictObject({ name: secretName });

export function agentSecretRoutes(parts: ServiceParts): Route[] {
  const { database, secrets } = parts;
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/agent/secrets', id: 'listAgentSecrets', tag: TAG, scope: 'admin' },
        summary: 'Names of the secrets that tools of agents are called with',
        answer: z.object({ data: z.array(agentSecret) }),
      },
      async ({ caller }) => ({
        json: { data: (await listAgentSecrets(database.orm, caller.workspaceId)).map(secretOf) },
      }),
    ),
    route(
      {
        ...{ method: 'PUT', path: '/v1/agent/secrets/{name}', id: 'setAgentSecret', tag: TAG },
        ...{
          scope: 'admin',
          summary: 'Sets a secret',
          params: secretPath,
          answer: agentSecret,
          problems: ['conflict'],
        },
        description:
          'It is kept sealed, and given to the meetings whose `agentTools` and `agentServers` name it; nothing shows it again. A meeting that runs keeps what it began with.',
        body: z.strictObject({
          value: z
            .string()
            .regex(
              /^[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?$/,
              'is 1 to 4,096 plain characters, without spaces around',
            )
            .meta({ description: 'As it is sent in a header.' }),
        }),
      },
      async (call) => {
        const { caller, params, body } = call;
        const known = await listAgentSecrets(database.orm, caller.workspaceId);
        if (known.length >= MAX_SECRETS && !known.some(({ name }) => name === params.name))
          throw new Problem('conflict', `a workspace has ${MAX_SECRETS} secrets at most: delete one first`);
        const row = await audited(parts, call, { action: 'agent.secret.set', target: params.name }, (tx) =>
          keepAgentSecret(tx, {
            ...{ workspaceId: caller.workspaceId, name: params.name },
            sealed: secrets.seal(body.value),
          }),
        );
        return { json: secretOf(row) };
      },
    ),
    route(
      {
        ...{ method: 'DELETE', path: '/v1/agent/secrets/{name}', id: 'deleteAgentSecret', tag: TAG },
        ...{
          scope: 'admin',
          summary: 'Deletes a secret: tools that need it fail, and say so',
          params: secretPath,
        },
      },
      async (call) => {
        const { caller, params } = call;
        const about = { action: 'agent.secret.delete', target: params.name };
        await audited(parts, call, about, async (tx) => {
          const wasThere = await deleteAgentSecret(tx, caller.workspaceId, params.name);
          if (!wasThere)
            throw new Problem('not_found', `there is no secret ${params.name} in this workspace`);
        });
        return { json: undefined };
      },
    ),
  ];
}

function secretOf({ name, createdAt, updatedAt }: AgentSecretRow): z.input<typeof agentSecret> {
  return { name, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
