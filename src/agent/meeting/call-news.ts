/** What is told of calls: to hosts, and to whoever is asked about one. Pure; names and arguments are untrusted. */
import { quoteUntrusted } from '../../interpreter/instructions/untrusted-text.js';
import type { ToolNews } from '../../meeting/meeting-events.js';
import type { ToolCall } from '../../realtime/session-tools.js';
import { shortened } from '../../text.js';
import type { ApprovalRequest, ToolCallRecord } from '../tools/tool-calls.js';
import type { RegisteredTool } from '../tools/tool-registry.js';

const MAX_TOOL_CHARS = 100;
/** Of arguments, as hosts are shown them. */
const MAX_ARGUMENT_CHARS = 10_000;
/** Of arguments, as they are said aloud. */
const MAX_SPOKEN_CHARS = 300;
const MAX_NAME_CHARS = 80;

/** A call that the model makes. */
export function newsOfCall(
  { callId, name, arguments: args }: ToolCall,
  tool: RegisteredTool | undefined,
  askedBy: string | undefined,
): ToolNews {
  return {
    ...{ what: 'called', callId, tool: tool?.name ?? shortened(name, MAX_TOOL_CHARS) },
    arguments: shortened(args, MAX_ARGUMENT_CHARS),
    ...(tool === undefined ? {} : { level: tool.level }),
    ...(askedBy === undefined ? {} : { askedBy }),
  };
}

/** A call that somebody has to approve. */
export function newsOfRequest({
  callId,
  toolName,
  level,
  arguments: args,
  askedBy,
}: ApprovalRequest): ToolNews {
  return {
    ...{ what: 'asking', callId, tool: toolName, level, arguments: JSON.stringify(args) },
    ...(askedBy === undefined ? {} : { askedBy }),
  };
}

/** One that somebody has approved or denied. */
export function newsOfDecision(
  request: ApprovalRequest,
  what: 'approved' | 'denied',
  decidedBy: string,
): ToolNews {
  return { ...newsOfRequest(request), what, decidedBy };
}

/** A call that is over. */
export function newsOfRecord(record: ToolCallRecord): ToolNews {
  const { callId, toolName, level, askedBy, outcome, durationMs, wasLate } = record;
  return {
    ...{ what: 'over', callId, tool: shortened(toolName, MAX_TOOL_CHARS), outcome },
    ...{ arguments: shortened(record.arguments, MAX_ARGUMENT_CHARS), durationMs: Math.round(durationMs) },
    ...(level === undefined ? {} : { level }),
    ...(askedBy === undefined ? {} : { askedBy }),
    ...(record.result === '' ? {} : { result: record.result }),
    ...(wasLate ? { wasLate } : {}),
  };
}

/** Asks whoever asked for a call, by name, whether it is to be made. */
export function questionOf(name: string, { toolName, arguments: args }: ApprovalRequest): string {
  const entries = Object.entries(args).map(([field, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${quoteUntrusted(field, MAX_NAME_CHARS) ?? ''} ${quoteUntrusted(text, MAX_SPOKEN_CHARS) ?? '""'}`;
  });
  const what = quoteUntrusted(toolName.replace(/_+/gu, ' '), MAX_TOOL_CHARS) ?? 'a tool';
  const asked = `${shortened(name, MAX_NAME_CHARS)}, may I use ${what}`;
  const details = entries.length === 0 ? '' : `, with ${shortened(entries.join(', '), MAX_SPOKEN_CHARS)}`;
  return `${asked}${details}? Please say yes or no.`;
}
