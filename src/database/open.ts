import type { Database } from './database.js';

/** Whether a place is a database server's address rather than a folder. */
export function isPostgresUrl(place: string): boolean {
  return /^postgres(ql)?:\/\//i.test(place);
}

/**
 * Opens a database: a server by its address, `postgres://…`, or the embedded one by its folder. The embedded one is brought
 * to this version's schema; a server with `schema: 'apply'`, and is refused with another schema otherwise. Throws ParleyError
 * `service_unavailable`, `config` or `usage`, which say what to do.
 */
export async function openDatabase(
  place: string,
  options: {
    schema?: 'apply' | 'require';
    poolSize?: number;
    /** Called before a new embedded database is made, which takes some seconds. */
    onCreate?: () => void;
    onProblem?: (message: string) => void;
  } = {},
): Promise<Database> {
  // Each driver is loaded where it is used.
  if (isPostgresUrl(place)) {
    const { openPostgres } = await import('./postgres.js');
    return openPostgres(place, { ...options, schema: options.schema ?? 'require' });
  }
  const { openPglite } = await import('./pglite.js');
  return openPglite(place, options);
}
