/** Tools that settings of a meeting name: HTTP services and MCP servers. Keys stand in none of them: headers name secrets. */
import { z } from 'zod';
import { serverSettings } from '../mcp/mcp-config.js';

/** Of a meeting, and of a workspace. */
export const MAX_TOOLS = 32;
/** Of a meeting, and of a workspace. */
export const MAX_SERVERS = 8;
const MAX_HEADERS = 8;
const MAX_SCHEMA_CHARS = 20_000;

/** What names a secret. Its value is kept elsewhere. */
export const secretName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/, 'up to 64 small letters, digits, dashes and underscores');

/** Ours, or the connection's own. */
const FORBIDDEN_HEADER =
  /^(?:host|connection|keep-alive|te|trailer|upgrade|expect|content-.*|transfer-encoding|proxy-.*|webhook-.*|mcp-.*|user-agent)$/i;
const headers = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z\d-]{1,64}$/, 'letters, digits and dashes')
      .refine((name) => !FORBIDDEN_HEADER.test(name), 'is a header that is not yours to set'),
    z.strictObject({
      secret: secretName.describe('Whose value is sent.'),
      prefix: z
        .exactOptional(z.string().regex(/^[\x20-\x7e]{1,40}$/, 'up to 40 plain characters'))
        .describe('What stands before it, such as `Bearer `.'),
    }),
  )
  .refine((given) => Object.keys(given).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`);

const url = z
  .string()
  .max(2_048)
  .refine((text) => URL.canParse(text) && /^https?:/.test(text), 'is no address: write https://…')
  .describe('https, and public.');

/** Whatever JSON can hold. `z.json()` refers to itself, which generators of API clients stumble over. */
const json = z.unknown() as unknown as z.ZodType<z.core.util.JSONType, z.core.util.JSONType>;

/** A tool that is somebody's HTTP service: each call is posted there. */
export const httpTool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, '1 to 64 letters, digits, dashes and underscores'),
  description: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .describe('For the model: when to call it, and what it does.'),
  parameters: z
    .record(z.string(), json)
    .default({ type: 'object', properties: {} })
    .refine((schema) => schema['type'] === 'object', 'must be a JSON Schema of type "object"')
    .refine(
      (schema) => lengthOf(schema) <= MAX_SCHEMA_CHARS,
      `at most ${MAX_SCHEMA_CHARS} characters of JSON`,
    )
    .describe('A JSON Schema of what it takes.'),
  level: z
    .enum(['read', 'write', 'confirm', 'host'])
    .default('confirm')
    .describe('read changes nothing; write does; confirm needs a yes each time; host is for hosts.'),
  url,
  headers: z.exactOptional(headers),
  signedWith: z
    .exactOptional(secretName)
    .describe('A secret, whsec_…, that signs calls as webhooks are signed (Standard Webhooks).'),
  timeoutMs: z
    .exactOptional(z.int().min(1_000).max(120_000))
    .describe('After so long the model is told that it still runs; 10,000 by default.'),
});

/** An MCP server by Streamable HTTP. Programs are not started by settings: those stand in the operator's file only. */
export const configuredServer = z.strictObject({ ...serverSettings, url, headers: z.exactOptional(headers) });

/** See {@link httpTool}. */
export type HttpTool = z.output<typeof httpTool>;
/** See {@link configuredServer}. */
export type ConfiguredServer = z.output<typeof configuredServer>;

export const httpTools = z.array(httpTool).max(MAX_TOOLS).refine(hasOwnNames, 'two have the same name');
export const configuredServers = z
  .array(configuredServer)
  .max(MAX_SERVERS)
  .refine(hasOwnNames, 'two have the same name');

function lengthOf(schema: unknown): number {
  try {
    return JSON.stringify(schema).length;
  } catch {
    return Infinity; // no JSON
  }
}

function hasOwnNames(all: readonly { readonly name: string }[]): boolean {
  return new Set(all.map(({ name }) => name)).size === all.length;
}

/** What settings of a meeting name of tools. */
export type ToolSettings = {
  readonly agentTools?: readonly HttpTool[] | undefined;
  readonly agentServers?: readonly ConfiguredServer[] | undefined;
};

/** Where in the settings each address stands. */
export function addressesIn({
  agentTools = [],
  agentServers = [],
}: ToolSettings): { path: string; url: string }[] {
  return [
    ...agentTools.map((tool, index) => ({ path: `agentTools[${index}].url`, url: tool.url })),
    ...agentServers.map((server, index) => ({ path: `agentServers[${index}].url`, url: server.url })),
  ];
}

/** Which secrets are named, and where. */
export function secretsIn({
  agentTools = [],
  agentServers = [],
}: ToolSettings): { path: string; name: string }[] {
  const ofHeaders = (given: HttpTool['headers'], path: string) =>
    Object.entries(given ?? {}).map(([header, { secret: name }]) => ({
      path: `${path}.headers.${header}`,
      name,
    }));
  return [
    ...agentTools.flatMap(({ headers: given, signedWith }, index) => [
      ...ofHeaders(given, `agentTools[${index}]`),
      ...(signedWith === undefined ? [] : [{ path: `agentTools[${index}].signedWith`, name: signedWith }]),
    ]),
    ...agentServers.flatMap((server, index) => ofHeaders(server.headers, `agentServers[${index}]`)),
  ];
}
