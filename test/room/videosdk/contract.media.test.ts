/** The room contract, with the real SDK over real media; the rules run in child processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOM_CASES } from '../../contract/room-cases.js';
import { type ChildEnd, runChild } from './children/run-child.js';

const DEADLINE_MS = 120_000;
/** VideoSDK 1.1.1 tells of no change of name or metadata; a line that is lost for good is F8. */
const MISSING = ['change', 'loseLine'];

type Result = { rule: string; durationMs: number; problem?: string };

const results = new Map<string, Result>();
let run: ReturnType<typeof runChild>;
let end: ChildEnd;

describe('room contract: VideoSDK', () => {
  beforeAll(async () => {
    run = runChild('contract-child.ts', [], {
      deadlineMs: DEADLINE_MS,
      onLine: (line) => {
        const result = JSON.parse(line) as Result;
        results.set(result.rule, result);
      },
    });
    end = await run.ended;
  }, DEADLINE_MS + 5_000);

  afterAll(() => {
    run.child.kill('SIGKILL');
  });

  for (const { name, needs = [] } of ROOM_CASES) {
    it.skipIf(needs.some((ability) => MISSING.includes(ability)))(name, () => {
      expect(results.get(name), `no result of this rule; the child's stderr: ${end.stderr}`).toBeDefined();
      expect(results.get(name)?.problem).toBeUndefined();
    });
  }

  it('the child ended by itself, with nothing on stderr', () => {
    expect(end).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});
