/**
 * Routes that listen, in a process of their own: for each a speaker with our own ear for speech, 10 ms at a time, and a
 * session that hears them. What is translated is taken, and not played. As `parley` is, it is bundled (.config/build-bundle.js).
 */
import './young-generation.js';
import { type AudioFrame, loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { InterpreterRoute } from '../../../src/interpreter/route/route.js';
import { SpeakerInput } from '../../../src/meeting/listening/speaker-input.js';
import { connectWebSocket } from '../../../src/realtime/connection/websocket-transport.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import type { EngineName } from '../../../src/realtime/engines.js';
import { DEFAULT_LIVE_SETTINGS } from '../../../src/realtime/live/live-config.js';
import { LiveSession } from '../../../src/realtime/live/live-session.js';
import type { InterpretingSession } from '../../../src/realtime/session.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../../src/realtime/translate/translate-config.js';
import { TranslateSession } from '../../../src/realtime/translate/translate-session.js';
import type { SessionsOrder, SessionsReport } from './messages.js';
import { followOrders } from './orders.js';
import { ownUsage } from './own-usage.js';
import { feedFrames, FRAME_RATE_HZ } from './paced-frames.js';

/** Sessions are opened one after the other: a server answers so many handshakes at a time. */
const OPENING_AT_ONCE = 10;

const INSTRUCTIONS = 'Translate from Spanish into English.';
const SAMPLES_PER_MS = 24;

function sessionOf(engine: EngineName, url: string, name: string): InterpretingSession {
  const address = engine === 'live' ? url : `${url}?model=bench`; // a live session names its model when it is started
  const options = {
    open: connectWebSocket({ url: address, headers: { authorization: 'Bearer bench' } }),
    clock: systemClock,
    name,
  };
  switch (engine) {
    case 'conversation':
      return new ConversationSession({
        ...options,
        config: DEFAULT_CONVERSATION_CONFIG,
        instructions: INSTRUCTIONS,
      });
    case 'translate':
      return new TranslateSession({ ...options, config: { ...DEFAULT_TRANSLATE_SETTINGS, language: 'en' } });
    case 'live':
      return new LiveSession({
        ...options,
        config: { ...DEFAULT_LIVE_SETTINGS, language: 'en' },
        instructions: INSTRUCTIONS,
      });
  }
}

/** One speaker, and the route that hears them. */
class Listener {
  readonly session: InterpretingSession;
  spokenMs = 0;
  readonly #speaker: SpeakerInput;
  readonly #route: InterpreterRoute;
  readonly #frame: AudioFrame = {
    samples: new Int16Array(0),
    sampleRateHz: FRAME_RATE_HZ,
    channelCount: 1,
  };

  constructor(index: number, engine: EngineName, url: string) {
    this.session = sessionOf(engine, url, `route${index}`);
    this.session.events.on('audio', ({ pcm }) => {
      this.spokenMs += pcm.length / SAMPLES_PER_MS;
    });
    this.#route = new InterpreterRoute({
      speakerId: `speaker${index}`,
      session: this.session,
      voice: undefined,
    });
    this.#speaker = new SpeakerInput({
      speaking: () => undefined,
      chunk: (chunk) => {
        this.#route.push(chunk);
      },
    });
  }

  hear(samples: Int16Array, atMs: number): void {
    this.#frame.samples = samples;
    this.#speaker.push(this.#frame, atMs);
  }
}

const listeners: Listener[] = [];
let late: { readonly lateFrames: number } = { lateFrames: 0 };

followOrders(async (order: SessionsOrder): Promise<SessionsReport> => {
  if (order.kind === 'open') {
    await Promise.all([loadResampler(), loadSpeechDetector()]);
    while (listeners.length < order.count) {
      const opening = Array.from(
        { length: Math.min(OPENING_AT_ONCE, order.count - listeners.length) },
        (_, n) => new Listener(listeners.length + n, order.engine ?? 'conversation', order.url),
      );
      await Promise.all(opening.map(({ session }) => session.connect()));
      listeners.push(...opening);
    }
    late = feedFrames(
      listeners.map((listener) => (samples, atMs) => {
        listener.hear(samples, atMs);
      }),
    );
    return { kind: 'opened' };
  }
  return {
    kind: 'measured',
    ...ownUsage(),
    ready: listeners.filter(({ session }) => session.state.kind === 'ready').length,
    lateFrames: late.lateFrames,
    spokenMs: listeners.reduce((sum, { spokenMs }) => sum + spokenMs, 0),
  };
});
