import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCluster } from '../../src/database/create-cluster.js';
import { accessTests } from './contract/access.js';
import { botTests } from './contract/bots.js';
import { databaseTests } from './contract/database.js';
import { documentTests } from './contract/documents.js';
import { erasureTests } from './contract/erasure.js';
import { recordTests } from './contract/record.js';
import { describeDatabase } from './test-databases.js';

describeDatabase('embedded', (test) => {
  describe('the handle', () => databaseTests(test.open));
  describe('bots', () => botTests(test.open));
  describe('records', () => recordTests(test.open));
  describe('access', () => accessTests(test.open));
  describe('documents', () => documentTests(test.open));
  describe('erasure', () => erasureTests(test));
});

it('says so before it makes a database, and nothing where there is one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-new-'));
  let said = 0;
  const onCreate = (): number => ++said;
  await createCluster(folder, onCreate);
  expect(said).toBe(0);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(createCluster(join(file, 'database'), onCreate)).rejects.toThrow();
  expect(said).toBe(1);
  rmSync(folder, { recursive: true });
});
