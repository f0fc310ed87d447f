/** What this installation keeps for itself: a folder and a secret, which only their owner can read. */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { ParleyError } from './errors.js';

/** Where the secret is, in the folder of the installation. */
export const SECRET_FILE = 'room-server.secret';
const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[\w-]{43}$/;

/** `$XDG_CACHE_HOME/parley`, or `~/.cache/parley` (the XDG base directory specification: a relative path is ignored). */
export function defaultCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'parley');
}

/** Makes a folder that only its owner can read. @throws ParleyError `config` when it cannot be written */
export async function privateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (cause) {
    throw new ParleyError(
      'config',
      `Cannot keep the room's certificate in ${folder}: make it writable, or set XDG_CACHE_HOME.`,
      { cause },
    );
  }
}

/** A file of its own first, then its final name: nobody ever reads half of one. */
async function withDraft(
  path: string,
  content: string,
  settle: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
    await settle(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Writes a file that only its owner can read, in place of one that is there. */
export const replacePrivateFile = (path: string, content: string): Promise<void> =>
  withDraft(path, content, (draft) => rename(draft, path));

/** False when the file is there already. */
async function createPrivateFile(path: string, content: string): Promise<boolean> {
  try {
    await withDraft(path, content, (draft) => link(draft, path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What such a file holds; undefined where there is none. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const content = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    return content;
  } catch {
    return undefined;
  }
}

/** The secret that signs this installation's tokens, from `folder` or new. */
export async function loadSecret(folder: string): Promise<string> {
  await privateFolder(folder);
  const path = join(folder, SECRET_FILE);
  const kept = await readSecret(path);
  if (kept !== undefined) return kept;
  const made = randomBytes(SECRET_BYTES).toString('base64url');
  if (!(await createPrivateFile(path, `${made}\n`))) {
    const others = await readSecret(path); // of processes that start at once, the first one's counts
    if (others !== undefined) return others;
    await replacePrivateFile(path, `${made}\n`);
  }
  return made;
}

async function readSecret(path: string): Promise<string | undefined> {
  const content = (await readPrivateFile(path))?.trim();
  return content !== undefined && SECRET_PATTERN.test(content) ? content : undefined;
}
