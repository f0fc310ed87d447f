/** What others are told of calls: who may approve one, and what became of it. */
import type { ToolLevel } from './tool.js';
import type { CallEnd } from './tool-output.js';

/** A call that somebody has to approve. Its arguments are to be shown in full, as untrusted text. */
export type ApprovalRequest = {
  readonly callId: string;
  readonly toolName: string;
  readonly description: string;
  readonly level: ToolLevel;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly askedBy: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
};

/** Whoever asks people. Rejecting counts as no answer. */
export type AskApproval = (request: ApprovalRequest) => Promise<'approved' | 'denied'>;

/** One call that is over. */
export type ToolCallRecord = {
  readonly callId: string;
  readonly turnId: string;
  readonly toolName: string;
  /** Undefined for a tool that is not there. */
  readonly level: ToolLevel | undefined;
  /** JSON text as the model wrote it. */
  readonly arguments: string;
  readonly askedBy: string | undefined;
  readonly outcome: Exclude<CallEnd['kind'], 'running'>;
  /** What it gave back, or why it gave back nothing: untrusted text, cut as for the model. Empty where there is nothing to say. */
  readonly result: string;
  readonly durationMs: number;
  /** The model had been told that it was still running. */
  readonly wasLate: boolean;
  /** It was equal to another one under way, and was given its result. */
  readonly wasJoined: boolean;
};

/** What a runner counts. */
export type ToolCounters = {
  calls: number;
  /** Handlers that threw, tools that were not there, arguments that did not fit. */
  failed: number;
  /** Not approved in time or at all, or not by a host. */
  denied: number;
  late: number;
  joined: number;
  /** Results that came when the session had ended. */
  lost: number;
};
