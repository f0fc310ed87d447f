import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import type { InterpretingSession } from '../../realtime/session.js';
import type { SessionTools, ToolCall, ToolCalls } from '../../realtime/session-tools.js';
import { callKey, CallPlan } from './call-plan.js';
import type { RegisteredTool, ToolRegistry } from './tool-registry.js';
import type { AskApproval, ToolCallRecord, ToolCounters } from './tool-calls.js';
import { type CallEnd, lateMessage, outputOf, resultOf } from './tool-output.js';
import type { ToolLevel } from './tool.js';

/** From a call to the words that it takes a moment, and to the end of waiting for somebody's approval. */
const MOMENT_MS = 3_000;
const APPROVAL_MS = 60_000;
/** A call that takes longer is given up, so that those behind it are made. */
const LONGEST_CALL_MS = 600_000;
/** Late results that wait for a connection. */
const MAX_LATE = 32;

const ONE_MOMENT =
  'Say in one short sentence, in the language of the person who asked, that you are on it and it takes a moment. Say nothing else.';

/** What a runner is made of. */
export type ToolRunnerOptions = {
  readonly session: Pick<InterpretingSession, 'events' | 'state'>;
  readonly tools: SessionTools;
  readonly registry: ToolRegistry;
  readonly clock: Clock;
  readonly meetingId: string;
  /** Who asked in this turn, where that is known. */
  readonly askedBy?: (turnId: string) => string | undefined;
  /** What the answer of this turn is given in, where that is known. */
  readonly languageOf?: (turnId: string) => string | undefined;
  /** Absent: nobody is a host. */
  readonly isHost?: (participantId: string, turnId: string) => boolean;
  /**
   * Whether a write that this step of a turn calls is approved like `confirm`, since nobody may have asked for it; never by default.
   */
  readonly mustAsk?: (turnId: string, step: number) => boolean;
  /**
   * Whether whoever asked in this turn has, by their own words, asked for this write: otherwise it is approved like `confirm`. Asked of
   * each write that need not be approved anyway; absent: they have.
   */
  readonly wasAskedFor?: (turnId: string, call: ToolCall) => Promise<boolean>;
  /**
   * Whether somebody has said that this tool needs no yes where this person asks for it: a `confirm` is then what a `write` is, which is
   * still approved where nobody may have asked for it. Absent: nobody has.
   */
  readonly isRemembered?: (toolName: string, askedBy: string | undefined) => boolean;
  /** Absent: nothing is approved. */
  readonly askApproval?: AskApproval;
  /** A call is over. */
  readonly onCall?: (record: ToolCallRecord) => void;
};

/** Who waits for a call. `told`: its output was sent, since the call took too long. */
type Asker = { readonly call: ToolCall; readonly turnId: string; readonly sinceMs: number; told: boolean };

/** A call that is made, once for all that ask for the same. */
type Job = {
  readonly key: string;
  readonly level: ToolLevel;
  /** Somebody has to approve it. */
  readonly asks: boolean;
  readonly tool: RegisteredTool;
  readonly args: Readonly<Record<string, unknown>>;
  readonly askedBy: string | undefined;
  readonly askers: Asker[];
  readonly abort: AbortController;
  limit: TimerHandle | undefined;
  /** Its limit has passed. */
  isLate: boolean;
  asksApproval: boolean;
};

/**
 * Makes the calls of one session: it checks them, asks who has to be asked, runs the handlers of the registry, and answers each
 * call once. What takes too long is told to be running, and its result is told later. That somebody speaks stops no call.
 */
