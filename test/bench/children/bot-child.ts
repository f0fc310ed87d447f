/** The bot in a process of its own: a meeting as `parley join` composes it, with a gate behind its ears and marks on the way. */
import { createLogger } from '../../../src/log.js';
import { interpret } from '../../../src/bot/interpret.js';
import type { Interpreter } from '../../../src/bot/interpreter.js';
import { connectWebSocket } from '../../../src/realtime/connection/websocket-transport.js';
import { type OpenTransport, tapTransport } from '../../../src/realtime/transport.js';
import { createAccessToken } from '../../../src/room/videosdk/tokens.js';
import { createVideoSdkRoom } from '../../../src/room/videosdk/index.js';
import { monotonicMs } from '../child-process.js';
import { rssMib } from '../measure.js';
import { backendOver } from '../../realtime/backend-over.js';
import { OnsetDetector } from '../signals.js';
import { ChunkWatch } from './chunk-watch.js';
import type { BotOrder, BotReport, BotStage } from './messages.js';
import { followOrders, notify } from './orders.js';
import { OutputWatch } from './output-watch.js';
import { tapRoom } from './tap-room.js';

/** Begins as an interpreter's must; `participant-child` knows it. */
export const BOT_ID = 'parley-bench';

let bot: Interpreter | undefined;
let streaming = true;
const audible = new Set<string>();
const output = new OutputWatch();
const chunks = new ChunkWatch();

async function join(order: BotOrder & { kind: 'join' }): Promise<BotReport> {
  const startedMs = monotonicMs();
  const { signalingBaseUrl, ca, apiKey, secret, roomId } = order.address;
  const participantId = BOT_ID;
  const token = createAccessToken({ apiKey, secret, roomId, participantId, expiresInSeconds: 3_600 });
  const room = await createVideoSdkRoom({
    meetingId: roomId,
    token,
    name: 'Parley',
    participantId,
    signalingBaseUrl,
    ca,
    log: createLogger({ level: 'warn', secrets: [token] }),
  });
  const sink = new OnsetDetector();
  const played = new OnsetDetector();
  const tapped = tapRoom(room, {
    audio: (onAudio) => (id, frame, atMs) => {
      chunks.frame(id, frame);
      audible.add(id);
      if (order.marks && sink.begins(frame.samples, frame.sampleRateHz)) mark('sink');
      if (streaming) onAudio(id, frame, atMs);
    },
    source: (source) =>
      output.watch({
        pull: (out, atMs) => {
          source.pull(out, atMs);
          if (order.marks && played.begins(out, 48_000)) mark('played');
        },
      }),
  });
  const connect = connectWebSocket({
    url: `${order.realtimeUrl}?model=bench`,
    headers: { authorization: 'Bearer bench' },
  });
  const backend = backendOver(({ speakerId = '' }) =>
    chunks.transport(speakerId, order.marks ? markTransport(connect) : connect),
  );
  bot = await interpret({
    room: tapped,
    meetingId: roomId,
    backend: {
      ...backend,
      open: (request) => chunks.session(request.speakerId ?? '', backend.open(request)),
    },
    settings: { bargeIn: 'off', announcement: false },
  });
  const atMs = monotonicMs();
  return { kind: 'joined', tookMs: atMs - startedMs, atMs };
}

function mark(stage: BotStage): void {
  notify({ kind: 'mark', stage, atMs: monotonicMs() } satisfies BotReport);
}

/** Marks the message with which a sound begins, and the first delta of each answer. */
function markTransport(open: OpenTransport): OpenTransport {
  const sent = new OnsetDetector();
  let responseId: unknown;
  return tapTransport(open, (direction, text) => {
    if (direction === 'client') {
      const { type, audio } = JSON.parse(text) as { type: string; audio?: string };
      if (type !== 'input_audio_buffer.append' || audio === undefined) return;
      const bytes = Buffer.from(audio, 'base64');
      if (sent.begins(new Int16Array(new Uint8Array(bytes).buffer), 24_000)) mark('sent');
      return;
    }
    if (!text.includes('"response.output_audio.delta"')) return;
    const event = JSON.parse(text) as { response_id: unknown };
    if (event.response_id !== responseId) mark('delta');
    responseId = event.response_id;
  });
}

followOrders(async (order: BotOrder): Promise<BotReport> => {
  switch (order.kind) {
    case 'join':
      return join(order);
    case 'stream':
      streaming = order.on;
      return { kind: 'streaming' };
    case 'measure': {
      const { user, system } = process.cpuUsage();
      return {
        kind: 'measured',
        cpuMs: (user + system) / 1000,
        atMs: monotonicMs(),
        rssMib: rssMib(),
        sessions: bot?.status().metrics.find(({ name }) => name === 'sessions_open')?.value ?? 0,
        audible: audible.size,
      };
    }
    case 'watchOutput':
      output.start();
      return { kind: 'watching' };
    case 'output':
      return { kind: 'output', output: output.take() };
    case 'watchChunks':
      chunks.start();
      return { kind: 'watchingChunks' };
    case 'chunkDelays':
      return { kind: 'chunkDelays', ...chunks.take() };
    case 'leave':
      await bot?.stop();
      return { kind: 'left' };
  }
});
