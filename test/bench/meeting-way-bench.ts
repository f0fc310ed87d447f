/** A sound on its way from a participant through the bot, and its answer on the way to another participant. */
import type { BotStage } from './children/messages.js';
import { sleep } from './child-process.js';
import { quantile, type Row } from './measure.js';
import { type Bot, longMeasurementMs, DemoMeeting } from './meeting-stage.js';

const ROUND_MS = 4_000;
const ANSWER_MS = 400;
const SAY_TIMEOUT_MS = 15_000;
const HEAR_TIMEOUT_MS = 10_000;
/** Rounds in which a mark is missing are allowed up to here. */
const MAX_MISSED_SHARE = 0.25;

type Round = {
  start: number;
  end: number;
  sink: number;
  sent: number;
  delta: number;
  played: number;
  heard: number;
};

/** One speaker, one listener; each round says a click and a phrase, and is answered with a tone. */
export async function benchMeetingWay(): Promise<Row[]> {
  const wanted = Math.max(3, Math.round(longMeasurementMs() / ROUND_MS));
  const rounds: Round[] = [];
  let missed = 0;
  await DemoMeeting.run(wanted * 2 * ROUND_MS + 120_000, async (stage) => {
    const bot = await stage.joinBot(true);
    const speaker = await stage.joinParticipant('speaker', 'es', false);
    const listener = await stage.joinParticipant('listener', 'en', true);
    await stage.realtime.ask(
      { kind: 'answer', answer: { what: 'tone', durationMs: ANSWER_MS } },
      'answering',
      SAY_TIMEOUT_MS,
    );
    // The first phrases open the session and warm everything up.
    for (let round = -2; round < wanted; round++) {
      bot.take('mark');
      listener.take('mark');
      const { startedAtMs, endedAtMs } = await speaker.ask({ kind: 'say' }, 'said', SAY_TIMEOUT_MS);
      const heard = await listener.next('mark', HEAR_TIMEOUT_MS).catch(() => undefined);
      if (round >= 0) {
        const seen = heard === undefined ? undefined : readMarks(bot, startedAtMs, endedAtMs, heard.atMs);
        if (seen === undefined) missed++;
        else rounds.push(seen);
      }
      await sleep(ANSWER_MS + 300 + 200 * Math.random()); // not in step with anything
    }
  });
  if (missed > wanted * MAX_MISSED_SHARE) throw new Error(`${missed} of ${wanted} phrases lost their mark`);
  const note = `${rounds.length} phrases${missed === 0 ? '' : `, ${missed} more lost their mark`}`;
  return stages.flatMap(({ name, of, hint }) => {
    const values = rounds.map(of);
    const group = 'meeting: frame in → frame heard';
    return [
      { group, name: `${name}, p50`, value: quantile(values, 0.5), unit: 'ms', note: hint ?? note },
      { group, name: `${name}, p95`, value: quantile(values, 0.95), unit: 'ms', note: '' },
    ];
  });
}

const up = ({ start, sent }: Round): number => sent - start;
const down = ({ delta, heard }: Round): number => heard - delta;

const stages: readonly { name: string; of: (round: Round) => number; hint?: string }[] = [
  { name: "speaker's microphone → bot's sink", of: ({ start, sink }) => sink - start },
  {
    name: "bot's sink → sent to Realtime",
    of: ({ sink, sent }) => sent - sink,
    hint: 'messages of 20 ms: a frame waits for at most one other',
  },
  { name: 'first delta → audio source', of: ({ delta, played }) => played - delta },
  {
    name: "audio source → listener's sink",
    of: ({ played, heard }) => heard - played,
    hint: 'playout lead, encoder, SFU, jitter buffer',
  },
  {
    name: 'all of these',
    of: (round) => up(round) + down(round),
    hint: 'frame in → frame heard, without the Realtime server',
  },
  {
    name: 'last word → translation heard',
    of: ({ end, heard }) => heard - end,
    hint: "with the embedded server's share: 500 ms of silence end a turn, the answer is instant",
  },
];

/** The marks of one phrase, in their order; undefined when one is missing. */
function readMarks(bot: Bot, start: number, end: number, heard: number): Round | undefined {
  const marks = bot.take('mark');
  const after = (stage: BotStage, fromMs: number): number | undefined =>
    marks.find((mark) => mark.stage === stage && mark.atMs >= fromMs)?.atMs;
  const sink = after('sink', start);
  const sent = sink === undefined ? undefined : after('sent', sink);
  const delta = after('delta', end);
  const played = delta === undefined ? undefined : after('played', delta);
  if (sink === undefined || sent === undefined || delta === undefined || played === undefined)
    return undefined;
  return heard < played ? undefined : { start, end, sink, sent, delta, played, heard };
}
