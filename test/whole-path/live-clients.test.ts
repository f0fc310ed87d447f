/**
 * Clients that others wrote hold a live session with the embedded server: `LiveWS` of openai, and `GPTLiveModel` of LiveKit's
 * plugin where that is installed: `npm ci --ignore-scripts --prefix test/bench/peers-livekit`.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import OpenAI from 'openai';
import { LiveWS } from 'openai/resources/live/ws';
import type { ClientEvent, ServerEvent } from 'openai/resources/live/live';
import { type RealtimeServerOptions, startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import type { LiveSentEvent } from '../../src/embedded/realtime-server/live/sent-events.js';
import { packageRoot } from '../../src/package-root.js';
import type { LiveClientEvent } from '../../src/realtime/protocol/live-client-events.js';
import type { LiveServerEvent } from '../../src/realtime/protocol/live-server-events.js';
import {
  babble,
  base64,
  join as joined,
  silence,
  TestResponder,
} from '../embedded/realtime-server/harness.js';

const KEY = 'the-one-key';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Partial<RealtimeServerOptions> = {}) {
  const server = await startRealtimeServer({
    responder: new TestResponder(),
    key: KEY,
    liveLagMs: 1,
    ...options,
  });
  closers.push(() => server.close());
  return { server, baseURL: server.liveUrl.replace(/^ws(.*)\/live\/sessions$/, 'http$1') };
}

const SPEECH = joined(silence(300), babble(1_200), silence(2_500));

it('LiveWS of openai starts a session, hears its translation, and is told what it used', async () => {
  const { baseURL } = await start();
  const live = new LiveWS(new OpenAI({ apiKey: KEY, baseURL }));
  closers.push(() => live.close());
  const heard = { samples: 0, text: '', source: '' };
  const closed = new Promise<Extract<ServerEvent, { type: 'session.closed' }>>((resolve, reject) => {
    live.on('error', reject);
    live.on('session.started', ({ session }) => {
      expect(session).toMatchObject({ status: 'active', audio: { output: { voice: 'sage' } } });
      for (let from = 0; from < SPEECH.length; from += 2_400)
        live.send({ type: 'session.input_audio.append', audio: base64(SPEECH.subarray(from, from + 2_400)) });
      live.send({ type: 'session.close' });
    });
    live.on('session.output_audio.delta', ({ delta }) => {
      heard.samples += Buffer.from(delta, 'base64').length / 2;
    });
    live.on('session.output_transcript.delta', ({ delta }) => (heard.text += delta));
    live.on('session.input_transcript.delta', ({ delta }) => (heard.source += delta));
    live.on('session.closed', resolve);
  });
  live.send({
    type: 'session.start',
    session: {
      model: 'gpt-live-1',
      instructions: 'Translate into English.',
      store: false,
      audio: { format: { type: 'audio/pcm', rate: 24_000 }, output: { voice: 'sage' } },
      delegation: { type: 'client' },
    },
  });
  const { reason, usage } = await closed;
  expect(reason).toBe('close_requested');
  expect(heard.text).toBe(' one two three four five');
  expect(heard.source).toBe(' uno dos tres');
  expect(usage.seconds).toBeGreaterThanOrEqual(4);
  expect(heard.samples).toBe(usage.seconds * 24_000);
});

/** The parts of their interfaces that are used here; their own types are not installed with ours. */
type DuplexSession = {
  pushAudio(frame: unknown): void;
  _updateSession(instructions: string, chatCtx: undefined, tools: undefined): Promise<void>;
  readonly audioStream: ReadableStream<{ frame: { data: Int16Array } }>;
  readonly sessionId: string | undefined;
  on(event: string, listener: (value: never) => void): void;
  close(): Promise<void>;
};
type Plugin = {
  realtime: {
    GPTLiveModel: new (options: { apiKey: string; baseURL: string; delegation: 'client' }) => {
      session(): DuplexSession;
    };
  };
};

const peers = join(packageRoot(), 'test', 'bench', 'peers-livekit');
const isInstalled = existsSync(join(peers, 'node_modules', '.package-lock.json'));

it.skipIf(!isInstalled)('GPTLiveModel of LiveKit holds a session, and closes it', async () => {
  const require = createRequire(join(peers, 'package.json'));
  const { initializeLogger } = require('@livekit/agents') as { initializeLogger: (options: object) => void };
  const { AudioFrame } = require('@livekit/rtc-node') as {
    AudioFrame: new (data: Int16Array, rateHz: number, channels: number, samples: number) => unknown;
  };
  const { realtime } = require('@livekit/agents-plugin-openai') as Plugin;
  initializeLogger({ pretty: false, level: 'silent' });
  const { server, baseURL } = await start();
  const session = new realtime.GPTLiveModel({ apiKey: KEY, baseURL, delegation: 'client' }).session();
  closers.push(() => session.close());
  let text = '';
  const types: string[] = [];
  session.on('transcript_delta', (delta: { text: string }) => (text += delta.text));
  session.on('openai_server_event_received', (event: { type: string }) => types.push(event.type));
  await session._updateSession('Translate into English.', undefined, undefined);
  for (let from = 0; from < SPEECH.length; from += 2_400)
    session.pushAudio(new AudioFrame(SPEECH.slice(from, from + 2_400), 24_000, 1, 2_400));
  const reader = session.audioStream.getReader();
  let soundMs = 0;
  for (let n = 0; n < SPEECH.length / 2_400; n++) {
    const { value } = await reader.read();
    soundMs += value!.frame.data.filter((sample) => sample !== 0).length / 24;
  }
  expect(session.sessionId).toMatch(/^live_/);
  expect(soundMs).toBeGreaterThan(950);
  expect(text).toBe(' one two three four five');
  await session.close();
  expect(types.at(-1)).toBe('session.closed');
  expect(server.busy).toBe(false);
});

type Of<Event, Type> = Extract<Event, { type: Type }>;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Codes of errors and what is null on the wire are strings in their types; ids are added when an event is sent. */
type Told<Event> = Event extends { type: 'error'; error: infer Error }
  ? Omit<Event, 'error'> & { error: Omit<Error, 'code'> & { code: string }; event_id: string }
  : Event extends { type: 'session.output_audio.delta' }
    ? Event
    : Event & { event_id: string };

/** Compiles only without an argument where the condition holds. */
function holds<Condition extends boolean>(...no: [Condition] extends [true] ? [] : [Condition]): number {
  return no.length;
}

it('what both of our sides send is what the types of openai say', () => {
  expect([
    holds<Told<LiveSentEvent> extends ServerEvent ? true : false>(),
    holds<LiveClientEvent extends ClientEvent ? true : false>(),
    holds<Same<LiveServerEvent['type'], ServerEvent['type']>>(),
    // what their types let a server say, we read
    holds<Of<ServerEvent, 'session.closed'> extends Of<LiveServerEvent, 'session.closed'> ? true : false>(),
    holds<Of<ServerEvent, 'session.started'> extends Of<LiveServerEvent, 'session.started'> ? true : false>(),
    holds<Of<ServerEvent, 'error'> extends Of<LiveServerEvent, 'error'> ? true : false>(),
  ]).toEqual([0, 0, 0, 0, 0, 0]);
});
