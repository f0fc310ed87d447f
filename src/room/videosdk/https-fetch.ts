/**
 * The `fetch` that one evaluated SDK uses. The SDK turns every failure of its first request into "unable to join"
 * (videosdk.js line 46020); this one keeps the cause.
 */
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { loadWays, type ProxyWay } from '../../outgoing/agents.js';
import { proxyProblem } from '../../outgoing/proxies.js';
import { tlsOptionsFor, type TrustedAddress } from '../sdk/web-sockets.js';

const TIMEOUT_MS = 15_000;
const MAX_BODY_BYTES = 1024 * 1024;
/** The SDK's first request: which servers to use for this meeting and token. */
const INIT_CONFIG_PATH = '/infra/v1/meetings/init-config';

/** Why the first request gave nothing to work with. */
export type InitConfigFailure =
  | { kind: 'unreachable'; host: string; code: string; proxyProblem?: string }
  | { kind: 'distrusted'; host: string; code: string }
  | { kind: 'garbled'; host: string; problem: string }
  | { kind: 'refused'; host: string; status: number; code?: number; message?: string };

type Answer = { status: number; body: Buffer; contentType: string | undefined };
type FetchInit = { method?: string; headers?: Record<string, string>; body?: string };

/** `fetch` for one meeting, and what it saw of the first request. */
export class SdkFetch {
  readonly #trusted: TrustedAddress | undefined;
  readonly #telemetry: boolean;
  readonly #telemetryUrls = new Set<string>();
  #initConfigFailure: InitConfigFailure | undefined;

  /** With `telemetry` false, the SDK is told that the service wants no traces and logs, and sends none. */
  constructor(options: { trusted?: TrustedAddress | undefined; telemetry: boolean }) {
    this.#trusted = options.trusted;
    this.#telemetry = options.telemetry;
  }

  /** Why the last init-config failed; undefined when it did not. */
  get initConfigFailure(): InitConfigFailure | undefined {
    return this.#initConfigFailure;
  }

  readonly fetch = async (input: string | URL, init: FetchInit = {}): Promise<Response> => {
    const url = new URL(input);
    if (this.#telemetryUrls.has(url.href)) return new Response('{}', { status: 200 });
    const isInitConfig = url.pathname === INIT_CONFIG_PATH;
    const way = (await loadWays())(url);
    let answer: Answer;
    try {
      answer = await send(url, init, { trusted: this.#trusted, way });
    } catch (error) {
      if (isInitConfig) this.#initConfigFailure = connectionFailure(url.host, error, way);
      throw error;
    }
    const body = isInitConfig ? this.#readInitConfig(url.host, answer) : answer.body;
    return new Response(new Uint8Array(body), {
      status: answer.status,
      headers: { 'content-type': answer.contentType ?? 'application/json' },
    });
  };

  #readInitConfig(host: string, answer: Answer): Buffer {
    const parsed = parseInitConfig(answer.status, answer.body.toString('utf8'));
    if (parsed.kind !== 'config') {
      this.#initConfigFailure = { ...parsed, host };
      return answer.body;
    }
    this.#initConfigFailure = undefined;
    if (this.#telemetry) return answer.body;
    for (const endPoint of switchTelemetryOff(parsed.config)) this.#telemetryUrls.add(endPoint);
    return Buffer.from(JSON.stringify(parsed.config));
  }
}

function send(
  url: URL,
  init: FetchInit,
  { trusted, way }: { trusted: TrustedAddress | undefined; way: ProxyWay | undefined },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (url.protocol !== 'https:') {
      reject(new Error(`${url.protocol} is not HTTPS`));
      return;
    }
    const outgoing = request(url, {
      method: init.method ?? 'GET',
      headers: init.headers ?? {},
      timeout: TIMEOUT_MS,
      ...tlsOptionsFor(url.host, trusted),
      ...(way === undefined ? {} : { agent: way.agent }),
    });
    outgoing.on('timeout', () => {
      outgoing.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response: IncomingMessage) => {
      if (way?.refusedWith !== undefined) {
        outgoing.destroy(new Error(proxyProblem(way.proxy, way.refusedWith)));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES)
          outgoing.destroy(Object.assign(new Error('the answer is too long'), { code: 'TOO_LONG' }));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks),
          contentType: response.headers['content-type'],
        }),
      );
    });
    outgoing.end(init.body);
  });
}

/** OpenSSL's and Node's codes for a certificate that cannot be trusted (tls.md, "X509 certificate error codes"). */
const DISTRUST =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|ERR_TLS|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;
const UNREACHABLE = /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
const NOT_TLS = /^EPROTO$|^ERR_SSL_/;

function connectionFailure(host: string, error: unknown, way: ProxyWay | undefined): InitConfigFailure {
  const code = codeOf(error);
  if (way !== undefined && (way.refusedWith !== undefined || UNREACHABLE.test(code)))
    return { kind: 'unreachable', host, code, proxyProblem: proxyProblem(way.proxy, way.refusedWith, code) };
  if (code === 'TOO_LONG') return { kind: 'garbled', host, problem: 'is far too long' };
  if (NOT_TLS.test(code)) return { kind: 'garbled', host, problem: 'is not TLS' };
  return { kind: DISTRUST.test(code) ? 'distrusted' : 'unreachable', host, code };
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown';
}

type InitConfig = { data: Record<string, unknown> };
type ParsedInitConfig =
  | { kind: 'config'; config: InitConfig }
  | { kind: 'garbled'; problem: string }
  | { kind: 'refused'; status: number; code?: number; message?: string };

/**
 * Reads the answer to init-config: 200 with `data.baseUrl` and `data.observability` (read unguarded at line 12450), or
 * another status with `{ code, error }`.
 */
export function parseInitConfig(status: number, text: string): ParsedInitConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    if (status === 200) return { kind: 'garbled', problem: 'is not JSON' };
  }
  const top = asRecord(json);
  if (status !== 200) {
    const { code, error } = top ?? {};
    return {
      kind: 'refused',
      status,
      ...(typeof code === 'number' ? { code } : {}),
      ...(typeof error === 'string' ? { message: error } : {}),
    };
  }
  const data = asRecord(top?.['data']);
  if (data === undefined) return { kind: 'garbled', problem: 'has no "data"' };
  if (typeof data['baseUrl'] !== 'string') return { kind: 'garbled', problem: 'has no "data.baseUrl"' };
  const observability = asRecord(data['observability']);
  if (asRecord(observability?.['traces']) === undefined || asRecord(observability?.['logs']) === undefined)
    return { kind: 'garbled', problem: 'has no "data.observability"' };
  return { kind: 'config', config: { data } };
}

/** Says in `config` that neither traces nor logs are wanted; returns where they would have gone. */
function switchTelemetryOff(config: InitConfig): readonly string[] {
  const observability = asRecord(config.data['observability']);
  const endPoints: string[] = [];
  for (const name of ['traces', 'logs']) {
    const sink = asRecord(observability?.[name]);
    if (sink === undefined) continue;
    sink['enabled'] = false;
    const endPoint = sink['endPoint'];
    if (typeof endPoint === 'string' && URL.canParse(endPoint)) endPoints.push(new URL(endPoint).href);
  }
  return endPoints;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
