#!/usr/bin/env bash
# A field that zod calls exactOptional may be left out, and zod's own JSON Schema says so. @hono/zod-openapi writes it among the
# required ones: clients made of the document insist on fields that the server does without, while the server's check, made of
# the very same schema, takes requests without them.
# Seen with @hono/zod-openapi 1.6.3 (@asteasolutions/zod-to-openapi 9.1.0), zod 4.6.7 on Node 20.20, 2026-11-30.
# For whoever makes an API's document of zod schemas under exactOptionalPropertyTypes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund hono@4.13.19 @hono/zod-openapi@1.6.3 @asteasolutions/zod-to-openapi@9.1.0 zod@4.6.7
cat >run.mjs <<'JS'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';

const invitation = z
  .object({ meetingId: z.string(), name: z.string().optional(), budgetUsd: z.number().exactOptional() })
  .openapi('Invitation');
const route = createRoute({
  method: 'post',
  path: '/bots',
  request: { body: { required: true, content: { 'application/json': { schema: invitation } } } },
  responses: { 200: { description: 'the fields that came', content: { 'application/json': { schema: z.any() } } } },
});
const app = new OpenAPIHono();
app.openapi(route, (context) => context.json(Object.keys(context.req.valid('json'))));

const document = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 't', version: '1' } });
const documented = document.components.schemas.Invitation.required;
const byZod = z.toJSONSchema(invitation).required;
const answer = await app.request('/bots', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ meetingId: 'm' }),
});
console.log(`@hono/zod-openapi 1.6.3, zod-to-openapi 9.1.0, zod 4.6.7, Node ${process.version}`);
console.log(`required in the OpenAPI document:    ${documented.join(', ')}`);
console.log(`required in z.toJSONSchema():        ${byZod.join(', ')}`);
console.log(`a request with nothing but those of zod: ${answer.status}`);
const asSeen = documented.join() === 'meetingId,budgetUsd' && byZod.join() === 'meetingId' && answer.status === 200;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 60 node run.mjs
