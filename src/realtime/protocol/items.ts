/**
 * Conversation items: messages, function calls and their outputs, MCP traffic. Source: ConversationItem
 * (openai@7.55.0). A client may leave out `id` and let the server choose; a server always sends one.
 */
import { z } from 'zod';
import { optional, optionalOrNull, wireObject } from './wire.js';

/** The reference has `text`, `audio` and `transcript` absent where servers also send null. */
const contentFields = {
  text: optionalOrNull(z.string()),
  audio: optionalOrNull(z.string()),
  transcript: optionalOrNull(z.string()),
};

const systemContentSchema = wireObject({ type: z.literal('input_text'), text: optionalOrNull(z.string()) });

const userContentSchema = wireObject({
  ...contentFields,
  type: z.enum(['input_text', 'input_audio', 'input_image']),
  image_url: optionalOrNull(z.string()),
  detail: optionalOrNull(z.enum(['auto', 'low', 'high'])),
});

const assistantContentSchema = wireObject({
  ...contentFields,
  type: z.enum(['output_text', 'output_audio']),
});

const mcpErrorSchema = z.discriminatedUnion('type', [
  wireObject({ type: z.literal('protocol_error'), code: z.number(), message: z.string() }),
  wireObject({ type: z.literal('tool_execution_error'), message: z.string() }),
  wireObject({ type: z.literal('http_error'), code: z.number(), message: z.string() }),
]);

const mcpListedToolSchema = wireObject({
  name: z.string(),
  description: optionalOrNull(z.string()),
  input_schema: z.unknown(),
  annotations: optional(z.unknown()),
});

/** The item kinds, with `id` as the sender must give it; the MCP kinds whose id is never optional keep it. */
function itemSchema<Id extends z.core.SomeType>(id: Id) {
  const common = {
    id,
    object: optional(z.literal('realtime.item')),
    status: optional(z.enum(['completed', 'incomplete', 'in_progress'])),
  };
  const message = { ...common, type: z.literal('message') };
  return z.discriminatedUnion('type', [
    z.discriminatedUnion('role', [
      wireObject({ ...message, role: z.literal('system'), content: z.array(systemContentSchema) }),
      wireObject({ ...message, role: z.literal('user'), content: z.array(userContentSchema) }),
      wireObject({ ...message, role: z.literal('assistant'), content: z.array(assistantContentSchema) }),
    ]),
    wireObject({
      ...common,
      type: z.literal('function_call'),
      name: z.string(),
      arguments: z.string(),
      call_id: optional(z.string()),
    }),
    wireObject({
      ...common,
      type: z.literal('function_call_output'),
      call_id: z.string(),
      output: z.string(),
    }),
    wireObject({
      type: z.literal('mcp_approval_response'),
      id: z.string(),
      approval_request_id: z.string(),
      approve: z.boolean(),
      reason: optionalOrNull(z.string()),
    }),
    wireObject({
      type: z.literal('mcp_list_tools'),
      id,
      server_label: z.string(),
      tools: z.array(mcpListedToolSchema),
    }),
    wireObject({
      type: z.literal('mcp_call'),
      id: z.string(),
      server_label: z.string(),
      name: z.string(),
      arguments: z.string(),
      approval_request_id: optionalOrNull(z.string()),
      error: optionalOrNull(mcpErrorSchema),
      output: optionalOrNull(z.string()),
    }),
    wireObject({
      type: z.literal('mcp_approval_request'),
      id: z.string(),
      server_label: z.string(),
      name: z.string(),
      arguments: z.string(),
    }),
  ]);
}

/** An item as a client creates it. */
export const clientItemSchema = itemSchema(optional(z.string()));
export type ClientItem = z.infer<typeof clientItemSchema>;

/** An item as a server reports it: always with an id. */
export const serverItemSchema = itemSchema(z.string());
export type ServerItem = z.infer<typeof serverItemSchema>;

/** An item of the conversation by id, in the input of a response (ResponseItemReference). */
export const itemReferenceSchema = wireObject({ type: z.literal('item_reference'), id: z.string() });
