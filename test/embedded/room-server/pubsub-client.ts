/** A client of pubSub by hand: the same `.proto`, the other direction. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { WebSocket } from 'ws';
import type { RoomServer } from '../../../src/embedded/room-server/index.js';
import { until } from './harness.js';

const { root } = protobuf.parse(
  readFileSync(new URL('../../../src/embedded/room-server/pubsub.proto', import.meta.url), 'utf8'),
);
const clientMessage = root.lookupType('pubsub.ClientMessage');
const envelope = root.lookupType('pubsub.ServerEnvelope');
const serverMessage = root.lookupType('pubsub.ServerMessage');

export type ReceivedMessage = {
  topic: string;
  message: string;
  payload: unknown;
  senderId: string;
  senderName: string;
  timestamp: string;
  sendOnly: string[];
  seqNum: number;
  isOld: boolean;
};

type Ack = { requestId: string; ok: boolean; error: string; messageId: string };

export type DecodedBatch = {
  topic: string;
  batchType: string;
  isLast: boolean;
  requestId: string;
  messages: ReceivedMessage[];
};

type DecodedEnvelope = {
  welcome?: { pingIntervalMs: number };
  ping?: { seq: number };
  ack?: Ack;
  batch?: DecodedBatch;
};

/** What the server has sent, messages included. */
export function decodeEnvelope(data: Uint8Array): DecodedEnvelope {
  const options = { arrays: true, longs: Number };
  const body = envelope.toObject(envelope.decode(data), options) as DecodedEnvelope;
  if (body.ack !== undefined)
    body.ack = { ...{ requestId: '', ok: false, error: '', messageId: '' }, ...body.ack };
  if (body.batch === undefined) return body;
  const batch = body.batch as DecodedBatch & { payloads: Uint8Array[] };
  const messages = batch.payloads.map((bytes): ReceivedMessage => {
    const message = serverMessage.toObject(serverMessage.decode(bytes), {
      ...options,
      defaults: true,
    }) as ReceivedMessage;
    const payload = Buffer.from(message.payload as Uint8Array).toString('utf8');
    return {
      ...message,
      topic: batch.topic,
      payload: payload === '' ? undefined : JSON.parse(payload),
      isOld: batch.batchType === 'old-messages',
    };
  });
  return { ...body, batch: { ...{ isLast: false, requestId: '' }, ...batch, messages } };
}

export class PubSubClient {
  readonly messages: ReceivedMessage[] = [];
  readonly acks: Ack[] = [];
  readonly batches: DecodedBatch[] = [];
  readonly socket: WebSocket;
  pings: number[] = [];
  pingIntervalMs: number | undefined;
  closeCode: number | undefined;
  #requests = 0;

  constructor(server: RoomServer, url: string) {
    this.socket = new WebSocket(url, { ca: server.ca });
    this.socket.binaryType = 'nodebuffer';
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code) => (this.closeCode = code));
    this.socket.on('message', (data: Buffer) => this.#receive(data));
  }

  static async open(
    server: RoomServer,
    joinAnswer: Readonly<Record<string, unknown>>,
  ): Promise<PubSubClient> {
    const client = new PubSubClient(server, joinAnswer['pubSubUrl'] as string);
    await until(() => client.pingIntervalMs, 'pubSub says welcome');
    return client;
  }

  send(message: Record<string, unknown>): void {
    this.socket.send(clientMessage.encode(clientMessage.fromObject(message)).finish());
  }

  /** Subscribes; resolves with the ack, or with the first batch of history, which stands for it. */
  async subscribe(topic: string, oldMessageLimit = 0): Promise<Ack | DecodedBatch> {
    const requestId = `s${++this.#requests}`;
    this.send({ subscribe: { topic, peerId: 'a lie', oldMessageLimit, requestId } });
    return until(
      () =>
        this.acks.find((ack) => ack.requestId === requestId) ??
        this.batches.find((batch) => batch.requestId === requestId),
      `the subscription of ${topic} is answered`,
    );
  }

  unsubscribe(topic: string): Promise<Ack> {
    return this.#request((requestId) => ({ unsubscribe: { topic, requestId } }));
  }

  publish(topic: string, message: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Ack> {
    return this.#request((requestId) => ({ publish: { topic, message, requestId, ...fields } }));
  }

  request(build: (requestId: string) => Record<string, unknown>): Promise<Ack> {
    return this.#request(build);
  }

  async waitFor(count: number): Promise<readonly ReceivedMessage[]> {
    await until(() => this.messages.length >= count, `${count} messages arrive`);
    return this.messages;
  }

  close(): void {
    this.socket.terminate();
  }

  #request(build: (requestId: string) => Record<string, unknown>): Promise<Ack> {
    const requestId = `r${++this.#requests}`;
    this.send(build(requestId));
    return until(
      () => this.acks.find((ack) => ack.requestId === requestId),
      `request ${requestId} is answered`,
    );
  }

  #receive(data: Buffer): void {
    const { welcome, ping, ack, batch } = decodeEnvelope(data);
    if (welcome !== undefined) this.pingIntervalMs = welcome.pingIntervalMs;
    if (ping !== undefined) this.pings.push(ping.seq);
    if (ack !== undefined) this.acks.push(ack);
    if (batch === undefined) return;
    this.batches.push(batch);
    this.messages.push(...batch.messages);
  }
}
