/** A tool: a function that the model may call, and who may have it called. */
import type { z } from 'zod';

/**
 * What a call may do, and who is asked before it.
 * - `read` changes nothing: it runs at once, and beside others.
 * - `write` changes something: the model says so aloud first, and writes run one after the other.
 * - `confirm` is a write that somebody has to approve, each time.
 * - `host` is a write for hosts only: nobody else can have it called.
 */
export type ToolLevel = 'read' | 'write' | 'confirm' | 'host';

/** A JSON Schema of an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a handler knows of a call, besides its arguments. */
export type ToolContext = {
  readonly callId: string;
  /** The meeting that it is made in. */
  readonly meetingId: string;
  /** The participant who asked for it, where that is known. */
  readonly askedBy: string | undefined;
  /** The language that the answer is given in, where that is known: a BCP 47 tag. */
  readonly language?: string | undefined;
  /** Aborted when nobody waits for the result any more: the session has ended, or it took far too long. */
  readonly signal: AbortSignal;
};

/** Makes a call. What it returns (text, or anything that JSON can hold) is told to the model; so is the message of an error. */
export type ToolHandler<Arguments = Readonly<Record<string, unknown>>> = (
  args: Arguments,
  context: ToolContext,
) => unknown;

/** What a tool is, for the model and for whoever decides about its calls. */
export type ToolOptions<Parameters extends z.ZodObject | JsonSchema = z.ZodObject | JsonSchema> = {
  /** Any text; the name that the model sees is made of it. Unique in its registry. */
  readonly name: string;
  /** For the model: when to call it, and what it does. */
  readonly description: string;
  /** What it takes: a zod object, or a JSON Schema of one. Arguments are checked before the handler sees them. */
  readonly parameters: Parameters;
  readonly level: ToolLevel;
  /** After so long the model is told that the call is still running, and its result later; default 10 s. */
  readonly timeoutMs?: number;
};

/** The arguments that a handler gets for these parameters. */
export type ArgumentsOf<Parameters> = Parameters extends z.ZodObject
  ? z.output<Parameters>
  : Readonly<Record<string, unknown>>;

/** A tool with its handler, as files and the agent's own parts give them. */
export type AgentTool = ToolOptions & { readonly handler: ToolHandler };

/** A tool whose handler gets the arguments that its parameters describe. */
export function agentTool<Parameters extends z.ZodObject | JsonSchema>(
  options: ToolOptions<Parameters>,
  handler: ToolHandler<ArgumentsOf<Parameters>>,
): AgentTool {
  return { ...options, handler: handler as ToolHandler };
}
