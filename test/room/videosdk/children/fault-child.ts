/** One fault per process: `fault-child.ts F7` ends with 0 when it was survived, and says on stdout what was measured. */
import { deepStrictEqual as equal, ok } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ParleyError } from '../../../../src/errors.js';
import { isBotId, type LeaveReason, type Room, type RoomState } from '../../../../src/room/room.js';
import { runChild } from './run-child.js';
import { measureTones, tone, ToneMeter } from './tones.js';
import { BOT_ID, sleep, TestMeeting, until } from './world.js';
import { tokenFor } from './person.js';

const BOT_TONE_HZ = 880;
const ANA_TONE_HZ = 440;
/** What was not heard whole is said again: on a machine that is too busy, audio has holes. What a fault cuts, it cuts each time. */
const MAX_ROUNDS = 3;

function report(values: object): void {
  process.stdout.write(`${JSON.stringify(values)}\n`);
}

/** Joins, which must fail; returns how, after checking that the room has left for that reason. */
async function failToJoin(room: Room): Promise<{ error: ParleyError; reason: LeaveReason }> {
  const error: unknown = await room.join().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  ok(error instanceof ParleyError, `join did not fail with a ParleyError: ${String(error)}`);
  ok(!error.message.includes('\n'), 'the message is one line');
  const { state } = room;
  ok(state.kind === 'left', `state is ${state.kind}`);
  equal(state.error, error);
  report({ code: error.code, retryable: error.retryable, message: error.message });
  return { error, reason: state.reason };
}

function watchStates(room: Room): RoomState['kind'][] {
  const states: RoomState['kind'][] = [];
  room.events.on('state', ({ kind }) => states.push(kind));
  return states;
}

/** A tone that sounds whenever somebody asks whether it is heard. */
function publishTone(room: Room, frequencyHz = BOT_TONE_HZ): void {
  let phase = 0;
  room.publish({
    pull: (out) => {
      for (let n = 0; n < out.length; n++) {
        out[n] = Math.round(8_000 * Math.sin(phase));
        phase += (2 * Math.PI * frequencyHz) / 48_000;
      }
    },
  });
}

/** Whether the bot hears Ana and Ana hears the bot, from now on. */
async function audioFlowsBothWays(
  room: Room,
  ana: Awaited<ReturnType<TestMeeting['enter']>>,
  timeoutMs = 10_000,
): Promise<void> {
  const meter = new ToneMeter([ANA_TONE_HZ]);
  room.listen((id, frame, atMs) => {
    if (id === 'ana') meter.hear(frame, atMs);
  });
  ana.forgetHeard();
  ana.say(tone(ANA_TONE_HZ, timeoutMs));
  await until('the bot hears Ana', () => Math.max(0, ...meter.heardMs(ANA_TONE_HZ)) >= 200, timeoutMs);
  await until(
    'Ana hears the bot',
    () =>
      Math.max(0, ...measureTones(ana.heard(BOT_ID).slice(-48_000), [BOT_TONE_HZ]).heardMs(BOT_TONE_HZ)) >=
      200,
    timeoutMs,
  );
  ana.say(new Int16Array(0));
}

/** Makes time pass faster for the timers of this process, the SDK's among them, and for the clocks that they go by. */
function quicken(factor: number): void {
  for (const clock of [performance, Date]) {
    const now = clock.now.bind(clock);
    const startedMs = now();
    clock.now = () => startedMs + (now() - startedMs) * factor;
  }
  const { setTimeout: once, setInterval: again } = globalThis;
  const quick =
    (timer: typeof once | typeof again) =>
    (callback: () => void, delayMs = 0, ...args: []) =>
      timer(callback, delayMs / factor, ...args);
  Object.assign(globalThis, { setTimeout: quick(once), setInterval: quick(again) });
}

