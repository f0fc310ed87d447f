/** Embedded rooms that run on this machine, as each one announces itself in the cache folder. It holds no secret. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const roomSchema = z.object({
  pid: z.int().positive(),
  startedAtMs: z.number(),
  /** `https://localhost:8443`, where the meeting page is. */
  origin: z.url({ protocol: /^https$/ }),
  /** `localhost:8443` */
  signalingBaseUrl: z.string().min(1),
  apiUrl: z.url({ protocol: /^https$/ }),
  apiKey: z.string().min(1),
  /** PEM of the certificate that its clients trust for its address. */
  ca: z.string().min(1),
});

/** What a client needs to know of a running room, except the secret: that stays in a file only its owner can read. */
export type RunningRoom = Readonly<z.infer<typeof roomSchema>>;

const FOLDER = 'running-rooms';

/** Tells other commands of a room in this process. The result takes the announcement back. */
export async function announceRoom(
  cacheFolder: string,
  room: Omit<RunningRoom, 'pid' | 'startedAtMs'>,
): Promise<() => Promise<void>> {
  const folder = join(cacheFolder, FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${process.pid}-${new URL(room.origin).port}.json`);
  const announced: RunningRoom = { ...room, pid: process.pid, startedAtMs: Date.now() };
  const draft = `${path}.draft`;
  await writeFile(draft, JSON.stringify(announced), { mode: 0o600 });
  await rename(draft, path); // whoever reads it reads all of it
  return () => rm(path, { force: true });
}

/** The rooms whose processes are alive, the latest first. Announcements of dead ones are swept away. */
export async function findRunningRooms(cacheFolder: string): Promise<readonly RunningRoom[]> {
  const folder = join(cacheFolder, FOLDER);
  const names = await readdir(folder).catch(() => []);
  const rooms: RunningRoom[] = [];
  for (const name of names.filter((each) => each.endsWith('.json'))) {
    const room = await readRoom(join(folder, name));
    if (room === undefined || !isAlive(room.pid)) await rm(join(folder, name), { force: true });
    else rooms.push(room);
  }
  return rooms.sort((a, b) => b.startedAtMs - a.startedAtMs);
}

async function readRoom(path: string): Promise<RunningRoom | undefined> {
  try {
    return roomSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}
