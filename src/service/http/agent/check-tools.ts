import { addressesIn, secretsIn, type ToolSettings } from '../../../agent/tools/configured/tool-settings.js';
import { urlProblem } from '../../../outgoing/guarded-post.js';
import { listAgentSecrets } from '../../../records/store/agent-secrets.js';
import type { ServiceParts } from '../../service-parts.js';
import { type FieldError, Problem } from '../problem.js';

/**
 * Throws Problem `invalid_request` that names every address that no tool can have, and every secret that is not there. `placeOf`:
 * where in the request a path of the settings stands.
 */
export async function checkTools(
  { database, webhookGuard }: Pick<ServiceParts, 'database' | 'webhookGuard'>,
  workspaceId: string,
  given: { readonly [Name in keyof ToolSettings]: ToolSettings[Name] | null },
  placeOf: (path: string) => string = (path) => path,
): Promise<void> {
  const settings: ToolSettings = {
    agentTools: given.agentTools ?? undefined,
    agentServers: given.agentServers ?? undefined,
  };
  const addresses = addressesIn(settings).flatMap(({ path, url }): FieldError[] => {
    const problem = urlProblem(url, webhookGuard);
    return problem === undefined ? [] : [{ path: placeOf(path), problem, code: 'not_public' }];
  });
  const named = secretsIn(settings);
  const known = await listAgentSecrets(
    database.orm,
    workspaceId,
    named.map(({ name }) => name),
  );
  const missing = named
    .filter(({ name }) => !known.some((secret) => secret.name === name))
    .map(({ path, name }): FieldError => {
      const problem = `names the secret ${name}, which is not there: PUT /v1/agent/secrets/${name} first`;
      return { path: placeOf(path), problem, code: 'missing' };
    });
  const errors = [...addresses, ...missing];
  const [first] = errors;
  if (first !== undefined)
    throw new Problem('invalid_request', `${first.path}: ${first.problem}`, { errors });
}
