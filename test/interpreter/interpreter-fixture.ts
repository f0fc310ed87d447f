/** Speakers with a session and a route each, one voice for all, on a virtual clock. */
import { loadResampler } from '../../audio/index.js';
import { VirtualClock } from '../../src/clock.js';
import type { BargeInPolicy } from '../../src/interpreter/playback/barge-in.js';
import { InterpreterRoute } from '../../src/interpreter/route/route.js';
import { FRAME_MS, FRAME_SAMPLES, OutputChannel } from '../../src/interpreter/playback/output-channel.js';
import {
  type ConversationConfig,
  DEFAULT_CONVERSATION_CONFIG,
} from '../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../src/realtime/conversation/conversation-session.js';
import {
  type ScriptedConnection,
  ScriptedServer,
  type ScriptedServerOptions,
  tone,
} from '../realtime/scripted-transport.js';

export type Person = {
  session: ConversationSession;
  route: InterpreterRoute;
  connection: ScriptedConnection;
  /** Sends audio of an item: a tone, in deltas of 200 ms. */
  say(responseId: string, itemId: string, durationMs: number): void;
};

export type Talking = {
  clock: VirtualClock;
  voice: OutputChannel;
  people: Record<string, Person>;
  /** Moves on by some frames of 10 ms, pulling what is heard. */
  play(frames: number): void;
  /** The last frame pulled holds nothing. */
  isSilent(): boolean;
  /** All that was heard, 48 kHz. */
  heard(): Int16Array;
  close(): Promise<void>;
};

export async function talk(
  bargeIn: BargeInPolicy,
  speakerIds: readonly string[],
  options: { capacityMs?: number; config?: Partial<ConversationConfig>; server?: ScriptedServerOptions } = {},
): Promise<Talking> {
  await loadResampler();
  const clock = new VirtualClock();
  const { capacityMs } = options;
  const voice = new OutputChannel({ bargeIn, ...(capacityMs === undefined ? {} : { capacityMs }) });
  const people: Record<string, Person> = {};
  for (const speakerId of speakerIds) {
    const server = new ScriptedServer(options.server);
    const session = new ConversationSession({
      open: server.open,
      clock,
      name: speakerId,
      config: { ...DEFAULT_CONVERSATION_CONFIG, ...options.config },
      instructions: '',
    });
    const route = new InterpreterRoute({ speakerId, session, voice });
    session.events.on('speechStarted', () => voice.heard(speakerId, Infinity));
    session.events.on('speechStopped', () => voice.heard(speakerId, 0));
    await session.connect();
    people[speakerId] = {
      session,
      route,
      connection: server.connection,
      say: (responseId, itemId, durationMs) => {
        const pcm = tone(durationMs);
        for (let at = 0; at < pcm.length; at += 4_800) {
          server.connection.audio(responseId, itemId, pcm.subarray(at, at + 4_800));
        }
      },
    };
  }
  const frames: Int16Array[] = [];
  return {
    clock,
    voice,
    people,
    play: (count) => {
      for (let n = 0; n < count; n++) {
        const frame = new Int16Array(FRAME_SAMPLES);
        voice.pull(frame, clock.nowMs());
        frames.push(frame);
        clock.advanceBy(FRAME_MS);
      }
    },
    isSilent: () => frames.at(-1)?.every((sample) => sample === 0) ?? true,
    heard: () => {
      const all = new Int16Array(frames.length * FRAME_SAMPLES);
      frames.forEach((frame, index) => {
        all.set(frame, index * FRAME_SAMPLES);
      });
      return all;
    },
    close: async () => {
      await Promise.all(Object.values(people).map(({ route }) => route.close(0)));
    },
  };
}
