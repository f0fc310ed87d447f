/**
 * What every adapter of the Room port must do, as plain functions: they run in any process, also one that a media
 * library will not let end by itself. `room-contract.ts` runs them under vitest.
 */
import { deepStrictEqual as equal, ok, rejects } from 'node:assert/strict';
import type { AudioFrame } from '../../audio/index.js';
import type {
  DataMessage,
  LeaveReason,
  Participant,
  PublishOptions,
  Room,
  RoomState,
} from '../../src/room/room.js';

/** Somebody else in the meeting, moved by the test. Methods resolve when the change is on its way. */
export interface WorldPerson {
  readonly id: string;
  /** Starts to say 48 kHz mono PCM16. */
  say(pcm: Int16Array): Promise<void>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  leave(): Promise<void>;
  send(topic: string, text: string, options?: PublishOptions): Promise<void>;
  /** Begins to read a topic, kept messages first; what was read so far is in `messages`. */
  read(topic: string): Promise<void>;
  readonly messages: readonly DataMessage[];
  /** All that this person heard of the room's track so far, 48 kHz mono. */
  heard(): Int16Array;
  /** Changes name or metadata in place; absent where a meeting has no such thing. */
  change?(change: { name?: string; metadata?: Record<string, unknown> }): Promise<void>;
}

/** A meeting, our room in it (not joined yet), and the faults that this meeting can be given. */
export interface RoomWorld {
  readonly room: Room;
  /** Longest wait for something to come about, in milliseconds of the world's time. */
  readonly patienceMs: number;
  /** Lets time pass. */
  pass(durationMs: number): Promise<void>;
  enter(person: {
    id: string;
    name: string;
    metadata?: Record<string, unknown>;
    micOn?: boolean;
  }): Promise<WorldPerson>;
  /** The next join is refused. */
  refuse?(): Promise<void>;
  /** The service removes us. */
  removeUs?(): Promise<void>;
  /** Cuts our line, and brings it back. */
  dropConnection?(): Promise<void>;
  restoreConnection?(): Promise<void>;
  /** Our line is gone for good. */
  loseConnection?(): Promise<void>;
}

/** One rule of the contract; `needs` names the optional abilities of a world that it uses. */
export type RoomCase = {
  name: string;
  needs?: readonly ('refuse' | 'removeUs' | 'dropLine' | 'loseLine' | 'change')[];
  run: (world: RoomWorld) => Promise<void>;
};

type Emitted =
  | { kind: 'state'; state: RoomState['kind'] }
  | { kind: 'joined' | 'changed'; participant: Participant }
  | { kind: 'left'; id: string; reason: LeaveReason | undefined }
  | { kind: 'audioStarted' | 'audioStopped'; id: string };
type HeardFrame = { id: string; frame: AudioFrame; atMs: number };

/** Records everything that a room tells, hears and pulls. */
class Witness {
  readonly emitted: Emitted[] = [];
  readonly frames: HeardFrame[] = [];
  readonly pulledAtMs: number[] = [];
  /** Frequency that is published; 0 is silence. */
  toneHz = 0;
  readonly #world: RoomWorld;
  #phase = 0;

