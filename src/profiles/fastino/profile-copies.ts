import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Profile } from '../profile-source.js';

/** Copies that are kept; the oldest go first. */
const MAX_COPIES = 1_000;
/** An older copy is not used any more, and removed. */
const LONGEST_KEPT_MS = 30 * 86_400_000;

const copySchema = z.object({
  v: z.literal(1),
  userId: z.string(),
  summary: z.string(),
  fetchedAtMs: z.number(),
});

/**
 * Profiles kept on disk, so that they are there when the service is not: a file each, readable by its owner alone. File names
 * tell neither whose they are nor under which key they were fetched, and another key finds none of them.
 * Reading what is no copy gives none.
 */
export class ProfileCopies {
  readonly #folder: string;
  readonly #apiKey: string;
  readonly #service: string;

  /** `service` and `apiKey`: whose copies these are. The folder is made when it is needed. */
  constructor(options: { folder: string; apiKey: string; service: string }) {
    this.#folder = options.folder;
    this.#apiKey = options.apiKey;
    this.#service = options.service;
  }

  /** The copy of a profile; undefined when there is none that may be used at `epochMs`. */
  async read(userId: string, epochMs: number): Promise<Profile | undefined> {
    const text = await readFile(this.#pathOf(userId), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const copy = parseCopy(text);
    if (copy?.userId === userId && epochMs - copy.fetchedAtMs <= LONGEST_KEPT_MS) {
      const { summary, fetchedAtMs } = copy;
      return { userId, summary, terms: [], fetchedAtMs };
    }
    await this.remove(userId);
    return undefined;
  }

  /** Keeps a copy. Rejects when the folder cannot be written. */
  async write({ userId, summary, fetchedAtMs }: Profile): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    const path = this.#pathOf(userId);
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    const copy: z.infer<typeof copySchema> = { v: 1, userId, summary, fetchedAtMs };
    try {
      await writeFile(draft, JSON.stringify(copy), { mode: 0o600, flag: 'wx' });
      await rename(draft, path); // whoever reads it reads all of it
    } finally {
      await rm(draft, { force: true });
    }
    await this.#keepFew();
  }

  /** Forgets a profile. */
  async remove(userId: string): Promise<void> {
    await rm(this.#pathOf(userId), { force: true });
  }

  #pathOf(userId: string): string {
    const name = createHmac('sha256', this.#apiKey).update(`${this.#service}\n${userId}`).digest('hex');
    return join(this.#folder, `${name}.json`);
  }

  async #keepFew(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    if (names.length <= MAX_COPIES) return;
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return { path, writtenAtMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
      }),
    );
    files.sort((a, b) => a.writtenAtMs - b.writtenAtMs);
    for (const { path } of files.slice(0, files.length - MAX_COPIES)) await rm(path, { force: true });
  }
}

function parseCopy(text: string): z.infer<typeof copySchema> | undefined {
  try {
    return copySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
