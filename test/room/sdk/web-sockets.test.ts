import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { watchSignalling } from '../../../src/room/videosdk/signalling-watch.js';
import { SdkWebSockets, tlsOptionsFor } from '../../../src/room/sdk/web-sockets.js';

let server: WebSocketServer;
let base: string;

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const socket of server.clients) socket.terminate();
  server.close();
});

function setUp() {
  const emitted: string[] = [];
  const problems: unknown[] = [];
  const leftOut: string[] = [];
  const sockets = new SdkWebSockets({
    onError: (error) => problems.push(error),
    watch: watchSignalling({
      onOpen: () => emitted.push('open'),
      onClose: () => emitted.push('close'),
      onLeftOut: (id) => leftOut.push(id),
    }),
  });
  return { emitted, problems, leftOut, sockets };
}

const opened = (socket: { once(event: 'open', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => void socket.once('open', resolve));

describe('SdkWebSockets', () => {
  it('tells of the signalling socket and not of others, and closes them all', async () => {
    const { emitted, sockets } = setUp();
    const signalling = new sockets.WebSocket(`${base}/socket.io/?EIO=4`);
    const pubSub = new sockets.WebSocket(`${base}/pubsub`);
    await Promise.all([opened(signalling), opened(pubSub)]);
    expect(emitted).toEqual(['open']);
    await sockets.close();
    expect(emitted).toEqual(['open', 'close']);
    expect([signalling.readyState, pubSub.readyState]).toEqual([3, 3]);
  });

  it('closes sockets that are still opening', async () => {
    const { emitted, sockets } = setUp();
    const socket = new sockets.WebSocket(`${base}/socket.io/`);
    await sockets.close();
    expect(socket.readyState).toBe(3);
    expect(emitted).toEqual(['close']);
  });

  it('an exception in a handler of the SDK is told and ends nothing', async () => {
    const { problems, sockets } = setUp();
    const socket = new sockets.WebSocket(`${base}/x`);
    await opened(socket);
    const answered = new Promise((resolve) => {
      socket.onmessage = (event) => {
        resolve(event.data);
        throw new Error('broken handler');
      };
    });
    socket.send('hello');
    await answered;
    await sockets.close();
    expect(problems.map(String)).toEqual(['Error: broken handler']);
  });

  it('hands on nothing of participants whose id every object has, on the signalling socket', async () => {
    const { leftOut, sockets } = setUp();
    const socket = new sockets.WebSocket(`${base}/socket.io/`);
    await opened(socket);
    const received: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        received.push(data);
        if (data === '2') resolve();
      };
    });
    const person = (id: string): string => `42["notification",{"method":"newPeer","id":"${id}"}]`;
    for (const text of [person('ana'), person('toString'), '430[{"data":[{"id":"valueOf"}]}]', '2'])
      socket.send(text);
    await done;
    await sockets.close();
    expect(received).toEqual([person('ana'), '430[{"data":[]}]', '2']);
    expect(leftOut).toEqual(['toString', 'valueOf']);
  });

  it('a socket that nobody answers is an error event, not the end of the process', async () => {
    const { emitted, sockets } = setUp();
    const socket = new sockets.WebSocket('ws://127.0.0.1:1/socket.io/');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(emitted).toEqual(['close']);
  });
});

describe('tlsOptionsFor', () => {
  it('gives the authority for its own address alone, and never switches checks off', () => {
    const trusted = { host: 'localhost:8443', ca: 'PEM' };
    expect(tlsOptionsFor('localhost:8443', trusted)).toEqual({ ca: 'PEM' });
    expect(tlsOptionsFor('localhost:8444', trusted)).toEqual({});
    expect(tlsOptionsFor('api.videosdk.live', trusted)).toEqual({});
    expect(tlsOptionsFor('api.videosdk.live', undefined)).toEqual({});
  });
});
