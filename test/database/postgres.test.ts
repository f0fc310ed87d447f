import { describe } from 'vitest';
import { accessTests } from './contract/access.js';
import { botTests } from './contract/bots.js';
import { databaseTests } from './contract/database.js';
import { documentTests } from './contract/documents.js';
import { erasureTests } from './contract/erasure.js';
import { recordTests } from './contract/record.js';
import { describeDatabase } from './test-databases.js';

describeDatabase('postgres', (test) => {
  describe('the handle', () => databaseTests(test.open));
  describe('bots', () => botTests(test.open));
  describe('records', () => recordTests(test.open));
  describe('access', () => accessTests(test.open));
  describe('documents', () => documentTests(test.open));
  describe('erasure', () => erasureTests(test));
});
