/** A call on the fake of Stream's client with our room in it, on a virtual clock. */
import { setImmediate as turn } from 'node:timers/promises';
import { VirtualClock } from '../../../src/clock.js';
import type { DataMessage } from '../../../src/room/room.js';
import { CustomEventReader, eventsOf } from '../../../src/room/stream/custom-events.js';
import { StreamRoom } from '../../../src/room/stream/room.js';
import { createUserToken } from '../../../src/room/stream/tokens.js';
import type { RoomWorld, WorldPerson } from '../../contract/room-cases.js';
import { createFakeWrtc } from '../webrtc/fake-wrtc.js';
import { type Comeback, FakeStream } from './fake-stream.js';

export const BOT_ID = 'parley-1';

/** The service, and what rooms on it are made of. */
export function createService() {
  const clock = new VirtualClock();
  const wrtc = createFakeWrtc();
  const service = new FakeStream({ clock, wrtc });
  const problems: string[] = [];
  let signing = 0;
  /** In real time, which the virtual clock does not know: {@link pass} waits for it. */
  const tokenOf = async (
    userId: string,
    expiresInSeconds = 3_600,
    secret = service.secret,
  ): Promise<string> => {
    signing++;
    return createUserToken({ secret, userId, expiresInSeconds, epochMs: clock.epochMs() }).finally(
      () => signing--,
    );
  };
  const createRoom = (options: Partial<ConstructorParameters<typeof StreamRoom>[0]> = {}): StreamRoom => {
    const participantId = options.participantId ?? BOT_ID;
    return new StreamRoom(
      {
        callId: { type: 'default', id: 'weekly-sync' },
        apiKey: service.apiKey,
        participantId,
        createToken: () => tokenOf(participantId),
        ...{ name: 'Parley', metadata: {}, baseUrl: undefined, wayTo: () => undefined, hears: 'people' },
        ...{ joinTimeoutMs: 10_000, clock, wrtc, createSdk: service.createSdk },
        ...options,
      },
      (error, event) => problems.push(`${event}: ${String(error)}`),
    );
  };
  /** Lets time pass in steps of 10 ms, and what is asynchronous between them. */
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      clock.advanceBy(10);
      do await turn();
      while (signing > 0);
    }
  };
  return { clock, wrtc, service, problems, createRoom, tokenOf, pass };
}

/** The world of the room contract: a connection that breaks comes back in this way. */
export function makeWorld(comeback: Comeback): RoomWorld {
  const { clock, service, createRoom, pass } = createService();
  const room = createRoom();
  const now = (act: () => unknown): Promise<void> => {
    act();
    return Promise.resolve();
  };
  return {
    room,
    patienceMs: 120_000,
    pass,
    enter: (options) => {
      const person = service.enter(options);
      const reader = new CustomEventReader(clock);
      const topics = new Set<string>();
      const messages = (): DataMessage[] =>
        person.events.flatMap(({ senderId, custom }) => {
          const message = reader.read(senderId, custom);
          return message === undefined || !topics.has(message.topic) ? [] : [{ ...message, senderId }];
        });
      return Promise.resolve<WorldPerson>({
        id: options.id,
        get messages() {
          return messages();
        },
        say: (pcm) => now(() => person.say(pcm)),
        mute: () => now(() => person.mute()),
        unmute: () => now(() => person.unmute()),
        leave: () => now(() => person.leave()),
        change: (change) => now(() => person.change(change)),
        send: (topic, text, sent) =>
          now(() => {
            for (const event of eventsOf({ topic, text, payload: sent?.payload ?? {} }, 'a'))
              person.send(event);
          }),
        read: (topic) => now(() => topics.add(topic)),
        heard: () => person.heard(),
      });
    },
    refuse: () =>
      now(() => (service.joinError = Object.assign(new Error('not allowed'), { code: 17, status: 403 }))),
    removeUs: () => now(() => service.kick(BOT_ID)),
    dropConnection: () => now(() => service.callOf(BOT_ID).cut()),
    restoreConnection: () => service.callOf(BOT_ID).restore(comeback),
    loseConnection: () =>
      now(() => {
        service.isDown = true;
        service.callOf(BOT_ID).cut();
      }),
  };
}
