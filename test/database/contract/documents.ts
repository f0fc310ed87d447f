/** Documents of a workspace: kept, found, removed; those of another workspace stay its own. */
import { expect, it } from 'vitest';
import { DocumentLibrary } from '../../../src/agent/documents/document-library.js';
import type { Embedder } from '../../../src/agent/documents/search/embedder.js';
import type { Database } from '../../../src/database/database.js';
import { DatabaseDocuments } from '../../../src/records/store/documents.js';
import { newWorkspace } from './bots.js';

const LEAVE =
  '# Leave\n\nEvery member has thirty days of holiday a year.\n\n# Lunch\n\nSoup is served at noon.';

/** A stand-in for a model: leave is [1, 0], all else [0, 1]. */
const embedder: Embedder = {
  id: 'topics/2',
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) => Float32Array.from(/holiday|vacaciones/i.test(text) ? [1, 0] : [0, 1])),
    ),
};

export function documentTests(open: () => Database): void {
  const libraryOf = (workspaceId: string, withMeaning = false): DocumentLibrary =>
    new DocumentLibrary({
      store: new DatabaseDocuments(open(), workspaceId),
      ...(withMeaning ? { embedder } : {}),
    });

  it('are kept once, found in any writing with their source, and removed with all that is in them', async () => {
    const library = libraryOf(await newWorkspace(open()));
    const { document, isNew } = await library.add({ name: 'leave.md', bytes: Buffer.from(LEAVE) });
    expect(isNew).toBe(true);
    expect(await library.find(document.id)).toEqual(document);
    expect(document).toMatchObject({ name: 'leave.md', format: 'markdown', language: 'en', chunkCount: 2 });
    expect(await library.add({ name: 'again.md', bytes: Buffer.from(LEAVE) })).toEqual({
      document,
      isNew: false,
    });
    await library.add({ name: '会议.txt', bytes: Buffer.from('会议纪要将于下周一发布，由王芳负责。') });
    await library.add({
      name: "o'hara.txt",
      bytes: Buffer.from("It's o'hara's 'quoted' text & more | less."),
    });
    expect((await library.list()).map(({ name }) => name)).toEqual(['leave.md', '会议.txt', "o'hara.txt"]);

    const found = async (query: string): Promise<string[]> =>
      (await library.search([query])).map(({ source }) => source);
    expect(await found('How many holidays?')).toEqual(['leave.md, Leave']);
    expect(await found('纪要什么时候发布')).toEqual(['会议.txt']);
    expect(await found("o'hara's \\ | & :* 'x")).toEqual(["o'hara.txt"]);
    expect(await found('zebra')).toEqual([]);

    expect(await library.remove(document.id)).toBe(true);
    expect(await library.remove(document.id)).toBe(false);
    expect(await found('holidays')).toEqual([]);
  });

  it('of another workspace are neither seen, found nor removed', async () => {
    const [own, other] = [libraryOf(await newWorkspace(open())), libraryOf(await newWorkspace(open()), true)];
    const { document } = await own.add({ name: 'leave.md', bytes: Buffer.from(LEAVE) });
    expect(await other.list()).toEqual([]);
    expect(await other.find(document.id)).toBeUndefined();
    expect(await other.search(['holiday'])).toEqual([]);
    expect(await other.remove(document.id)).toBe(false);
    expect((await other.add({ name: 'mine.md', bytes: Buffer.from(LEAVE) })).isNew).toBe(true);
  });

  it('are found by meaning; the same file at the same time is kept once', async () => {
    const workspaceId = await newWorkspace(open());
    const library = libraryOf(workspaceId, true);
    const added = await Promise.all(
      [1, 2].map(() => library.add({ name: 'leave.md', bytes: Buffer.from(LEAVE) })),
    );
    expect(new Set(added.map(({ document }) => document.id)).size).toBe(1);
    expect(added.filter(({ isNew }) => isNew).length).toBe(1);
    await library.embedMissing();
    expect((await library.search(['vacaciones'])).map(({ source }) => source)).toEqual(['leave.md, Leave']);
    expect(await libraryOf(workspaceId).search(['vacaciones'])).toEqual([]);
  });
}
