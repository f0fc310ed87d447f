/** Documents by the API: added as they are or by a form, listed, found, deleted; what is no document is refused with a reason. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld } from './service-world.js';

let world: ServiceWorld;

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open());
  });
  afterAll(() => world.close());

  const post = async (
    query: string,
    body: RequestInit['body'],
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; json: Record<string, unknown> }> => {
    const answer = await fetch(`${world.url}/v1/documents${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.key}`, ...headers },
      body: body ?? null,
    });
    return {
      status: answer.status,
      headers: answer.headers,
      json: (await answer.json()) as Record<string, unknown>,
    };
  };

  it('a file as it is: kept once, found with its source, deleted', async () => {
    const text = '# Leave\n\nEvery member has thirty days of holiday a year.';
    const added = await post('?name=leave.md', text, { 'content-type': 'text/markdown' });
    expect(added.status).toBe(201);
    expect(added.json).toMatchObject({
      name: 'leave.md',
      format: 'markdown',
      language: 'en',
      passages: 1,
      warnings: [],
    });
    const id = added.json['id'] as string;
    expect(added.headers.get('location')).toBe(`/v1/documents/${id}`);
    expect(await post('?name=leave.md', text)).toMatchObject({ status: 200, json: { id } });

    expect(await world.api('GET', '/v1/documents')).toMatchObject({ status: 200, json: { data: [{ id }] } });
    expect(await world.api('GET', `/v1/documents/${id}`)).toMatchObject({
      status: 200,
      json: { id, bytes: text.length },
    });
    expect(await world.api('GET', '/v1/documents/search?q=how%20many%20holidays')).toMatchObject({
      status: 200,
      json: {
        data: [
          {
            document: id,
            source: 'leave.md, Leave',
            headings: ['Leave'],
            quote: {
              matches: [
                [24, 28],
                [32, 39],
              ],
            },
          },
        ],
      },
    });
    const found = async (query: string): Promise<{ data: object[] }> =>
      (await world.api('GET', `/v1/search?q=holidays&${query}`)).json;
    const hit = { in: 'documents', document: id, at: expect.stringMatching(/^2\d{3}-/) as string };
    expect((await found('in=notes,documents&language=en')).data).toMatchObject([hit]);
    for (const query of ['', 'in=documents&language=ja', 'in=documents&bot=bot_1'])
      expect(await found(query)).toEqual({ data: [] });
    expect(await world.api('DELETE', `/v1/documents/${id}`)).toMatchObject({ status: 204 });
    expect(await world.api('DELETE', `/v1/documents/${id}`)).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    });
    expect(await world.api('GET', '/v1/documents/search?q=holidays')).toMatchObject({ json: { data: [] } });
    const audit = (await world.api('GET', '/v1/audit')).json as {
      data: { action: string; target: string }[];
    };
    expect(audit.data.filter(({ target }) => target === id).map(({ action }) => action)).toEqual([
      'document.delete',
      'document.add',
    ]);
  });

  it('a form: its file, name and language', async () => {
    const form = new FormData();
    form.set('file', new Blob(['Die Heizung steht auf Stufe drei.']), 'heizung.txt');
    form.set('language', 'German');
    expect(await post('', form)).toMatchObject({
      status: 201,
      json: { name: 'heizung.txt', language: 'de' },
    });
    form.set('file', new Blob(['Der Kessel kommt im Mai.']), 'x.txt');
    form.set('name', '../kessel.txt');
    expect(await post('', form)).toMatchObject({ status: 201, json: { name: 'kessel.txt' } });
  });

  it.each([
    ['no name', '', 'text', {}, 422, 'a document needs a name: add ?name=handbook.pdf'],
    ['no file', '?name=a.txt', '', {}, 422, 'the file is empty'],
    [
      'another kind',
      '?name=a.png',
      '\x89PNG\0',
      {},
      422,
      'files of this kind are not read: give it as text, Markdown, HTML, PDF or DOCX',
    ],
    [
      'no form',
      '?name=a.txt',
      'x',
      { 'content-type': 'multipart/form-data; boundary=x' },
      400,
      'the body is no form',
    ],
    [
      'no language',
      '?name=a.txt&language=klingonish',
      'x',
      {},
      422,
      'query.language: is no language: use a tag such as es, or a name',
    ],
  ])('%s is refused', async (_, query, body, headers: Record<string, string>, status, detail) => {
    expect(await post(query, body, headers)).toMatchObject({ status, json: { detail } });
  });

  it('what is too large is refused before it is read', async () => {
    const body = Buffer.alloc(20 * 1_048_576 + 1, 97);
    expect(await post('?name=a.txt', body)).toMatchObject({
      status: 413,
      json: { detail: 'a file has at most 20 MiB' },
    });
  });
});
