/** A meeting on the embedded room server with our room in it, for the contract and for the faults. */
import { systemClock } from '../../../../src/clock.js';
import { createLogger } from '../../../../src/log.js';
import { type RoomServer, startRoomServer } from '../../../../src/embedded/room-server/index.js';
import type { Room } from '../../../../src/room/room.js';
import { createVideoSdkRoom, type VideoSdkOptions } from '../../../../src/room/videosdk/index.js';
import { Person, type PersonOptions, tokenFor } from './person.js';

export const BOT_ID = 'parley-1';

export const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** Waits until `condition` holds; throws when it does not in time. */
export async function until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const startedMs = systemClock.nowMs();
  while (!condition()) {
    if (systemClock.nowMs() - startedMs > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(10);
  }
}

/** A server, one room on it, and whoever is in it. */
export class TestMeeting {
  readonly server: RoomServer;
  readonly roomId: string;
  readonly #people: Person[] = [];
  readonly #rooms: Room[] = [];

  constructor(server: RoomServer, roomId = server.createRoom()) {
    this.server = server;
    this.roomId = roomId;
  }

  static async start(options: Parameters<typeof startRoomServer>[0] = {}): Promise<TestMeeting> {
    return new TestMeeting(await startRoomServer(options));
  }

  /** Our room, not joined yet. */
  async createRoom(overrides: Partial<VideoSdkOptions> = {}): Promise<Room> {
    const participantId = overrides.participantId ?? BOT_ID;
    const meetingId = overrides.meetingId ?? this.roomId;
    const room = await createVideoSdkRoom({
      meetingId,
      token: tokenFor(this.server, meetingId, participantId),
      name: 'Parley',
      participantId,
      signalingBaseUrl: this.server.signalingBaseUrl,
      ca: this.server.ca,
      log: createLogger({ level: 'warn' }),
      ...overrides,
    });
    this.#rooms.push(room);
    return room;
  }

  async enter(options: Omit<PersonOptions, 'server' | 'roomId'>): Promise<Person> {
    const person = await Person.enter({ server: this.server, roomId: this.roomId, ...options });
    this.#people.push(person);
    return person;
  }

  /** Everyone goes; the server stays. */
  async end(): Promise<void> {
    await Promise.all(this.#rooms.map((room) => room.leave()));
    await Promise.all(this.#people.map((person) => person.vanish()));
  }
}
