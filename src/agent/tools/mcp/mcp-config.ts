/** Which MCP servers there are, and what their tools may do. */
import { z } from 'zod';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** What is known of every server. */
export const serverSettings = {
  name: z
    .string()
    .regex(NAME, 'up to 32 small letters, digits and dashes')
    .describe('The names of its tools begin with it.'),
  levels: z
    .record(z.string(), z.enum(['read', 'write', 'confirm', 'host']))
    .default({})
    .describe('What its tools may do, by their names. All others need a yes each time (confirm).'),
  trustsReadOnlyHint: z
    .boolean()
    .default(false)
    .describe('Tools that the server itself says change nothing are taken at its word (read).'),
  connectTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(300_000)
    .default(5_000)
    .describe('Until it has said what it is. Programs that are downloaded first need more.'),
  timeoutMs: z.number().int().min(100).max(600_000).default(10_000).describe('For one call.'),
};

/** A program of the operator that is started. It may do all that the operator may: never from anybody else's settings. */
export const stdioServer = z.strictObject({
  ...serverSettings,
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}).describe('Beside a few harmless variables of ours.'),
  cwd: z.string().optional(),
});

/** A service, by Streamable HTTP. */
export const httpServer = z.strictObject({
  ...serverSettings,
  url: z.url({ protocol: /^https?$/ }),
  token: z.string().min(1).optional().describe('Sent as a bearer token.'),
  headers: z.record(z.string(), z.string()).optional().describe('Sent with every request.'),
});

/** One server. */
export const mcpServer = z.union([stdioServer, httpServer]);
export type McpServerConfig = z.output<typeof mcpServer>;
