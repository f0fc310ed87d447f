/** What follows from one attempt at a call: pure, so that every case can be written down. */
import type { ParleyErrorCode } from '../../errors.js';
import { errorAnswerSchema } from './wire.js';
import type { HttpOutcome } from './exchange.js';

/** Attempts at one call, the first included. */
export const MAX_ATTEMPTS = 3;
/** Waits double from this one on, and vary by a fifth. */
const FIRST_WAIT_MS = 500;
/** A service that wants a longer wait than this is not asked again for this call. */
export const LONGEST_WAIT_MS = 30_000;
/** Longest time that a `Retry-After` keeps calls back. */
const LONGEST_PAUSE_MS = 10 * 60_000;
const MAX_CODE_CHARS = 40;

/** How a failed call is told. `message` follows the name of the service. */
export type CallFailure = { code: ParleyErrorCode; message: string };

/** What to do next. `healthy`: whether the service did its part, as far as an outage is concerned. */
export type Verdict =
  | { kind: 'answered'; json: unknown }
  | { kind: 'user_not_found' }
  /** The key was not accepted in this header. */
  | { kind: 'unauthorized' }
  | { kind: 'retry'; waitMs: number; pauseMs: number; failure: CallFailure }
  | { kind: 'failed'; healthy: boolean; pauseMs: number; failure: CallFailure };

/**
 * Judges attempt `attempt` (1 is the first). Worth another attempt: no connection, no answer in time, 5xx, 429. `pauseMs`
 * is how long no call at all should be made, as the service wishes.
 */
export function judge(
  outcome: HttpOutcome,
  attempt: number,
  now: { epochMs: number; random: number },
): Verdict {
  switch (outcome.kind) {
    case 'given_up':
      return failed({ code: 'service_unavailable', message: 'was not waited for' }, true);
    case 'timeout':
      return again(attempt, now, { code: 'service_unavailable', message: 'did not answer in time' });
    case 'unreachable':
      return again(attempt, now, {
        code: 'service_unavailable',
        message: `cannot be reached (${outcome.reason}): check the network, or FASTINO_BASE_URL`,
      });
    case 'too_long':
      return failed({ code: 'protocol', message: 'answered with far too much' }, false);
    case 'answer':
      return judgeAnswer(outcome, attempt, now);
  }
}

function judgeAnswer(
  { status, body, retryAfter }: Extract<HttpOutcome, { kind: 'answer' }>,
  attempt: number,
  now: { epochMs: number; random: number },
): Verdict {
  const json = parseJson(body);
  if (status >= 200 && status < 300) {
    if (json !== undefined) return { kind: 'answered', json };
    return failed({ code: 'protocol', message: 'answered with something that is not JSON' }, false);
  }
  if (status >= 300 && status < 400)
    return failed({ code: 'config', message: 'answers from elsewhere: correct FASTINO_BASE_URL' }, false);
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 403)
    return failed({ code: 'key_refused', message: 'does not allow this with FASTINO_API_KEY' }, true);
  if (status === 404 && errorAnswerSchema.safeParse(json).data?.error.code === 'USER_NOT_FOUND')
    return { kind: 'user_not_found' };
  if (status === 404)
    return failed({ code: 'config', message: 'is not at this address: correct FASTINO_BASE_URL' }, false);
  const waitedForMs = waitOf(retryAfter, now.epochMs);
  if (status === 429)
    return again(
      attempt,
      now,
      { code: 'service_unavailable', message: 'takes no more requests just now' },
      waitedForMs,
    );
  if (status >= 500)
    return again(
      attempt,
      now,
      { code: 'service_unavailable', message: `has a problem of its own (HTTP ${status})` },
      waitedForMs,
    );
  return failed(
    { code: 'protocol', message: `did not accept the request (HTTP ${status}${codeOf(json)})` },
    true,
  );
}

function again(
  attempt: number,
  { random }: { random: number },
  failure: CallFailure,
  waitedForMs?: number,
): Verdict {
  const backoffMs = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.8 + 0.4 * random);
  const waitMs = Math.max(backoffMs, waitedForMs ?? 0);
  const pauseMs = Math.min(waitedForMs ?? 0, LONGEST_PAUSE_MS);
  if (attempt >= MAX_ATTEMPTS || waitMs > LONGEST_WAIT_MS)
    return { kind: 'failed', healthy: false, pauseMs, failure };
  return { kind: 'retry', waitMs, pauseMs, failure };
}

function failed(failure: CallFailure, healthy: boolean): Verdict {
  return { kind: 'failed', healthy, pauseMs: 0, failure };
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. Undefined for anything else. */
function waitOf(retryAfter: string | undefined, epochMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(retryAfter)) return Number(retryAfter) * 1_000;
  const atMs = /^[A-Z][a-z]{2}, /.test(retryAfter) ? Date.parse(retryAfter) : NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - epochMs);
}

/** The error's code, where it is one: never its message, which may quote what was sent. */
function codeOf(json: unknown): string {
  const { data } = errorAnswerSchema.safeParse(json);
  const code = data?.error.code ?? '';
  return code.length <= MAX_CODE_CHARS && /^\w+$/.test(code) ? `, ${code}` : '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
