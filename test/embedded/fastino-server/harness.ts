/** The embedded Fastino on a virtual clock, and plain HTTP to it: no client of ours. */
import { request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '../../../src/clock.js';
import {
  type FastinoServer,
  type FastinoServerOptions,
  startFastinoServer,
} from '../../../src/embedded/fastino-server/index.js';

export type Answer = { status: number; headers: IncomingHttpHeaders; bytes: Buffer; text: string };

export type Question = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer | object;
  /** Gives up: closes the connection. */
  signal?: AbortSignal;
};

export class TestFastino {
  readonly clock: VirtualClock;
  readonly server: FastinoServer;

  private constructor(clock: VirtualClock, server: FastinoServer) {
    this.clock = clock;
    this.server = server;
  }

  static async start(options: FastinoServerOptions = {}): Promise<TestFastino> {
    const clock = new VirtualClock();
    const server = await startFastinoServer({ clock, requestsPerMinute: 10_000, ...options });
    return new TestFastino(clock, server);
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** Asks as it is said, without a key unless one is in the headers. Rejects when the connection breaks. */
  ask({ method = 'GET', path, headers = {}, body, signal }: Question): Promise<Answer> {
    const raw =
      body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      // A connection for each: on a machine that is busy, one that was kept is closed just as it is used again.
      const outgoing = requestHttp(
        { host: '127.0.0.1', port: this.server.port, method, path, headers, signal, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const { statusCode = 0, headers: answered } = response;
            resolve({ status: statusCode, headers: answered, bytes, text: bytes.toString('utf8') });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(raw);
    });
  }

  get(path: string, headers: Record<string, string> = KEY): Promise<Answer> {
    return this.ask({ path, headers });
  }

  post(path: string, body: object, headers: Record<string, string> = KEY): Promise<Answer> {
    return this.ask({ method: 'POST', path, body, headers });
  }

  /** The body of a call that must have worked. */
  async ok<Body = Record<string, unknown>>(answer: Promise<Answer>): Promise<Body> {
    const { status, text } = await answer;
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return JSON.parse(text) as Body;
  }

  /** Status and error code of a call that must have been refused. */
  async refusal(answer: Promise<Answer>): Promise<[status: number, code: unknown]> {
    const { status, text } = await answer;
    const body = JSON.parse(text) as { error: { code: string; message: string } };
    return [status, typeof body.error.message === 'string' && body.error.code];
  }

  /** Lets a request arrive and be worked on until it waits for the clock. */
  async until(condition: () => boolean): Promise<void> {
    for (let turns = 0; !condition(); turns++) {
      if (turns > 100_000) throw new Error('it never came about');
      await turn();
    }
  }

  /** A registered user with memories. */
  async person(memories: readonly string[] = [], traits: object = { name: 'Ash Lewis' }): Promise<string> {
    const email = `user${Math.floor(this.clock.random() * 1e9)}@example.com`;
    const { user_id: userId } = await this.ok<{ user_id: string }>(this.post('/register', { email, traits }));
    for (const content of memories) {
      const messages = [{ role: 'user', content, timestamp: '2025-11-01T14:30:00Z' }];
      await this.ok(this.post('/ingest', { user_id: userId, source: 'test', message_history: messages }));
    }
    return userId;
  }
}

export const KEY: Record<string, string> = { 'x-api-key': 'pio_sk_0123456789' };
