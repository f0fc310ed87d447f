import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { DocumentLibrary } from '../../../src/agent/documents/document-library.js';
import { type Embedder, openAiEmbedder } from '../../../src/agent/documents/search/embedder.js';
import { FolderDocuments } from '../../../src/agent/documents/store/folder-documents.js';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'parley-documents-')), 'documents');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const bytes = (text: string): Buffer => Buffer.from(text);
const LEAVE =
  '# Leave\n\nEvery member has thirty days of holiday a year.\n\n# Lunch\n\nSoup is served at noon.';

/** Meaning by what is talked about: [time off, food, nothing]. A stand-in for a model. */
function topicEmbedder(): Embedder & { calls: string[][]; fails: boolean } {
  const topics = [/holiday|leave|vacaciones|休暇/iu, /soup|lunch|comida|食/iu];
  return {
    ...{ id: 'topics/3', calls: [], fails: false },
    embed(texts) {
      this.calls.push([...texts]);
      if (this.fails) return Promise.reject(new Error('out of order'));
      return Promise.resolve(
        texts.map((text) => {
          const found = topics.map((topic) => (topic.test(text) ? 1 : 0));
          return Float32Array.from(found.includes(1) ? [...found, 0] : [0, 0, 1]);
        }),
      );
    },
  };
}

it('keeps documents in a folder that its owner alone can read, once each, and finds them with their source', async () => {
  const library = new DocumentLibrary({ store: new FolderDocuments(folder) });
  const { document, isNew } = await library.add({ name: '/home/ana/leave.md', bytes: bytes(LEAVE) });
  expect(isNew).toBe(true);
  expect(document).toMatchObject({
    name: 'leave.md',
    format: 'markdown',
    language: 'en',
    chunkCount: 2,
    warnings: [],
  });
  expect(await library.add({ name: 'copy.md', bytes: bytes(LEAVE) })).toEqual({ document, isNew: false });
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, `${document.id}.json`))).mode & 0o777).toBe(0o600);

  const other = new DocumentLibrary({ store: new FolderDocuments(folder) }); // another process
  const [hit, ...more] = await other.search(['how many days holiday?']);
  expect(more).toEqual([]);
  expect(hit).toMatchObject({
    source: 'leave.md, Leave',
    chunk: { headings: ['Leave'] },
    document: { id: document.id },
  });
  expect(hit!.quote.matches.map(([from, to]) => hit!.quote.text.slice(from, to))).toEqual([
    'days',
    'holiday',
  ]);
  expect(await other.search(['??? …'])).toEqual([]);

  expect(await other.remove(document.id)).toBe(true);
  expect(await other.remove(document.id)).toBe(false);
  expect(await library.search(['holiday'])).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

it('files that are none of its documents are left alone', async () => {
  const library = new DocumentLibrary({ store: new FolderDocuments(folder) });
  await library.add({ name: 'leave.md', bytes: bytes(LEAVE) });
  await writeFile(join(folder, `doc_${'0'.repeat(32)}.json`), '{"v":1');
  await writeFile(join(folder, 'notes.txt'), 'mine');
  expect((await library.list()).map(({ name }) => name)).toEqual(['leave.md']);
});

it('names and titles are one line', async () => {
  const library = new DocumentLibrary({ store: new FolderDocuments(folder) });
  const html = `<title>Rules\u001b[2J\u202e of ${'the '.repeat(100)}</title><p>words</p>`;
  const { document } = await library.add({ name: 'a\u0007\nb.html', bytes: bytes(html) });
  expect(document.name).toBe('a b.html');
  expect(document.title).toMatch(/^Rules \[2J of the the .+…$/);
  expect(document.title!.length).toBe(200);
});

it('finds by meaning what has no word in common, in another language', async () => {
  const embedder = topicEmbedder();
  const library = new DocumentLibrary({ store: new FolderDocuments(folder), embedder });
  await library.add({ name: 'leave.md', bytes: bytes(LEAVE) });
  expect(embedder.calls).toEqual([
    ['Leave\nEvery member has thirty days of holiday a year.', 'Lunch\nSoup is served at noon.'],
  ]);
  expect((await library.search(['¿cuántas vacaciones hay?'])).map(({ source }) => source)).toEqual([
    'leave.md, Leave',
  ]);
  await library.search(['¿cuántas vacaciones hay?']);
  expect(embedder.calls.length).toBe(2); // the question is asked for once

  // By words and by meaning: what both find is first.
  expect((await library.search(['holiday soup'])).map(({ source }) => source)).toContain('leave.md, Lunch');
});

it('a model that fails costs only itself, and is asked again after a minute', async () => {
  const clock = new VirtualClock();
  const embedder = topicEmbedder();
  embedder.fails = true;
  const notices: string[] = [];
  const onNotice = (message: string): void => void notices.push(message);
  const library = new DocumentLibrary({ store: new FolderDocuments(folder), embedder, clock, onNotice });
  await library.add({ name: 'leave.md', bytes: bytes(LEAVE) });
  expect((await library.search(['holiday'])).map(({ source }) => source)).toEqual(['leave.md, Leave']);
  expect(await library.search(['vacaciones'])).toEqual([]);
  expect(library.counters).toEqual({ searches: 2, embeddingCalls: 1, embeddingFailures: 1 });
  expect(notices).toEqual(['documents are found by words alone for a minute: out of order']);

  embedder.fails = false;
  clock.advanceBy(60_000);
  await library.embedMissing();
  expect((await library.search(['vacaciones'])).map(({ source }) => source)).toEqual(['leave.md, Leave']);
});

it('asks OpenAI as its reference says, and refuses what is no answer', async () => {
  const requests: { url: string; init: RequestInit }[] = [];
  let answer: Response;
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    requests.push({ url, init });
    return Promise.resolve(answer);
  };
  const embedder = openAiEmbedder({ apiKey: 'sk-test', baseUrl: 'https://proxy.example/v1/', fetch });
  const vector = Buffer.alloc(512 * 4);
  vector.writeFloatLE(3, 0);
  vector.writeFloatLE(4, 4);
  answer = Response.json({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: vector.toString('base64') }],
  });
  const [read] = await embedder.embed(['hello']);
  expect([read!.length, ...read!.slice(0, 3)]).toEqual([512, Math.fround(0.6), Math.fround(0.8), 0]);
  expect(requests[0]!.url).toBe('https://proxy.example/v1/embeddings');
  expect(new Headers(requests[0]!.init.headers).get('authorization')).toBe('Bearer sk-test');
  expect(JSON.parse(requests[0]!.init.body as string)).toEqual({
    model: 'text-embedding-3-small',
    dimensions: 512,
    encoding_format: 'base64',
    input: ['hello'],
  });

  answer = Response.json({ data: [] });
  await expect(embedder.embed(['hello'])).rejects.toMatchObject({ code: 'protocol' });
  answer = new Response('no', { status: 401 });
  await expect(embedder.embed(['hello'])).rejects.toMatchObject({ code: 'key_refused' });
  answer = new Response('busy', { status: 429 });
  await expect(embedder.embed(['hello'])).rejects.toMatchObject({
    code: 'service_unavailable',
    retryable: true,
  });
});