const faults: Record<string, (meeting: TestMeeting) => Promise<void>> = {
  F1: async (meeting) => {
    meeting.server.faults.set({ lobby: {} });
    const { error, reason } = await failToJoin(await meeting.createRoom({ joinTimeoutMs: 4_000 }));
    equal([reason.kind, error.retryable], ['denied', true]);
    ok(error.message.includes('lobby'));
    meeting.server.faults.set({});
    const next = await meeting.createRoom();
    await next.join(); // nothing of the first one is in the way
    equal(next.state.kind, 'connected');
  },

  F2: async (meeting) => {
    meeting.server.faults.set({ denyEntry: {} });
    const startedMs = performance.now();
    const { error, reason } = await failToJoin(await meeting.createRoom());
    equal([reason.kind, error.retryable], ['denied', false]);
    ok(performance.now() - startedMs < 5_000, 'a denial is not waited out');
  },

  F3: async (meeting) => {
    const forged = tokenFor({ ...meeting.server, secret: 'not-the-secret' }, meeting.roomId, BOT_ID);
    const someoneElses = tokenFor(meeting.server, meeting.roomId, 'parley-2');
    for (const token of [forged, someoneElses, 'not-a-token']) {
      const { error, reason } = await failToJoin(await meeting.createRoom({ token }));
      equal([error.code, error.retryable, reason.kind], ['key_refused', false, 'refused']);
      ok(!error.message.includes(token), 'no token in a message');
    }
  },

  F4: async (meeting) => {
    const unknown = await failToJoin(await meeting.createRoom({ meetingId: 'no-such-meeting' }));
    equal([unknown.error.code, unknown.reason.kind], ['usage', 'refused']);
    ok(unknown.error.message.includes('meeting id'));
    const other = meeting.server.createRoom();
    const token = tokenFor(meeting.server, other, BOT_ID);
    const wrong = await failToJoin(await meeting.createRoom({ token }));
    equal([wrong.error.code, wrong.reason.code], ['key_refused', 4022]);
  },

  F5: async (meeting) => {
    const { server, roomId } = meeting;
    for (const [end, kind, code] of [
      [() => server.faults.removeParticipant(roomId, BOT_ID), 'removed', 1002],
      [() => server.faults.closeMeeting(roomId), 'room_closed', 1006],
    ] as const) {
      const room = await meeting.createRoom();
      const states = watchStates(room);
      await room.join();
      end();
      await until('left', () => room.state.kind === 'left');
      const { state } = room;
      ok(state.kind === 'left');
      equal([state.reason.kind, state.reason.code, state.error], [kind, code, undefined]);
      await sleep(300);
      equal(states, ['connecting', 'connected', 'left']); // it does not come back
    }
  },

  F6: async (meeting) => {
    const first = await meeting.createRoom();
    const second = await meeting.createRoom();
    const states = watchStates(second);
    await first.join();
    await second.join();
    await until('the first one left', () => first.state.kind === 'left');
    const { state } = first;
    ok(state.kind === 'left');
    equal([state.reason.kind, state.error?.code], ['duplicate', 'usage']);
    await sleep(3_000); // longer than the watchdog waits: the two do not throw each other out in turns
    equal(states, ['connecting', 'connected']);
    equal(meeting.server.usage.participants, 1);
  },

  F7: async (meeting) => {
    const room = await meeting.createRoom();
    publishTone(room);
    const emitted: string[] = [];
    room.events.on('participantJoined', ({ id }) => emitted.push(`+${id}`));
    room.events.on('participantLeft', ({ id }) => emitted.push(`-${id}`));
    const got: string[] = [];
    room.subscribe('TALK', ({ text }) => got.push(text));
    const states = watchStates(room);
    const ana = await meeting.enter({ id: 'ana', name: 'Ana' });
    const bob = await meeting.enter({ id: 'bob', name: 'Bob' });
    await room.join();
    await audioFlowsBothWays(room, ana);
    await meeting.server.faults.stop();
    await until('reconnecting', () => room.state.kind === 'reconnecting');
    await bob.vanish();
    await sleep(500);
    await meeting.server.faults.start();
    await until('connected', () => room.state.kind === 'connected', 20_000);
    await until('Ana is back', () => meeting.server.usage.participants === 2, 20_000);
    await until('Bob is known to be gone', () => !room.participants.has('bob'));
    await audioFlowsBothWays(room, ana, 15_000);
    await ana.send('TALK', 'once');
    await until('the message', () => got.length > 0);
    await sleep(300);
    equal(got, ['once']);
    equal(states, ['connecting', 'connected', 'reconnecting', 'connected']);
    report({ emitted });
    equal(emitted.filter((event) => event === '-bob').length, 1);
    equal(emitted.filter((event) => event === '+bob').length, 1);
    equal([...room.participants.keys()], ['ana']);
  },

  F8: async (meeting) => {
    quicken(5); // the SDK tries for 50 s, and nobody speaks meanwhile
    const room = await meeting.createRoom();
    const states = watchStates(room);
    await room.join();
    await meeting.server.faults.stop();
    const startedMs = performance.now();
    await until('left', () => room.state.kind === 'left', 90_000);
    report({ gaveUpAfterMs: Math.round(performance.now() - startedMs) });
    const { state } = room;
    ok(state.kind === 'left');
    equal([state.reason.kind, state.reason.code], ['lost', 1102]);
    equal([state.error?.code, state.error?.retryable], ['service_unavailable', true]);
    equal(states, ['connecting', 'connected', 'reconnecting', 'left']);
  },

  F9: async (meeting) => {
    const room = await meeting.createRoom();
    publishTone(room);
    const states = watchStates(room);
    const ana = await meeting.enter({ id: 'ana', name: 'Ana' });
    await room.join();
    await audioFlowsBothWays(room, ana);
    await meeting.server.faults.freeze(26_000);
    const startedMs = performance.now();
    await audioFlowsBothWays(room, ana, 25_000);
    report({ audibleAgainAfterMs: Math.round(performance.now() - startedMs), states });
    equal(room.state.kind, 'connected');
    ok(!states.includes('left'));
    equal([...room.participants.keys()], ['ana']);
  },

  F10: async (meeting) => {
    const room = await meeting.createRoom();
    publishTone(room);
    const got: string[] = [];
    room.subscribe('TALK', ({ text }) => got.push(text));
    const emitted: string[] = [];
    room.events.on('participantJoined', ({ id }) => emitted.push(`+${id}`));
    room.events.on('participantLeft', ({ id }) => emitted.push(`-${id}`));
    const states = watchStates(room);
    const ana = await meeting.enter({ id: 'ana', name: 'Ana' });
    await room.join();
    await audioFlowsBothWays(room, ana);
    for (let round = 1; round <= 2; round++) {
      const startedMs = performance.now();
      ok(meeting.server.faults.dropSocketSilently(meeting.roomId, BOT_ID));
      await until('reconnecting', () => states.filter((state) => state === 'reconnecting').length === round);
      await until('connected', () => room.state.kind === 'connected');
      report({ backAfterMs: Math.round(performance.now() - startedMs) });
      await audioFlowsBothWays(room, ana);
      await ana.send('TALK', `round ${round}`);
      await until('the message', () => got.length === round);
    }
    equal(got, ['round 1', 'round 2']);
    equal(emitted, ['+ana']);
    equal(meeting.server.usage.participants, 2);
  },

  F11: async (meeting) => {
    const room = await meeting.createRoom();
    await room.join();
    let frequenciesHz = Array.from({ length: 25 }, (_, n) => 300 + n * 60);
    let meter = new ToneMeter(frequenciesHz);
    room.listen((_id, frame, atMs) => meter.hear(frame, atMs));
    const ana = await meeting.enter({ id: 'ana', name: 'Ana', micOn: false });
    for (let round = 1; round <= MAX_ROUNDS && frequenciesHz.length > 0; round++) {
      meter = new ToneMeter(frequenciesHz);
      const startedMs = performance.now();
      for (const [n, frequencyHz] of frequenciesHz.entries()) {
        await ana.unmute();
        await ana.sayAll(tone(frequencyHz, 600));
        await sleep(150);
        await ana.mute();
        await sleep(Math.max(0, (n + 1) * 1_200 - (performance.now() - startedMs)));
      }
      equal(room.state.kind, 'connected');
      report({ tookMs: Math.round(performance.now() - startedMs), heard: meter.sequence });
      // A receiver stretches what comes late; a phrase that was heard twice would last for 1,200 ms.
      for (const frequencyHz of frequenciesHz) {
        const heardMs = meter.totalMs(frequencyHz);
        ok(heardMs < 1_150, `${frequencyHz} Hz was heard for ${heardMs} of 600 ms`);
      }
      frequenciesHz = frequenciesHz.filter((frequencyHz) => meter.totalMs(frequencyHz) < 500);
    }
    equal(frequenciesHz, [], 'every phrase was heard whole');
  },

  F12: async (meeting) => {
    await lastWord(meeting, (ana) => ana.mute());
  },

  F13: async (meeting) => {
    await lastWord(meeting, (ana) => ana.leave());
  },

  F14: async (meeting) => {
    const ana = await meeting.enter({ id: 'ana', name: 'Ana' });
    ana.say(tone(ANA_TONE_HZ, 120_000));
    const rssMb: number[] = [];
    const { signalingBaseUrl, ca, apiKey, secret } = meeting.server;
    const server = { signalingBaseUrl, ca, apiKey, secret };
    const { ended } = runChild(
      'cycles-child.ts',
      [JSON.stringify({ server, roomId: meeting.roomId, cycles: 50 })],
      {
        deadlineMs: 110_000,
        nodeArgs: ['--expose-gc'],
        onLine: (line) => {
          rssMb.push((JSON.parse(line) as { rssMb: number }).rssMb);
          ana.forgetHeard();
        },
      },
    );
    const { code, stderr } = await ended;
    equal(code, 0, stderr);
    equal(rssMb.length, 50);
    const grownMb = Math.max(...rssMb.slice(45)) - rssMb[9]!;
    report({ rssMb: rssMb.filter((_, n) => n % 5 === 4).map(Math.round), grownMb });
    ok(grownMb < 20, `grew by ${grownMb} MB`);
    equal(meeting.server.usage.participants, 1);
  },

  F15: async (meeting) => {
    const { server } = meeting;
    const plain = createServer((request, response) => {
      request.resume();
      response.end('hello');
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const plainHost = `localhost:${(plain.address() as AddressInfo).port}`;
    const causes: Record<string, { error: ParleyError; reason: LeaveReason }> = {
      nobody: await failToJoin(await meeting.createRoom({ signalingBaseUrl: 'localhost:1' })),
      noTls: await failToJoin(await meeting.createRoom({ signalingBaseUrl: plainHost })),
      distrusted: await failToJoin(await meeting.createRoom({ ca: UNRELATED_CA })),
    };
    for (const [name, fault] of [
      ['notJson', { garbleInitConfig: { kind: 'not_json' } }],
      ['missing', { garbleInitConfig: { kind: 'missing_fields' } }],
      ['broken', { failInitConfig: { status: 503 } }],
      ['full', { failInitConfig: { status: 429, code: 4009, message: 'Max participants reached' } }],
    ] as const) {
      server.faults.set(fault);
      causes[name] = await failToJoin(await meeting.createRoom());
    }
    plain.close();
    plain.closeAllConnections();
    const outcome = Object.entries(causes).map(([name, { error, reason }]) => [
      name,
      error.code,
      error.retryable,
      reason.kind,
    ]);
    equal(outcome, [
      ['nobody', 'service_unavailable', true, 'lost'],
      ['noTls', 'protocol', false, 'refused'],
      ['distrusted', 'service_unavailable', false, 'refused'],
      ['notJson', 'protocol', false, 'refused'],
      ['missing', 'protocol', false, 'refused'],
      ['broken', 'service_unavailable', true, 'lost'],
      ['full', 'service_unavailable', true, 'refused'],
    ]);
    equal(new Set(Object.values(causes).map(({ error }) => error.message)).size, 7);
  },
};

/** How much of a word is heard when its speaker's microphone goes in the very moment after it. */
async function lastWord(
  meeting: TestMeeting,
  go: (ana: Awaited<ReturnType<TestMeeting['enter']>>) => Promise<void>,
): Promise<void> {
  const room = await meeting.createRoom();
  await room.join();
  let frequenciesHz = [400, 600, 800];
  let meter = new ToneMeter(frequenciesHz);
  room.listen((_id, frame, atMs) => meter.hear(frame, atMs));
  for (let round = 1; round <= MAX_ROUNDS && frequenciesHz.length > 0; round++) {
    meter = new ToneMeter(frequenciesHz);
    for (const frequencyHz of frequenciesHz) {
      const ana = await meeting.enter({ id: `ana-${frequencyHz}-${round}`, name: 'Ana' });
      await sleep(300);
      await ana.sayAll(tone(frequencyHz, 800));
      await go(ana);
      await sleep(500);
    }
    report({ heard: meter.sequence });
    for (const frequencyHz of frequenciesHz) {
      const heardMs = meter.totalMs(frequencyHz);
      ok(heardMs < 1_500, `of 800 ms at ${frequencyHz} Hz ${heardMs} were heard`);
    }
    frequenciesHz = frequenciesHz.filter((frequencyHz) => meter.totalMs(frequencyHz) < 650);
  }
  equal(frequenciesHz, [], 'every word was heard to its end');
}

/** A certificate that signed nothing of the server's. */
const UNRELATED_CA = await (async () => {
  const { generate } = await import('selfsigned');
  return (await generate([{ name: 'commonName', value: 'unrelated' }])).cert;
})();

const name = process.argv[2] ?? '';
const run = faults[name];
if (run === undefined) throw new Error(`no fault ${name}`);
ok(isBotId(BOT_ID));
const meeting = await TestMeeting.start();
try {
  await run(meeting);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
await meeting.end();
process.exit(0);
