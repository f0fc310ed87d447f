import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { describeDatabase } from '../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from './service-world.js';

type Schema = Record<string, unknown> & { $ref?: string };
type Operation = {
  operationId: string;
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: Schema }[];
  requestBody?: { content: { 'application/json'?: { schema: Schema } } };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

let world: ServiceWorld;
let document: Document;
/** Requests of the fuzzer; more where somebody has the time. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_000);

const operations = (): { path: string; method: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
const resolved = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1)!]!;

/** A client that is made of nothing but the document: it fills paths in, and reads answers by their schemas. */
async function call(
  id: string,
  given: { path?: Record<string, string>; query?: Record<string, string>; body?: unknown } = {},
): Promise<never> {
  const { path, method, operation } = operations().find((each) => each.operation.operationId === id)!;
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given.path![name]!));
  const query = new URLSearchParams(given.query).toString();
  const answer = await world.api(
    method.toUpperCase(),
    `${filled}${query === '' ? '' : `?${query}`}`,
    given.body,
  );
  const response = operation.responses[String(answer.status)];
  expect(response, `${id} answers ${answer.status}`).toBeDefined();
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  const schema = response!.content?.[type]?.schema;
  if (schema === undefined) return answer.json;
  return readerOf(schema).parse(answer.json) as never;
}

/** zod's own reader of JSON Schema: independent of the schemas that made the document. */
function readerOf(schema: Schema): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas }).replaceAll(
    '#/components/schemas/',
    '#/$defs/',
  );
  return z.fromJSONSchema(JSON.parse(text) as z.core.JSONSchema.JSONSchema);
}

