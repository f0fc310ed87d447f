import { type EngineName, ENGINE_NAMES } from '../../../src/realtime/engines.js';
import { MEETING_MEMORY } from '../../../src/supervisor/fork-child.js';
import { median, type Row } from '../measure.js';
import { longMeasurementMs } from '../meeting-stage.js';
import { installPeers } from '../peers.js';
import { weighSessions, type Weight } from './listening-sessions.js';
import { type Pair, roundsOf, shareRow } from './sides.js';

const COUNT = 10;
const WANTED = { cpu: 0.25, rss: 0.5 };
/** Of three engines that translate aloud. */
const WANTED_OF_ENGINES = 0.5;

/**
 * Ten sessions that hear somebody who speaks on and on, 48 kHz in frames of 10 ms: ours, with our own judgement of speech,
 * beside `RealtimeModel` of LiveKit's plugin for OpenAI. The server is in a process of its own. That plugin neither resamples
 * nor judges speech: LiveKit's own resampler does the former here, as it does in its agents; nothing does the latter.
 */
export async function benchLiveKitWeight(): Promise<Row[]> {
  const [rounds, speechMs] = [roundsOf(3), longMeasurementMs(20)];
  const folder = await installPeers('peers-livekit');
  const cpu: Pair = { earlier: [], now: [] };
  const rss: Pair = { earlier: [], now: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [build, program, args] of [
      ['earlier', 'livekit-child', [folder]],
      ['now', 'sessions-child', []],
    ] as const) {
      const { percent, rssMib } = await weighSessions({
        ...{ count: COUNT, speechMs, engine: 'conversation', answer: { what: 'nothing' } },
        startSessions: (start) => start(program, args),
      });
      cpu[build].push(percent);
      rss[build].push(rssMib);
    }
  }
  const beside = (row: Row): Row => ({
    ...row,
    unit: "of LiveKit's",
    note: `${row.note}; both resample, ours judges speech too`,
  });
  return [
    beside(shareRow(`CPU of ${COUNT} sessions that listen`, cpu, '% of a core', WANTED.cpu)),
    beside(shareRow(`RSS of ${COUNT} sessions that listen`, rss, 'MiB', WANTED.rss)),
  ];
}

/** Beside which of LiveKit's models an engine is measured: it has none of its own for the translate engine. */
const BESIDE: Readonly<Record<EngineName, 'RealtimeModel' | 'GPTLiveModel'>> = {
  conversation: 'RealtimeModel',
  translate: 'RealtimeModel',
  live: 'GPTLiveModel',
};

/**
 * Ten routes of each of three engines, which hear the same and translate every phrase aloud, beside the models of LiveKit's plugin
 * for OpenAI that speak the same protocols. What is translated is read on both sides, and played on neither. Each process has the
 * environment that its product gives it: `parley serve` lets the threads of a meeting share one heap of the C library.
 */
export async function benchThreeEngines(): Promise<Row[]> {
  const [rounds, speechMs] = [roundsOf(3), longMeasurementMs(20)];
  const folder = await installPeers('peers-livekit');
  const sides = [
    { name: 'RealtimeModel', engine: 'conversation', program: 'livekit-child', args: [folder], env: {} },
    { name: 'GPTLiveModel', engine: 'live', program: 'livekit-child', args: [folder], env: {} },
    ...ENGINE_NAMES.map((engine) => ({
      ...{ name: engine, engine, program: 'sessions-child', args: [], env: MEETING_MEMORY },
    })),
  ] as const;
  const weights = new Map<string, Weight[]>(sides.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, engine, program, args, env } of sides) {
      const weight = await weighSessions({
        ...{ count: COUNT, speechMs, engine, answer: { what: 'speech' } },
        startSessions: (start) => start(program, args, env),
      });
      weights.get(name)!.push(weight);
    }
  }
  const of = (name: string, take: (weight: Weight) => number): number[] => weights.get(name)!.map(take);
  return ENGINE_NAMES.flatMap((engine) => {
    const theirs = BESIDE[engine];
    const pair = (take: (weight: Weight) => number): Pair => ({
      earlier: of(theirs, take),
      now: of(engine, take),
    });
    const spokenS = [theirs, engine].map((name) => median(of(name, (weight) => weight.spokenMs / 1_000)));
    const beside = (row: Row): Row => ({
      ...row,
      unit: `of ${theirs}'s`,
      note: `${row.note}; ${spokenS.map((seconds) => seconds.toFixed(0)).join(' and ')} s of translations in ${speechMs / 1_000} s`,
    });
    const perRoute = (mib: number): number => mib / COUNT;
    return [
      beside(
        shareRow(
          `${engine}: CPU of a route`,
          pair(({ percent }) => percent / COUNT),
          '% of a core',
          WANTED_OF_ENGINES,
        ),
      ),
      beside(
        shareRow(
          `${engine}: RSS of ${COUNT} routes`,
          pair(({ rssMib }) => rssMib),
          'MiB',
          WANTED_OF_ENGINES,
        ),
      ),
      beside(
        shareRow(
          `${engine}: memory that each route adds`,
          pair(({ grownMib }) => perRoute(grownMib)),
          'MiB',
          WANTED_OF_ENGINES,
        ),
      ),
    ];
  });
}
