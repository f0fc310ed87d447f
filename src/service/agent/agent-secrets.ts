import type { Orm } from '../../database/database.js';
import { listAgentSecrets } from '../../records/store/agent-secrets.js';
import type { SecretBox } from '../auth/secret-box.js';

/** Values of a workspace's secrets of these names. One that cannot be opened is left out: it costs the tools that need it. */
export async function openSecrets(
  orm: Orm,
  workspaceId: string,
  names: readonly string[],
  box: SecretBox,
  onUnopened: (name: string) => void,
): Promise<Record<string, string>> {
  const rows = await listAgentSecrets(orm, workspaceId, names);
  return Object.fromEntries(
    rows.flatMap(({ name, sealed }) => {
      try {
        return [[name, box.open(sealed)]];
      } catch {
        onUnopened(name);
        return [];
      }
    }),
  );
}
