/** Runs the room contract against VideoSDK's real SDK and the embedded room server; one JSON line per rule. */
import { startRoomServer } from '../../../../src/embedded/room-server/index.js';
import { ROOM_CASES, type RoomWorld, type WorldPerson } from '../../../contract/room-cases.js';
import { BOT_ID, sleep, TestMeeting } from './world.js';

/** VideoSDK 1.1.1 tells of no change of name or metadata; F8 is a test of its own. */
const MISSING = new Set(['change', 'loseLine']);

const server = await startRoomServer();

async function makeWorld(meeting: TestMeeting): Promise<RoomWorld> {
  const room = await meeting.createRoom();
  return {
    room,
    patienceMs: 12_000,
    pass: sleep,
    enter: async (options): Promise<WorldPerson> => {
      const person = await meeting.enter(options);
      return {
        id: person.id,
        messages: person.messages,
        say: (pcm) => {
          person.say(pcm);
          return Promise.resolve();
        },
        mute: () => person.mute(),
        unmute: () => person.unmute(),
        leave: () => person.leave(),
        send: (topic, text, sent) => person.send(topic, text, sent),
        read: (topic) => person.read(topic),
        heard: () => person.heard(BOT_ID),
      };
    },
    refuse: () => {
      server.faults.set({ refuseTokens: { count: 1 } });
      return Promise.resolve();
    },
    removeUs: () => Promise.resolve(void server.faults.removeParticipant(meeting.roomId, BOT_ID)),
    dropConnection: () => Promise.resolve(void server.faults.cutSockets(meeting.roomId, BOT_ID)),
    restoreConnection: () => Promise.resolve(), // the SDK comes back by itself after 2.5 to 5 s
  };
}

const [part = 0, parts = 1] = process.argv.slice(2).map(Number);
for (const [index, { name, needs = [], run }] of ROOM_CASES.entries()) {
  if (index % parts !== part || needs.some((ability) => MISSING.has(ability))) continue;
  const meeting = new TestMeeting(server);
  const startedMs = performance.now();
  let problem: string | undefined;
  try {
    await run(await makeWorld(meeting));
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  await meeting.end();
  const durationMs = Math.round(performance.now() - startedMs);
  process.stdout.write(`${JSON.stringify({ rule: name, durationMs, problem })}\n`);
}
process.exit(0);
