/** Where a live session connects to and which key goes there. Pure: a key never leaves for a host it is not meant for. */
import { ParleyError } from '../../errors.js';
import type { EntraCredentials } from './entra-token.js';
import type { WireForm } from './wire-form.js';

/** OpenAI's API (https://developers.openai.com, guides/realtime). */
const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const OPENAI_HOST = 'api.openai.com';

/** The environment variables that decide, Azure's included (azure-endpoint.ts). */
export type EndpointEnvironment = {
  AZURE_OPENAI_ENDPOINT?: string | undefined;
  AZURE_OPENAI_API_KEY?: string | undefined;
  AZURE_OPENAI_DEPLOYMENT?: string | undefined;
  AZURE_OPENAI_TRANSLATE_DEPLOYMENT?: string | undefined;
  AZURE_OPENAI_LIVE_DEPLOYMENT?: string | undefined;
  AZURE_TENANT_ID?: string | undefined;
  AZURE_CLIENT_ID?: string | undefined;
  AZURE_CLIENT_SECRET?: string | undefined;
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  PARLEY_REALTIME_KEY?: string | undefined;
};

/** What decides: nothing but what stands here. */
export type EndpointRequest = {
  /** Address of any compatible server; without it, OpenAI or `OPENAI_BASE_URL`. */
  url?: string | undefined;
  /** Put into the query where that names no model. */
  model: string;
  environment: EndpointEnvironment;
  /** Allows `ws://` to hosts other than this machine. */
  insecure?: boolean | undefined;
  /** Continuous translation sessions live below the path of conversation sessions. Default `conversation`. */
  sessions?: SessionKind | undefined;
};

/** Sessions of `/v1/realtime`, of `/v1/realtime/translations`, or of `/v1/live/sessions`. */
export type SessionKind = 'conversation' | 'translation' | 'live';

/** Where to connect, with what. */
export type Endpoint = {
  /** `wss://` or `ws://`, query included. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Host, with the port where it is not the default one. */
  host: string;
  /** For the first line of output: the host, and which key goes there. */
  describe: string;
  provider: ProviderName;
  /** What a bearer token is asked for with, at each connection. */
  entra?: EntraCredentials;
  /** How conversation sessions of a compatible server are worded, where some events may never come. */
  wireForm?: WireForm;
};

/** Who is at the other end. A proxy at `OPENAI_BASE_URL` counts as OpenAI. */
export type ProviderName = 'openai' | 'azure' | 'compatible';

type KeyVariable = 'OPENAI_API_KEY' | 'PARLEY_REALTIME_KEY';

/**
 * Decides address and headers. `OPENAI_API_KEY` goes to api.openai.com over TLS and to the host of `OPENAI_BASE_URL`,
 * nowhere else; any other address gets `PARLEY_REALTIME_KEY`, or no key. Throws a ParleyError: `usage` for a wrong
 * address, `config` for a wrong `OPENAI_BASE_URL`, `key_refused` when OpenAI's key is missing.
 */
export function resolveEndpoint(request: EndpointRequest): Endpoint {
  const { environment, insecure = false, sessions = 'conversation' } = request;
  const base = openAiBase(environment);
  const url = request.url === undefined ? realtimeUnder(base) : parseAddress(request.url, 'usage', '--url');
  checkEncryption(url, insecure);
  if (sessions === 'live') toLiveSessions(url);
  else if (!url.searchParams.has('model')) url.searchParams.set('model', request.model);
  if (sessions === 'translation') url.pathname = `${url.pathname.replace(/\/+$/, '')}/translations`;

  const isOpenAi = url.protocol === 'wss:' && url.host === OPENAI_HOST;
  const isBase = url.protocol === base.protocol && url.host === base.host;
  const variable: KeyVariable = isOpenAi || isBase ? 'OPENAI_API_KEY' : 'PARLEY_REALTIME_KEY';
  const key = environment[variable]?.trim() ?? '';
  if (key === '' && variable === 'OPENAI_API_KEY') {
    throw new ParleyError('key_refused', `${url.host} needs a key: set OPENAI_API_KEY in the environment`);
  }
  return {
    url: url.href,
    headers: key === '' ? {} : { Authorization: `Bearer ${key}` },
    host: url.host,
    describe: `${url.host} (${key === '' ? 'no key' : `key from ${variable}`})`,
    provider: isOpenAi || isBase ? 'openai' : 'compatible',
  };
}

/** Throws ParleyError `usage` for `ws://` to another machine, unless that is asked for. */
export function checkEncryption(url: URL, insecure: boolean): void {
  if (url.protocol !== 'ws:' || insecure || isThisMachine(url.hostname)) return;
  throw new ParleyError(
    'usage',
    `${url.host} would be reached without encryption; use wss://, or add --insecure if the network is yours`,
  );
}

function openAiBase(environment: EndpointEnvironment): URL {
  const configured = environment.OPENAI_BASE_URL?.trim() ?? '';
  return parseAddress(configured === '' ? OPENAI_BASE_URL : configured, 'config', 'OPENAI_BASE_URL');
}

/** `…/v1` becomes `…/v1/realtime`. */
function realtimeUnder(base: URL): URL {
  const url = new URL(base);
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/realtime`;
  return url;
}

/** Live sessions are beside conversation sessions, and take no query: `…/v1/realtime` becomes `…/v1/live/sessions`. */
function toLiveSessions(url: URL): void {
  const base = url.pathname.replace(/\/+$/, '').replace(/\/(?:realtime|live\/sessions)$/, '');
  url.pathname = `${base}/live/sessions`;
  url.search = '';
}

/** A WebSocket URL from an address in any of four schemes. The address stays out of the error: it may hold a password. */
export function parseAddress(address: string, code: 'usage' | 'config', source: string): URL {
  const refuse = (problem: string) => new ParleyError(code, `${source} ${problem}`);
  if (!URL.canParse(address)) throw refuse('is no URL; write it like wss://host/v1/realtime');
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    throw refuse('holds credentials; put the key into PARLEY_REALTIME_KEY instead');
  }
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') {
    throw refuse('must begin with wss:// (or ws:// on this machine)');
  }
  if (url.hash !== '') throw refuse('must not hold a #fragment');
  return url;
}

/** Loopback, after the URL parser has written every form of an IP address in one way. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
