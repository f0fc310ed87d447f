/** A runner over a session with the embedded server, in memory: the model is a script, the clock is virtual. */
import { scriptedReplies, type ScriptedRule } from '../../../src/embedded/phrasebook/scripted-replies.js';
import type { ReplyScript, SessionHostOptions } from '../../../src/embedded/realtime-server/index.js';
import type { ToolCallRecord } from '../../../src/agent/tools/tool-calls.js';
import { ToolRegistry } from '../../../src/agent/tools/tool-registry.js';
import { ToolRunner, type ToolRunnerOptions } from '../../../src/agent/tools/tool-runner.js';
import { ToolsFixture } from '../../realtime/conversation/tools-fixture.js';

export class RunnerFixture extends ToolsFixture {
  readonly registry = new ToolRegistry();
  readonly records: ToolCallRecord[] = [];
  runner!: ToolRunner;

  static async run(
    rules: readonly ScriptedRule[] | ReplyScript,
    add: (registry: ToolRegistry, fixture: RunnerFixture) => void,
    options: Partial<ToolRunnerOptions> = {},
    server: Partial<SessionHostOptions> = {},
  ): Promise<RunnerFixture> {
    const fixture = new RunnerFixture('onUserText' in rules ? rules : scriptedReplies(rules), server);
    add(fixture.registry, fixture);
    fixture.runner = new ToolRunner({
      session: fixture.session,
      tools: fixture.tools,
      registry: fixture.registry,
      clock: fixture.clock,
      meetingId: 'meeting',
      onCall: (record) => {
        fixture.records.push(record);
      },
      ...options,
    });
    const connecting = fixture.session.connect();
    await fixture.advance(1_000);
    await connecting;
    return fixture;
  }

  /** Resolves after so long on the virtual clock. */
  wait(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.setTimer(resolve, durationMs);
    });
  }

  /** The outputs that were sent, as objects, in order. */
  get told(): Readonly<Record<string, unknown>>[] {
    return this.added('function_call_output').map(
      ({ output }) => JSON.parse(output as string) as Record<string, unknown>,
    );
  }

  /** Call ids for which an output was sent, sorted. */
  get answeredIds(): string[] {
    return this.added('function_call_output')
      .map(({ call_id }) => call_id as string)
      .sort();
  }

  /** Call ids of the calls that the server made, sorted. */
  get madeIds(): string[] {
    return this.received
      .filter(({ type }) => type === 'response.function_call_arguments.done')
      .map(({ call_id }) => call_id as string)
      .sort();
  }

  get outcomes(): string[] {
    return this.records.map(({ toolName, outcome }) => `${toolName} ${outcome}`);
  }

  /** Messages that were added as the user's, their texts. */
  get messages(): string[] {
    return this.added('message')
      .filter(({ role }) => role === 'user')
      .map(({ content }) => (content as { text: string }[])[0]!.text);
  }

  /** Texts that were to be spoken while calls were made. */
  get meanwhile(): string[] {
    return this.of('response.create')
      .flatMap(({ response }) => (response as { input?: { content?: { text: string }[] }[] }).input ?? [])
      .flatMap(({ content = [] }) => content.map(({ text }) => text));
  }
}
