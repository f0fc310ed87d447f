/**
 * What `sessions-child` does, with `RealtimeModel` of `@livekit/agents-plugin-openai`: sessions that hear somebody who
 * speaks on and on. Argument: the folder where it is installed.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { collectGarbage } from '../../kept-memory.js';
import { monotonicMs } from '../child-process.js';
import { rssMib } from '../measure.js';
import type { SessionsOrder, SessionsReport } from './messages.js';
import { followOrders } from './orders.js';
import { feedFrames, FRAME_RATE_HZ, FRAME_SAMPLES } from './paced-frames.js';

/** The parts of their interfaces that are used here; their own types are not installed when this is compiled. */
type Frame = { data: Int16Array };
type RealtimeSession = { pushAudio(frame: Frame): void };
type Agents = { initializeLogger: (options: { pretty: boolean; level: string }) => void };
type Resampler = { push(frame: Frame): Frame[] };
type RtcNode = {
  AudioResampler: new (fromHz: number, toHz: number, channels: number) => Resampler;
  AudioFrame: new (data: Int16Array, rateHz: number, channels: number, samplesPerChannel: number) => Frame;
};
type OpenAiPlugin = {
  realtime: {
    RealtimeModel: new (options: { baseURL: string; apiKey: string; model: string }) => {
      session(): RealtimeSession;
    };
  };
};

const require = createRequire(join(process.argv[2]!, 'package.json'));
const { initializeLogger } = require('@livekit/agents') as Agents;
const { AudioFrame, AudioResampler } = require('@livekit/rtc-node') as RtcNode;
const { realtime } = require('@livekit/agents-plugin-openai') as OpenAiPlugin;

const SESSION_RATE_HZ = 24_000;

let sessionCount = 0;
let late: { readonly lateFrames: number } = { lateFrames: 0 };

followOrders((order: SessionsOrder): SessionsReport => {
  if (order.kind === 'open') {
    initializeLogger({ pretty: false, level: 'warn' });
    const baseURL = order.url.replace(/\/realtime$/, '');
    const model = new realtime.RealtimeModel({ baseURL, apiKey: 'bench', model: 'gpt-realtime' });
    const sessions = Array.from({ length: order.count }, () => model.session());
    sessionCount = sessions.length;
    late = feedFrames(
      sessions.map((session) => {
        // The plugin sends frames as they are, whatever their rate: resampling is the caller's part.
        const resampler = new AudioResampler(FRAME_RATE_HZ, SESSION_RATE_HZ, 1);
        return (samples) => {
          // It takes a frame from the first byte of its buffer, wherever the array begins.
          const frame = new AudioFrame(samples.slice(), FRAME_RATE_HZ, 1, FRAME_SAMPLES);
          for (const resampled of resampler.push(frame)) session.pushAudio(resampled);
        };
      }),
    );
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
    ready: sessionCount, // they say nothing of it; what arrives at the server is counted there
    lateFrames: late.lateFrames,
  };
});
