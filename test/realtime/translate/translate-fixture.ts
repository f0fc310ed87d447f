/** A translation session on a virtual clock, over a server that the test plays or over the embedded one in memory. */
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { VirtualClock } from '../../../src/clock.js';
import type { ParleyError } from '../../../src/errors.js';
import { translateClientEventSchema } from '../../../src/realtime/protocol/translate-client-events.js';
import {
  DEFAULT_TRANSLATE_SETTINGS,
  type TranslateConfig,
} from '../../../src/realtime/translate/translate-config.js';
import { TranslateSession } from '../../../src/realtime/translate/translate-session.js';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../../../src/realtime/transport.js';
import { JudgedSpeech } from '../chunks.js';
import { base64Of } from '../scripted-transport.js';
import { record, type Recorded } from '../recorded-events.js';

await Promise.all([loadResampler(), loadSpeechDetector()]);

export const CONFIG: TranslateConfig = { ...DEFAULT_TRANSLATE_SETTINGS, language: 'en' };

/** A connection that the test plays the server on. Every message of the client is checked against its schema. */
export class PlayedServer {
  readonly sent: ({ type: string } & Record<string, unknown>)[] = [];
  appendedSamples = 0;
  readonly appendSizes: number[] = [];
  bufferedAmountBytes = 0;
  closedByClient = false;
  refuse: ParleyError | undefined;
  #handlers: TransportHandlers | undefined;
  #eventNumber = 0;

  readonly open: OpenTransport = (handlers) => {
    if (this.refuse !== undefined) return Promise.reject(this.refuse);
    this.#handlers = handlers;
    const sent = (text: string): void => {
      const event = translateClientEventSchema.parse(JSON.parse(text));
      this.sent.push(event);
      if (event.type !== 'session.input_audio_buffer.append') return;
      const samples = Buffer.from(event.audio, 'base64').length / 2;
      this.appendedSamples += samples;
      this.appendSizes.push(samples);
    };
    const bufferedAmountBytes = (): number => this.bufferedAmountBytes;
    const transport: RealtimeTransport = {
      get bufferedAmountBytes() {
        return bufferedAmountBytes();
      },
      sentCount: 0,
      receivedCount: 0,
      send: sent,
      sendAudio: (message) => {
        sent(message.text);
      },
      close: () => {
        this.closedByClient = true;
      },
    };
    return Promise.resolve(transport);
  };

  say(event: { type: string } & Record<string, unknown>): void {
    this.sayText(JSON.stringify({ event_id: `e${++this.#eventNumber}`, ...event }));
  }

  sayText(text: string): void {
    this.#handlers?.message(text);
  }

  audio(pcm: Int16Array): void {
    this.say({ type: 'session.output_audio.delta', delta: base64Of(pcm) });
  }

  drop(code: number): void {
    this.#handlers?.closed({ code, reason: '' });
  }

  types(): string[] {
    return this.sent.map(({ type }) => type);
  }
}

export type Played = Recorded & {
  clock: VirtualClock;
  server: PlayedServer;
  session: TranslateSession;
};

export function played(config: Partial<TranslateConfig> = {}): Played {
  const clock = new VirtualClock();
  const server = new PlayedServer();
  const session = new TranslateSession({
    open: server.open,
    clock,
    name: 's',
    config: { ...CONFIG, ...config },
  });
  return { clock, server, session, ...record(session) };
}

export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A session that is ready. */
export async function ready(config: Partial<TranslateConfig> = {}): Promise<Played> {
  const world = played(config);
  const connecting = world.session.connect();
  await nextTurn();
  world.server.say({ type: 'session.created', session: { type: 'translation' } });
  world.server.say({ type: 'session.updated', session: { audio: { output: { language: 'en' } } } });
  await connecting;
  return world;
}

const speeches = new WeakMap<TranslateSession, JudgedSpeech>();

/** What its speaker says. */
function speechOf(session: TranslateSession): JudgedSpeech {
  const known = speeches.get(session);
  if (known !== undefined) return known;
  const speech = new JudgedSpeech((chunk) => {
    session.appendAudio(chunk);
  });
  speeches.set(session, speech);
  return speech;
}

/** Feeds audio in 10 ms frames, moving the clock along. */
export function feed(
  { session, clock }: Pick<Played, 'session' | 'clock'>,
  pcm: Int16Array,
  each: () => void = () => undefined,
): void {
  const speech = speechOf(session);
  for (let from = 0; from + 240 <= pcm.length; from += 240) {
    const atMs = clock.nowMs();
    clock.advanceBy(10); // a frame is complete at its end
    speech.push(pcm.subarray(from, from + 240), atMs);
    each();
  }
}

/** Samples that are never zero. */
export function sound(durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * 24 }, (_, n) => (n % 2 === 0 ? 3_000 : -3_000));
}
