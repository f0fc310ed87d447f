#!/usr/bin/env bash
# PGlite keeps its whole write-ahead log: no checkpoint ever runs by itself, whatever max_wal_size says, and neither does
# autovacuum, although pg_settings shows it as on. A folder grows with every write, and opening it after a crash replays it all.
# An explicit CHECKPOINT brings the log back under the limit.
# Seen with @electric-sql/pglite 0.5.14 (PostgreSQL 18) on Node 20.20, 2026-11-30.
# For whoever keeps PGlite open for long: call CHECKPOINT and VACUUM on a timer.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14
cat >run.mjs <<'JS'
import { readdirSync, statSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

const folder = './data';
const walMib = () =>
  readdirSync(`${folder}/pg_wal`, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(`${folder}/pg_wal/${name}`).size, 0) / 2 ** 20;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const first = await PGlite.create(folder);
const limits = { max_wal_size: '48MB', min_wal_size: '32MB', checkpoint_timeout: '30s', autovacuum_naptime: '1s' };
for (const [name, value] of Object.entries(limits)) await first.exec(`alter system set ${name} = '${value}'`);
await first.close();

const db = await PGlite.create(folder);
const setting = async (name) => (await db.query(`select current_setting('${name}') as value`)).rows[0].value;
console.log(`@electric-sql/pglite 0.5.14, Node ${process.version}`);
console.log(`max_wal_size ${await setting('max_wal_size')}, checkpoint_timeout ${await setting('checkpoint_timeout')}, ` +
  `autovacuum ${await setting('autovacuum')}, autovacuum_naptime ${await setting('autovacuum_naptime')}`);
await db.exec('create table t (id int primary key, text text)');
const redoLsn = async () => (await db.query('select redo_lsn from pg_control_checkpoint()')).rows[0].redo_lsn;
const before = await redoLsn();
for (let i = 0; i < 30; i++) {
  await db.query(`insert into t select $1 * 4000 + n, repeat(md5((n * $1)::text), 20) from generate_series(1, 4000) n`, [i]);
  await db.query('update t set text = text where id between $1 * 4000 + 1 and $1 * 4000 + 2000', [i]);
}
const start = performance.now();
while (performance.now() - start < 40_000) {
  await db.query('select 1');
  await wait(500);
}
const grownMib = walMib();
const unmoved = (await redoLsn()) === before;
const { dead, vacuums } = (await db.query(
  `select n_dead_tup::int as dead, autovacuum_count::int as vacuums from pg_stat_user_tables where relname = 't'`)).rows[0];
console.log(`written, then 40 s of nothing but "select 1": pg_wal ${grownMib} MiB, last checkpoint ${unmoved ? 'where it was' : 'moved'}`);
console.log(`dead rows ${dead}, autovacuums ${vacuums}`);
await db.exec('checkpoint');
await db.exec('checkpoint');
const afterMib = walMib();
console.log(`after an explicit CHECKPOINT: pg_wal ${afterMib} MiB`);
await db.close();
const asSeen = grownMib > 96 && unmoved && vacuums === 0 && dead > 0 && afterMib <= 64;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 170 node run.mjs
