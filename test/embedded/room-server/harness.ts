/** A room server for one test file, and clients that speak the protocol by hand, without any SDK. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import {
  type RoomServer,
  type RoomServerOptions,
  startRoomServer,
} from '../../../src/embedded/room-server/index.js';

export const OPUS_PAYLOAD_TYPE = 111;
export const LEVEL_EXTENSION_ID = 1;

const folders: string[] = [];
process.once('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that is gone when the test process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-room-'));
  folders.push(folder);
  return folder;
}

const sharedCache = temporaryFolder(); // one certificate for all servers of a file

export async function startTestRoom(
  options: RoomServerOptions = {},
): Promise<RoomServer & { roomId: string; [Symbol.asyncDispose](): Promise<void> }> {
  const server = await startRoomServer({ cacheDir: sharedCache, ...options });
  const roomId = server.createRoom('test-room');
  // Getters stay getters.
  return Object.create(server, {
    roomId: { value: roomId },
    [Symbol.asyncDispose]: { value: () => server.close() },
  }) as RoomServer & { roomId: string; [Symbol.asyncDispose](): Promise<void> };
}

export type Claims = Readonly<Record<string, unknown>>;

const base64Url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token by hand (RFC 7515), so that nothing of the code under test makes it. */
export function signToken(
  secret: string,
  claims: Claims = {},
  header: Claims = { alg: 'HS256', typ: 'JWT' },
): string {
  const now = Math.floor(Date.now() / 1000);
  const payload = {
    apikey: 'parley-local',
    permissions: ['allow_join', 'allow_mod'],
    version: 2,
    roles: ['rtc'],
    iat: now,
    exp: now + 600,
    ...claims,
  };
  const input = `${base64Url(header)}.${base64Url(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

export type HttpAnswer = { status: number; headers: IncomingHttpHeaders; text: string };

/** One HTTPS request with any headers; `Host` too. */
export function fetchRoom(
  server: RoomServer,
  path: string,
  options: { method?: string; headers?: Readonly<Record<string, string>>; body?: string | Buffer } = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${server.origin}${path}`,
      {
        ca: server.ca,
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
        agent: false,
        servername: 'localhost',
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

export function postJson(
  server: RoomServer,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  return fetchRoom(server, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Polls until `ready` gives something; for what has no event of its own. */
export async function until<Value>(ready: () => Value | undefined | false, what: string): Promise<Value> {
  const deadlineMs = Date.now() + 8_000;
  for (;;) {
    const value = ready();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadlineMs) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

type Message = { event: string; data: Record<string, unknown> };

/** A participant's signalling connection: every event it gets, in order, and requests with their answers. */
export class SignallingClient {
  readonly id: string;
  readonly received: Message[] = [];
  readonly socket: Socket;
  /** Why socket.io says that the connection ended. */
  disconnectReason: string | undefined;
  #acknowledgeConsumers = true;

  constructor(
    server: RoomServer,
    id: string,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.id = id;
    const roomId = query['roomId'] ?? 'test-room';
    const secret = query['secret'] ?? signToken(server.secret, { participantId: id });
    this.socket = io(`wss://${server.signalingBaseUrl}/`, {
      query: { roomId, peerId: id, secret, mode: 'SEND_AND_RECV', lib: 'socket', ...query },
      transports: ['websocket'],
      ca: server.ca,
      extraHeaders: headers,
      forceNew: true,
      reconnection: false,
    } as Parameters<typeof io>[1]);
    this.socket.onAny((event: string, data: unknown, acknowledge?: (answer?: unknown) => void) => {
      const body = (data ?? {}) as Record<string, unknown>;
      if (event === 'notification') this.received.push({ event: String(body['method']), data: body });
      else this.received.push({ event, data: body });
      if (this.#acknowledgeConsumers) acknowledge?.();
    });
    this.socket.on('disconnect', (reason) => (this.disconnectReason = reason));
  }

  /** From now on server requests such as `newConsumer` stay unanswered. */
  stopAcknowledging(): void {
    this.#acknowledgeConsumers = false;
  }

  all(event: string): readonly Record<string, unknown>[] {
    return this.received.filter((message) => message.event === event).map(({ data }) => data);
  }

  /** The `count`-th (from 1) message of this name. */
  waitFor(event: string, count = 1): Promise<Record<string, unknown>> {
    return until(() => this.all(event)[count - 1], `${this.id} receives ${event} (${count})`);
  }

  /** The raw acknowledgement. */
  ask(method: string, data: unknown = {}): Promise<{ data: Record<string, unknown> }> {
    return this.socket.timeout(5_000).emitWithAck('request', { method, request: true, data }) as Promise<{
      data: Record<string, unknown>;
    }>;
  }

  /** The answer of a request that succeeds. */
  async request(method: string, data: unknown = {}): Promise<Record<string, unknown>> {
    const answer = await this.ask(method, data);
    if (answer.data['status'] === 'error') throw new Error(`${method}: ${String(answer.data['message'])}`);
    return answer.data;
  }

  /** The code with which a request is refused. */
  async refusal(method: string, data: unknown = {}): Promise<number> {
    const answer = await this.ask(method, data);
    if (answer.data['status'] !== 'error') throw new Error(`${method} was not refused`);
    return answer.data['errorCode'] as number;
  }

  /** Everything up to `join`, as the SDK does it; returns the answer of `join`. */
  async join(profile: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
    await this.waitFor('connectionSuccess');
    await this.request('requestEntry', { name: this.id });
    await this.waitFor('entryResponded');
    await this.request('getRouterRtpCapabilities');
    return this.request('join', {
      displayName: `name of ${this.id}`,
      device: 'unknown',
      metaData: { preferredLanguage: 'es' },
      mode: 'SEND_AND_RECV',
      autoConsume: true,
      ...profile,
    });
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** RTP parameters of a microphone as the SDK sends them. */
export function microphoneParameters(ssrc: number) {
  return {
    mid: '0',
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: OPUS_PAYLOAD_TYPE,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} },
      {
        uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
        id: LEVEL_EXTENSION_ID,
        encrypt: false,
        parameters: {},
      },
    ],
    encodings: [{ ssrc, active: true, dtx: false }],
    rtcp: { cname: 'cname-of-test', reducedSize: true },
  };
}

/** RTP parameters of a camera. */
export function cameraParameters(ssrc: number) {
  return {
    mid: '1',
    codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: 'cname-of-test' },
  };
}
