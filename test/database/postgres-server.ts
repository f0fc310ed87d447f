/** A PostgreSQL server for tests: Debian's, in a folder of its own, without fsync. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALLED = '/usr/lib/postgresql';

/** Debian's newest binaries; undefined where there are none. */
export function postgresBinaries(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined;
  const versions = readdirSync(INSTALLED)
    .filter((version) => existsSync(join(INSTALLED, version, 'bin', 'initdb')))
    .sort((a, b) => Number(b) - Number(a));
  return versions[0] === undefined ? undefined : join(INSTALLED, versions[0], 'bin');
}

/** The server refuses to be root: then it is the user that Debian made for it. */
function userOfServer(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }).trim());
  return { uid: idOf('-u'), gid: idOf('-g') };
}

export type PostgresServer = {
  /** Of its first process. */
  pid: number;
  dataFolder: string;
  /** The address of one of its databases. */
  url(database: string): string;
};

/**
 * Starts a server on a Unix socket in `folder`, which is made; with `port`, on the loopback as well. It outlives this process.
 * `again`: one that was there, and was killed. `isDurable`: what it has committed is there after it was killed. Throws where it does not start.
 */
export function startPostgres(
  folder: string,
  options: { port?: number; again?: boolean; isDurable?: boolean } = {},
): PostgresServer {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  const user = userOfServer();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const dataFolder = join(folder, 'data');
  const run = { ...user, cwd: folder, stdio: 'ignore' as const };
  const init = ['-D', dataFolder, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  if (options.again !== true) execFileSync(join(binaries, 'initdb'), init, run);
  const settings = [
    `unix_socket_directories='${folder}'`,
    options.port === undefined ? `listen_addresses=''` : `listen_addresses='127.0.0.1'`,
    `port=${options.port ?? 5432}`,
    ...[
      'fsync=off',
      'full_page_writes=off',
      `synchronous_commit=${options.isDurable === true ? 'on' : 'off'}`,
    ],
    ...['shared_buffers=64MB', 'max_connections=100', 'max_wal_size=48MB', 'min_wal_size=32MB'],
  ];
  const log = join(folder, 'log');
  writeFileSync(log, '');
  if (user !== undefined) chownSync(log, user.uid, user.gid);
  const start = [
    'start',
    '-w',
    '-D',
    dataFolder,
    '-l',
    log,
    '-o',
    settings.map((each) => `-c ${each}`).join(' '),
  ];
  execFileSync(join(binaries, 'pg_ctl'), start, run);
  const pid = Number(
    execFileSync('head', ['-1', join(dataFolder, 'postmaster.pid')], { encoding: 'utf8' }).trim(),
  );
  const url = (database: string): string =>
    options.port === undefined
      ? `postgres://postgres@/${database}?host=${encodeURIComponent(folder)}`
      : `postgres://postgres@127.0.0.1:${options.port}/${database}`;
  return { pid, dataFolder, url };
}

/** Stops a server and deletes its folder. Does nothing where there is none. */
export function stopPostgres(folder: string): void {
  const binaries = postgresBinaries();
  const dataFolder = join(folder, 'data');
  if (binaries !== undefined && existsSync(join(dataFolder, 'postmaster.pid'))) {
    const stop = ['stop', '-w', '-m', 'immediate', '-D', dataFolder];
    try {
      execFileSync(join(binaries, 'pg_ctl'), stop, { ...userOfServer(), cwd: folder, stdio: 'ignore' });
    } catch {
      // It was killed, and has left its file behind.
    }
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Kills a server as a crash would. */
export function killPostgres({ pid }: PostgresServer): void {
  spawn('kill', ['-9', String(pid)]);
}
