import { sleep, type StartChild, withChildren } from '../child-process.js';
import type {
  ParticipantOrder,
  ParticipantReport,
  RealtimeOrder,
  RealtimeReport,
} from '../children/messages.js';
import type { Row } from '../measure.js';
import {
  type BenchParticipant,
  JOIN_TIMEOUT_MS,
  longMeasurementMs,
  type Realtime,
} from '../meeting-stage.js';
import type { Side, SideRoom } from './side.js';
import { roundsOf, shareRow, withSides, type Pair } from './sides.js';

const WANTED = 0.35;
const LANGUAGES = ['en', 'fr', 'de', 'it'];
const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 15_000;
/** Sessions open when somebody speaks, and everything is compiled. */
const SETTLE_MS = 5_000;
/** Of what is said while it is measured; where less arrives, something else was measured. */
const MIN_STREAMED_SHARE = 0.9;

type Hall = { meetingId: string; speaker: BenchParticipant; languageCount: number };
type Build = { side: Side; one: Hall; four: Hall };

/**
 * What each further language costs: `parley join` with one person who speaks on and on, heard in one language or in four.
 * The difference is looked at, so that what the meeting itself costs does not count.
 */
export async function benchLanguageWeight(): Promise<Row[]> {
  const [rounds, speechMs] = [roundsOf(3), longMeasurementMs(20)];
  const deadlineMs = 300_000 + rounds * 4 * (speechMs + 60_000);
  return withSides(({ earlier, now }) =>
    withChildren(deadlineMs, async (start) => {
      const realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
      const { url } = await realtime.next('started', START_TIMEOUT_MS);
      const builds = {
        earlier: await prepare(earlier, start),
        now: await prepare(now, start),
      };
      const one: Pair = { earlier: [], now: [] };
      const four: Pair = { earlier: [], now: [] };
      for (let round = 0; round < rounds; round++) {
        for (const build of ['earlier', 'now'] as const) {
          const { side, ...halls } = builds[build];
          one[build].push(await measure(side, halls.one, realtime, url, speechMs));
          four[build].push(await measure(side, halls.four, realtime, url, speechMs));
        }
      }
      const more: Pair = {
        earlier: four.earlier.map((percent, round) => percent - one.earlier[round]!),
        now: four.now.map((percent, round) => percent - one.now[round]!),
      };
      return [
        shareRow('CPU of a speaker heard in 4 languages, less in 1', more, '% of a core', WANTED),
        shareRow('CPU of a speaker heard in 4 languages', four, '% of a core', 1),
        shareRow('CPU of a speaker heard in 1 language', one, '% of a core', 1),
      ];
    }),
  );
}

async function prepare(side: Side, start: StartChild): Promise<Build> {
  const room = await side.openRoom();
  return { side, one: await fill(side, room, start, 1), four: await fill(side, room, start, 4) };
}

/** A meeting with one person who can speak, and one who listens for each language. */
async function fill(side: Side, room: SideRoom, start: StartChild, languageCount: number): Promise<Hall> {
  const meetingId = await side.createMeeting();
  const enter = async (id: string, language: string, speaks: boolean): Promise<BenchParticipant> => {
    const participant = start<ParticipantOrder, ParticipantReport>('participant-child');
    const address = await side.addressFor(room, meetingId, id);
    const order: ParticipantOrder = { kind: 'join', address, id, language, hearsBot: false, speaks };
    await participant.ask(order, 'joined', JOIN_TIMEOUT_MS);
    return participant;
  };
  const speaker = await enter('speaker', 'es', true);
  for (const language of LANGUAGES.slice(0, languageCount)) await enter(`hears-${language}`, language, false);
  return { meetingId, speaker, languageCount };
}

async function measure(
  side: Side,
  { meetingId, speaker, languageCount }: Hall,
  realtime: Realtime,
  url: string,
  speechMs: number,
): Promise<number> {
  const { bot } = await side.join(meetingId, '--url', url, '--no-announcement');
  speaker.order({ kind: 'talk', offsetMs: 0 });
  await sleep(SETTLE_MS);
  const look = async () => ({
    ...(await bot.usage()),
    audioMs: (await realtime.ask({ kind: 'count' }, 'counted', ASK_TIMEOUT_MS)).audioMs,
  });
  const before = await look();
  await sleep(speechMs);
  const after = await look();
  speaker.order({ kind: 'hush' });
  await bot.stop();
  const elapsedMs = after.atMs - before.atMs;
  const heard = (after.audioMs - before.audioMs) / elapsedMs;
  if (heard < languageCount * MIN_STREAMED_SHARE || heard > languageCount * (2 - MIN_STREAMED_SHARE))
    throw new Error(
      `${side.name}: ${heard.toFixed(2)} s of speech a second were streamed, not ${languageCount}`,
    );
  return ((after.cpuMs - before.cpuMs) * 100) / elapsedMs;
}
