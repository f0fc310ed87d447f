import type { Orm } from '../../database/database.js';
import { addAudit } from '../../records/store/workspaces.js';
import type { ServiceParts } from '../service-parts.js';
import type { Caller } from './scopes.js';

/** Does something in a transaction, and writes down who did it in the same one. */
export async function audited<Result>(
  { database }: Pick<ServiceParts, 'database'>,
  { caller }: { readonly caller: Caller },
  about: {
    readonly action: string;
    readonly target: string;
    readonly detail?: Readonly<Record<string, unknown>>;
  },
  work: (tx: Orm) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (tx) => {
    const result = await work(tx);
    await addAudit(tx, {
      ...{ workspaceId: caller.workspaceId, detail: {}, ...about },
      ...(caller.kind === 'key'
        ? { actorKind: 'key' as const, actorId: caller.keyId }
        : { actorKind: 'user' as const, actorId: caller.userId }),
    });
    return result;
  });
}
