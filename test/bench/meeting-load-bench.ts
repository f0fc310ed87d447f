/** What participants who speak cost the bot, and whether its own voice stays whole meanwhile. */
import { sleep } from './child-process.js';
import type { Answer } from './children/messages.js';
import type { Row } from './measure.js';
import { measureContinuity } from './meeting-continuity.js';
import { type BenchParticipant, type Bot, longMeasurementMs, DemoMeeting } from './meeting-stage.js';

const COUNTS = [1, 4, 10] as const;
const MOST = 10;
/** Alternating measurements of both kinds: what changes on the machine changes both. */
const PAIRS = 3;
const WANTED_PERCENT = 8;
/** Messages of 20 ms; where fewer arrive, something else was measured. */
const MESSAGES_PER_SECOND = 50;
const MIN_STREAMED_SHARE = 0.9;
const SETTLE_MS = 2_500;
const ASK_TIMEOUT_MS = 15_000;
const OPEN_TIMEOUT_MS = 30_000;
/** Participants speak each from another place of the monologue. */
const OFFSET_MS = 3_700;

/** One room that fills: the bot is measured with 1, 4 and 10 participants who speak on and on. */
export async function benchMeetingLoad(): Promise<Row[]> {
  const longMs = longMeasurementMs();
  const phaseMs = longMs / 8;
  const deadlineMs = 240_000 + 3 * PAIRS * 2 * (phaseMs + SETTLE_MS) + 2 * longMs;
  return DemoMeeting.run(deadlineMs, async (stage) => {
    const rows: Row[] = [];
    const bot = await stage.joinBot(false);
    const people: BenchParticipant[] = [];
    for (const count of COUNTS) {
      while (people.length < count) people.push(await enterAndTalk(stage, people.length));
      // One person alone has nobody to be translated for: who listens in silence is not counted.
      if (count === 1) await stage.joinParticipant('silent', 'en', false);
      await untilOpen(bot, count);
      rows.push(...(await measureCount(stage, bot, count, phaseMs)));
    }
    rows.push(...(await measureContinuity(stage, bot, people[0]!, longMs)));
    await setAnswer(stage, { what: 'speech' });
    await sleep(SETTLE_MS);
    const { percent, rssMib } = await measurePhase(stage, bot, phaseMs);
    const name = `${MOST} speaking: streamed and answered`;
    const note = `every turn is answered, and one answer after the other is heard; RSS ${rssMib.toFixed(0)} MiB`;
    rows.push({ group: GROUP, name, value: percent, unit: '% of a core', note });
    return rows;
  });
}

const GROUP = 'bot CPU and memory';

async function enterAndTalk(stage: DemoMeeting, index: number): Promise<BenchParticipant> {
  const participant = await stage.joinParticipant(
    `person-${index}`,
    index % 2 === 0 ? 'es' : 'en',
    index === 0,
  );
  participant.order({ kind: 'talk', offsetMs: index * OFFSET_MS });
  return participant;
}

/** Waits until everyone is heard and has a session. */
async function untilOpen(bot: Bot, count: number): Promise<void> {
  const untilMs = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    const { sessions } = await bot.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS);
    if (sessions === count) return;
    if (performance.now() > untilMs) throw new Error(`${sessions} of ${count} sessions opened`);
    await sleep(200);
  }
}

async function measureCount(stage: DemoMeeting, bot: Bot, count: number, phaseMs: number): Promise<Row[]> {
  const receiving: number[] = [];
  const streamed: number[] = [];
  let messagesPerSecond = 0;
  let rssMib = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const on of [false, true]) {
      await bot.ask({ kind: 'stream', on }, 'streaming', ASK_TIMEOUT_MS);
      await sleep(SETTLE_MS);
      const phase = await measurePhase(stage, bot, phaseMs);
      (on ? streamed : receiving).push(phase.percent);
      if (on) messagesPerSecond += phase.messagesPerSecond / PAIRS;
      rssMib = phase.rssMib;
    }
  }
  const wantedMessages = count * MESSAGES_PER_SECOND;
  if (messagesPerSecond < wantedMessages * MIN_STREAMED_SHARE)
    throw new Error(`${messagesPerSecond.toFixed(0)} messages a second of ${wantedMessages} were streamed`);
  const row = (name: string, value: number, unit: string, note: string): Row => ({
    group: GROUP,
    name: `${count} speaking: ${name}`,
    value,
    unit,
    note,
  });
  const each = streamed.map((value, pair) => value - receiving[pair]!);
  const wanted = count === MOST ? `wanted: at most ${WANTED_PERCENT}; ` : '';
  const pairs = each.map((value) => value.toFixed(1)).join(', ');
  return [
    row('only received', mean(receiving), '% of a core', 'decoded frames arrive, and are dropped'),
    row(
      'all streamed to Realtime',
      mean(streamed),
      '% of a core',
      `${messagesPerSecond.toFixed(0)} messages a second arrive there, of ${wantedMessages}`,
    ),
    row('difference', mean(each), '% of a core', `${wanted}each of ${PAIRS} pairs: ${pairs}`),
    row('RSS', rssMib, 'MiB', ''),
  ];
}

async function measurePhase(
  stage: DemoMeeting,
  bot: Bot,
  phaseMs: number,
): Promise<{ percent: number; rssMib: number; messagesPerSecond: number }> {
  const count = async (): Promise<number> =>
    (await stage.realtime.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS)).messages;
  const messagesBefore = await count();
  const before = await bot.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS);
  await sleep(phaseMs);
  const after = await bot.ask({ kind: 'measure' }, 'measured', ASK_TIMEOUT_MS);
  const messages = (await count()) - messagesBefore;
  const elapsedMs = after.atMs - before.atMs;
  return {
    percent: ((after.cpuMs - before.cpuMs) * 100) / elapsedMs,
    rssMib: after.rssMib,
    messagesPerSecond: (messages * 1000) / elapsedMs,
  };
}

async function setAnswer(stage: DemoMeeting, answer: Answer): Promise<void> {
  await stage.realtime.ask({ kind: 'answer', answer }, 'answering', ASK_TIMEOUT_MS);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
