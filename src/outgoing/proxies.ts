/**
 * The proxy that the environment names for an address: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or
 * not, as `proxy-from-env` reads them. What is needed for one is loaded only where one is set.
 */
import { ParleyError } from '../errors.js';
import { isLoopbackHostname } from './loopback.js';

/** A proxy on the way to an address. Its password stands in `authorization` alone. */
export type Proxy = {
  /** `host:port`, for people. */
  readonly host: string;
  /** The variable that names it. */
  readonly variable: string;
  /** Without user and password. */
  readonly url: string;
  /** The value of `Proxy-Authorization`; undefined where the address has no user. */
  readonly authorization: string | undefined;
};

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'] as const;
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The proxy for an address, WebSockets included; undefined where it is reached directly. */
export type ProxyFor = (url: string | URL) => Proxy | undefined;

/** Whether the environment names a proxy at all. */
export function anyProxyIsSet(): boolean {
  return VARIABLES.some((name) => valueOf(name) !== undefined);
}

/** Reads the environment. Throws ParleyError `config` where it is asked for an address whose proxy cannot be used. */
export async function loadProxies(): Promise<ProxyFor> {
  if (!anyProxyIsSet()) return () => undefined;
  const { getProxyForUrl } = await import('proxy-from-env');
  return (url) => {
    const target = new URL(url);
    // Nothing on this machine is reached through another one.
    if (isLoopbackHostname(target.hostname)) return undefined;
    const isSecure = target.protocol === 'wss:' || target.protocol === 'https:';
    const asked = new URL(target.href.replace(/^[a-z]+:/i, isSecure ? 'https:' : 'http:'));
    if (getProxyForUrl(asked.href) === '') return undefined;
    const own = isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    const variable = valueOf(own) === undefined ? 'ALL_PROXY' : own;
    return parseProxy(valueOf(variable) ?? '', variable);
  };
}

/** What stands in this variable, in capitals or not. */
function valueOf(name: string): string | undefined {
  const value = (process.env[name.toLowerCase()] ?? process.env[name])?.trim();
  return value === '' ? undefined : value;
}

/** `http://user:password@host:port`, or without its scheme. The address stays out of errors: it may hold a password. */
export function parseProxy(text: string, variable: string): Proxy {
  const address = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || url.hostname === '')
    throw new ParleyError('config', `${variable} is no address: write it like http://proxy.example:3128`);
  const port = PORTS[url.protocol];
  if (port === undefined)
    throw new ParleyError(
      'config',
      `${variable} names a proxy of the kind ${url.protocol.slice(0, -1)}: Parley uses HTTP proxies, http:// or https://`,
    );
  const { username, password } = url;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    host: `${url.hostname}:${url.port === '' ? port : url.port}`,
    variable,
    url: `${url.protocol}//${url.host}`,
    authorization:
      username === '' ? undefined : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
  };
}

/** Why a proxy let nothing through, in one line that says what to do. `status`: its HTTP answer; undefined: there was none. */
export function proxyProblem({ host, variable }: Proxy, status: number | undefined, code = ''): string {
  if (status === 407)
    return `the proxy ${host} wants another user and password (HTTP 407): write them into ${variable}, as in http://user:password@host:port`;
  if (status !== undefined)
    return `the proxy ${host} lets nothing through to there (HTTP ${status}): ask who runs it, or name the host in NO_PROXY`;
  return `the proxy ${host} cannot be reached${code === '' ? '' : ` (${code})`}: check ${variable}`;
}
