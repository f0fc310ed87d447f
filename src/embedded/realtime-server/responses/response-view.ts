/** A response and its content parts as events carry them. */
import type { JsonObject } from '../config/checks.js';
import { type AssistantPart, itemView, type StoredItem } from '../items/items.js';
import type { ResponseSettings } from './response-settings.js';
import { voiceName } from '../config/session-config.js';

/** The `status` of a response. */
export type ResponseStatus = 'in_progress' | 'completed' | 'cancelled' | 'failed' | 'incomplete';

/** What a `response` on the wire is made of. */
type ResponseFacts = {
  id: string;
  /** Undefined out of band. */
  conversationId: string | undefined;
  status: ResponseStatus;
  statusDetails: JsonObject | undefined;
  output: readonly StoredItem[];
  settings: ResponseSettings;
  usage: JsonObject;
};

/** The `response` of `response.created` and `response.done`; what does not apply yet is left out. */
export function responseView(facts: ResponseFacts): JsonObject {
  const { conversationId, settings, status, statusDetails } = facts;
  return {
    object: 'realtime.response',
    id: facts.id,
    status,
    ...(statusDetails === undefined || status === 'completed' ? {} : { status_details: statusDetails }),
    output: facts.output.map((item) => itemView(item)),
    ...(conversationId === undefined ? {} : { conversation_id: conversationId }),
    output_modalities: [settings.modality],
    max_output_tokens: settings.maxOutputTokens,
    audio: { output: { format: settings.format, voice: voiceName(settings.voice) } },
    ...(status === 'in_progress' ? {} : { usage: facts.usage }),
    metadata: settings.metadata,
  };
}

/** The `part` of content part events: audio as its transcript. */
export function partView(part: AssistantPart, text: string): JsonObject {
  return part.type === 'output_text' ? { type: 'text', text } : { type: 'audio', transcript: text };
}
