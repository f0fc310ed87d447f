/** What was said and noted in meetings whose records are in a folder: the agent's port to them. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PastHit, PastMeetings } from '../agent/search/past-meetings.js';
import { speechesOf, wordsIn } from '../captions/transcript.js';
import { scores } from '../search/ranking.js';
import { words } from '../search/words.js';
import { readRecord } from './read-record.js';
import { RECORD_FILE } from './record-file.js';

/** The newest ones. */
const MAX_RECORDS = 30;
/** In all of them; of a large record others get no place. */
const MAX_BYTES = 32 * 1024 * 1024;

type Found = { readonly hit: PastHit; readonly words: readonly string[] };

/** The record that is being written in the same folder is among them. Words of people who do not agree are not found. */
export function pastRecords(folder: string): PastMeetings {
  return {
    async search({ text, limit }, signal) {
      const all: Found[] = [];
      let left = MAX_BYTES;
      for (const { path, bytes } of await newestRecords(folder)) {
        signal.throwIfAborted();
        left -= bytes;
        if (left < 0) break;
        all.push(...(await textsOf(path)));
      }
      const asked = words(text);
      const found = scores(
        asked,
        all.map((each) => each.words),
      );
      return [...all.keys()]
        .filter((index) => found[index]! > 0)
        .sort((a, b) => found[b]! - found[a]!)
        .slice(0, limit)
        .map((index) => all[index]!.hit);
    },
  };
}

async function newestRecords(folder: string): Promise<{ path: string; bytes: number }[]> {
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(join(path, RECORD_FILE)).catch(() => undefined);
      return found?.isFile() === true ? [{ path, bytes: found.size, atMs: found.mtimeMs }] : [];
    }),
  );
  return records
    .flat()
    .sort((a, b) => b.atMs - a.atMs)
    .slice(0, MAX_RECORDS);
}

async function textsOf(path: string): Promise<Found[]> {
  const read = await readRecord(path).catch(() => undefined); // half written, or none
  if (read === undefined) return [];
  const { record, notes, withheld } = read;
  const { meetingId, startedAt } = record;
  const found = (hit: PastHit): Found => ({ hit, words: words(hit.text) });
  const said = speechesOf(record.captions)
    .filter(({ speakerId }) => !withheld.has(speakerId))
    .map((speech) => {
      const at = new Date(Date.parse(startedAt) + speech.startMs).toISOString();
      return found({
        ...{ meetingId, at, by: speech.speakerName, in: 'transcripts' },
        text: wordsIn(speech, undefined).text,
      });
    });
  return [
    ...said,
    ...notes.map(({ text }) => found({ meetingId, at: startedAt, by: 'agent', in: 'notes', text })),
  ];
}
