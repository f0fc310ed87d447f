/** How long a session takes to hear: from connecting, after its connection was lost, and while it moves to another one. */
import { loadResampler } from '../../audio/index.js';
import { systemClock } from '../../src/clock.js';
import { type RealtimeServer, startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../src/realtime/conversation/conversation-session.js';
import { AudioChunk } from '../../src/realtime/uplink/audio-chunk.js';
import { tapTransport } from '../../src/realtime/transport.js';
import { sleep } from './child-process.js';
import { median, type Row } from './measure.js';

const CONNECTS = 20;
const RECONNECTS = 10;
const ROTATIONS = 4;
/** Short enough to see several sessions to their end. */
const SESSION_MS = 15_000;
const FRAME_MS = 10;
const TIMEOUT_MS = 90_000;
const GROUP = 'a session and its connection';

/** Sessions over real sockets to the embedded server in this process, on the machine's clock. */
export async function benchConnectionTimes(): Promise<Row[]> {
  await loadResampler();
  return [await benchConnect(), await benchReconnect(), await benchRotation()];
}

/** A session whose speaker never pauses for breath, in silence; it knows when audio reached the server. */
class Speaking {
  readonly session: ConversationSession;
  /** When each message of audio was sent, since the last look. */
  sentAtMs: number[] = [];
  readonly #beat: NodeJS.Timeout;
  #nextMs = performance.now();

  constructor(server: RealtimeServer) {
    const open = connectWebSocket({
      url: `${server.url}?model=bench`,
      headers: { authorization: 'Bearer bench' },
    });
    this.session = new ConversationSession({
      open: tapTransport(open, (direction, text) => {
        if (direction === 'client' && text.startsWith('{"type":"input_audio_buffer.append"')) {
          this.sentAtMs.push(performance.now());
        }
      }),
      clock: systemClock,
      name: 'bench',
      config: { ...DEFAULT_CONVERSATION_CONFIG, uplinkChunkMs: 20 },
      instructions: 'Translate into English.',
    });
    this.#beat = setInterval(() => {
      for (; this.#nextMs <= performance.now(); this.#nextMs += FRAME_MS) {
        this.session.appendAudio(AudioChunk.silence(FRAME_MS, this.#nextMs));
      }
    }, FRAME_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#beat);
    await this.session.close(0);
  }
}

async function withServer<Result>(
  sessionDurationMs: number | undefined,
  measure: (server: RealtimeServer) => Promise<Result>,
): Promise<Result> {
  const nothing = { sourceText: '', text: '', pcm24k: new Int16Array(0) };
  const server = await startRealtimeServer({
    responder: { name: 'bench', respondToAudio: () => nothing, respondToText: () => nothing },
    ...(sessionDurationMs === undefined ? {} : { sessionDurationMs }),
  });
  try {
    return await measure(server);
  } finally {
    await server.close();
  }
}

async function until(what: string, condition: () => boolean): Promise<number> {
  const deadlineMs = performance.now() + TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return performance.now();
}

function benchConnect(): Promise<Row> {
  return withServer(undefined, async (server) => {
    const took: number[] = [];
    for (let count = 0; count < CONNECTS; count++) {
      const speaking = new Speaking(server);
      const handled = server.receivedCount;
      const startedMs = performance.now();
      await speaking.session.connect();
      // its configuration, and then its first audio
      took.push((await until('first audio', () => server.receivedCount >= handled + 2)) - startedMs);
      await speaking.close();
      await sleep(20);
    }
    return {
      group: GROUP,
      name: 'connect to first audio accepted, median',
      value: median(took),
      unit: 'ms',
      note: `over loopback, ${CONNECTS} times; most ${Math.max(...took).toFixed(1)}`,
    };
  });
}

function benchReconnect(): Promise<Row> {
  return withServer(undefined, async (server) => {
    const took: number[] = [];
    const speaking = new Speaking(server);
    await speaking.session.connect();
    for (let count = 0; count < RECONNECTS; count++) {
      await sleep(500);
      speaking.sentAtMs = [];
      const startedMs = performance.now();
      server.faults.dropAll();
      await until('the loss is noticed', () => speaking.session.state.kind !== 'ready');
      speaking.sentAtMs = [];
      await until('audio again', () => speaking.sentAtMs.length > 0);
      took.push(speaking.sentAtMs[0]! - startedMs);
    }
    await speaking.close();
    return {
      group: GROUP,
      name: 'reconnect, median',
      value: median(took),
      unit: 'ms',
      note: `from a connection cut by a server that takes new ones at once to the first audio on the next, ${RECONNECTS} times; most ${Math.max(...took).toFixed(0)}; wanted: below 1500`,
    };
  });
}

function benchRotation(): Promise<Row> {
  return withServer(SESSION_MS, async (server) => {
    const speaking = new Speaking(server);
    await speaking.session.connect();
    await until('audio', () => speaking.sentAtMs.length > 0);
    await until('rotations', () => speaking.session.counters.rotations >= ROTATIONS);
    const { reconnects } = speaking.session.counters;
    if (reconnects > 0) throw new Error(`${reconnects} connections were lost`);
    const gaps = speaking.sentAtMs.map((atMs, index, all) => (index === 0 ? 0 : atMs - all[index - 1]!));
    await speaking.close();
    return {
      group: GROUP,
      name: 'rotation gap',
      value: Math.max(...gaps),
      unit: 'ms',
      note: `longest between two messages of 20 ms of a speaker's audio over ${ROTATIONS} rotations`,
    };
  });
}
