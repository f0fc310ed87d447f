/** The embedded room in a process of its own. Argument: its cache folder. */
import { startRoomServer } from '../../../src/embedded/room-server/index.js';
import type { RoomServerReport } from './messages.js';
import { followOrders, notify } from './orders.js';

followOrders(() => undefined);
const server = await startRoomServer({ cacheDir: process.argv[2]! });
const { signalingBaseUrl, ca, apiKey, secret } = server;
notify({
  kind: 'started',
  address: { signalingBaseUrl, ca, apiKey, secret, roomId: server.createRoom() },
} satisfies RoomServerReport);