  constructor(world: RoomWorld) {
    this.#world = world;
    const { events } = world.room;
    events.on('state', ({ kind }) => this.emitted.push({ kind: 'state', state: kind }));
    events.on('participantJoined', (participant) => this.emitted.push({ kind: 'joined', participant }));
    events.on('participantChanged', (participant) => this.emitted.push({ kind: 'changed', participant }));
    events.on('participantLeft', ({ id }, reason) => this.emitted.push({ kind: 'left', id, reason }));
    events.on('audioStarted', (id) => this.emitted.push({ kind: 'audioStarted', id }));
    events.on('audioStopped', (id) => this.emitted.push({ kind: 'audioStopped', id }));
    world.room.listen((id, { samples, ...format }, atMs) => {
      this.frames.push({ id, frame: { samples: samples.slice(), ...format }, atMs });
    });
    world.room.publish({
      pull: (out, atMs) => {
        equal(out.length, 480);
        this.pulledAtMs.push(atMs);
        for (let n = 0; n < out.length; n++) {
          out[n] = this.toneHz === 0 ? 0 : Math.round(8_000 * Math.sin(this.#phase));
          this.#phase += (2 * Math.PI * this.toneHz) / 48_000;
        }
      },
    });
  }

  count(kind: Emitted['kind'], id?: string): number {
    return this.emitted.filter(
      (event) =>
        event.kind === kind &&
        (id === undefined ||
          ('id' in event ? event.id : 'participant' in event ? event.participant.id : '') === id),
    ).length;
  }

  /** Waits until `condition` holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let passedMs = 0; !condition(); passedMs += 20) {
      ok(passedMs < this.#world.patienceMs, `in time: ${what}`);
      await this.#world.pass(20);
    }
  }

  /** Waits until this tone comes from a participant. */
  async hears(id: string, frequencyHz: number): Promise<void> {
    await this.until(`${frequencyHz} Hz from ${id}`, () => {
      const frames = this.frames.filter((heard) => heard.id === id).slice(-20);
      return frames.length === 20 && frames.every(({ frame }) => holdsTone(frame, frequencyHz));
    });
  }
}

/** The rules. Each gets a world of its own. */
export const ROOM_CASES: readonly RoomCase[] = [
  {
    name: 'joins: idle, connecting, connected, once; leaves: left, for good',
    run: async (world) => {
      const { room } = world;
      const witness = new Witness(world);
      equal(room.state, { kind: 'idle' });
      await room.join();
      equal(room.state, { kind: 'connected' });
      await rejects(room.join());
      equal(room.state, { kind: 'connected' });
      await Promise.all([room.leave(), room.leave()]);
      await room.leave();
      equal(room.state.kind === 'left' && room.state.reason.kind, 'asked');
      await rejects(room.join());
      const states = witness.emitted.flatMap((emitted) => (emitted.kind === 'state' ? [emitted.state] : []));
      equal(states, ['connecting', 'connected', 'left']);
    },
  },
  {
    name: 'leaves before it was ever joined',
    run: async ({ room }) => {
      await room.leave();
      equal(room.state.kind, 'left');
      await rejects(room.join());
    },
  },
  {
    name: 'a refused join rejects with a ParleyError, and the room has left',
    needs: ['refuse'],
    run: async (world) => {
      await world.refuse?.();
      await rejects(world.room.join(), (error: Error) => error.name === 'ParleyError');
      equal(world.room.state.kind, 'left');
      await world.room.leave();
    },
  },
  {
    name: 'tells who is here, who comes and who goes, with name and metadata, and never of itself',
    run: async (world) => {
      const witness = new Witness(world);
      const { room } = world;
      const ana = await world.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
      await room.join();
      await witness.until('Ana is seen', () => room.participants.has('ana'));
      const bob = await world.enter({ id: 'bob', name: 'Bob <b>', metadata: { preferredLanguage: 'en' } });
      await witness.until('Bob is seen', () => room.participants.has('bob'));
      equal([...room.participants.keys()].sort(), ['ana', 'bob']);
      for (const [id, name, language] of [
        ['ana', 'Ana', 'es'],
        ['bob', 'Bob <b>', 'en'],
      ] as const) {
        const participant = room.participants.get(id);
        equal(participant?.name, name);
        equal(participant.metadata['preferredLanguage'], language);
        equal(participant.isBot, false);
        equal(witness.count('joined', id), 1);
      }
      await ana.leave();
      await witness.until('Ana is gone', () => !room.participants.has('ana'));
      equal(witness.count('left', 'ana'), 1);
      equal(witness.count('joined', room.participantId), 0);
      equal(room.participants.has(room.participantId), false);
      await bob.leave();
      await room.leave();
    },
  },
  {
    name: 'tells of changed names and metadata',
    needs: ['change'],
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      const ana = await world.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
      await witness.until('Ana is seen', () => world.room.participants.has('ana'));
      await ana.change?.({ metadata: { preferredLanguage: 'fr' } });
      await witness.until('the change is seen', () => witness.count('changed', 'ana') > 0);
      equal(world.room.participants.get('ana')?.metadata['preferredLanguage'], 'fr');
      equal(world.room.participants.get('ana')?.name, 'Ana');
      equal(witness.count('joined', 'ana'), 1);
      await world.room.leave();
    },
  },
  {
    name: 'hears each participant apart, in 10 ms frames with steady times',
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      const bob = await world.enter({ id: 'bob', name: 'Bob' });
      await witness.until('both are audible', () => witness.count('audioStarted') === 2);
      await Promise.all([ana.say(tone(440, 3_000)), bob.say(tone(660, 3_000))]);
      await Promise.all([witness.hears('ana', 440), witness.hears('bob', 660)]);
      for (const id of ['ana', 'bob']) {
        const frames = witness.frames.filter((heard) => heard.id === id);
        for (const { frame } of frames) {
          equal(frame.samples.length, (frame.sampleRateHz / 100) * frame.channelCount);
        }
        const lastMs = frames.at(-1)!.atMs - frames.at(-20)!.atMs;
        ok(Math.abs(lastMs - 190) <= 60, `19 frames span ${lastMs} ms`);
        for (let n = 1; n < frames.length; n++) ok(frames[n]!.atMs > frames[n - 1]!.atMs, 'times grow');
      }
      await world.room.leave();
      const heardCount = witness.frames.length;
      await world.pass(200);
      equal(witness.frames.length, heardCount);
    },
  },
  {
    name: 'tells of mute and unmute, and hears nothing in between',
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      const ana = await world.enter({ id: 'ana', name: 'Ana', micOn: false });
      await witness.until('Ana is seen', () => world.room.participants.has('ana'));
      await world.pass(200);
      equal(witness.count('audioStarted'), 0);
      for (let round = 1; round <= 3; round++) {
        await ana.unmute();
        await witness.until('on', () => witness.count('audioStarted', 'ana') === round);
        await ana.say(tone(440, 600));
        await witness.hears('ana', 440);
        await ana.mute();
        await witness.until('off', () => witness.count('audioStopped', 'ana') === round);
        const heardCount = witness.frames.length;
        await world.pass(200);
        equal(witness.frames.length, heardCount);
      }
      await world.room.leave();
    },
  },
  {
    name: 'audio stops before its participant is gone',
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      await witness.until('Ana is audible', () => witness.count('audioStarted', 'ana') === 1);
      await ana.leave();
      await witness.until('Ana is gone', () => witness.count('left', 'ana') === 1);
      equal(witness.count('audioStopped', 'ana'), 1);
      const order = witness.emitted.map(({ kind }) => kind);
      ok(order.indexOf('audioStopped') < order.indexOf('left'));
      await world.room.leave();
    },
  },
  {
    name: 'pulls its track every 10 ms, and everyone hears it',
    run: async (world) => {
      const witness = new Witness(world);
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      equal(witness.pulledAtMs, []);
      await world.room.join();
      witness.toneHz = 880;
      await witness.until('Ana hears the track', () => holdsTone(mono(ana.heard().slice(-9_600)), 880));
      const from = witness.pulledAtMs.length;
      await world.pass(1_000);
      const pulled = witness.pulledAtMs.slice(from);
      ok(Math.abs(pulled.length - 100) <= 20, `${pulled.length} frames in a second`);
      for (let n = 1; n < pulled.length; n++) ok(pulled[n]! > pulled[n - 1]!, 'times grow');
      await world.room.leave();
      const pulledCount = witness.pulledAtMs.length;
      await world.pass(200);
      equal(witness.pulledAtMs.length, pulledCount);
    },
  },
  {
    name: 'never delivers the audio of an interpreter, nor its own, whatever their names are',
    run: async (world) => {
      const witness = new Witness(world);
      witness.toneHz = 880;
      await world.room.join();
      const bot = await world.enter({ id: 'parley-other', name: 'Ana' });
      const person = await world.enter({ id: 'ana', name: 'Parley' });
      await witness.until('both are seen', () => world.room.participants.size === 2);
      equal(world.room.participants.get('parley-other')?.isBot, true);
      equal(world.room.participants.get('ana')?.isBot, false);
      await Promise.all([bot.say(tone(660, 3_000)), person.say(tone(440, 3_000))]);
      await witness.hears('ana', 440);
      equal([...new Set(witness.frames.map(({ id }) => id))], ['ana']);
      equal(witness.count('audioStarted', 'parley-other'), 0);
      await world.room.leave();
    },
  },
  {
    name: 'exchanges messages by topic, any text, with payload and sender, never its own',
    run: async (world) => {
      const witness = new Witness(world);
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      await world.room.join();
      await witness.until('Ana is seen', () => world.room.participants.has('ana'));
      const got: DataMessage[] = [];
      const stop = world.room.subscribe('TALK', (message) => got.push(message));
      world.room.subscribe('OTHER', () => {
        throw new Error('a receiver that fails');
      });
      await ana.read('TALK');
      await world.pass(100);
      const text = '¿Qué tal? 中文 🙂 "</script>"\n\u0000';
      await world.room.send('TALK', text, { payload: { n: 1, deep: { list: ['ñ'] } } });
      await witness.until('Ana has read it', () => ana.messages.length === 1);
      equal(ana.messages[0]?.text, text);
      equal(ana.messages[0].payload, { n: 1, deep: { list: ['ñ'] } });
      equal(ana.messages[0].senderId, world.room.participantId);
      await ana.send('OTHER', 'not for TALK');
      await ana.send('TALK', text, { payload: { back: true } });
      await witness.until('the answer is here', () => got.length === 1);
      equal([got[0]?.senderId, got[0]?.topic], ['ana', 'TALK']);
      equal(got[0]?.text, text);
      equal(got[0].payload, { back: true });
      stop();
      await ana.send('TALK', 'nobody reads this');
      await world.pass(300);
      equal(got.length, 1);
      await world.room.leave();
    },
  },
  {
    name: 'sends to some only, and keeps messages for those who come later, who may read them; or refuses what it says that it cannot',
    run: async (world) => {
      const witness = new Witness(world);
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      const bob = await world.enter({ id: 'bob', name: 'Bob' });
      await world.room.join();
      await witness.until('both are seen', () => world.room.participants.size === 2);
      await Promise.all([ana.read('TALK'), bob.read('TALK')]);
      await world.pass(100);
      const { directedData, keptData } = world.room.capabilities;
      if (!directedData && !keptData) {
        for (const options of [{ sendOnly: ['ana'] }, { persist: true }])
          await rejects(
            world.room.send('TALK', 'not sent', options),
            (error: Error) => error.name === 'ParleyError',
          );
        await world.room.send('TALK', 'for all');
        await witness.until('all is read', () => ana.messages.length === 1 && bob.messages.length === 1);
        equal([textsOf(ana), textsOf(bob)], [['for all'], ['for all']]);
        await world.room.leave();
        return;
      }
      await world.room.send('TALK', 'for Ana', { sendOnly: ['ana'] });
      await world.room.send('TALK', 'for Bob and Eve, kept', { sendOnly: ['bob', 'eve'], persist: true });
      await world.room.send('TALK', 'for Ana, kept', { sendOnly: ['ana'], persist: true });
      await world.room.send('TALK', 'for all, kept', { persist: true });
      await witness.until('all is read', () => ana.messages.length === 3 && bob.messages.length === 2);
      equal(textsOf(ana), ['for Ana', 'for Ana, kept', 'for all, kept']);
      equal(textsOf(bob), ['for Bob and Eve, kept', 'for all, kept']);
      const eve = await world.enter({ id: 'eve', name: 'Eve' });
      await eve.read('TALK');
      await witness.until('Eve has read what was kept', () => eve.messages.length === 2);
      equal(textsOf(eve), ['for Bob and Eve, kept', 'for all, kept']);
      await world.room.leave();
    },
  },
  {
    name: 'sending rejects where there is no line: before joining and after leaving',
    run: async ({ room }) => {
      await rejects(room.send('TALK', 'too early'), (error: Error) => error.name === 'ParleyError');
      await room.join();
      await room.leave();
      await rejects(room.send('TALK', 'too late'), (error: Error) => error.name === 'ParleyError');
    },
  },
  {
    name: 'removed by the service: left, with a reason that says so; nothing more is told or pulled',
    needs: ['removeUs'],
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      await witness.until('Ana is audible', () => witness.count('audioStarted', 'ana') === 1);
      await world.removeUs?.();
      await witness.until('left', () => world.room.state.kind === 'left');
      const { state } = world.room;
      equal(state.kind === 'left' && state.reason.kind, 'removed');
      ok(state.kind === 'left' && state.reason.message !== '');
      await world.pass(100);
      const pulledCount = witness.pulledAtMs.length;
      const emittedCount = witness.emitted.length;
      await ana.leave();
      await world.pass(200);
      equal([witness.pulledAtMs.length, witness.emitted.length], [pulledCount, emittedCount]);
      await world.room.leave();
    },
  },
  {
    name: 'a line that breaks and comes back: told, reconciled, audible both ways, topics still read',
    needs: ['dropLine'],
    run: async (world) => {
      const witness = new Witness(world);
      const { room } = world;
      const got: string[] = [];
      room.subscribe('TALK', ({ text }) => got.push(text));
      const ana = await world.enter({ id: 'ana', name: 'Ana' });
      const bob = await world.enter({ id: 'bob', name: 'Bob' });
      await room.join();
      await witness.until('both are audible', () => witness.count('audioStarted') === 2);
      await world.dropConnection?.();
      await witness.until('reconnecting', () => room.state.kind === 'reconnecting');
      await witness.until('silence', () => witness.count('audioStopped') === 2);
      await rejects(room.send('TALK', 'no line'));
      await bob.leave();
      const eve = await world.enter({ id: 'eve', name: 'Eve' });
      await world.pass(100);
      const [heardCount, pulledCount] = [witness.frames.length, witness.pulledAtMs.length];
      await world.pass(200);
      equal(witness.frames.length, heardCount);
      equal(
        witness.pulledAtMs.length,
        pulledCount,
        'nobody hears what is pulled while the connection is down',
      );
      await world.restoreConnection?.();
      await witness.until('connected', () => room.state.kind === 'connected');
      await witness.until('Eve is audible', () => witness.count('audioStarted', 'eve') === 1);
      await witness.until('Ana is audible again', () => witness.count('audioStarted', 'ana') === 2);
      equal([...room.participants.keys()].sort(), ['ana', 'eve']);
      equal([witness.count('joined', 'ana'), witness.count('left', 'ana')], [1, 0]);
      equal([witness.count('left', 'bob'), witness.count('joined', 'eve')], [1, 1]);
      await ana.say(tone(440, 3_000));
      await witness.hears('ana', 440);
      witness.toneHz = 880;
      await witness.until('Eve hears the track', () => holdsTone(mono(eve.heard().slice(-9_600)), 880));
      await ana.send('TALK', 'once');
      await witness.until('the message is here', () => got.length > 0);
      await world.pass(200);
      equal(got, ['once']);
      await room.leave();
    },
  },
  {
    name: 'a line that is gone for good: left, lost, with an error',
    needs: ['loseLine'],
    run: async (world) => {
      const witness = new Witness(world);
      await world.room.join();
      await world.loseConnection?.();
      await witness.until('left', () => world.room.state.kind === 'left');
      const { state } = world.room;
      equal(state.kind === 'left' && state.reason.kind, 'lost');
      equal(state.kind === 'left' && state.error?.name, 'ParleyError');
      await world.room.leave();
    },
  },
];

/** A 48 kHz tone at a quarter of full scale. */
export function tone(frequencyHz: number, durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * 48 }, (_, n) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * frequencyHz * n) / 48_000)),
  );
}

/** Whether most of a frame's energy is at this frequency, and there is some. */
export function holdsTone({ samples, sampleRateHz, channelCount }: AudioFrame, frequencyHz: number): boolean {
  let [inPhase, quadrature, energy] = [0, 0, 0];
  const count = samples.length / channelCount;
  for (let n = 0; n < count; n++) {
    const angle = (2 * Math.PI * frequencyHz * n) / sampleRateHz;
    const sample = samples[n * channelCount]!;
    inPhase += sample * Math.cos(angle);
    quadrature += sample * Math.sin(angle);
    energy += sample * sample;
  }
  if (count === 0 || energy / count < 100 * 100) return false;
  return (2 * (inPhase ** 2 + quadrature ** 2)) / count / energy > 0.6;
}

function mono(samples: Int16Array): AudioFrame {
  return { samples, sampleRateHz: 48_000, channelCount: 1 };
}

function textsOf(person: WorldPerson): string[] {
  return person.messages.map(({ text }) => text);
}
