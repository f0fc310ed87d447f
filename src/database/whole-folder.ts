import { rename, rm } from 'node:fs/promises';

/** Fills a folder beside its place, and moves it there when it is complete; where that fails, nothing is left of it. */
export async function makeWholeFolder(
  folder: string,
  fill: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true }); // of one that was interrupted
  try {
    await fill(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined); // the cause is told
    throw error;
  }
}
