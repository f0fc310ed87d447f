/** Many runs of arbitrary steps against sessions of one engine, each on a stage of its own, and closed in the end. */
import fc from 'fast-check';
import type { VirtualClock } from '../../src/clock.js';
import type { InterpretingSession } from '../../src/realtime/session.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { FuzzServer, type FuzzServerOptions } from './fuzz-server.js';
import { CountingClock, FuzzStage } from './fuzz-stage.js';

/** How many runs make a test: few enough for every day, and as many as `FUZZ_RUNS` says for a night. */
export const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);

/** What is tried. */
export type FuzzPlan<Step> = {
  step: fc.Arbitrary<Step>;
  take: (step: Step, stage: FuzzStage, server: FuzzServer) => void;
  server: Omit<FuzzServerOptions, 'clock' | 'sessionDurationMs'>;
  makeSession: (open: OpenTransport, clock: VirtualClock) => InterpretingSession;
  /** How long a session may take to close. */
  drainMs: readonly number[];
};

/** Throws where the port of sessions is not kept. Resolves to the number of responses in all runs. */
export async function runFuzz<Step>(plan: FuzzPlan<Step>): Promise<number> {
  let responses = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(plan.step, { maxLength: 60, size: 'max' }),
      fc.constantFrom(...plan.drainMs),
      async (steps, drainMs) => {
        const clock = new CountingClock();
        const server = new FuzzServer({ ...plan.server, clock, sessionDurationMs: 90_000 });
        const session = plan.makeSession(server.open, clock);
        const stage = new FuzzStage(session, clock, server);
        await stage.connect();
        for (const each of steps) {
          plan.take(each, stage, server);
          await stage.settle();
        }
        await stage.close(drainMs);
        responses += session.counters.responses;
      },
    ),
    { seed: 20_261_121, numRuns: FUZZ_RUNS },
  );
  return responses;
}
