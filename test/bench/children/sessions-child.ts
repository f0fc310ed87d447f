/**
 * Routes that listen, in a process of their own: for each a speaker with our own ear for speech, 10 ms at a time, and a
 * conversation session that hears them. Nothing is spoken.
 */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { type AudioFrame, loadResampler, loadSpeechDetector, readWav } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { InterpreterRoute } from '../../../src/interpreter/route/route.js';
import { Speaker } from '../../../src/meeting/listening/speaker-input.js';
import { packageRoot } from '../../../src/package-root.js';
import { connectWebSocket } from '../../../src/realtime/connection/websocket-transport.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import { collectGarbage } from '../../kept-memory.js';
import { monotonicMs } from '../child-process.js';
import { rssMib } from '../measure.js';
import type { SessionsOrder, SessionsReport } from './messages.js';
import { followOrders } from './orders.js';

const FRAME_MS = 10;
const FRAME_SAMPLES = 480;
const LATE_MS = 100;
/** Between the places of the monologue at which two routes begin. */
const OFFSET_FRAMES = 370;
/** Sessions are opened one after the other: a server answers so many handshakes at a time. */
const OPENING_AT_ONCE = 10;

const MONOLOGUE = readWav(readFileSync(join(packageRoot(), 'fixtures', 'es-monologue.wav'))).samples;
const FRAME_COUNT = Math.floor(MONOLOGUE.length / FRAME_SAMPLES);

/** One speaker, and the route that hears them. */
class Listener {
  readonly session: ConversationSession;
  readonly #speaker: Speaker;
  readonly #route: InterpreterRoute;
  readonly #frame: AudioFrame = { samples: MONOLOGUE, sampleRateHz: 48_000, channelCount: 1 };
  #next: number;

  constructor(index: number, url: string) {
    this.#next = (index * OFFSET_FRAMES) % FRAME_COUNT;
    this.session = new ConversationSession({
      open: connectWebSocket({ url: `${url}?model=bench`, headers: { authorization: 'Bearer bench' } }),
      clock: systemClock,
      name: `route${index}`,
      config: DEFAULT_CONVERSATION_CONFIG,
      instructions: 'Translate from Spanish into English.',
    });
    this.#route = new InterpreterRoute({
      speakerId: `speaker${index}`,
      session: this.session,
      voice: undefined,
    });
    this.#speaker = new Speaker({
      speaking: () => undefined,
      audio: (frame, atMs) => {
        this.#route.pushFrame(frame, atMs, this.#speaker.pauseMs);
      },
    });
  }

  hear(atMs: number): void {
    const from = this.#next * FRAME_SAMPLES;
    this.#frame.samples = MONOLOGUE.subarray(from, from + FRAME_SAMPLES);
    this.#next = (this.#next + 1) % FRAME_COUNT;
    this.#speaker.push(this.#frame, atMs);
  }
}

const listeners: Listener[] = [];
let lateFrames = 0;

/** Frames of 10 ms for everybody from now on, in time, and late ones all the same. */
function beat(): void {
  let dueMs = systemClock.nowMs();
  setInterval(() => {
    for (const nowMs = systemClock.nowMs(); dueMs <= nowMs; dueMs += FRAME_MS) {
      for (const listener of listeners) listener.hear(dueMs);
      if (nowMs - dueMs > LATE_MS) lateFrames += listeners.length;
    }
  }, FRAME_MS);
}

followOrders(async (order: SessionsOrder): Promise<SessionsReport> => {
  if (order.kind === 'open') {
    await Promise.all([loadResampler(), loadSpeechDetector()]);
    while (listeners.length < order.count) {
      const opening = Array.from(
        { length: Math.min(OPENING_AT_ONCE, order.count - listeners.length) },
        (_, n) => new Listener(listeners.length + n, order.url),
      );
      await Promise.all(opening.map(({ session }) => session.connect()));
      listeners.push(...opening);
    }
    beat();
    return { kind: 'opened' };
  }
  const { user, system } = process.cpuUsage();
  const atMs = monotonicMs();
  collectGarbage();
  return {
    kind: 'measured',
    cpuMs: (user + system) / 1000,
    atMs,
    rssMib: rssMib(),
    ready: listeners.filter(({ session }) => session.state.kind === 'ready').length,
    lateFrames,
  };
});