export class ToolRunner {
  readonly counters: ToolCounters = { calls: 0, failed: 0, denied: 0, late: 0, joined: 0, lost: 0 };
  readonly #options: ToolRunnerOptions;
  readonly #plan = new CallPlan<Job>();
  readonly #jobs = new Set<Job>();
  readonly #moments = new Set<TimerHandle>();
  readonly #late: string[] = [];
  readonly #stop: (() => void)[];
  #closed = false;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
    const { session, tools, registry } = options;
    this.#stop = [
      session.events.on('toolCalls', (calls) => {
        this.#onCalls(calls);
      }),
      session.events.on('state', ({ kind }) => {
        if (kind === 'ready') this.#tellLate();
        if (kind === 'ended') this.close();
      }),
      registry.events.on('changed', () => {
        tools.setTools(registry.definitions);
      }),
    ];
    tools.setTools(registry.definitions);
  }

  /** Calls that wait or run. */
  get pending(): number {
    return this.#jobs.size;
  }

  /** Takes no more calls. Reads are aborted; what changes something goes on to its end, and nobody is told. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stop of this.#stop) stop();
    for (const moment of this.#moments) moment.cancel();
    this.counters.lost += this.#late.splice(0).length;
    for (const job of this.#jobs) {
      job.limit?.cancel();
      if (job.level === 'read' || job.asksApproval) job.abort.abort();
    }
  }

  #onCalls({ turnId, step, calls }: ToolCalls): void {
    const jobs = calls.flatMap((call) => this.#take(turnId, step, call) ?? []);
    if (step === 1 && jobs.length > 0) this.#sayLater(jobs);
  }

  /** The job that makes the call; undefined where it is answered already. */
  #take(turnId: string, step: number, call: ToolCall): Job | undefined {
    const { clock, registry, isHost, mustAsk } = this.#options;
    const asker: Asker = { call, turnId, sinceMs: clock.nowMs(), told: false };
    const askedBy = this.#options.askedBy?.(turnId);
    this.counters.calls++;
    const tool = registry.find(call.name);
    const refuse = (end: CallEnd): void => {
      this.#answer(asker, end);
      this.#record(asker, tool, askedBy, end, false);
    };
    if (tool === undefined) {
      refuse({ kind: 'unknown_tool' });
      return undefined;
    }
    const checked = tool.form.check(call.arguments);
    if (checked.kind === 'invalid') {
      refuse({ kind: 'invalid_arguments', problem: checked.problem });
      return undefined;
    }
    if (tool.level === 'host' && (askedBy === undefined || isHost?.(askedBy, turnId) !== true)) {
      refuse({ kind: 'hosts_only' });
      return undefined;
    }
    const { args } = checked;
    const isRemembered =
      tool.level === 'confirm' && this.#options.isRemembered?.(tool.name, askedBy) === true;
    const level = isRemembered ? 'write' : tool.level;
    const job: Job = {
      key: callKey(tool.name, args),
      level,
      asks: level === 'confirm' || (level !== 'read' && mustAsk?.(turnId, step) === true),
      tool,
      args,
      askedBy,
      askers: [asker],
      abort: new AbortController(),
      limit: undefined,
      isLate: false,
      asksApproval: false,
    };
    const planned = this.#plan.add(job);
    switch (planned.kind) {
      case 'refuse':
        refuse({ kind: 'failed', problem: 'too many calls are under way' });
        return undefined;
      case 'join':
        this.#join(planned.call, asker);
        return planned.call;
      default:
        this.#jobs.add(job);
        if (!job.asks && !this.#isChecked(job)) this.#limit(job);
        if (planned.kind === 'start') void this.#run(job);
        return job;
    }
  }

  #join(job: Job, asker: Asker): void {
    this.counters.joined++;
    job.askers.push(asker);
    if (job.isLate) this.#tellRunning(job);
  }

  /** Never rejects. */
  async #run(job: Job): Promise<void> {
    let end: CallEnd;
    try {
      end = await this.#perform(job);
    } catch (error) {
      end = { kind: 'failed', problem: messageOf(error) };
    }
    this.#over(job, end);
  }

  async #perform(job: Job): Promise<CallEnd> {
    const { tool, args, askedBy, askers, abort } = job;
    const isChecked = this.#isChecked(job);
    const asks = job.asks || (isChecked && !(await this.#wasAskedFor(job)));
    if (this.#closed && isChecked) return { kind: 'unanswered' };
    if (asks) {
      const answer = await this.#approval(job);
      if (answer !== 'approved') return { kind: answer };
    }
    if (asks || isChecked) this.#limit(job);
    const { meetingId } = this.#options;
    const [{ call, turnId }] = askers as [Asker];
    const language = this.#options.languageOf?.(turnId);
    const context = { callId: call.callId, meetingId, askedBy, language, signal: abort.signal };
    const made = Promise.resolve().then(() => tool.handler(args, context));
    const end = await this.#within(LONGEST_CALL_MS, abort.signal, made);
    if (end !== undefined) return { kind: 'done', result: end.value };
    abort.abort();
    return { kind: 'failed', problem: 'it took far too long, and may or may not have been done' };
  }

  /** It is found out whether somebody asked for it. */
  #isChecked({ level, asks }: Job): boolean {
    return level === 'write' && !asks && this.#options.wasAskedFor !== undefined;
  }

  async #wasAskedFor({ askers }: Job): Promise<boolean> {
    const [{ turnId, call }] = askers as [Asker];
    try {
      return (await this.#options.wasAskedFor?.(turnId, call)) === true;
    } catch {
      return false;
    }
  }

  async #approval(job: Job): Promise<'approved' | 'denied' | 'unanswered'> {
    const { askApproval } = this.#options;
    if (askApproval === undefined) return 'unanswered';
    const { tool, args, askedBy, askers } = job;
    const waiting = new AbortController();
    job.asksApproval = true;
    try {
      const answer = await this.#within(
        APPROVAL_MS,
        job.abort.signal,
        askApproval({
          callId: askers[0]!.call.callId,
          toolName: tool.name,
          description: tool.description,
          level: tool.level,
          arguments: args,
          askedBy,
          signal: waiting.signal,
        }),
      );
      return answer?.value ?? 'unanswered';
    } catch {
      return 'unanswered';
    } finally {
      job.asksApproval = false;
      waiting.abort();
    }
  }

  /** What it comes to; undefined where that takes longer, or is not waited for any more. */
  async #within<Value>(
    durationMs: number,
    signal: AbortSignal,
    value: Promise<Value>,
  ): Promise<{ value: Value } | undefined> {
    let timer: TimerHandle | undefined;
    let stopped: (() => void) | undefined;
    const over = new Promise<undefined>((resolve) => {
      stopped = () => {
        resolve(undefined);
      };
      timer = this.#options.clock.setTimer(stopped, durationMs);
      signal.addEventListener('abort', stopped);
    });
    try {
      return await Promise.race([value.then((done) => ({ value: done })), over]);
    } finally {
      timer?.cancel();
      if (stopped !== undefined) signal.removeEventListener('abort', stopped);
    }
  }

  #over(job: Job, end: CallEnd): void {
    this.#jobs.delete(job);
    job.limit?.cancel();
    for (const [index, asker] of job.askers.entries()) {
      if (!asker.told) this.#answer(asker, end);
      this.#record(asker, job.tool, job.askedBy, end, index > 0);
    }
    if (job.askers.some(({ told }) => told)) this.#tellLate(lateMessage(job.tool.name, end));
    for (const next of this.#plan.over(job)) void this.#run(next);
  }

  /** From now on it may take as long as its tool is given. */
  #limit(job: Job): void {
    job.limit = this.#options.clock.setTimer(() => {
      job.isLate = true;
      this.#tellRunning(job);
    }, job.tool.timeoutMs);
  }

  #tellRunning(job: Job): void {
    for (const asker of job.askers) {
      if (asker.told) continue;
      this.counters.late++;
      this.#answer(asker, { kind: 'running' });
      asker.told = true;
    }
  }

  #answer({ turnId, call }: Asker, end: CallEnd): void {
    const taken = !this.#closed && this.#options.tools.answerCall(turnId, call.callId, outputOf(end));
    if (!taken) this.counters.lost++;
  }

  /** Tells late results as messages; they wait for a connection where there is none. */
  #tellLate(message?: string): void {
    const { session, tools } = this.#options;
    if (message !== undefined) this.#late.push(message);
    if (this.#closed || this.#late.length > MAX_LATE) this.counters.lost += this.#late.splice(0, 1).length;
    if (this.#closed || session.state.kind !== 'ready') return;
    for (const late of this.#late.splice(0)) tools.sendMessage({ text: late });
  }

  #sayLater(jobs: readonly Job[]): void {
    const moment = this.#options.clock.setTimer(() => {
      this.#moments.delete(moment);
      const open = jobs.filter((job) => this.#jobs.has(job) && !job.isLate);
      if (open.length > 0 && !open.some(({ asksApproval }) => asksApproval)) {
        this.#options.tools.speakMeanwhile(ONE_MOMENT);
      }
    }, MOMENT_MS);
    this.#moments.add(moment);
  }

  #record(
    { call, turnId, sinceMs, told }: Asker,
    tool: RegisteredTool | undefined,
    askedBy: string | undefined,
    end: CallEnd,
    wasJoined: boolean,
  ): void {
    if (end.kind === 'running') return;
    if (['failed', 'unknown_tool', 'invalid_arguments'].includes(end.kind)) this.counters.failed++;
    if (['denied', 'unanswered', 'hosts_only'].includes(end.kind)) this.counters.denied++;
    this.#options.onCall?.({
      callId: call.callId,
      turnId,
      toolName: tool?.name ?? call.name,
      level: tool?.level,
      arguments: call.arguments,
      askedBy,
      outcome: end.kind,
      result: resultOf(end),
      durationMs: this.#options.clock.nowMs() - sinceMs,
      wasLate: told,
      wasJoined,
    });
  }
}
