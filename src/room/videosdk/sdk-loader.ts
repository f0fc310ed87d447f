/**
 * Evaluates the unmodified bundle of `@videosdk.live/js-sdk` inside a function whose parameters are the browser names
 * that it uses. Nothing is put on `globalThis`, where `window` and `navigator` would make other libraries believe that
 * they run in a browser; each call gives an SDK with its own store, sockets, connections and timers.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Script } from 'node:vm';
import { compileScript, keepScript, keptAt } from '../../compiled-code.js';
import { ParleyError } from '../../errors.js';
import type { SdkFetch } from './https-fetch.js';
import type { SdkPeerConnections } from '../webrtc/peer-connections.js';
import type { VideoSdk } from './sdk-types.js';
import type { SdkMediaStream, Wrtc } from '../webrtc/wrtc-types.js';
import type { SdkTimers } from '../sdk/timers.js';
import type { SdkWebSockets } from '../sdk/web-sockets.js';

/** Internals of this version are relied on; see src/room/videosdk/README.md. */
const SDK_PACKAGE = '@videosdk.live/js-sdk';
/** Part of each line of a stack inside its bundle. */
export const SDK_FILE = '@videosdk.live/js-sdk/videosdk.js';
const SDK_VERSION = '1.1.1';

/** mediasoup-client picks its handler by this: Chrome 74 to 110 is the one that fits wrtc's libwebrtc M106. */
const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/106.0.0.0 Safari/537.36';

/** What one evaluated SDK takes for its browser. */
type SdkBrowser = {
  wrtc: Wrtc;
  fetch: SdkFetch['fetch'];
  webSockets: SdkWebSockets;
  peerConnections: SdkPeerConnections;
  timers: SdkTimers;
  /** A stream with a fresh track of our microphone. */
  openMicrophone: () => SdkMediaStream;
};

/** The bundle's free names, in the order in which they are passed. */
const NAMES = [
  'module',
  'exports',
  'self',
  'window',
  'navigator',
  'WebSocket',
  'MediaStream',
  'RTCPeerConnection',
  'fetch',
  'console',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'regeneratorRuntime', // assigned as a free name (videosdk.js line 34960), which would become a global
] as const;

/** Before the bundle, in its first line: its line numbers stay. */
const HEAD = `(function (${NAMES.join(', ')}) {`;
const TAIL = '\n})';
/** By then a meeting is joined, and what that takes of the bundle is compiled. */
const KEEP_AFTER_MS = 5_000;

type Bundle = (...values: unknown[]) => unknown;
let bundle: Bundle | undefined;
/** To be kept for the next process, once the bundle is in use. */
let unkept: { script: Script; source: string; path: string } | undefined;

/**
 * The bundle as a function of {@link NAMES}, compiled once per process.
 * @param cacheFolder a folder of ours alone, where what V8 makes of the bundle is kept for the next process
 */
export function loadBundle(cacheFolder?: string): Bundle {
  if (bundle !== undefined) return bundle;
  const require = createRequire(import.meta.url);
  const { version } = require(`${SDK_PACKAGE}/package.json`) as { version: string };
  if (version !== SDK_VERSION) {
    throw new ParleyError(
      'internal',
      `${SDK_PACKAGE} ${version} is installed, and ${SDK_VERSION} is needed; run npm ci`,
    );
  }
  const filename = require.resolve(SDK_PACKAGE);
  const path = cacheFolder === undefined ? undefined : keptAt(cacheFolder, `videosdk-${SDK_VERSION}`);
  const source = HEAD + withEscapes(readFileSync(filename)) + TAIL;
  const { script, isFromFile } = compileScript(source, { filename, columnOffset: -HEAD.length, path });
  if (path !== undefined && !isFromFile) unkept = { script, source, path };
  bundle = script.runInThisContext() as Bundle;
  return bundle;
}

/**
 * UTF-8 source text in which characters beyond ASCII are written as escapes: they stand in comments and strings only. A single one
 * would make V8 keep all 3 MB of the text with two bytes a character, for as long as the process lives.
 */
export function withEscapes(utf8: Buffer): string {
  return utf8.toString('latin1').replace(/[\x80-\xff]+/g, (bytes) => {
    const text = Buffer.from(bytes, 'latin1').toString('utf8');
    return Array.from({ length: text.length }, (_, index) => escapeOf(text.charCodeAt(index))).join('');
  });
}

const escapeOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;

function keepCompiled(): void {
  if (unkept === undefined) return;
  const { script, source, path } = unkept;
  unkept = undefined;
  setTimeout(() => {
    keepScript(script, source, path);
  }, KEEP_AFTER_MS).unref();
}

/** A fresh SDK that knows nothing but `browser`. */
export function createSdk(browser: SdkBrowser): VideoSdk {
  const module = { exports: {} as { VideoSDK?: VideoSdk } };
  const values = scopeOf(browser, module);
  loadBundle().apply(
    module.exports,
    NAMES.map((name) => values[name]),
  );
  keepCompiled();
  const sdk = module.exports.VideoSDK;
  if (sdk === undefined) throw new ParleyError('internal', `${SDK_PACKAGE} exports no VideoSDK; run npm ci`);
  return sdk;
}

function scopeOf(
  browser: SdkBrowser,
  module: { exports: object },
): Readonly<Record<(typeof NAMES)[number], unknown>> {
  const { timers } = browser;
  const timerFunctions = {
    setTimeout: timers.setTimeout,
    clearTimeout: timers.clearTimeout,
    setInterval: timers.setInterval,
    clearInterval: timers.clearInterval,
  };
  const common = {
    ...timerFunctions,
    navigator: createNavigator(browser.openMicrophone),
    WebSocket: browser.webSockets.WebSocket,
    MediaStream: browser.wrtc.MediaStream,
    RTCPeerConnection: browser.peerConnections.RTCPeerConnection,
    fetch: browser.fetch,
    console: SILENT_CONSOLE,
  };
  // engine.io takes its timers from here when it loads (videosdk.js line 5436); without them a join fails wordlessly.
  const window: Record<string, unknown> = {
    ...common,
    crypto: globalThis.crypto,
    btoa,
    atob,
    performance,
  };
  window['window'] = window;
  window['self'] = window;
  return {
    ...common,
    module,
    exports: module.exports,
    self: window,
    window,
    regeneratorRuntime: undefined,
  };
}

function createNavigator(openMicrophone: () => SdkMediaStream): object {
  const microphone = {
    deviceId: 'parley',
    groupId: 'parley',
    kind: 'audioinput',
    label: 'Parley',
  };
  return {
    userAgent: USER_AGENT,
    platform: 'Linux x86_64',
    product: 'Gecko',
    onLine: true,
    mediaDevices: {
      // At least one microphone must be listed, or none can be enabled (videosdk.js line 25600).
      enumerateDevices: () => Promise.resolve([microphone]),
      getUserMedia: (constraints: { audio?: unknown } | undefined) =>
        constraints?.audio === undefined || constraints.audio === false
          ? Promise.reject(new DOMException('there is no camera', 'NotFoundError'))
          : Promise.resolve(openMicrophone()),
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    },
  };
}

/** The SDK prints the token when it is configured (videosdk.js line 54900), so that nothing it prints is kept. */
const SILENT_CONSOLE: object = new Proxy({}, { get: () => () => undefined });
