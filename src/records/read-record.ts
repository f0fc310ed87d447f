/** A record, or the output of `parley join --json`, as a meeting that can be exported. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type MaterialNote, readerLanguages } from '../agent/minutes/minutes-material.js';
import type { KeptCaption } from '../captions/transcript.js';
import type { MeetingRecord } from '../captions/transcript-formats.js';
import { messageOf, ParleyError } from '../errors.js';
import type { LanguageTag } from '../languages/languages.js';
import { plain } from '../text.js';
import { type JoinEvent, type JoinEventOf, joinEventSchema } from '../bot/events.js';
import { RECORD_FILE } from './record-file.js';

const MAX_BYTES = 256 * 1024 * 1024;

/** What a record says, and how many of its lines say nothing that is understood. */
export type ReadRecord = {
  record: MeetingRecord;
  /** Notes of the agent, as they were at last. */
  notes: readonly MaterialNote[];
  /** What each participant reads. */
  readers: readonly LanguageTag[];
  /** People whose words are not for minutes: who said so once is held to it. */
  withheld: ReadonlySet<string>;
  unreadableLines: number;
};

/**
 * Reads a record: its folder, a folder with one record in it, or a file of JSON lines. Throws ParleyError `input_missing`
 * for what is not there, `usage` where it is not clear which one is meant, `input_unusable` for what is no record.
 */
export async function readRecord(path: string): Promise<ReadRecord> {
  const file = await findRecord(path);
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new ParleyError('input_unusable', `${plain(path)} is too large for a record`);
  const read = parseRecord(await readFile(file, 'utf8'));
  if (read === undefined) {
    const message = `${plain(path)} is no record of a meeting: give what parley join --record or --json wrote`;
    throw new ParleyError('input_unusable', message);
  }
  return read;
}

/** The record that these lines are; undefined when they do not tell of a meeting. A last line may be cut off. */
export function parseRecord(text: string): ReadRecord | undefined {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let about: { meetingId: string; startedAt: string } | undefined;
  const people = new Map<string, { id: string; name: string }>();
  const captions: KeptCaption[] = [];
  const notes = new Map<string, JoinEventOf<'note'>>();
  const withheld = new Set<string>();
  const readers = new Map<string, LanguageTag[]>();
  let unreadableLines = 0;
  for (const line of lines) {
    const event = eventOf(line);
    if (event === undefined) {
      unreadableLines++;
    } else if (event.type === 'started') {
      about ??= { meetingId: event.meetingId, startedAt: event.time };
    } else if (event.type === 'joined' || event.type === 'changed') {
      const { id, name, isBot, agent } = event.person;
      if (!isBot) people.set(id, { id, name });
      if (!isBot) readers.set(id, readerLanguages(event.person));
      if (agent === false) withheld.add(id);
    } else if (event.type === 'caption') {
      captions.push(captionOf(event));
    } else if (event.type === 'note') {
      if (event.what === 'removed') notes.delete(event.id);
      else notes.set(event.id, event);
    }
  }
  if (about === undefined) return undefined;
  return {
    record: { ...about, people: [...people.values()], captions },
    notes: [...notes.values()].map((note) => noteOf(note, captions)),
    readers: [...readers.values()].flat(),
    ...{ withheld, unreadableLines },
  };
}

function noteOf(
  { kind, text, who, due, turnId }: JoinEventOf<'note'>,
  captions: readonly KeptCaption[],
): MaterialNote {
  const segment = captions.find((caption) => caption.turnId === turnId)?.segmentId;
  return { kind, text, who, due, segment };
}

function eventOf(line: string): JoinEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  return joinEventSchema.safeParse(json).data;
}

function captionOf(event: JoinEvent & { type: 'caption' }): KeptCaption {
  const { mark, cutReason, interruption, ...caption } = event;
  return {
    ...caption,
    ...(mark === undefined ? {} : { mark }),
    ...(cutReason === undefined ? {} : { cutReason }),
    ...(interruption === undefined ? {} : { interruption }),
  };
}

async function findRecord(path: string): Promise<string> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new ParleyError('input_missing', `${plain(path)} cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (kind.isFile()) return path;
  if (await isFile(join(path, RECORD_FILE))) return join(path, RECORD_FILE);
  const records: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    if (await isFile(join(path, name, RECORD_FILE))) records.push(join(path, name, RECORD_FILE));
  }
  const [only, ...others] = records;
  if (only === undefined)
    throw new ParleyError(
      'input_missing',
      `${plain(path)} has no record in it: give what parley join --record made`,
    );
  if (others.length === 0) return only;
  const last = basename(join(records.at(-1)!, '..'));
  const message = `${plain(path)} has ${records.length} records in it: give one of them, such as ${plain(join(path, last))}`;
  throw new ParleyError('usage', message);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
