/** Tools that are somebody's HTTP service: each call is one signed POST. */
import { oneLine } from '../../text.js';
import { guardedPost, type PostGuard } from '../../outgoing/guarded-post.js';
import { signedHeaders } from '../../outgoing/signature.js';
import type { JsonSchema, ToolHandler, ToolOptions } from './tool.js';

/** Of an answer; what comes beyond is left out. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_PROBLEM_CHARS = 300;
/** A call that may take longer than its tool is given: its result is told later. */
const LONGEST_CALL_MS = 120_000;

/** A tool whose calls are posted to `url`. */
export type HttpToolOptions = ToolOptions<JsonSchema> & {
  readonly url: string;
  /** Signs the calls as webhooks are signed (Standard Webhooks); two in the day after a change, none: they are not signed. */
  readonly secrets: readonly string[];
  /** Sent beside ours, which go before. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * A handler that posts each call as `{ type: 'tool.call', tool, call_id, meeting_id, asked_by, arguments }`. An answer of the 200s is
 * the result: JSON, or text. Anything else is an error, and so are redirects and addresses that are not public.
 */
export function httpToolHandler(
  { name, url, secrets, headers: own = {} }: Pick<HttpToolOptions, 'name' | 'url' | 'secrets' | 'headers'>,
  guard: PostGuard,
): ToolHandler {
  return async (args, { callId, meetingId, askedBy, signal }) => {
    const body = Buffer.from(
      JSON.stringify({
        type: 'tool.call',
        tool: name,
        call_id: callId,
        meeting_id: meetingId,
        asked_by: askedBy ?? null,
        arguments: args,
      }),
    );
    const headers = { ...own, ...signedHeaders({ id: callId, at: new Date(), body }, secrets) };
    const bounds = { timeoutMs: LONGEST_CALL_MS, maxAnswerBytes: MAX_ANSWER_BYTES, signal };
    const outcome = await guardedPost(url, headers, body, guard, bounds);
    if (outcome.kind === 'failed') throw new Error(`The service cannot be reached: ${outcome.problem}`);
    const { status, body: answer } = outcome;
    if (status < 200 || status > 299) {
      throw new Error(`The service answered HTTP ${status}: ${oneLine(answer, MAX_PROBLEM_CHARS)}`);
    }
    return jsonOrText(answer);
  };
}

function jsonOrText(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer;
  }
}
