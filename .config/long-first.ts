/** Starts the test files that take longest first: a long one that began late would be waited for alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files of more than ten seconds, as they are to begin. Those that compute stand among those that mostly wait for processes and
 * for times that a service keeps, so that both cores have work from the start.
 */
const LONG = [
  'test/service/faults/fleet-faults.test.ts',
  'test/soak/soak.test.ts',
  'test/service/fleet.test.ts',
  'test/cli/commands/compare.test.ts',
  'test/supervisor/processes.test.ts',
  'test/package.test.ts',
  'test/whole-path/engines-and-providers.test.ts',
  'test/media/container-times.test.ts',
  'test/examples/examples.test.ts',
  'test/whole-path/fastino-meeting.test.ts',
  'test/service/faults/one-machine-faults.test.ts',
  'test/service/bots-api.test.ts',
  'test/cli/ending.test.ts',
  'test/service/faults/rolling-deploy.test.ts',
  'test/service/oidc/oidc-sign-in.test.ts',
  'test/browser/caption-readers.test.ts',
  'test/whole-path/kinds-of-recordings.test.ts',
  'test/whole-path/service-agent.test.ts',
  'test/soak/spans.test.ts',
  'test/embedded/phrasebook/recogniser.test.ts',
  'test/realtime/fault-matrix.test.ts',
  'test/replay/meeting/fixtures.test.ts',
  'test/agent/meeting/prompt-injection.test.ts',
  'test/languages/cldr-names.test.ts',
  'test/meeting/listening/echo.test.ts',
  'test/meeting/whole-meeting.test.ts',
  'test/fleet/engine.test.ts',
  'test/replay/meeting/talk-without-pause.test.ts',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONG.findIndex((path) => moduleId.endsWith(`/${path}`));
      return rank < 0 ? LONG.length : rank;
    };
    // Projects stay together, in the order that they have: files of one share their processes.
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return sorted.sort(
      (a, b) => projects.indexOf(a.project) - projects.indexOf(b.project) || rankOf(a) - rankOf(b),
    );
  }
}
