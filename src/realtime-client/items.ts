/** Items of a conversation as a program sees them: the fields of the wire, and what was gathered of them. */

/** One part of a message. `text` and `transcript` are untrusted. */
export type ItemContent = {
  type: string;
  text?: string | null;
  audio?: string | null;
  transcript?: string | null;
  [field: string]: unknown;
};

/** A function that the model calls; `arguments` is JSON text, whole once the item is completed. */
export type FormattedTool = { type: 'function'; name: string; call_id: string; arguments: string };

/** What was gathered of an item: all that was said or written in it so far. */
export type FormattedItem = {
  /** 24 kHz mono PCM16. Of old items it is empty: ten minutes are kept in all. */
  audio: Int16Array;
  text: string;
  /** One space where a transcription is empty, so that it can be told from none. */
  transcript: string;
  tool?: FormattedTool;
  output?: string;
};

/** One item of the conversation. It is the same object in all events of the item, and changes with them. */
export type RealtimeItem = {
  id: string;
  /** `message`, `function_call`, `function_call_output`, or a kind of MCP's. */
  type: string;
  role?: 'user' | 'assistant' | 'system';
  status?: 'in_progress' | 'completed' | 'incomplete';
  content?: ItemContent[];
  name?: string;
  call_id?: string;
  arguments?: string;
  output?: string | null;
  formatted: FormattedItem;
  [field: string]: unknown;
};

/** What an event added to an item: one of these. `transcript` of what a person said is all of it, everything else is a piece. */
export type ItemDelta = { transcript?: string; audio?: Int16Array; text?: string; arguments?: string };
