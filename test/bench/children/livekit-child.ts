/**
 * What `sessions-child` does, with `RealtimeModel` and `GPTLiveModel` of `@livekit/agents-plugin-openai`: sessions that hear
 * somebody who speaks on and on, and whose output is read. Argument: the folder where it is installed.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { SessionsOrder, SessionsReport } from './messages.js';
import { followOrders } from './orders.js';
import { ownUsage } from './own-usage.js';
import { feedFrames, FRAME_RATE_HZ, FRAME_SAMPLES } from './paced-frames.js';

/** The parts of their interfaces that are used here; their own types are not installed when this is compiled. */
type Frame = { data: Int16Array };
type Streamed<Value> = AsyncIterable<Value>;
type RealtimeSession = {
  pushAudio(frame: Frame): void;
  on(
    event: 'generation_created',
    listener: (generation: { messageStream: Streamed<{ audioStream: Streamed<Frame> }> }) => void,
  ): void;
};
type DuplexSession = {
  pushAudio(frame: Frame): void;
  _updateSession(instructions: string, chatCtx: undefined, tools: undefined): Promise<void>;
  readonly audioStream: Streamed<{ frame: Frame }>;
};
type Agents = { initializeLogger: (options: { pretty: boolean; level: string }) => void };
type Resampler = { push(frame: Frame): Frame[] };
type RtcNode = {
  AudioResampler: new (fromHz: number, toHz: number, channels: number) => Resampler;
  AudioFrame: new (data: Int16Array, rateHz: number, channels: number, samplesPerChannel: number) => Frame;
};
type OpenAiPlugin = {
  realtime: {
    RealtimeModel: new (options: {
      baseURL: string;
      apiKey: string;
      model: string;
      turnDetection: { type: 'server_vad'; create_response: boolean; interrupt_response: boolean };
    }) => {
      session(): RealtimeSession;
    };
    GPTLiveModel: new (options: { baseURL: string; apiKey: string; delegation: 'client' }) => {
      session(): DuplexSession;
    };
  };
};

const require = createRequire(join(process.argv[2]!, 'package.json'));
const { initializeLogger } = require('@livekit/agents') as Agents;
const { AudioFrame, AudioResampler } = require('@livekit/rtc-node') as RtcNode;
const { realtime } = require('@livekit/agents-plugin-openai') as OpenAiPlugin;

const SESSION_RATE_HZ = 24_000;

let sessionCount = 0;
let spokenSamples = 0;
let late: { readonly lateFrames: number } = { lateFrames: 0 };

/** Takes samples at 24 kHz. */
type Hearer = (frame: Frame) => void;

function realtimeHearers({ count, url }: OpenOrder): Hearer[] {
  const baseURL = url.replace(/\/realtime$/, '');
  // Its translations would otherwise be cut whenever the speaker goes on, which ours are not.
  const turnDetection = { type: 'server_vad', create_response: true, interrupt_response: false } as const;
  const model = new realtime.RealtimeModel({
    ...{ baseURL, apiKey: 'bench', model: 'gpt-realtime', turnDetection },
  });
  return Array.from({ length: count }, () => {
    const session = model.session();
    session.on('generation_created', ({ messageStream }) => {
      void (async () => {
        for await (const { audioStream } of messageStream)
          for await (const { data } of audioStream) spokenSamples += data.length;
      })();
    });
    return (frame) => {
      session.pushAudio(frame);
    };
  });
}

async function liveHearers({ count, url }: OpenOrder): Promise<Hearer[]> {
  const baseURL = url.replace(/^ws(.*)\/live\/sessions$/, 'http$1');
  const model = new realtime.GPTLiveModel({ baseURL, apiKey: 'bench', delegation: 'client' });
  const sessions = Array.from({ length: count }, () => model.session());
  for (const session of sessions) {
    await session._updateSession('Translate from Spanish into English.', undefined, undefined);
    void (async () => {
      for await (const { frame } of session.audioStream)
        if (frame.data.some((sample) => sample !== 0)) spokenSamples += frame.data.length;
    })();
  }
  return sessions.map((session) => (frame) => {
    session.pushAudio(frame);
  });
}

type OpenOrder = Extract<SessionsOrder, { kind: 'open' }>;

followOrders(async (order: SessionsOrder): Promise<SessionsReport> => {
  if (order.kind === 'open') {
    initializeLogger({ pretty: false, level: 'warn' });
    const hearers = order.engine === 'live' ? await liveHearers(order) : realtimeHearers(order);
    sessionCount = hearers.length;
    late = feedFrames(
      hearers.map((hear) => {
        // RealtimeModel sends frames as they are, whatever their rate: resampling is the caller's part.
        const resampler = new AudioResampler(FRAME_RATE_HZ, SESSION_RATE_HZ, 1);
        return (samples) => {
          const frame = new AudioFrame(samples, FRAME_RATE_HZ, 1, FRAME_SAMPLES);
          for (const resampled of resampler.push(frame)) hear(resampled);
        };
      }),
    );
    return { kind: 'opened' };
  }
  return {
    kind: 'measured',
    ...ownUsage(),
    ready: sessionCount, // they say nothing of it; what arrives at the server is counted there
    lateFrames: late.lateFrames,
    spokenMs: spokenSamples / (SESSION_RATE_HZ / 1_000),
  };
});