describeDatabase('embedded', (test) => {
  beforeAll(async () => {
    world = await serviceWorld(test.open(), { rate: { burst: 1e9, perSecond: 1e9 } });
    document = (await world.api('GET', '/v1/openapi.json')).json;
  });
  afterAll(() => world.close());

  it('the document is of OpenAPI 3.1, names each operation once, and points to nothing that is not there', () => {
    expect(document.openapi).toBe('3.1.0');
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(45);
    const references = [
      ...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g),
    ].map(([, name]) => name!);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter((name) => document.components.schemas[name] === undefined)).toEqual([]);
    for (const { path, operation } of operations())
      expect(
        (operation.parameters ?? []).filter((each) => each.in === 'path').map(({ name }) => name),
      ).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  });

  it('an invitation has the settings of a meeting, with their units and defaults; only the meeting is needed', () => {
    const invite = document.components.schemas['Invite']!;
    expect(invite['required']).toEqual(['meetingId']);
    expect(invite['additionalProperties']).toBe(false);
    expect(invite['properties']).toMatchObject({
      budgetUsd: { type: 'number', 'x-unit': 'USD', 'x-live': true },
      speed: { default: 1, minimum: 0.25, maximum: 1.5 },
      engine: { enum: ['conversation', 'translate', 'live', 'auto'] },
      joinAt: { type: 'string', format: 'date-time' },
    });
    expect(JSON.stringify(document)).not.toContain('"format":"date-time","pattern"');
  });

  it('what may be left out of a query is not required', () => {
    const { parameters = [] } = operations().find(
      ({ operation }) => operation.operationId === 'listBots',
    )!.operation;
    expect(parameters.filter(({ required }) => required)).toEqual([]);
    expect(
      operations()
        .find(({ operation }) => operation.operationId === 'search')!
        .operation.parameters!.filter(({ required }) => required)
        .map(({ name }) => name),
    ).toEqual(['q']);
  });

  it('a client that knows the document alone holds a meeting', async () => {
    const room = await call('createRoom', { body: {} });
    const { roomId } = room as { roomId: string };
    const { id } = (await call('createBot', { body: { meetingId: roomId, languages: ['es', 'en'] } })) as {
      id: string;
    };
    await until(
      () => world.supervisor.status(id),
      (status) => status !== undefined,
    );
    world.supervisor.state(id, 'joining');
    world.supervisor.state(id, 'active');
    await until(
      () => call('getBot', { path: { botId: id } }),
      ({ state }: { state: string }) => state === 'active',
    );
    expect(await call('changeBot', { path: { botId: id }, body: { languages: ['es', 'ja'] } })).toMatchObject(
      { revision: 2 },
    );
    await call('say', { path: { botId: id }, body: { text: 'Welcome.' } });
    await call('createNote', { path: { botId: id }, body: { text: 'Begin' } });
    await call('leaveBot', { path: { botId: id }, body: {} });
    await until(
      () => call('getBot', { path: { botId: id } }),
      ({ state }: { state: string }) => state === 'ended',
    );
    for (const name of [
      'listPeople',
      'listCaptions',
      'getTranscript',
      'getCost',
      'listStates',
      'listAttempts',
      'getLog',
      'listNotes',
      'listToolCalls',
    ])
      await call(name, { path: { botId: id } });
    for (const name of [
      'listBots',
      'listKeys',
      'listUsers',
      'getMe',
      'getWorkspace',
      'getUsage',
      'listAudit',
      'listWorkers',
      'listWebhooks',
      'listTools',
      'listMcpServers',
      'health',
      'readiness',
    ])
      await call(name);
    expect(await call('search', { query: { q: 'begin' } })).toMatchObject({
      data: [{ in: 'notes', bot: id }],
    });
    await call('getBot', { path: { botId: 'bot_none' } }); // a problem is read by its schema, too
  });

  it(
    `${RUNS} random requests of the document: none is answered with a bug`,
    { timeout: 1_200_000 },
    async () => {
      const { id: botId } = (await call('createBot', {
        body: { meetingId: 'fuzz', joinAt: '2099-01-01T00:00:00Z' },
      })) as { id: string };
      const { id: webhookId } = (await call('createWebhook', {
        body: { url: 'https://hooks.example.com/' },
      })) as { id: string };
      const { id: toolId } = (await call('createTool', {
        body: { name: 'find_room', description: 'Finds a room.', url: 'https://hooks.example.com/' },
      })) as { id: string };
      const { id: serverId } = (await call('createMcpServer', {
        body: { name: 'crm', url: 'http://127.0.0.1:1/mcp' },
      })) as { id: string };
      const { id: keyId } = (await call('createKey', { body: { name: 'fuzz', scopes: ['bots:read'] } })) as {
        id: string;
      };
      const ids = { botId, webhookId, toolId, serverId, keyId };
      const streams = new Set(['streamEvents']);
      const requests = operations().filter(({ operation }) => !streams.has(operation.operationId));
      const answered = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...requests),
          fc.infiniteStream(fc.nat()),
          async ({ path, method, operation }, stream) => {
            const random = stream[Symbol.iterator]();
            const next = (): number => random.next().value as number;
            const parameters = operation.parameters ?? [];
            const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
              const known = (ids as Readonly<Record<string, string | undefined>>)[name];
              return encodeURIComponent(
                known !== undefined && next() % 4 > 0 ? known : textOf(valueOf({ type: 'string' }, next)),
              );
            });
            const query = new URLSearchParams();
            for (const { name, in: place, schema } of parameters)
              if (place === 'query' && next() % 2 === 0) query.append(name, textOf(valueOf(schema, next)));
            const bodySchema = operation.requestBody?.content['application/json']?.schema;
            const body = bodySchema === undefined ? undefined : valueOf(bodySchema, next);
            const headers: Record<string, string> = next() % 5 === 0 ? { 'if-match': '"1"' } : {};
            const { status, json } = await world.api(
              method.toUpperCase(),
              `${filled}?${query.toString()}`,
              body,
              headers,
            );
            answered.set(status, (answered.get(status) ?? 0) + 1);
            if (status === 500)
              throw new Error(
                `${method} ${filled}?${query.toString()} ${JSON.stringify(body)}: ${JSON.stringify(json)}`,
              );
          },
        ),
        { numRuns: RUNS, seed: 20_261_130 },
      );
      expect(answered.get(500)).toBeUndefined();
      // It is not all refused at the door: some of everything is done.
      expect((answered.get(200) ?? 0) + (answered.get(201) ?? 0) + (answered.get(202) ?? 0)).toBeGreaterThan(
        RUNS / 20,
      );
      expect(answered.get(422)).toBeGreaterThan(RUNS / 20);
    },
  );
});

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    '',
    ' ',
    '\0',
    '\ud800',
    'a'.repeat(3_000),
    '🙂',
    '../..',
    "' or 1=1",
    '%',
    '__proto__',
  ],
  ...[
    [],
    {},
    [[]],
    { a: { b: null } },
    '9999-12-31T23:59:59Z',
    '0000-00-00',
    'NaN',
    '-0',
    'toString',
    'constructor',
  ],
];

