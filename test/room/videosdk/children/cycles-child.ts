/**
 * F14, the bot's side: joins and leaves the meeting of its argument again and again, hears somebody each time, and says
 * how much memory the process holds after each cycle. Runs with `--expose-gc`: what is measured is what is kept, not how
 * late V8 collects.
 */
import { createLogger } from '../../../../src/log.js';
import { createVideoSdkRoom } from '../../../../src/room/videosdk/index.js';
import { type ServerAddress, tokenFor } from './person.js';
import { BOT_ID, until } from './world.js';

const { server, roomId, cycles } = JSON.parse(process.argv[2] ?? '') as {
  server: ServerAddress;
  roomId: string;
  cycles: number;
};

const log = createLogger({ level: 'warn' });
for (let cycle = 1; cycle <= cycles; cycle++) {
  const room = await createVideoSdkRoom({
    meetingId: roomId,
    token: tokenFor(server, roomId, BOT_ID),
    name: 'Parley',
    participantId: BOT_ID,
    signalingBaseUrl: server.signalingBaseUrl,
    ca: server.ca,
    log,
  });
  let frames = 0;
  room.listen(() => frames++);
  room.publish({ pull: (out) => out.fill(100) });
  room.subscribe('TALK', () => undefined);
  await room.join();
  await until('audio', () => frames >= 10);
  await room.leave();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ cycle, rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 })}\n`);
}
process.exit(0);
