/** Test files share one PostgreSQL server per run: the first that needs it starts it, and it is stopped here. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopPostgres } from '../test/database/postgres-server.js';

/** Short: it holds a socket. */
const FOLDER = join(tmpdir(), `parley-pg-${process.pid}`);

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the server of this run is, or will be. */
    postgresFolder: string;
  }
}

export function setup(project: TestProject): void {
  project.provide('postgresFolder', FOLDER);
}

export function teardown(): void {
  stopPostgres(FOLDER);
}
