/**
 * The fault matrix: what happens to a connection, engine by engine, what is lost of what was said meanwhile (at most the sentence in
 * flight, unless a row says why), and how long after the server is well everything is ready again. Times are the virtual
 * clock's.
 */
import { describe, expect, it } from 'vitest';
import type { OpenTransport } from '../../src/realtime/transport.js';
import type { EnduringWorld } from '../soak/world.js';
import { type Fault, type Moment, PHRASES, runFault } from './fault-matrix.js';

const [, SECOND, THIRD, FOURTH] = PHRASES;

type Expected = {
  lost: readonly string[];
  recoveredWithinMs: number;
  /** Something that whoever runs the meeting must be told. */
  emitted?: RegExp;
};
/**
 * What is expected of each engine that knows such a fault: continuous sessions have no responses. Of a live one what is expected of
 * a translation session, unless it is said.
 */
type Row = Fault & { conversation: Expected; translate?: Expected; live?: Expected };

const drop = (world: EnduringWorld): Promise<void> => world.cutConnections();
const AUDIO_DELTAS = ['response.output_audio.delta', 'session.output_audio.delta'];

/** Takes away what tells a client when its session ends. */
const unannounced = (open: OpenTransport): OpenTransport => {
  return (handlers) =>
    open({
      message: (text) => {
        handlers.message(text.replace(/"expires_at":\d+,?/, ''));
      },
      closed: (close) => {
        handlers.closed(close);
      },
    });
};

function dropped(moment: Moment, expected: Expected): Row {
  const when = {
    start: 'at the start',
    speech: 'in speech',
    playback: 'in playback',
    between: 'between turns',
  };
  const name = `dropped ${when[moment]}`;
  return { name, moment, strike: drop, speaksAgain: 'at once', conversation: expected, translate: expected };
}

/** A look is taken every 10 ms. */
const NOTHING: Expected = { lost: [], recoveredWithinMs: 10 };
const SENTENCE = [SECOND];
const ENDED = [THIRD, FOURTH];

