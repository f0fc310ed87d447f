/** One scenario, step by step: its people in a hall in memory, the interpreter among them, and what came of it. */
import type { AgentParts } from '../../bot/compose.js';
import { interpret } from '../../bot/interpret.js';
import type { InterpreterStatus } from '../../bot/interpreter.js';
import type { MeetingSettingsInput } from '../../bot/meeting-settings.js';
import { ParleyError } from '../../errors.js';
import { createLogger, type Logger } from '../../log.js';
import { channelMetadata, channelName, type OpenChannel } from '../../meeting/speaking/channel-rooms.js';
import type { SpeechBackend } from '../../realtime/speech-backend.js';
import { FakeMeeting } from '../../room/testing/fake-meeting.js';
import { MemoryRoom } from '../../room/testing/memory-room.js';
import { STEP_MS, type Pace } from '../pace.js';
import { whilePending } from '../while-pending.js';
import { ScriptedParticipants } from './participants.js';
import { MeetingLog } from './meeting-log.js';
import { OutputRecorder } from './output-recorder.js';
import type { Scenario } from './scenario.js';
import type { StoredSound } from './sound-store.js';

/** After the last word the meeting goes on for so long. */
const TAIL_MS = 1_000;
/** What was said may then take so long to be translated and heard. */
const DRAIN_MS = 120_000;
const INTERPRETER_ID = 'parley-1';
const INTERPRETER_NAME = 'Parley';

/** What a run is made of. */
type MeetingRunOptions = {
  /** What the meeting is called. */
  name: string;
  scenario: Scenario;
  /** Every recording by its key in the scenario, 48 kHz mono. */
  sounds: ReadonlyMap<string, StoredSound>;
  pace: Pace;
  backend: SpeechBackend;
  settings: MeetingSettingsInput;
  /** What the agent can do, where the settings have one. */
  agent?: AgentParts | undefined;
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
  /** To be closed by whoever gets it. */
  recorder: OutputRecorder;
  chronicle: MeetingLog;
  /** Undefined where nothing is billed. */
  cost: InterpreterStatus['cost'];
};

/** Runs a scenario to its end: joins, steps until all is said and heard, leaves. */
export async function runMeeting(options: MeetingRunOptions): Promise<MeetingRunResult> {
  const { name, scenario, sounds, pace, backend, settings, agent, log } = options;
  const { clock } = pace;
  const hall = new FakeMeeting({ clock });
  const recorder = new OutputRecorder({
    nowMs: () => clock.nowMs(),
    interpreterIds: new Set([INTERPRETER_ID]),
  });
  const unwatch = hall.watch(recorder.observer);
  const chronicle = new MeetingLog();
  const cast = new ScriptedParticipants({ hall, scenario, sounds });
  const steps = new Steps(options);
  const givenUp = new AbortController();

  recorder.begin();
  try {
    const joining = interpret({
      meetingId: name,
      place: 'a recorded meeting',
      room: new MemoryRoom({ meeting: hall, participantId: INTERPRETER_ID, name: INTERPRETER_NAME }),
      openVoice: voicesIn(hall),
      ...{ backend, settings, clock },
      ...(agent === undefined ? {} : { agent }),
      parts: [chronicle],
      log: log ?? createLogger({ level: 'silent' }),
      signal: givenUp.signal,
    });
    const interpreter = await steps.whilePending(joining, () => pace.settle());
    pace.start();
    let quietMs = 0;
    while (quietMs < TAIL_MS) {
      await steps.take((atMs) => {
        cast.act(atMs);
      });
      quietMs = cast.over ? quietMs + STEP_MS : 0;
    }
    await steps.whilePending(interpreter.stop({ drainMs: DRAIN_MS }), () => steps.take());
    return { durationMs: steps.atMs, recorder, chronicle, cost: interpreter.status().cost };
  } catch (error) {
    recorder.close();
    throw error;
  } finally {
    unwatch(); // in real time, sound goes on
    givenUp.abort(); // of a run that failed, the interpreter leaves by itself
  }
}

/** Further voices of the interpreter. A language's voice that comes again is the same participant. */
function voicesIn(hall: FakeMeeting): OpenChannel {
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
  whilePending<T>(promise: Promise<T>, work: () => Promise<void>): Promise<T> {
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
