/**
 * Errors of Stream in the terms of this project. The API's codes come in errors of the client (`code`, or JSON in the message of a
 * connection that was refused); those of its media server in `errorEvent`.
 */
import { z } from 'zod';
import { messageOf, ParleyError, type ParleyErrorCode } from '../../errors.js';
import { oneLine } from '../../text.js';
import { type JoinFailure, lostJoin } from '../sdk/join-failure.js';

type Verdict = readonly [code: ParleyErrorCode, advice: string, retryable?: true];

/** The API's: authentication, permission, existence, limits. */
const API_CODES: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [2, ['key_refused', 'Stream does not know the API key; check STREAM_API_KEY']],
  [3, ['key_refused', 'Stream refused the token; check STREAM_API_KEY and STREAM_API_SECRET']],
  [4, ['usage', 'Stream refused the request: a value in it is wrong']],
  [5, ['key_refused', 'Stream refused the token; check STREAM_API_KEY and STREAM_API_SECRET']],
  [9, ['service_unavailable', 'too many requests to Stream at once; try later', true]],
  [16, ['usage', 'Stream knows no such call; check the call id, or create the call first']],
  [
    17,
    ['key_refused', "the interpreter's user may not join this call; check the permissions of the call type"],
  ],
  [40, ['key_refused', 'the token has expired; make a new one']],
  [41, ['key_refused', "the token is not valid yet; is this machine's clock right?"]],
  [42, ['key_refused', "the token was issued in the service's future; is this machine's clock right?"]],
  [43, ['key_refused', 'the signature of the token is wrong; check STREAM_API_SECRET']],
  [99, ['key_refused', 'the Stream app is suspended']],
]);

/** The media server's. */
const MEDIA_CODES: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [300, ['usage', 'Stream knows no such call; check the call id, or create the call first']],
  [301, ['service_unavailable', 'the call is full; free a place or try later', true]],
  [401, ['key_refused', 'the media server of Stream refused the token']],
  [
    403,
    ['key_refused', "the interpreter's user may not join this call; check the permissions of the call type"],
  ],
  [700, ['service_unavailable', 'the media server of Stream is full; try later', true]],
]);

const TOO_MANY_REQUESTS = 429;
const API_RATE_LIMIT = 9;

const errorShape = z.object({ code: z.number().nullish(), status: z.number().nullish() });
const mediaShape = z.object({ errorEvent: z.object({ error: z.object({ code: z.number() }) }) });
const spokenShape = z.object({
  code: z.number().optional(),
  StatusCode: z.number().optional(),
  message: z.string().optional(),
});

type Facts = {
  api?: number | undefined;
  media?: number | undefined;
  status?: number | undefined;
  text: string;
};

/** What an error of the client holds. */
function factsOf(error: unknown): Facts {
  const media = mediaShape.safeParse(error);
  const message = messageOf(error);
  if (media.success) return { media: media.data.errorEvent.error.code, text: message };
  const spoken = spokenShape.safeParse(jsonOf(message));
  if (spoken.success) {
    const { code, StatusCode, message: text } = spoken.data;
    return { api: code, status: StatusCode, text: text ?? message };
  }
  const shape = errorShape.safeParse(error);
  if (!shape.success) return { text: message };
  const { code, status } = shape.data;
  return { api: code ?? undefined, status: status ?? undefined, text: message };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the service was asked too often. */
export function isRateLimit(error: unknown): boolean {
  const { api, status } = factsOf(error);
  return api === API_RATE_LIMIT || status === TOO_MANY_REQUESTS;
}

/** Why a call was not joined; `secrets` are in no line of it. */
export function joinFailed(error: unknown, secrets: readonly string[] = []): JoinFailure {
  const { api, media, status, text } = factsOf(error);
  const said = oneLine(
    secrets.reduce((line, secret) => line.replaceAll(secret, '…'), text),
    200,
  );
  const code = media ?? api;
  const verdict = media === undefined ? verdictOf(api, status) : MEDIA_CODES.get(media);
  if (verdict === undefined) {
    return lostJoin(`the call could not be joined: ${said === '' ? 'no reason given' : said}`, code, error);
  }
  const [errorCode, advice, retryable = false] = verdict;
  const message = `${advice} (${code ?? status ?? ''}${said === '' ? '' : `: ${said}`})`;
  return {
    reason: { kind: 'refused', message, ...(code === undefined ? {} : { code }) },
    error: new ParleyError(errorCode, message, { retryable, cause: error }),
  };
}

function verdictOf(api: number | undefined, status: number | undefined): Verdict | undefined {
  const known = api === undefined ? undefined : API_CODES.get(api);
  if (known !== undefined) return known;
  if (status === 401 || status === 403) return API_CODES.get(3);
  if (status === 404) return API_CODES.get(16);
  if (status === TOO_MANY_REQUESTS) return API_CODES.get(API_RATE_LIMIT);
  return undefined;
}
