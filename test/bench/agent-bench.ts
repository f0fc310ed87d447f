/** What the meeting agent adds to the delay of an answer, and what it costs to have one that nobody calls. */
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { agentTool } from '../../src/agent/tools/tool.js';
import type { AgentSettings } from '../../src/agent/meeting/agent-options.js';
import { MeetingAgent } from '../../src/agent/meeting/meeting-agent.js';
import { interpret } from '../../src/bot/interpret.js';
import { systemClock, VirtualClock } from '../../src/clock.js';
import { loadPhrasebook } from '../../src/embedded/phrasebook/phrasebook.js';
import { createPhrasebookResponder } from '../../src/embedded/phrasebook/responders.js';
import { scriptedReplies } from '../../src/embedded/phrasebook/scripted-replies.js';
import { startRealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { MeetingInterpreter } from '../../src/meeting/meeting.js';
import { connectWebSocket } from '../../src/realtime/connection/websocket-transport.js';
import { connectionBackend, offerAll } from '../../src/realtime/connection-backend.js';
import { tapTransport } from '../../src/realtime/transport.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { packageRoot } from '../../src/package-root.js';
import { join } from 'node:path';
import { ScriptedSession } from '../meeting/scripted-session.js';
import { sleep } from './child-process.js';
import { median, quantile, type Row } from './measure.js';

const GROUP = 'the meeting agent';
const ASKS = 40;
const WANTED_ANSWER_MS = 80;
const WANTED_OUTPUT_MS = 10;
const WANTED_CPU_PERCENT = 10;
/** A meeting of two who take turns, again and again, with and without an agent. */
const CPU_ROUNDS = 15;
const CPU_MEETING_MS = 60_000;
const TURN_MS = 5_000;

/** All of it. */
export async function benchAgent(): Promise<Row[]> {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  return [...(await answers()), ...(await listening())];
}

type Marks = {
  askedMs: number;
  createdMs?: number;
  returnedMs?: number;
  createdAgainMs?: number;
  deltaMs?: number;
  heardMs?: number;
};

/** Somebody asks the agent, which looks something up and answers: on a real clock, over a real connection on this machine. */
async function answers(): Promise<Row[]> {
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  const script = scriptedReplies(
    [
      { heard: 'look', calls: [{ name: 'look', arguments: {} }] },
      { after: 'look', say: 'Here it is.' },
      { heard: 'hello', say: 'Hello.' },
    ],
    { onlyWithTools: true },
  );
  const server = await startRealtimeServer({ responder: createPhrasebookResponder(book), script });
  let marks: Marks | undefined;
  const now = (): number => performance.now();
  const tap = (direction: 'client' | 'server', text: string): void => {
    if (marks === undefined) return;
    if (direction === 'client' && text.includes('"response.create"')) {
      if (marks.createdMs === undefined) marks.createdMs = now();
      else marks.createdAgainMs ??= now();
    }
    if (direction === 'server' && text.includes('"response.output_audio.delta"')) marks.deltaMs ??= now();
  };
  const backend = connectionBackend({
    description: 'a benchmark',
    prices: undefined,
    offer: offerAll('test'),
    connectionsFor: () =>
      tapTransport(
        connectWebSocket({ url: `${server.url}?model=test`, headers: { Authorization: 'Bearer embedded' } }),
        tap,
      ),
  });
  const hall = new FakeMeeting({ clock: systemClock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
  const look = agentTool(
    { name: 'look', description: 'Looks.', parameters: { type: 'object' }, level: 'read' },
    () => {
      if (marks !== undefined) marks.returnedMs = now();
      return 'it';
    },
  );
  const bot = await interpret({
    ...{ room, backend, clock: systemClock, agent: { tools: [look] } },
    settings: { agent: 'addressed', announcement: false },
  });
  const ana = hall.enter({
    id: 'ana',
    name: 'Ana',
    metadata: { preferredLanguage: 'en' },
    onAudio: (_id, { samples }) => {
      if (marks?.deltaMs === undefined || marks.heardMs !== undefined) return;
      if (samples.some((sample) => Math.abs(sample) > 33)) marks.heardMs = now();
    },
  });
  const all: Marks[] = [];
  const plain: Marks[] = [];
  try {
    for (let ask = -2; ask < ASKS * 2; ask++) {
      const looks = ask % 2 === 0;
      marks = { askedMs: now() };
      await bot.ask(looks ? 'look' : 'hello', { from: 'ana' });
      if (ask >= 0) (looks ? all : plain).push({ ...marks });
      marks = undefined;
      await sleep(40 + 20 * Math.random());
    }
  } finally {
    await bot.stop();
    ana.leave();
    await server.close();
  }
  const own = plain.map(
    ({ askedMs, createdMs = NaN, deltaMs = NaN, heardMs = NaN }) => createdMs - askedMs + heardMs - deltaMs,
  );
  const outputs = all.map(({ returnedMs = NaN, createdAgainMs = NaN }) => createdAgainMs - returnedMs);
  const missing = own.filter(Number.isNaN).length + outputs.filter(Number.isNaN).length;
  if (missing > 0) throw new Error(`${missing} answers were not seen`);
  const note = `${ASKS} answers, over a connection that is open`;
  return [
    {
      group: GROUP,
      name: 'addressed → first audio, our own share, p50',
      value: median(own),
      unit: 'ms',
      note,
    },
    {
      ...{ group: GROUP, name: 'addressed → first audio, our own share, p95' },
      ...{ value: quantile(own, 0.95), unit: 'ms', note: `wanted: at most ${WANTED_ANSWER_MS}` },
    },
    {
      ...{ group: GROUP, name: 'tool output → response.create, p95', value: quantile(outputs, 0.95) },
      ...{ unit: 'ms', note: `wanted: at most ${WANTED_OUTPUT_MS}` },
    },
  ];
}

/** The same meeting, without and with an agent, in turns: two people speak all the time, and nobody calls it. */
async function listening(): Promise<Row[]> {
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  const speech = book.get('where-is-the-station')!.get('es')!.pcm24k;
  const cpuMs = { without: [] as number[], with: [] as number[] };
  for (let round = -2; round < CPU_ROUNDS; round++) {
    for (const which of round % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      const spent = await meetingCpuMs(which === 'with', speech);
      if (round >= 0) cpuMs[which].push(spent);
    }
  }
  const [without, withAgent] = [median(cpuMs.without), median(cpuMs.with)];
  return [
    {
      ...{ group: GROUP, name: 'CPU of a meeting that is interpreted, a minute', value: without, unit: 'ms' },
      note: `two who speak in turn, without a server; median of ${CPU_ROUNDS}`,
    },
    {
      ...{
        group: GROUP,
        name: 'the same with an agent that listens',
        value: withAgent,
        unit: 'ms',
        note: '',
      },
    },
    {
      ...{ group: GROUP, name: 'more CPU', value: (withAgent / without - 1) * 100, unit: '%' },
      note: `wanted: at most ${WANTED_CPU_PERCENT}`,
    },
  ];
}

async function meetingCpuMs(hasAgent: boolean, speech: Int16Array): Promise<number> {
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
  const sessions: ScriptedSession[] = [];
  const settings: AgentSettings = {
    ...{ mode: 'addressed', wakeName: 'Parley', voice: undefined, instructions: '', hosts: [] },
  };
  const agent = new MeetingAgent({ meetingId: 'bench', settings });
  const meeting = new MeetingInterpreter({
    ...{ room, clock, bargeIn: 'others' },
    openSession: () => {
      const session = new ScriptedSession();
      sessions.push(session);
      return session;
    },
    ...(hasAgent ? { parts: [agent], writesDown: agent.follows } : {}),
  });
  await meeting.start();
  const people = (['ana', 'bob'] as const).map((id, index) =>
    hall.enter({ id, name: id, metadata: { preferredLanguage: index === 0 ? 'es' : 'en' } }),
  );
  const before = process.cpuUsage();
  for (let atMs = 0; atMs < CPU_MEETING_MS; atMs += 10) {
    if (atMs % TURN_MS === 0) people[(atMs / TURN_MS) % 2]!.say(speech, { sampleRateHz: 24_000 });
    clock.advanceBy(10);
    for (const session of sessions) if (session.state.kind === 'connecting') session.ready();
    if (atMs % TURN_MS === TURN_MS - 500)
      said(sessions[(Math.floor(atMs / TURN_MS) % 2) % sessions.length]!, atMs);
    if (atMs % 100 === 0) await Promise.resolve();
  }
  const { user, system } = process.cpuUsage(before);
  await meeting.stop();
  for (const person of people) person.leave();
  return (user + system) / 1_000;
}

/** A turn as a server tells of it: what was said, and its translation. */
function said({ events }: ScriptedSession, atMs: number): void {
  const turnId = `turn-${atMs}`;
  const bounds = { turnId, startMs: atMs - 3_000, endMs: atMs - 600 };
  events.emit('speechStarted', { turnId, startMs: bounds.startMs });
  events.emit('speechStopped', bounds);
  events.emit('turnCommitted', bounds);
  const text =
    'We talked about Parley and the budget of next year, and about who takes part in the meeting on Friday.';
  for (let end = 20; end < text.length; end += 20)
    events.emit('sourceTranscript', { turnId, text: text.slice(0, end), final: false });
  events.emit('sourceTranscript', { turnId, text, final: true });
  events.emit('translationTranscript', { turnId, text, final: true });
  events.emit('turnDone', { turnId, outcome: 'completed' });
}