const ROWS: readonly Row[] = [
  {
    name: 'refused: 503 with Retry-After before the first session',
    moment: 'start',
    strike: ({ server }) => {
      server.faults.set({ refuseConnections: { status: 503, retryAfterSeconds: 1 } });
    },
    speaksAgain: 'at once',
    conversation: { lost: [], recoveredWithinMs: 1_300 },
    translate: { lost: [], recoveredWithinMs: 1_300 },
  },
  {
    name: 'refused: 429 for the first 8 s',
    moment: 'start',
    strike: ({ server }) => {
      server.faults.set({ refuseConnections: { status: 429 } });
    },
    healAfterMs: 5_500,
    speaksAgain: 'at once',
    conversation: { lost: [], recoveredWithinMs: 700 },
    translate: { lost: [], recoveredWithinMs: 700 },
  },
  dropped('speech', { lost: [], recoveredWithinMs: 100 }),
  dropped('playback', { lost: SENTENCE, recoveredWithinMs: 100 }),
  dropped('between', { lost: [], recoveredWithinMs: 100 }),
  {
    name: 'dropped in speech, and refused for 3 s',
    moment: 'speech',
    strike: async (world) => {
      world.server.faults.set({ refuseConnections: { status: 503 } });
      await world.cutConnections();
    },
    healAfterMs: 3_000,
    speaksAgain: 'at once',
    conversation: { lost: [], recoveredWithinMs: 700 },
    translate: { lost: [], recoveredWithinMs: 700 },
  },
  {
    name: 'stalled for 30 s between turns',
    moment: 'between',
    strike: ({ server }) => {
      server.faults.set({ stall: true });
    },
    healAfterMs: 30_000,
    speaksAgain: 'when ready',
    conversation: { lost: [], recoveredWithinMs: 1_500 },
    translate: { lost: [], recoveredWithinMs: 1_500 },
    live: { lost: [], recoveredWithinMs: 5_100 }, // a session is started once: the next attempt is waited for
  },
  {
    name: 'stalled for 30 s in speech',
    moment: 'speech',
    strike: ({ server }) => {
      server.faults.set({ stall: true });
    },
    healAfterMs: 30_000,
    speaksAgain: 'when ready',
    conversation: { lost: SENTENCE, recoveredWithinMs: 1_500 },
    translate: { lost: SENTENCE, recoveredWithinMs: 1_500 },
  },
  {
    name: 'expired, as announced, in speech',
    moment: 'speech',
    strike: () => undefined,
    sessionDurationMs: 20_000,
    speaksAgain: 'at once',
    conversation: NOTHING,
    translate: NOTHING,
  },
  {
    name: 'expired without an announcement',
    moment: 'speech',
    strike: () => undefined,
    sessionDurationMs: 9_500,
    between: unannounced,
    speaksAgain: 'at once',
    conversation: { lost: [], recoveredWithinMs: 700 },
    translate: { lost: SENTENCE, recoveredWithinMs: 700 },
    live: NOTHING,
  },
  {
    name: 'half open between turns',
    moment: 'between',
    isSilent: true,
    strike: (world) => {
      world.freezeConnections();
    },
    speaksAgain: 'when ready',
    conversation: { lost: [], recoveredWithinMs: 16_000 }, // found by pings, every 5 s
    translate: { lost: [], recoveredWithinMs: 6_500 },
  },
  {
    name: 'half open in speech',
    moment: 'speech',
    isSilent: true,
    strike: (world) => {
      world.freezeConnections();
    },
    speaksAgain: 'when ready',
    conversation: { lost: [], recoveredWithinMs: 6_500 },
    translate: { lost: [], recoveredWithinMs: 6_500 },
  },
  {
    name: 'malformed: a piece of audio is broken JSON',
    moment: 'playback',
    strike: ({ server }) => {
      server.faults.set({ malformedEvents: { kind: 'broken_json', count: 1, types: AUDIO_DELTAS } });
    },
    healAfterMs: 8_000,
    speaksAgain: 'at once',
    conversation: { lost: SENTENCE, recoveredWithinMs: 10 },
    translate: { lost: SENTENCE, recoveredWithinMs: 10 },
  },
  {
    name: 'malformed: the end of a response lacks its fields',
    moment: 'speech',
    strike: ({ server }) => {
      server.faults.set({ malformedEvents: { kind: 'missing_fields', count: 1, types: ['response.done'] } });
    },
    healAfterMs: 8_000,
    speaksAgain: 'at once',
    conversation: NOTHING,
  },
  {
    name: 'rate limited: one response fails',
    moment: 'speech',
    strike: ({ server }) => {
      server.faults.set({
        failResponses: {
          count: 1,
          error: { type: 'requests', code: 'rate_limit_exceeded', message: 'slow down' },
        },
      });
    },
    healAfterMs: 8_000,
    speaksAgain: 'at once',
    conversation: NOTHING,
  },
  {
    name: 'rate limited: every attempt at a response fails',
    moment: 'speech',
    strike: ({ server }) => {
      server.faults.set({
        failResponses: { error: { type: 'requests', code: 'rate_limit_exceeded', message: 'slow down' } },
      });
    },
    healAfterMs: 12_000,
    speaksAgain: 'at once',
    conversation: { lost: SENTENCE, recoveredWithinMs: 10, emitted: /slow down/ },
  },
  {
    name: 'rate limited: 429 with Retry-After for a connection that was dropped',
    moment: 'between',
    strike: async (world) => {
      world.server.faults.set({ refuseConnections: { status: 429, retryAfterSeconds: 2, count: 1 } });
      await world.cutConnections();
    },
    speaksAgain: 'at once',
    conversation: { lost: [], recoveredWithinMs: 2_500 },
    translate: { lost: [], recoveredWithinMs: 2_500 },
  },
  {
    name: 'key revoked, and given back after 75 s',
    moment: 'between',
    strike: async (world) => {
      world.server.faults.set({ refuseConnections: { status: 401, code: 'invalid_api_key' } });
      await world.cutConnections();
    },
    healAfterMs: 75_000, // the route has ended: a key is for the host to see to
    speaksAgain: 'at once',
    conversation: {
      lost: ENDED,
      recoveredWithinMs: Infinity,
      emitted: /refused the key .* it is not tried again/,
    },
    translate: {
      lost: ENDED,
      recoveredWithinMs: Infinity,
      emitted: /refused the key .* it is not tried again/,
    },
  },
];

describe.each(['conversation', 'translate', 'live'] as const)('what faults cost, %s sessions', (engine) => {
  const rows = ROWS.flatMap((row) => {
    const expected = row[engine] ?? (engine === 'live' ? row.translate : undefined);
    return expected === undefined ? [] : [{ ...row, expected }];
  });
  it.each(rows)('$name', async ({ expected, ...fault }) => {
    const outcome = await runFault(fault, engine);
    // FAULT_MATRIX=1 prints what came of each
    if (process.env['FAULT_MATRIX'] !== undefined) {
      process.stderr.write(`${engine} | ${fault.name} | ${JSON.stringify(outcome)}\n`);
    }
    expect(outcome.lost).toEqual(expected.lost);
    expect(outcome.repeated).toEqual([]);
    expect(outcome.recoveredMs).toBeLessThanOrEqual(expected.recoveredWithinMs);
    if (expected.emitted !== undefined) expect(outcome.notices.join('\n')).toMatch(expected.emitted);
  });
});
