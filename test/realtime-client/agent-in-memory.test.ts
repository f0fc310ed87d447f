/** The agent in a room in memory, over a real WebSocket to the embedded server, on a virtual clock. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { InputAdapter, loadResampler, StreamingResampler } from '../../audio/index.js';
import { VirtualClock } from '../../src/clock.js';
import { Utterances } from '../../src/cli/demo/utterances.js';
import { embedded } from '../../src/embedded/index.js';
import { Recogniser } from '../../src/embedded/phrasebook/recogniser.js';
import { createLogger } from '../../src/log.js';
import { connectRealtime } from '../../src/realtime-client/connect-realtime.js';
import { whilePending } from '../../src/replay/while-pending.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { loadBook } from '../embedded/phrasebook/book.js';
import { Settling } from '../realtime/settling.js';
import { AGENT_SCRIPT, runAgent } from './agent-program.js';
import { checkAgent } from './agent-body.js';

const STEP_MS = 10;
const LONGEST_WAIT_MS = 60_000;

it('answers, uses its tool, is spoken over, and is told who comes and goes', async () => {
  await loadResampler();
  const book = await loadBook();
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-nova', name: 'Nova' });
  const recogniser = new Recogniser(book, { takesConcealment: false });
  const heard: string[] = [];
  const utterances = new Utterances(({ pcm24k }) => {
    for (const { phraseId, language } of recogniser.recognise(pcm24k) ?? [])
      heard.push(`${phraseId}/${language}`);
  });
  const adapter = new InputAdapter();
  const down = new StreamingResampler(48_000, 24_000);
  const emma = hall.enter({
    id: 'emma',
    name: 'Emma',
    onAudio: (id, frame, atMs) => {
      if (id === 'parley-nova') utterances.push(down.process(adapter.process(frame)), atMs);
    },
  });
  const backend = await embedded({ clock, script: AGENT_SCRIPT });
  const settling = new Settling(backend.server);
  const pass = async (): Promise<void> => {
    await settling.settle();
    await turn(); // whoever is told by now has heard it, before time goes on
    clock.advanceBy(STEP_MS);
    await settling.settle();
  };
  const watched = {
    ...backend,
    connections: (asked: Parameters<NonNullable<typeof backend.connections>>[0]) =>
      settling.watch(backend.connections!(asked)),
  };
  const errors: string[] = [];
  const lines: string[] = [];
  const client = await whilePending(
    connectRealtime({
      ...{ room, clock, backend: watched, meetingId: 'memory' },
      log: createLogger({ level: 'error', sink: { write: (line) => errors.push(line) } }),
    }).then((connected) => {
      runAgent(connected, (line) => lines.push(line));
      return connected;
    }),
    pass,
  );
  const until = async (what: string, condition: () => boolean): Promise<void> => {
    const endMs = clock.nowMs() + LONGEST_WAIT_MS;
    while (!condition() && clock.nowMs() < endMs) await pass();
    expect(condition(), `${what}: ${JSON.stringify(lines)} ${JSON.stringify(heard)}`).toBe(true);
  };
  await checkAgent({
    lines,
    heard: () => heard,
    sayUntil: (phraseId, what, condition) => {
      emma.say(book.get(phraseId)!.get('es')!.pcm24k, { sampleRateHz: 24_000 });
      return until(what, condition);
    },
    leave: () => {
      emma.leave();
    },
    until,
  });

  expect(lines.filter((line) => line.startsWith('ticket'))).toHaveLength(1);
  expect(heard).not.toContain('send-the-report/en'); // it was cut

  hall.remove('parley-nova', { kind: 'room_closed', message: 'the meeting was ended' });
  expect(lines.slice(-2)).toEqual(['ended: room_closed', 'closed: false']);
  await client.disconnect();
  expect(errors).toEqual([]);
});
