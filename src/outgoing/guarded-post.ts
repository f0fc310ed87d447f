/** Requests to addresses that somebody gave us: only to public ones, without redirects, within ten seconds unless told otherwise. */
import { lookup as systemLookup } from 'node:dns';
import { type RequestOptions, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 500;

/** What came of a POST. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly problem: string; readonly durationMs: number };

/** Bounds of one POST; each has a default. */
export type PostBounds = {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** What is kept of the answer; default 500. */
  readonly maxAnswerBytes?: number;
  /** Aborted: nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
};

/** How addresses are found, and which ones may be connected to. */
export type PostGuard = {
  /** For services that nobody else reaches, to try webhooks with: any address, and plain http. */
  readonly allowsPrivate: boolean;
  /** Finds addresses; the system's by default. */
  readonly lookup?: typeof systemLookup;
};

/** Why a URL cannot be one of those; undefined where it can, as far as that is seen without a look-up. */
export function urlProblem(
  text: string,
  { allowsPrivate }: Pick<PostGuard, 'allowsPrivate'>,
): string | undefined {
  if (!URL.canParse(text)) return 'is no URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(allowsPrivate && url.protocol === 'http:'))
    return 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a name or a password';
  if (url.hash !== '') return 'must not have a fragment';
  if (allowsPrivate) return undefined;
  const host = hostOf(url);
  if (isIP(host) !== 0 && !isPublicAddress(host)) return 'must lead to a public address';
  if (
    isIP(host) === 0 &&
    (!host.includes('.') || /\.(?:localhost|local|internal|home\.arpa)\.?$/i.test(host))
  )
    return 'must lead to a public address';
  return undefined;
}

/** Posts `body` as it is. Never rejects. */
export function guardedPost(
  text: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  guard: PostGuard,
  { timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES, signal }: PostBounds = {},
): Promise<PostOutcome> {
  const startMs = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startMs);
  const failed = (problem: string): PostOutcome => ({ kind: 'failed', problem, durationMs: durationMs() });
  const problem = urlProblem(text, guard);
  if (problem !== undefined) return Promise.resolve(failed(`the address ${problem}`));
  const url = new URL(text);
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(body.byteLength) },
    agent: false, // a connection that is kept might have been made for another name
    lookup: guardedLookup(guard),
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const answered = (): void => {
        const kept = Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8').replaceAll('\0', '');
        resolve({ kind: 'answered', status: response.statusCode ?? 0, body: kept, durationMs: durationMs() });
        request.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.byteLength;
        if (size >= maxAnswerBytes) answered();
      });
      response.once('end', answered);
      response.once('error', answered);
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer in ${timeoutMs / 1_000} s`)),
      timeoutMs,
    );
    request.once('close', () => clearTimeout(timer));
    request.once('error', (error) => resolve(failed(error.message)));
    request.end(body);
  });
}

/** A look-up that gives only public addresses, and those are what is connected to. */
export function guardedLookup({ allowsPrivate, lookup = systemLookup }: PostGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true, verbatim: true }, (error, addresses) => {
      const refused = error ?? notPublicAmong(addresses, allowsPrivate);
      const first = error === null ? addresses[0] : undefined;
      if (refused !== undefined || first === undefined)
        callback(refused ?? new Error('the name has no address'), '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function notPublicAmong(
  addresses: readonly { address: string }[],
  allowsPrivate: boolean,
): NodeJS.ErrnoException | undefined {
  return allowsPrivate || addresses.every(({ address }) => isPublicAddress(address))
    ? undefined
    : new Error('the name leads to an address that is not public');
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}