/** A value that a schema takes, mostly; now and then a part of it is something else. */
function valueOf(given: Schema, next: () => number, depth = 0): unknown {
  const schema = resolved(given);
  if (next() % 12 === 0 || depth > 6) return ODD[next() % ODD.length];
  const { type, enum: values, const: only, anyOf, oneOf, properties, items, additionalProperties } = schema;
  if (values !== undefined) return (values as unknown[])[next() % (values as unknown[]).length];
  if (only !== undefined) return only;
  const some = (anyOf ?? oneOf) as Schema[] | undefined;
  if (some !== undefined) return valueOf(some[next() % some.length]!, next, depth + 1);
  const minimum = Number(schema['minimum'] ?? schema['exclusiveMinimum'] ?? -10);
  const maximum = Math.min(Number(schema['maximum'] ?? schema['exclusiveMaximum'] ?? 1_000), minimum + 1_000);
  switch (type) {
    case 'boolean':
      return next() % 2 === 0;
    case 'integer':
      return minimum + (next() % (Math.floor(maximum - minimum) + 1));
    case 'number':
      return minimum + ((next() % 1_000) / 1_000) * (maximum - minimum);
    case 'string':
      return stringOf(schema, next);
    case 'array':
      return Array.from({ length: next() % 4 }, () => valueOf((items ?? {}) as Schema, next, depth + 1));
    case 'object': {
      const required = new Set((schema['required'] ?? []) as string[]);
      const fields = Object.entries((properties ?? {}) as Record<string, Schema>)
        .filter(([name]) => required.has(name) || next() % 4 === 0)
        .map(([name, field]) => [name, valueOf(field, next, depth + 1)]);
      const more =
        typeof additionalProperties === 'object' && next() % 2 === 0
          ? [[WORDS[next() % WORDS.length], valueOf(additionalProperties as Schema, next, depth + 1)]]
          : [];
      return Object.fromEntries([...fields, ...more]) as unknown;
    }
    default:
      return ODD[next() % ODD.length];
  }
}

const WORDS = [
  'es',
  'en',
  'Spanish',
  'es>en',
  'abcd-efgh-ijkl',
  'fuzz',
  'ana',
  'marin',
  'hooks',
  'parley',
  'bot_1',
  'en-GB',
];

function stringOf(schema: Schema, next: () => number): string {
  if (schema['format'] === 'date-time') return new Date(Date.UTC(2026, 0, 1) + (next() % 1e12)).toISOString();
  if (schema['format'] === 'email') return `a${next() % 100}@example.com`;
  if (String(schema['description']).startsWith('https')) return `https://hooks.example.com/${next() % 10}`;
  return WORDS[next() % WORDS.length]!;
}

function textOf(value: unknown): string {
  // Halves of characters cannot stand in an address.
  const text = typeof value === 'string' ? value : JSON.stringify(value === undefined ? null : value);
  return text.replace(/\p{Cs}/gu, '?');
}
