/** Opens every kind of connection to https://realtime.test, in the environment that it was given; one JSON line of what came. */
import { messageOf } from '../../src/errors.js';
import { loadWays } from '../../src/outgoing/agents.js';
import { outgoingFetch } from '../../src/outgoing/fetch.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import { SdkFetch } from '../../src/room/videosdk/https-fetch.js';
import { RoomsApi } from '../../src/room/videosdk/rooms-api.js';
import { SdkWebSockets } from '../../src/room/sdk/web-sockets.js';

const HOST = 'realtime.test';
const result = async (run: () => Promise<unknown>): Promise<unknown> => run().catch(messageOf);
const transport = () =>
  connectWebSocket({ url: `wss://${HOST}/v1/realtime` })({
    message: () => undefined,
    closed: () => undefined,
  });

const wayTo = await loadWays();
const sdkSocket = () =>
  new Promise((resolve, reject) => {
    const sockets = new SdkWebSockets({
      onError: () => undefined,
      wayTo,
    });
    const socket = new sockets.WebSocket(`wss://${HOST}/socket.io/`);
    socket.on('open', () => resolve('open'));
    socket.on('error', reject);
  });
const sdkFetch = new SdkFetch({ telemetry: false });
const rooms = new RoomsApi({
  credentials: { kind: 'keys', apiKey: 'k', secret: 'a-secret-of-thirty-two-characters' },
  apiUrl: `https://${HOST}`,
  maxRetries: 0,
});

const results = {
  realtime: await result(async () => (await transport()).sentCount),
  fetch: await result(async () => (await outgoingFetch(`https://${HOST}/ping`)).status),
  sdkFetch: await result(async () => (await sdkFetch.fetch(`https://${HOST}/ping`)).status),
  sdkSocket: await result(sdkSocket),
  rooms: await result(() => rooms.findRoom('abcd')),
};
process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit(0));
