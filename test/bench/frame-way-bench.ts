/** What one 10 ms frame costs on its way from the track's sink to the socket: is it speech, 48→24 kHz, chunk, base64, send. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { systemClock } from '../../src/clock.js';
import { SpeakerInput } from '../../src/meeting/listening/speaker-input.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import { AudioChunk, AudioMessage } from '../../src/realtime/uplink/audio-chunk.js';
import { Uplink } from '../../src/realtime/uplink/uplink.js';
import { median, quantile, type Row } from './measure.js';

const FRAMES = 20_000;
const WARM_UP_FRAMES = 2_000;
const CHUNK_MS = 20;

/** Times every frame on its own, over a real WebSocket to a server of this process that only counts. */
export async function benchFrameWay(): Promise<Row[]> {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('message', () => undefined));
  const { port } = server.address() as AddressInfo;
  const line = await connectWebSocket({ url: `ws://127.0.0.1:${port}/` })({
    message: () => undefined,
    closed: () => undefined,
  });

  const uplink = new Uplink({
    messageMs: CHUNK_MS,
    leadMs: 0,
    clock: systemClock,
    counters: { audioSentMs: 0, audioDroppedMs: 0 },
    onDropped: () => undefined,
  });
  uplink.open(line);
  const input = new SpeakerInput({
    speaking: () => undefined,
    chunk: (chunk) => {
      uplink.append(chunk);
    },
  });
  const frame = { samples: speechLikeFrame(), sampleRateHz: 48_000, channelCount: 1 };
  const microseconds: number[] = [];
  for (let index = 0; index < WARM_UP_FRAMES + FRAMES; index++) {
    const startedMs = performance.now();
    input.push(frame, index * 10);
    if (index >= WARM_UP_FRAMES) microseconds.push((performance.now() - startedMs) * 1000);
    if (index % 20 === 0) await new Promise(setImmediate); // the socket gets its turn, as it would live
  }
  const encode = benchEncode();
  input.close();
  line.close();
  server.close();
  const mean = microseconds.reduce((sum, value) => sum + value, 0) / microseconds.length;
  const group = 'frame: sink to socket';
  const note = `${FRAMES} frames of 10 ms, ${CHUNK_MS} ms messages, every other frame sends one`;
  return [
    { group, name: 'mean per frame', value: mean, unit: 'µs', note },
    { group, name: 'median per frame', value: median(microseconds), unit: 'µs', note },
    { group, name: 'p99 per frame', value: quantile(microseconds, 0.99), unit: 'µs', note },
    ...encode,
  ];
}

/** The message alone, beside the plain way to build it. */
function benchEncode(): Row[] {
  const pcm = speechLikeFrame(); // 20 ms at 24 kHz is 480 samples too
  const plain = (samples: Int16Array): string =>
    JSON.stringify({
      type: 'input_audio_buffer.append',
      audio: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64'),
    });
  const once = (samples: Int16Array): Buffer =>
    new AudioMessage('input_audio_buffer.append', [new AudioChunk(samples, 0, true, 0)]).bytes;
  const time = (build: (samples: Int16Array) => string | Buffer): number => {
    let bytes = 0;
    const startedMs = performance.now();
    for (let index = 0; index < 5_000; index++) bytes += Buffer.byteLength(build(pcm));
    return bytes > 0 ? ((performance.now() - startedMs) * 1000) / 5_000 : NaN;
  };
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 9; round++) {
    ours.push(time(once));
    theirs.push(time(plain));
  }
  const group = 'append message, 20 ms';
  return [
    {
      group,
      name: 'base64 without JSON.stringify',
      value: median(ours),
      unit: 'µs',
      note: 'median of 9 rounds',
    },
    { group, name: 'JSON.stringify', value: median(theirs), unit: 'µs', note: 'same run' },
  ];
}

function speechLikeFrame(): Int16Array {
  return Int16Array.from({ length: 480 }, (_, n) =>
    Math.round(6_000 * Math.sin(n * 0.031) + 2_000 * Math.sin(n * 0.27) + 500 * Math.sin(n * 1.9)),
  );
}
