/** One scenario, step by step: its people in a hall in memory, the interpreter among them, and what came of it. */
import type { Cost } from '../../cost/cost-meter.js';
import { ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { BriefingSettings } from '../../meeting/briefing/briefing.js';
import { channelMetadata, channelName, type OpenChannel } from '../../meeting/speaking/channel-rooms.js';
import { MeetingInterpreter } from '../../meeting/meeting.js';
import type { SpeakingOptions } from '../../meeting/meeting-options.js';
import type { OpenSession } from '../../meeting/open-session.js';
import type { EngineSettings } from '../../meeting/routes/route-engine.js';
import type { MeetingBudget } from '../../cost/spending.js';
import { FakeMeeting } from '../../room/testing/fake-meeting.js';
import { MemoryRoom } from '../../room/testing/memory-room.js';
import { STEP_MS, type Pace } from '../pace.js';
import { whilePending } from '../while-pending.js';
import { ScriptedParticipants } from './participants.js';
import { MeetingLog } from './meeting-log.js';
import { OutputRecorder } from './output-recorder.js';
import type { Scenario } from './scenario.js';

/** After the last word the meeting goes on for so long. */
const TAIL_MS = 1_000;
/** What was said may then take so long to be translated and heard. */
const DRAIN_MS = 120_000;
const INTERPRETER_ID = 'parley-1';
const INTERPRETER_NAME = 'Parley';

/** How a meeting is interpreted, beside what its scenario says. */
export type InterpreterSettings = {
  speaking: Omit<SpeakingOptions, 'openChannel'>;
  maxSessions: number;
  closeAfterSilenceMs: number;
};

/** What a run is made of. */
type MeetingRunOptions = {
  scenario: Scenario;
  /** Every recording by its path in the scenario, 48 kHz mono. */
  sounds: ReadonlyMap<string, Int16Array>;
  pace: Pace;
  openSession: OpenSession;
  /** What `openSession` is metered by, and what follows when that is spent; undefined where nothing is billed. */
  budget: MeetingBudget | undefined;
  interpreter: InterpreterSettings;
  engines: EngineSettings;
  briefing: BriefingSettings;
  log: Logger | undefined;
  /** Ends the run early; what came until then is lost. */
  signal: AbortSignal;
  /** Checked at every step: an error returned here ends the run. */
  failure: () => ParleyError | undefined;
  onStep: (atMs: number) => void;
};

/** What came out of a run. */
export type MeetingRunResult = {
  durationMs: number;
  recorder: OutputRecorder;
  chronicle: MeetingLog;
  /** Undefined where nothing is billed. */
  cost: Cost | undefined;
};

/** Runs a scenario to its end: joins, steps until all is said and heard, leaves. */
export async function runMeeting(options: MeetingRunOptions): Promise<MeetingRunResult> {
  const { scenario, sounds, pace, openSession, budget, interpreter, engines, briefing, log } = options;
  const { clock } = pace;
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: INTERPRETER_ID, name: INTERPRETER_NAME });
  const meeting = new MeetingInterpreter({
    room,
    openSession,
    clock,
    name: INTERPRETER_NAME,
    ...(budget === undefined ? {} : { budget }),
    engines,
    ...interpreter.speaking,
    openChannel: channelsIn(hall),
    maxSessions: interpreter.maxSessions,
    closeAfterSilenceMs: interpreter.closeAfterSilenceMs,
    briefing,
    languages: scenario.languages,
    onListenerError: (err, event) => {
      log?.error({ err, event }, 'a listener of the meeting failed');
    },
  });
  const recorder = new OutputRecorder({
    nowMs: () => clock.nowMs(),
    interpreterIds: new Set([INTERPRETER_ID]),
  });
  hall.watch(recorder.observer);
  const originMs = clock.nowMs();
  const chronicle = new MeetingLog(meeting, () => clock.nowMs() - originMs);
  const cast = new ScriptedParticipants({ hall, scenario, sounds });
  const steps = new Steps(options);

  recorder.begin();
  await steps.whilePending(meeting.start(), () => pace.settle());
  pace.start();
  let quietMs = 0;
  while (quietMs < TAIL_MS) {
    await steps.take((atMs) => {
      cast.act(atMs);
    });
    quietMs = cast.over ? quietMs + STEP_MS : 0;
  }
  await steps.whilePending(meeting.stop(DRAIN_MS), () => steps.take());
  return { durationMs: steps.atMs, recorder, chronicle, cost: budget?.meter.total };
}

/** Further voices of the interpreter. A language's voice that comes again is the same participant. */
function channelsIn(hall: FakeMeeting): OpenChannel {
  return (language) =>
    Promise.resolve(
      new MemoryRoom({
        meeting: hall,
        participantId: `${INTERPRETER_ID}-${language}`,
        name: channelName(INTERPRETER_NAME, language),
        metadata: channelMetadata(language),
      }),
    );
}

/** The steps of a run, each of 10 ms. */
class Steps {
  readonly #options: MeetingRunOptions;
  #count = 0;

  constructor(options: MeetingRunOptions) {
    this.#options = options;
  }

  /** Time that has passed. */
  get atMs(): number {
    return this.#count * STEP_MS;
  }

  /** Everything that is due at this time happens, `act` last, so that what begins now is heard from now on. */
  async take(act: (atMs: number) => void = () => undefined): Promise<void> {
    const { pace, onStep } = this.#options;
    const { atMs } = this;
    await pace.reach(atMs);
    await pace.settle();
    act(atMs);
    await pace.settle();
    this.#count++;
    this.#check();
    onStep(atMs);
  }

  /** Takes `work` again and again until `promise` settles, then returns or throws what it did. */
  whilePending(promise: Promise<void>, work: () => Promise<void>): Promise<void> {
    return whilePending(promise, () => {
      this.#check();
      return work();
    });
  }

  #check(): void {
    const { signal, failure } = this.#options;
    if (signal.aborted) throw new ParleyError('internal', 'interrupted');
    const failed = failure();
    if (failed !== undefined) throw failed;
  }
}
