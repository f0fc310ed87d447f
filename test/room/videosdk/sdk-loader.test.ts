import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SdkFetch } from '../../../src/room/videosdk/https-fetch.js';
import { SdkPeerConnections } from '../../../src/room/webrtc/peer-connections.js';
import { createSdk, withEscapes } from '../../../src/room/videosdk/sdk-loader.js';
import type { VideoSdk } from '../../../src/room/videosdk/sdk-types.js';
import { SdkTimers } from '../../../src/room/sdk/timers.js';
import { SdkWebSockets } from '../../../src/room/sdk/web-sockets.js';
import { createFakeWrtc } from '../webrtc/fake-wrtc.js';

const allTimers: SdkTimers[] = [];

function load(): VideoSdk {
  const wrtc = createFakeWrtc();
  const timers = new SdkTimers(() => undefined);
  allTimers.push(timers);
  return createSdk({
    wrtc,
    fetch: new SdkFetch({ telemetry: false }).fetch,
    webSockets: new SdkWebSockets({
      onError: () => undefined,
    }),
    peerConnections: new SdkPeerConnections(wrtc, () => undefined),
    timers,
    openMicrophone: () => new wrtc.MediaStream(),
  });
}

function meetingOf(sdk: VideoSdk, token: string): { leave(): Promise<void> } {
  sdk.config(token);
  return sdk.initMeeting({
    meetingId: 'room',
    participantId: 'parley-1',
    name: 'Parley',
    micEnabled: true,
    webcamEnabled: false,
    multiStream: false,
    autoConsume: false,
    debugMode: false,
    metaData: {},
  });
}

afterEach(() => {
  for (const timers of allTimers.splice(0)) timers.stop();
});

describe('createSdk', () => {
  it('puts nothing on globalThis, and changes none of its own', () => {
    const names = [
      'fetch',
      'setTimeout',
      'setInterval',
      'console',
      'crypto',
      'Promise',
      'performance',
    ] as const;
    const before = { keys: Reflect.ownKeys(globalThis), values: names.map((name) => globalThis[name]) };
    meetingOf(load(), 'token');
    expect(Reflect.ownKeys(globalThis)).toEqual(before.keys);
    expect(names.map((name) => globalThis[name])).toEqual(before.values);
    for (const name of ['window', 'self', 'RTCPeerConnection', 'MediaStream', 'STORE'])
      expect(name in globalThis, name).toBe(false);
  });

  it('gives each meeting an SDK of its own', () => {
    const [one, other] = [load(), load()];
    expect(one).not.toBe(other);
    const stores = [one, other].map((sdk) => meetingOf(sdk, 'token'));
    expect(stores[0]).not.toBe(stores[1]);
    expect(stores[0]!.constructor).not.toBe(stores[1]!.constructor);
  });

  it('prints nothing, the token least of all', () => {
    const printed: unknown[] = [];
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((text) => printed.push(text) > 0),
    );
    const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(globalThis.console, name).mockImplementation((...values) => void printed.push(values)),
    );
    meetingOf(load(), 'a-secret-token');
    for (const spy of [...spies, ...consoles]) spy.mockRestore();
    expect(printed).toEqual([]);
  });

  it('leave before join is an error of the SDK, which the adapter swallows', async () => {
    await expect(meetingOf(load(), 'token').leave()).rejects.toMatchObject({ code: 3035 });
  });
});

describe('withEscapes', () => {
  it('escapes every unit of a character', () => {
    expect(withEscapes(Buffer.from('a é → 😀 "ok"'))).toBe('a \\u00e9 \\u2192 \\ud83d\\ude00 "ok"');
  });

  const bundle = readFileSync(createRequire(import.meta.url).resolve('@videosdk.live/js-sdk'));

  it('writes the bundle in ASCII, so that V8 keeps one byte a character, and changes no line of it', () => {
    const [text, escaped] = [bundle.toString('utf8'), withEscapes(bundle)];
    expect(/[^\0-\x7f]/.test(text)).toBe(true);
    expect(/[^\0-\x7f]/.test(escaped)).toBe(false);
    const lines = escaped.split('\n');
    const changed = text
      .split('\n')
      .flatMap((line, index) => (line === lines[index] ? [] : [{ line, now: lines[index] }]));
    expect(changed.length).toBeGreaterThan(100);
    // An escape means its character in a string, and nothing in a comment; elsewhere the bundle has no such character.
    for (const { line, now } of changed) {
      const back = now?.replace(/\\u([0-9a-f]{4})/g, (escape, hex: string) => {
        const unit = Number.parseInt(hex, 16);
        return unit > 0x7f && !line.includes(escape) ? String.fromCharCode(unit) : escape;
      });
      expect(back).toBe(line);
    }
  });
});
