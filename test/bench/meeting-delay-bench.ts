/** What the bot itself adds to the delay of a translation, with four who speak: the way up, and the way back. */
import { sleep } from './child-process.js';
import { quantile, type Row } from './measure.js';
import { type BenchParticipant, type Bot, longMeasurementMs, DemoMeeting } from './meeting-stage.js';

const PLAYOUT_LEAD_MS = 20;

const SPEAKERS = 4;
const ROUND_MS = 4_500;
const ANSWER_MS = 400;
const ASK_TIMEOUT_MS = 15_000;
/** Speakers who talk at the same time, each from another place of the monologue. */
const OFFSET_MS = 3_700;
const SETTLE_MS = 3_000;
const WANTED_MS = 60;
/** Answers whose first frame was not seen are allowed up to here. */
const MAX_MISSED_SHARE = 0.25;

/** Four sessions stream throughout. First the four take turns, so that no answer waits for another; then all talk at once. */
export async function benchMeetingDelay(): Promise<Row[]> {
  const longMs = longMeasurementMs();
  const rounds = Math.max(SPEAKERS, Math.round(longMs / ROUND_MS));
  return DemoMeeting.run((rounds + SPEAKERS) * 2 * ROUND_MS + longMs + 180_000, async (stage) => {
    const bot = await stage.joinBot(true);
    await stage.joinParticipant('listener', 'en', true);
    const speakers: BenchParticipant[] = [];
    for (let n = 0; n < SPEAKERS; n++)
      speakers.push(await stage.joinParticipant(`speaker-${n}`, 'es', false));
    const answer = { what: 'tone', durationMs: ANSWER_MS } as const;
    await stage.realtime.ask({ kind: 'answer', answer }, 'answering', ASK_TIMEOUT_MS);
    for (const speaker of speakers) await say(bot, speaker); // opens the sessions and warms everything up
    await bot.ask({ kind: 'watchChunks' }, 'watchingChunks', ASK_TIMEOUT_MS);
    const backMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const wayMs = await say(bot, speakers[round % SPEAKERS]!);
      if (wayMs !== undefined) backMs.push(wayMs);
    }
    const inTurns = await bot.ask({ kind: 'chunkDelays' }, 'chunkDelays', ASK_TIMEOUT_MS);
    await stage.realtime.ask({ kind: 'answer', answer: { what: 'nothing' } }, 'answering', ASK_TIMEOUT_MS);
    speakers.forEach((speaker, n) => speaker.order({ kind: 'talk', offsetMs: n * OFFSET_MS }));
    await sleep(SETTLE_MS);
    await bot.ask({ kind: 'watchChunks' }, 'watchingChunks', ASK_TIMEOUT_MS);
    await sleep(longMs / 2);
    const atOnce = await bot.ask({ kind: 'chunkDelays' }, 'chunkDelays', ASK_TIMEOUT_MS);
    const missed = rounds - backMs.length;
    if (missed > rounds * MAX_MISSED_SHARE) throw new Error(`${missed} of ${rounds} answers were not seen`);
    return rowsOf(inTurns, atOnce, backMs);
  });
}

/** One phrase and its answer. Returns the time from the first delta to the first frame; undefined when one was not seen. */
async function say(bot: Bot, speaker: BenchParticipant): Promise<number | undefined> {
  bot.take('mark');
  const { endedAtMs } = await speaker.ask({ kind: 'say' }, 'said', ASK_TIMEOUT_MS);
  await sleep(ANSWER_MS + 1_200 + 200 * Math.random()); // answered by then, and not in step with anything
  const marks = bot.take('mark').filter(({ atMs }) => atMs >= endedAtMs);
  const delta = marks.find(({ stage }) => stage === 'delta');
  const played = marks.find(
    ({ stage, atMs }) => stage === 'played' && delta !== undefined && atMs >= delta.atMs,
  );
  return delta === undefined || played === undefined ? undefined : played.atMs - delta.atMs;
}

type Chunks = { delaysMs: readonly number[]; unmatched: number };

function rowsOf(inTurns: Chunks, atOnce: Chunks, backMs: readonly number[]): Row[] {
  const group = `bot's own delay, ${SPEAKERS} speakers`;
  const rows = (name: string, values: readonly number[], note: string): Row[] => [
    { group, name: `${name}, p50`, value: quantile(values, 0.5), unit: 'ms', note },
    { group, name: `${name}, p95`, value: quantile(values, 0.95), unit: 'ms', note: '' },
  ];
  const chunks = ({ delaysMs, unmatched }: Chunks): string =>
    `${delaysMs.length} messages of 20 ms${unmatched === 0 ? '' : `, ${unmatched} more without their frame`}`;
  const all = [...inTurns.delaysMs, ...atOnce.delaysMs];
  return [
    ...rows("(a) sink with a message's last sample → send, in turns", inTurns.delaysMs, chunks(inTurns)),
    ...rows("(a) sink with a message's last sample → send, all at once", atOnce.delaysMs, chunks(atOnce)),
    ...rows(
      '(b) first delta → first frame to the audio source',
      backMs,
      `${backMs.length} answers, none queued`,
    ),
    {
      group,
      name: '(a) p95 + (b) p95',
      value: quantile(all, 0.95) + quantile(backMs, 0.95),
      unit: 'ms',
      note: `wanted: at most ${WANTED_MS}; the playout lead is ${PLAYOUT_LEAD_MS} ms, after (b)`,
    },
  ];
}
