/** The OpenAPI document, made of the schemas that check the requests. */
import { z } from 'zod';
import { describeSetting } from '../../bot/meeting-settings.js';
import { FIELD_CODES, PROBLEM_REASONS, PROBLEMS, type ProblemCode } from '../http/problem.js';
import type { Route } from '../http/route.js';

type Json = Record<string, unknown>;

/** Problems that any endpoint may answer with; the others are named by each. */
const COMMON: readonly ProblemCode[] = [
  'invalid_request',
  'too_many_requests',
  'internal',
  'service_unavailable',
];
const WITH_KEY: readonly ProblemCode[] = ['unauthenticated', 'forbidden'];

const problemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong and what to do, in one line.' }),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    requestId: z.string(),
    reason: z.enum(PROBLEM_REASONS).optional().meta({ description: 'More of a code that covers several.' }),
    errors: z
      .array(
        z.object({
          path: z.string(),
          problem: z.string().meta({ description: 'For people, in English.' }),
          code: z.enum(FIELD_CODES).meta({ description: 'For programs; `invalid`: what `problem` says.' }),
          limit: z.number().optional().meta({ description: 'What is allowed at least, or at most.' }),
        }),
      )
      .optional()
      .meta({ description: 'Every field that is wrong.' }),
  })
  .catchall(z.unknown());

/** The document of these endpoints: OpenAPI 3.1. */
export function openApiDocument(
  routes: readonly Route[],
  about: { version: string; serverUrl: string },
): Json {
  const components: Json = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => jsonSchema(schema, io, components);
  components['Problem'] = schemaOf(problemDocument, 'output');
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const operations = (paths[route.path] ??= {});
    operations[route.method.toLowerCase()] = operationOf(route, schemaOf);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: about.version,
      description:
        'Invite an interpreter into a meeting, follow it live, change it while it runs, and read the meeting afterwards.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: about.serverUrl }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key: `pk_…`.' },
      },
    },
  };
}

function operationOf(route: Route, schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json): Json {
  const { params, query, body, answer } = route.schemas;
  const parameters = [
    ...parametersOf(params, 'path', schemaOf),
    ...parametersOf(query, 'query', schemaOf),
    ...(route.method === 'POST' && route.repeatable !== true && route.scope !== 'anybody'
      ? [IDEMPOTENCY_KEY]
      : []),
    ...(route.conditional === true ? [IF_MATCH] : []),
  ];
  const problems = [
    ...COMMON,
    ...(route.scope === 'anybody' ? [] : WITH_KEY),
    ...(params === undefined ? [] : (['not_found'] as const)),
    ...(body === undefined
      ? []
      : (['malformed_request', 'unsupported_media_type', 'payload_too_large'] as const)),
    ...(route.conditional === true ? (['changed_meanwhile'] as const) : []),
    ...(route.problems ?? []),
  ];
  const contents: [string, Json][] = [
    ...(answer === undefined
      ? []
      : [['application/json', { schema: schemaOf(answer, 'output') }] as [string, Json]]),
    ...route.answerTypes.map((type): [string, Json] => [
      type,
      { schema: { type: type === 'application/json' ? 'object' : 'string' } },
    ]),
  ];
  const content: Json = Object.fromEntries(contents);
  const statuses: [string, Json][] = [
    [
      String(route.status),
      { description: route.summary, ...(Object.keys(content).length === 0 ? {} : { content }) },
    ],
    ...Object.entries(route.otherStatuses).map(([status, description]): [string, Json] => [
      status,
      { description, ...(answer === undefined || status === '304' || status === '204' ? {} : { content }) },
    ]),
    ...problemAnswers(problems),
  ];
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.scope === 'anybody' ? { security: [] } : { security: [{ key: [] }], 'x-scope': route.scope }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(body, 'input') } },
          },
        }),
    ...(route.uploads === true ? { requestBody: UPLOAD } : {}),
    responses: Object.fromEntries(statuses),
  };
}

const UPLOAD = {
  required: true,
  content: {
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['file'],
        properties: {
          file: { type: 'string', format: 'binary' },
          name: { type: 'string' },
          language: { type: 'string' },
        },
      },
    },
  },
};
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key within a day gets the same answer, and is done once.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'An ETag that was read: the request is refused where it is not the present one.',
  schema: { type: 'string' },
};

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  schemaOf: (schema: z.ZodType, io: 'input' | 'output') => Json,
): Json[] {
  if (schema === undefined) return [];
  const { required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...json } = schemaOf(field as z.ZodType, 'input');
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: json,
    };
  });
}

function problemAnswers(codes: readonly ProblemCode[]): [string, Json][] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, of]) => [
      String(status),
      {
        description: of.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]);
}

/** A schema as JSON Schema. What has an id stands once, among the components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $defs,
    id: componentName,
    ...own
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: json }) => {
      describeSetting(zodSchema, json);
      if (json.format === 'date-time') delete json.pattern;
    },
  }) as Json;
  delete own['$schema'];
  const rewritten = (json: unknown): Json =>
    JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json)) {
    const component = rewritten(definition);
    delete component['id'];
    components[name] = component;
  }
  if (typeof componentName !== 'string') return rewritten(own);
  components[componentName] = rewritten(own);
  return { $ref: `#/components/schemas/${componentName}` };
}
