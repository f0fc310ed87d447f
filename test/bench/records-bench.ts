/**
 * A year of meetings in the database, embedded and on a server: how long it takes to open, how long a search takes, and how
 * much log there is. The meetings are made up, from a seed; their words are as frequent as words are.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open.js';
import { words } from '../../src/search/words.js';
import { search } from '../../src/records/store/search.js';
import { insertWorkspace } from '../../src/records/store/workspaces.js';
import { seededRandom } from '../../src/seeded-random.js';
import { postgresBinaries, startPostgres, stopPostgres } from '../database/postgres-server.js';
import { quantile, type Row } from './measure.js';

const MEETINGS = 5_000;
const SEGMENTS_PER_MEETING = 40;
const VOCABULARY = 20_000;
const SEARCHES = 200;
const OPENINGS = 3;
const DAY_MS = 86_400_000;
const SYLLABLES = [
  'ka',
  'lo',
  'mi',
  'ren',
  'ta',
  'su',
  'vel',
  'or',
  'pin',
  'de',
  'ga',
  'hu',
  'ñe',
  'bri',
  'zo',
];
const CHARACTERS = '会議来週月曜日本語予定資料確認時間場所参加者東京開始終了報告計画問題解決次回';

/** Embedded, and on a server where one is installed. */
export async function benchRecords(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const embedded = await benchDatabase('records, embedded', join(folder, 'data'));
    if (postgresBinaries() === undefined) {
      process.stderr.write('PostgreSQL is not installed: only the embedded database is measured\n');
      return embedded;
    }
    // Beside it: the server is another user.
    const serverFolder = `${folder}-pg`;
    try {
      const server = startPostgres(serverFolder);
      return [...embedded, ...(await benchDatabase('records, PostgreSQL', server.url('postgres')))];
    } finally {
      if (existsSync(serverFolder)) stopPostgres(serverFolder);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchDatabase(group: string, place: string): Promise<Row[]> {
  let database = await openDatabase(place, { schema: 'apply' });
  const beganMs = performance.now();
  const { id: workspaceId } = await insertWorkspace(database.orm, { name: 'Bench' });
  const mostLogMib = await fill(database, workspaceId);
  const filledMs = performance.now() - beganMs;
  await database.script('vacuum (analyze)');
  const openMs: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) {
    await database.close();
    const startMs = performance.now();
    database = await openDatabase(place);
    await database.query('select 1');
    openMs.push(performance.now() - startMs);
  }
  const searchMs = await timesOfSearches(database, workspaceId);
  const logAfterMib = await logMib(database);
  await database.close();
  const rows = MEETINGS * SEGMENTS_PER_MEETING;
  const row = (name: string, value: number, unit: string, note = ''): Row => ({
    group,
    name,
    value,
    unit,
    note,
  });
  return [
    row(
      'segments per second, written',
      (rows / filledMs) * 1_000,
      '1/s',
      `${MEETINGS} meetings, ${rows} segments`,
    ),
    row('open, longest', Math.max(...openMs), 'ms', `of ${OPENINGS}; at most 3,000`),
    row('search, median', quantile(searchMs, 0.5), 'ms', `${SEARCHES} searches of 1 to 3 words`),
    row('search, p95', quantile(searchMs, 0.95), 'ms', 'at most 100'),
    row('search, longest', Math.max(...searchMs), 'ms'),
    row('log while writing, most', mostLogMib, 'MiB', 'at most 64'),
    row('log afterwards', logAfterMib, 'MiB', 'at most 64'),
  ];
}

/** Writes all meetings; resolves to the most log that there was meanwhile, in MiB. */
async function fill(database: Database, workspaceId: string): Promise<number> {
  const random = seededRandom(11);
  const word = vocabulary(random);
  let mostMib = 0;
  for (let first = 0; first < MEETINGS; first += 25) {
    const meetings = Array.from({ length: 25 }, (_, index) => meetingOf(first + index, workspaceId));
    await insert(database, 'bots', meetings);
    await insert(
      database,
      'segments',
      meetings.flatMap(({ id, started_at }) => segmentsOf(id, workspaceId, started_at, random, word)),
    );
    if (first % 250 === 0) mostMib = Math.max(mostMib, await logMib(database));
  }
  return mostMib;
}

async function insert(database: Database, table: string, rows: readonly object[]): Promise<void> {
  const names = Object.keys(rows[0]!).filter((name) => table !== 'bots' || name !== 'started_at');
  await database.query(
    `insert into ${table} (${names.join(', ')}) select ${names.join(', ')}
      from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

function meetingOf(number: number, workspaceId: string) {
  const startedAt = Date.UTC(2026, 0, 1) + (number * 365 * DAY_MS) / MEETINGS;
  return {
    ...{ id: `bot_${number.toString(16).padStart(32, '0')}`, workspace_id: workspaceId, place: 'videosdk' },
    ...{ meeting_id: `meeting-${number % 500}`, state: 'ended', reason: 'asked', priority: 10, settings: {} },
    ...{ options: {}, metadata: {}, revision: 1, epoch: 1, event_seq: 1, participant_id: 'parley' },
    ...{ created_at: new Date(startedAt), updated_at: new Date(startedAt), started_at: startedAt },
  };
}

function segmentsOf(
  botId: string,
  workspaceId: string,
  startedAt: number,
  random: () => number,
  word: () => string,
): object[] {
  return Array.from({ length: SEGMENTS_PER_MEETING }, (_, index) => {
    const length = 6 + Math.floor(random() * 14);
    const said = Array.from({ length }, word).join(' ');
    const translated = Array.from({ length }, word).join(' ');
    const at = startedAt + index * 20_000;
    return {
      ...{ bot_id: botId, epoch: 1, segment_id: `s${index}`, seq: index + 1, workspace_id: workspaceId },
      ...{
        turn_id: `t${index}`,
        part: 0,
        kind: 'speech',
        speaker_id: `p${index % 4}`,
        speaker_name: `P${index % 4}`,
      },
      ...{ source_language: 'es', target_language: 'en', source_text: said, translated_text: translated },
      ...{ is_original: true, started_at: new Date(at), ended_at: new Date(at + 5_000) },
      tokens: words(`${said} ${translated}`).join(' '),
    };
  });
}

/** Draws words: the most frequent a thousand times as often as those in the middle. */
function vocabulary(random: () => number): () => string {
  const pick = (from: string | readonly string[]): string => from[Math.floor(random() * from.length)]!;
  const all = Array.from({ length: VOCABULARY }, (_, rank) => {
    if (rank % 10 === 9) return pick(CHARACTERS) + pick(CHARACTERS);
    const length = rank < 50 ? 1 : 2 + Math.floor(random() * 3);
    return Array.from({ length }, () => pick(SYLLABLES)).join('');
  });
  return () => all[Math.floor(VOCABULARY ** random()) - 1] ?? all[0]!;
}

async function timesOfSearches(database: Database, workspaceId: string): Promise<number[]> {
  const random = seededRandom(12);
  const word = vocabulary(seededRandom(11));
  const times: number[] = [];
  for (let number = 0; number < SEARCHES; number++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 3) }, word).join(' ');
    const startMs = performance.now();
    await search(database.orm, workspaceId, { text });
    times.push(performance.now() - startMs);
  }
  return times;
}

async function logMib(database: Database): Promise<number> {
  const [log] = await database.query<{ mib: number }>(
    'select (sum(size) / 1024 / 1024)::float8 as mib from pg_ls_waldir()',
  );
  return log!.mib;
}
