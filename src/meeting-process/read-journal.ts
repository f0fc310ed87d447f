/** What journals hold: of a meeting process that was killed, or whose supervisor was. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BotEvent } from '../bot/event-log.js';
import { joinEventSchema } from '../bot/events.js';

const SEGMENT = /^(\d{6,})-\d{6,}\.jsonl$/;
/** A journal's files are a good deal smaller. */
const MAX_SEGMENT_BYTES = 32 * 1024 * 1024;

const lineSchema = z.object({ at: z.number(), event: joinEventSchema });

/** An event, of the stay with this epoch, and when it was in milliseconds since 1970. */
export type JournalEvent = { readonly epoch: number; readonly at: number; readonly event: BotEvent };

/** What a journal says, and how many of its lines say nothing: the last one of a process that was killed may be torn. */
export type JournalContent = { events: JournalEvent[]; unreadableLines: number };

/**
 * Reads the journal in a folder, in order: of one epoch, or of all. An empty one, or none, is no error. Rejects where it cannot
 * be read.
 */
export async function readJournal(folder: string, onlyEpoch?: number): Promise<JournalContent> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const events: JournalEvent[] = [];
  let unreadableLines = 0;
  for (const name of names.sort()) {
    const epoch = Number(SEGMENT.exec(name)?.[1] ?? 0);
    if (epoch === 0 || (onlyEpoch !== undefined && epoch !== onlyEpoch)) continue;
    const path = join(folder, name);
    if ((await stat(path)).size > MAX_SEGMENT_BYTES) {
      unreadableLines++;
      continue;
    }
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      if (line === '') continue;
      const read = eventOf(line);
      if (read === undefined) unreadableLines++;
      else events.push({ epoch, ...read });
    }
  }
  return { events, unreadableLines };
}

function eventOf(line: string): { at: number; event: BotEvent } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { data } = lineSchema.safeParse(json);
  const seq = data?.event.seq;
  return data === undefined || seq === undefined ? undefined : { at: data.at, event: { ...data.event, seq } };
}
