/** One process owns a data folder: others are told which, and never take it from a living one. */
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir, rmdir, stat, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseMs } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf, ParleyError } from '../errors.js';
import { plain } from '../text.js';

/** What a path of a socket may be long, in bytes, everywhere. */
const MAX_SOCKET_PATH_BYTES = 103;
/** How often an owner shows that it lives to other machines that see the folder. */
const HEARTBEAT_MS = 5_000;
/** An owner on another machine that has shown nothing for so long is gone. */
const GONE_MS = 30_000;
/** Somebody who is just taking over a folder that was left takes no longer than this. */
const TAKEOVER_MS = 10_000;

const ownerSchema = z.object({ pid: z.int(), since: z.string(), host: z.string(), boot: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** What other processes of the same user may ask the owner for. */
export type OwnerRequest = { backupTo: string };
const requestSchema = z.object({ backupTo: z.string() });
const answerSchema = z.object({ ok: z.boolean(), message: z.string().optional() });
const MAX_REQUEST_BYTES = 16_384;

/** A folder that is held. */
export interface FolderLock {
  /** Does what others ask for; rejects where it cannot. Until it is set nothing is done. */
  onRequest: ((request: OwnerRequest) => Promise<void>) | undefined;
  /** Lets go of it. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * Takes a data folder for this process. A process that is killed lets go of it: the kernel closes its socket. Throws
 * ParleyError `service_unavailable` that says who holds the folder, and since when.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const socketPath = join(folder, 'owner.sock');
  const ownerPath = join(folder, 'owner.json');
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH_BYTES) {
    const message = `${plain(folder)} is too long a path for a data folder: ${MAX_SOCKET_PATH_BYTES} bytes at most, with /owner.sock`;
    throw new ParleyError('usage', message);
  }
  const self: Owner = { pid: process.pid, since: new Date().toISOString(), host: hostname(), boot: bootId() };
  const lock: FolderLock = { onRequest: undefined, release: () => Promise.resolve() };
  for (;;) {
    const server = await listen(socketPath, lock);
    if (server !== undefined) {
      lock.release = held(server, ownerPath, self);
      return lock;
    }
    if (await isAnswered(socketPath)) throw refusal(folder, readOwner(ownerPath));
    const elsewhere = ownerElsewhere(ownerPath);
    if (elsewhere !== undefined) throw refusal(folder, elsewhere);
    await clearAway(socketPath, join(folder, 'takeover'));
  }
}

function held(server: Server, ownerPath: string, self: Owner): () => Promise<void> {
  writeFileSync(ownerPath, JSON.stringify(self), { mode: 0o600 });
  const heartbeat = setInterval(() => {
    try {
      utimesSync(ownerPath, new Date(), new Date());
    } catch {
      // A full or read-only disk is told of where something is lost by it.
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();
  let releasing: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    clearInterval(heartbeat);
    rmSync(ownerPath, { force: true });
    await new Promise<void>((resolve) => server.close(() => resolve())); // takes its file along
  };
  return () => (releasing ??= release());
}

/** A server on the path, whose file is made in the same step; undefined where there is a file already. */
async function listen(path: string, lock: FolderLock): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_REQUEST_BYTES) socket.destroy();
      else if (text.endsWith('\n'))
        void answerTo(text, lock).then((answer) => socket.end(JSON.stringify(answer)));
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new ParleyError('usage', `the data folder cannot be used: ${error.message}`));
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function answerTo(text: string, { onRequest }: FolderLock): Promise<z.infer<typeof answerSchema>> {
  try {
    if (onRequest === undefined) return { ok: false, message: 'it is just starting: try again' };
    await onRequest(requestSchema.parse(JSON.parse(text)));
    return { ok: true };
  } catch (error) {
    return { ok: false, message: messageOf(error) };
  }
}

/** Asks the process that owns a folder; false where none does. Throws ParleyError `usage` where it refuses. */
export async function askOwner(folder: string, request: OwnerRequest): Promise<boolean> {
  const socketPath = join(folder, 'owner.sock');
  if (!(await isAnswered(socketPath))) return false;
  const text = await new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = createConnection(socketPath, () => socket.write(`${JSON.stringify(request)}\n`));
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.once('end', () => resolve(answer)).once('error', reject);
  });
  const answer = answerSchema.safeParse(text === '' ? undefined : JSON.parse(text)).data;
  if (answer?.ok === true) return true;
  const why = answer?.message ?? 'it ended meanwhile';
  throw new ParleyError('usage', `the process that uses ${plain(folder)} could not do it: ${plain(why)}`);
}

/** Whether a process listens; a frozen one does, too. */
async function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** An owner that another machine, or this one before it was restarted, has shown to live a moment ago. */
function ownerElsewhere(ownerPath: string): Owner | undefined {
  const owner = readOwner(ownerPath);
  if (owner === undefined || owner.boot === bootId() || owner.host === hostname()) return undefined;
  const shownAtMs = statSync(ownerPath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - shownAtMs < GONE_MS ? owner : undefined;
}

/** Takes away the file of a socket on which nobody listens, one process at a time: or one would remove another's. */
async function clearAway(socketPath: string, takeover: string): Promise<void> {
  try {
    await mkdir(takeover);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new ParleyError('usage', `the data folder cannot be used: ${messageOf(error)}`, { cause: error });
    const left = await stat(takeover).catch(() => undefined);
    if (left !== undefined && Date.now() - left.mtimeMs > TAKEOVER_MS)
      await rmdir(takeover).catch(() => undefined);
    await pauseMs(20);
    return;
  }
  try {
    if (!(await isAnswered(socketPath))) await unlink(socketPath).catch(() => undefined);
  } finally {
    await rmdir(takeover).catch(() => undefined);
  }
}

function refusal(folder: string, owner: Owner | undefined): ParleyError {
  const who =
    owner === undefined
      ? 'another process'
      : `process ${owner.pid}${owner.host === hostname() ? '' : ` on ${plain(owner.host)}`}, since ${plain(owner.since)}`;
  const message = `${plain(folder)} is in use by ${who}: stop it, or use another data folder`;
  return new ParleyError('service_unavailable', message);
}

function readOwner(path: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Which run of which kernel this is: containers of one machine share it. Empty where the system has none. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
