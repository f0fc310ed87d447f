/** A server and raw WebSocket clients on loopback, all on one VirtualClock. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { VirtualClock } from '../../../src/clock.js';
import {
  type HeardTurn,
  type RealtimeServer,
  type RealtimeServerOptions,
  type Reply,
  type Responder,
  startRealtimeServer,
} from '../../../src/embedded/realtime-server/index.js';
import { seededRandom } from '../../../src/seeded-random.js';

/** An event as it came; `any`-free access goes through {@link at}. */
export type WireEvent = { type: string; event_id: string } & Readonly<Record<string, unknown>>;

/** The value at a dotted path (`response.output.0.id`), undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

/** The string at a path; fails the test when there is none. */
export function stringAt(value: unknown, path: string): string {
  const found = at(value, path);
  if (typeof found !== 'string')
    throw new Error(`no string at ${path} of ${JSON.stringify(value).slice(0, 300)}`);
  return found;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Says the same to everything: one word per 200 ms of tone. Remembers what it heard. */
export class TestResponder implements Responder {
  readonly name = 'test';
  readonly heard: HeardTurn[] = [];
  text = 'one two three four five';
  durationMs = 1_000;
  sourceText = 'uno dos tres';
  sourceLanguage: string | undefined;
  #voice: Int16Array = new Int16Array(0);

  respondToAudio(turn: HeardTurn): Reply {
    this.heard.push(turn);
    const { sourceText, sourceLanguage, text, durationMs } = this;
    if (this.#voice.length !== durationMs * 24) this.#voice = tone(durationMs, 300, 6_000);
    return {
      sourceText,
      ...(sourceLanguage === undefined ? {} : { sourceLanguage }),
      text,
      pcm24k: this.#voice,
    };
  }

  respondToText(turn: { text: string; instructions: string }): Reply {
    return { sourceText: turn.text, text: `told: ${turn.text}`, pcm24k: tone(400, 250, 6_000) };
  }
}

export class TestClient {
  readonly events: WireEvent[] = [];
  readonly texts: string[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | undefined;
  sent = 0;
  received = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.received++;
      this.texts.push(data.toString());
      try {
        this.events.push(JSON.parse(data.toString()) as WireEvent);
      } catch {
        // kept in texts
      }
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    socket.on('error', () => undefined);
  }

  send(event: unknown): void {
    this.raw(JSON.stringify(event));
  }

  raw(data: string | Buffer): void {
    this.sent++;
    this.socket.send(data);
  }

  /** Types of the events since `from`, appended deltas folded into one. */
  types(from = 0): string[] {
    const types = this.events.slice(from).map((event) => event.type);
    return types.filter((type, index) => !type.endsWith('.delta') || types[index - 1] !== type);
  }

  of(type: string): WireEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  last(type?: string): WireEvent {
    const found = this.events.findLast((event) => type === undefined || event.type === type);
    if (found === undefined) throw new Error(`no ${type ?? 'event'} among ${this.types().join(', ')}`);
    return found;
  }

  /** What the last `error` event says. */
  get error(): Readonly<Record<string, unknown>> {
    return this.last('error')['error'] as Record<string, unknown>;
  }
}

export class Harness {
  readonly clock: VirtualClock;
  readonly server: RealtimeServer;
  readonly responder: TestResponder;
  readonly clients: TestClient[] = [];

  private constructor(clock: VirtualClock, server: RealtimeServer, responder: TestResponder) {
    this.clock = clock;
    this.server = server;
    this.responder = responder;
  }

  static async start(options: Partial<RealtimeServerOptions> & { seed?: number } = {}): Promise<Harness> {
    const { seed, ...rest } = options;
    const clock = new VirtualClock({ seed: seed ?? 1 });
    const responder = new TestResponder();
    return new Harness(clock, await startRealtimeServer({ clock, responder, ...rest }), responder);
  }

  async connect(
    query = '?model=gpt-realtime-2.1',
    headers: Record<string, string> = {},
  ): Promise<TestClient> {
    const socket = new WebSocket(`${this.server.url}${query}`, {
      headers: { Authorization: 'Bearer any', ...headers },
    });
    const client = new TestClient(socket);
    await once(socket, 'open');
    this.clients.push(client);
    await this.settle();
    return client;
  }

  /** Waits until everything that was sent either way has been handled. */
  async settle(): Promise<void> {
    const open = (): boolean => this.clients.some((client) => client.closed === undefined);
    const sent = (): number => this.clients.reduce((sum, client) => sum + client.sent, 0);
    const received = (): number => this.clients.reduce((sum, client) => sum + client.received, 0);
    for (let quiet = 0; quiet < 3;) {
      await nextTurn();
      const still = sent() === this.server.receivedCount && received() === this.server.sentCount;
      quiet = still || !open() ? quiet + 1 : 0;
    }
  }

  /** Moves the clock, a timer at a time, letting both sides catch up. */
  async advance(ms: number): Promise<void> {
    const target = this.clock.nowMs() + ms;
    for (;;) {
      const due = this.clock.nextDueMs();
      if (due === undefined || due > target) break;
      this.clock.advanceTo(due);
      await this.settle();
    }
    this.clock.advanceTo(target);
    await this.settle();
  }

  /** Sends one event and lets the server answer. */
  async ask(client: TestClient, event: unknown): Promise<WireEvent> {
    client.send(event);
    await this.settle();
    return client.last();
  }

  /** Appends audio in 20 ms chunks without moving the clock. */
  async speak(client: TestClient, pcm: Int16Array, chunkMs = 20): Promise<void> {
    const step = chunkMs * 24;
    for (let from = 0; from < pcm.length; from += step) {
      client.send({ type: 'input_audio_buffer.append', audio: base64(pcm.subarray(from, from + step)) });
    }
    await this.settle();
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.server.close();
  }
}

export function base64(pcm: Int16Array): string {
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}

export function silence(ms: number): Int16Array {
  return new Int16Array(ms * 24);
}

export function tone(ms: number, hz: number, amplitude: number): Int16Array {
  return Int16Array.from({ length: ms * 24 }, (_, index) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * index) / 24_000)),
  );
}

