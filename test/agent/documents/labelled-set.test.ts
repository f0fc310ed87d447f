/**
 * Search in our own labelled set: 60 questions in 6 languages over the passages of 30 short documents. A question is answered when
 * the passage that was meant is among the first five of all passages of all languages.
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DocumentLibrary } from '../../../src/agent/documents/document-library.js';
import type { DocumentHit } from '../../../src/agent/documents/search/search-documents.js';
import { FolderDocuments } from '../../../src/agent/documents/store/folder-documents.js';
import { packageRoot } from '../../../src/package-root.js';

const LANGUAGES = ['en', 'es', 'de', 'ja', 'zh', 'ar'] as const;
const FIXTURES = join(packageRoot(), 'fixtures', 'documents');
type Question = readonly [question: string, document: string, passage: string];

let folder: string;
let library: DocumentLibrary;
let questions: Readonly<Record<(typeof LANGUAGES)[number], readonly Question[]>>;
let passages = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-documents-'));
  library = new DocumentLibrary({ store: new FolderDocuments(folder) });
  questions = JSON.parse(await readFile(join(FIXTURES, 'questions.json'), 'utf8')) as typeof questions;
  for (const language of LANGUAGES) {
    for (const name of (await readdir(join(FIXTURES, language))).sort()) {
      const { document } = await library.add({ name, bytes: await readFile(join(FIXTURES, language, name)) });
      expect(document.language, name).toBe(language);
      passages += document.chunkCount;
    }
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const isMeant = ({ document, chunk }: DocumentHit, [, name, passage]: Question): boolean =>
  document.name === name && (chunk.headings.includes(passage) || chunk.text.includes(passage));

it('finds at least 85 % within each language by words alone', async () => {
  const rows: Record<string, { questions: number; at1: number; at5: number }> = {};
  const missed: string[] = [];
  for (const language of LANGUAGES) {
    const row = { questions: 0, at1: 0, at5: 0 };
    for (const question of questions[language]) {
      const hits = await library.search([question[0]], { limit: 5 });
      row.questions++;
      if (hits[0] !== undefined && isMeant(hits[0], question)) row.at1++;
      if (hits.some((hit) => isMeant(hit, question))) row.at5++;
      else missed.push(`${language}: ${question[0]} → ${hits.map(({ source }) => source).join(' | ')}`);
    }
    rows[language] = row;
  }
  const lines = Object.entries(rows).map(
    ([language, row]) =>
      `  ${language} recall@1 ${row.at1}/${row.questions}, recall@5 ${row.at5}/${row.questions}`,
  );
  process.stdout.write(
    [`search over ${passages} passages`, ...lines, ...missed.map((each) => `  missed ${each}`), ''].join(
      '\n',
    ),
  );
  const all = Object.values(rows);
  expect(all.map((row) => row.questions)).toEqual([10, 10, 10, 10, 10, 10]);
  for (const language of LANGUAGES)
    expect(rows[language]!.at5 / rows[language]!.questions, language).toBeGreaterThanOrEqual(0.85);
});
