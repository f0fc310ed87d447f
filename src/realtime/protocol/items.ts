/**
 * Conversation items: messages, function calls and their outputs, MCP traffic. Source: ConversationItem
 * (openai@7.55.0). A client may leave out `id` and let the server choose; a server always sends one.
 */
import { z } from 'zod';
import { boolean, number, optional, optionalOrNull, string, wireObject } from './wire.js';

/** The reference has `text`, `audio` and `transcript` absent where servers also send null. */
const contentFields = {
  text: optionalOrNull(string),
  audio: optionalOrNull(string),
  transcript: optionalOrNull(string),
};

const systemContentSchema = wireObject({ type: z.literal('input_text'), text: optionalOrNull(string) });

const userContentSchema = wireObject({
  ...contentFields,
  type: z.enum(['input_text', 'input_audio', 'input_image']),
  image_url: optionalOrNull(string),
  detail: optionalOrNull(z.enum(['auto', 'low', 'high'])),
});

const assistantContentSchema = wireObject({
  ...contentFields,
  type: z.enum(['output_text', 'output_audio']),
});

const mcpErrorSchema = z.discriminatedUnion('type', [
  wireObject({ type: z.literal('protocol_error'), code: number, message: string }),
  wireObject({ type: z.literal('tool_execution_error'), message: string }),
  wireObject({ type: z.literal('http_error'), code: number, message: string }),
]);

const mcpListedToolSchema = wireObject({
  name: string,
  description: optionalOrNull(string),
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
      name: string,
      arguments: string,
      call_id: optional(string),
    }),
    wireObject({
      ...common,
      type: z.literal('function_call_output'),
      call_id: string,
      output: string,
    }),
    wireObject({
      type: z.literal('mcp_approval_response'),
      id: string,
      approval_request_id: string,
      approve: boolean,
      reason: optionalOrNull(string),
    }),
    wireObject({
      type: z.literal('mcp_list_tools'),
      id,
      server_label: string,
      tools: z.array(mcpListedToolSchema),
    }),
    wireObject({
      type: z.literal('mcp_call'),
      id: string,
      server_label: string,
      name: string,
      arguments: string,
      approval_request_id: optionalOrNull(string),
      error: optionalOrNull(mcpErrorSchema),
      output: optionalOrNull(string),
    }),
    wireObject({
      type: z.literal('mcp_approval_request'),
      id: string,
      server_label: string,
      name: string,
      arguments: string,
    }),
  ]);
}

/** An item as a client creates it. */
export const clientItemSchema = itemSchema(optional(string));
export type ClientItem = z.infer<typeof clientItemSchema>;

/** An item as a server reports it: always with an id. */
export const serverItemSchema = itemSchema(string);
export type ServerItem = z.infer<typeof serverItemSchema>;

/** An item of the conversation by id, in the input of a response (ResponseItemReference). */
export const itemReferenceSchema = wireObject({ type: z.literal('item_reference'), id: string });