/**
 * Speech-like: a glottal pulse train with a moving pitch through two resonances, in syllables of 180 ms with 40 ms dips.
 * Starts and stops hard, so its bounds are known to the sample.
 */
export function babble(ms: number, options: { rmsDbfs?: number; pitchHz?: number } = {}): Int16Array {
  const samples = ms * 24;
  const raw = new Float64Array(samples);
  let phase = 0;
  const resonate = (frequency: number, bandwidth: number): ((x: number) => number) => {
    const r = Math.exp((-Math.PI * bandwidth) / 24_000);
    const a = 2 * r * Math.cos((2 * Math.PI * frequency) / 24_000);
    let y1 = 0;
    let y2 = 0;
    return (x) => {
      const y = x + a * y1 - r * r * y2;
      y2 = y1;
      y1 = y;
      return y;
    };
  };
  const first = resonate(600, 90);
  const second = resonate(1_700, 120);
  for (let index = 0; index < samples; index++) {
    const seconds = index / 24_000;
    phase += ((options.pitchHz ?? 120) * (1 + 0.15 * Math.sin(2 * Math.PI * 1.3 * seconds))) / 24_000;
    const pulse = phase >= 1 ? 1 : 0;
    if (phase >= 1) phase -= 1;
    const inSyllable = (index % (220 * 24)) / 24 < 180 ? 1 : 0.15;
    raw[index] = inSyllable * (first(pulse) + 0.5 * second(pulse));
  }
  return atLevel(raw, options.rmsDbfs ?? -25);
}

/** Seeded noise: white, or pink (-3 dB per octave; Paul Kellet's filter). */
export function noise(ms: number, kind: 'white' | 'pink', rmsDbfs: number, seed = 7): Int16Array {
  const random = seededRandom(seed);
  const b = [0, 0, 0, 0, 0, 0, 0];
  const raw = Float64Array.from({ length: ms * 24 }, () => {
    const white = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    if (kind === 'white') return white;
    b[0] = 0.99886 * b[0]! + white * 0.0555179;
    b[1] = 0.99332 * b[1]! + white * 0.0750759;
    b[2] = 0.969 * b[2]! + white * 0.153852;
    b[3] = 0.8665 * b[3]! + white * 0.3104856;
    b[4] = 0.55 * b[4]! + white * 0.5329522;
    b[5] = -0.7616 * b[5]! - white * 0.016898;
    const pink = b.reduce((sum, value) => sum + value, 0) + white * 0.5362;
    b[6] = white * 0.115926;
    return pink;
  });
  return atLevel(raw, rmsDbfs);
}

function atLevel(raw: Float64Array, rmsDbfs: number): Int16Array {
  const rms = Math.sqrt(raw.reduce((sum, value) => sum + value * value, 0) / raw.length);
  const gain = (10 ** (rmsDbfs / 20) * 32_768) / rms;
  return Int16Array.from(raw, (value) => Math.max(-32_768, Math.min(32_767, Math.round(value * gain))));
}

export function join(...parts: Int16Array[]): Int16Array {
  const out = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Adds noise to a signal, sample by sample. */
export function mix(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((value, index) => Math.max(-32_768, Math.min(32_767, value + (b[index] ?? 0))));
}

/** A `session.update` with only these fields. */
export function update(session: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { type: 'session.update', session: { type: 'realtime', ...session } };
}

/** A `session.update` of the turn detection. */
export function detection(fields: Readonly<Record<string, unknown>> | null): Record<string, unknown> {
  return update({ audio: { input: { turn_detection: fields } } });
}
