/**
 * Finds the client that the host has installed, and evaluates its unmodified file inside a function whose parameters are the browser
 * names that it uses, as Node's own loader does with the names of a module. Nothing is put on `globalThis`; each call gives a client
 * with its own sockets, connections and timers.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import { z } from 'zod';
import { messageOf, ParleyError } from '../../errors.js';
import type { SdkTimers } from '../sdk/timers.js';
import type { SdkWebSockets } from '../sdk/web-sockets.js';
import type { SdkPeerConnections } from '../webrtc/peer-connections.js';
import type { Wrtc } from '../webrtc/wrtc-types.js';
import type { StreamSdk } from './sdk-types.js';

/** The package, which is its vendor's: a host who is a customer installs it beside Parley. */
export const STREAM_PACKAGE = '@stream-io/video-client';
/** The version whose behaviour is known. */
const KNOWN_VERSION = '1.60.0';
const KNOWN_MAJOR = '1';

/** What one evaluated client takes for its browser. */
export type StreamBrowser = {
  wrtc: Wrtc;
  webSockets: SdkWebSockets;
  peerConnections: SdkPeerConnections;
  timers: SdkTimers;
};

/** Gives a fresh client that knows nothing but `browser`. */
export type CreateStreamSdk = (browser: StreamBrowser) => StreamSdk;

/** Which browser this is, by the libwebrtc that is in wrtc. */
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/106.0.0.0 Safari/537.36';

/** The client's free names, in the order in which they are passed; the first five are those of every module. */
const NAMES = [
  'module',
  'exports',
  'require',
  '__filename',
  '__dirname',
  'navigator',
  'WebSocket',
  'MediaStream',
  'RTCPeerConnection',
  'console',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
] as const;

const manifestSchema = z.object({ version: z.string() });
let loaded: CreateStreamSdk | undefined;

/** How to get the package. */
export const INSTALL_HINT = `install it beside Parley: npm install ${STREAM_PACKAGE}@${KNOWN_VERSION} (it is under Stream's own licence, for their customers)`;

/**
 * The version of the package that is installed; undefined where there is none. It is looked for where packages of Parley are.
 */
export function installedVersion(): string | undefined {
  const require = createRequire(import.meta.url);
  try {
    return manifestSchema.parse(require(`${STREAM_PACKAGE}/package.json`)).version;
  } catch {
    return undefined;
  }
}

/**
 * Loads the package, once per process. Throws ParleyError `config` where it is not installed, is of another major version, or cannot
 * be loaded: its one line says what to install.
 */
export function loadStreamSdk(): CreateStreamSdk {
  if (loaded !== undefined) return loaded;
  const version = installedVersion();
  if (version === undefined)
    throw new ParleyError(
      'config',
      `calls of Stream take ${STREAM_PACKAGE}, which is not installed: ${INSTALL_HINT}`,
    );
  if (version.split('.', 1)[0] !== KNOWN_MAJOR)
    throw new ParleyError('config', `${STREAM_PACKAGE} ${version} is not known to Parley: ${INSTALL_HINT}`);
  const filename = createRequire(import.meta.url).resolve(STREAM_PACKAGE);
  try {
    const run = compileFunction(readFileSync(filename, 'utf8'), [...NAMES], { filename }) as (
      ...values: unknown[]
    ) => unknown;
    loaded = (browser) => evaluate(run, filename, browser);
  } catch (cause) {
    throw new ParleyError(
      'config',
      `${STREAM_PACKAGE} ${version} cannot be loaded (${messageOf(cause)}): ${INSTALL_HINT}`,
      { cause },
    );
  }
  return loaded;
}

function evaluate(
  run: (...values: unknown[]) => unknown,
  filename: string,
  { wrtc, webSockets, peerConnections, timers }: StreamBrowser,
): StreamSdk {
  const module = { exports: {} as Partial<StreamSdk> };
  const values: Readonly<Record<(typeof NAMES)[number], unknown>> = {
    module,
    exports: module.exports,
    require: createRequire(filename),
    __filename: filename,
    __dirname: dirname(filename),
    navigator: { userAgent: USER_AGENT, onLine: true }, // no mediaDevices: its device managers stay quiet
    WebSocket: webSockets.WebSocket,
    MediaStream: wrtc.MediaStream,
    RTCPeerConnection: peerConnections.RTCPeerConnection,
    console: SILENT_CONSOLE,
    setTimeout: timers.setTimeout,
    clearTimeout: timers.clearTimeout,
    setInterval: timers.setInterval,
    clearInterval: timers.clearInterval,
  };
  run.apply(
    module.exports,
    NAMES.map((name) => values[name]),
  );
  const { StreamVideoClient } = module.exports;
  if (typeof StreamVideoClient !== 'function')
    throw new ParleyError('config', `${STREAM_PACKAGE} exports no StreamVideoClient: ${INSTALL_HINT}`);
  return { StreamVideoClient };
}

/** Nothing that the client prints is kept: tokens may be in it. */
const SILENT_CONSOLE: object = new Proxy({}, { get: () => () => undefined });

const CLIENT_MEMBERS = ['connectUser', 'disconnectUser', 'call'] as const;
const CALL_MEMBERS = [
  'join',
  'leave',
  'publish',
  'sendCustomEvent',
  'setDisconnectionTimeout',
  'on',
] as const;
const CALL_STATES = ['participants$', 'callingState$'] as const;

/** Which of the members that are used `client` and a call of it do not have, by name. */
export function missingMembers(client: object, call: object): readonly string[] {
  const lacks = (holder: object, name: string, type: string): boolean =>
    typeof (holder as Record<string, unknown>)[name] !== type;
  const state = (call as { state?: unknown }).state;
  return [
    ...CLIENT_MEMBERS.filter((name) => lacks(client, name, 'function')).map((name) => `client.${name}`),
    ...CALL_MEMBERS.filter((name) => lacks(call, name, 'function')).map((name) => `call.${name}`),
    ...CALL_STATES.filter(
      (name) =>
        typeof state !== 'object' ||
        state === null ||
        typeof (state as Record<string, { subscribe?: unknown } | undefined>)[name]?.subscribe !== 'function',
    ).map((name) => `call.state.${name}`),
  ];
}
