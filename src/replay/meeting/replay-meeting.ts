/** A whole meeting through everything a live one uses, and its results on disk. */
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import { messageOf, ParleyError } from '../../errors.js';
import { systemClock, VirtualClock } from '../../clock.js';
import { writeSrt } from '../../captions/srt.js';
import { writeVtt } from '../../captions/vtt.js';
import { tapTransport } from '../../realtime/transport.js';
import { createResponder } from '../../embedded/responder.js';
import { EventLog } from '../output/event-log.js';
import {
  embeddedBackend,
  memoryBackend,
  serverBackend,
  type ReplayBackend,
} from '../backend/replay-backend.js';
import { replaceFile } from '../output/safe-file.js';
import { checkOutputs, makeFolder } from '../output/outputs.js';
import { RealtimePace, VirtualPace, type Pace } from '../pace.js';
import type { ReplaySettings } from '../settings.js';
import type { MeetingDocument } from './document.js';
import { runMeeting, type MeetingRunResult } from './meeting-run.js';
import { MeetingOutputs } from './outputs.js';
import { meetingPage } from './report/page.js';
import { cuesOf, documentOf } from './results.js';
import { settingsOf } from './scenario-settings.js';
import { withoutInstructions } from './without-instructions.js';
import type { LoadedScenario } from './scenario-file.js';

/** How a meeting is replayed. */
export type MeetingReplaySettings = Pick<ReplaySettings, 'backend' | 'pace' | 'outDir' | 'log'> & {
  /** How it is interpreted, beside what its scenario says. */
  meeting: MeetingSettings;
};

/** What a run needs beside its settings. */
type MeetingReplayOptions = {
  loaded: LoadedScenario;
  settings: MeetingReplaySettings;
  /** Name of the far end, for the report. */
  host: string;
  signal: AbortSignal;
  onProgress: (atMs: number) => void;
};

/** What came of a run, and the files that hold it. */
type MeetingReplay = { document: MeetingDocument; files: readonly string[] };

/** Runs and writes one meeting. Throws ParleyError. */
export async function replayMeeting(options: MeetingReplayOptions): Promise<MeetingReplay> {
  const { loaded, settings } = options;
  const outputs = new MeetingOutputs(settings.outDir, loaded.name);
  const { report, events, original } = outputs;
  checkOutputs(loaded.files, [report, events, original]);
  makeFolder(settings.outDir);
  const result = await run(options, events);
  try {
    return written(options, result, outputs);
  } finally {
    result.recorder.close();
  }
}

function written(
  { loaded, host }: MeetingReplayOptions,
  result: MeetingRunResult,
  outputs: MeetingOutputs,
): MeetingReplay {
  const { report, original } = outputs;
  const document = documentOf(loaded, result, outputs);
  checkOutputs(loaded.files, outputs.all);
  writeSound(result, document, original);
  for (const { language, vtt, srt } of document.captions) {
    const cues = cuesOf(result.recorder, language);
    replaceFile(vtt, writeVtt(cues));
    replaceFile(srt, writeSrt(cues));
  }
  replaceFile(
    report,
    meetingPage({
      document,
      recorder: result.recorder,
      about: loaded.scenario.about,
      host,
      originalPath: original,
    }),
  );
  return { document, files: outputs.all };
}

async function run(options: MeetingReplayOptions, eventsPath: string): Promise<MeetingRunResult> {
  const { loaded, settings, signal } = options;
  const { backend, pace } = await openFarEnd(settings);
  const log = new EventLog(eventsPath, () => pace.nowMs());
  const { scenario, name } = loaded;
  const isPrivate = scenario.people.some(({ profile }) => profile !== undefined);
  const loggable = isPrivate ? withoutInstructions : (text: string) => text;
  try {
    return await runMeeting({
      ...{ name, scenario, pace, signal },
      sounds: new Map([...loaded.recordings].map(([key, { sound }]) => [key, sound])),
      backend: backend.speech((open, { name: session }) =>
        tapTransport(open, (direction, text) => log.record(direction, loggable(text), session)),
      ),
      settings: settingsOf(scenario, settings.meeting),
      log: settings.log,
      failure: () => backend.failure(),
      onStep: (atMs) => {
        if (atMs % 1000 === 0) options.onProgress(atMs);
      },
    });
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error });
  } finally {
    log.close();
    await backend.close();
  }
}

/** At `max` pace the embedded server shares the meeting's clock, and its connections are in memory, so that runs are identical. */
async function openFarEnd(settings: MeetingReplaySettings): Promise<{ backend: ReplayBackend; pace: Pace }> {
  const { backend: wanted, log } = settings;
  const settle = async (): Promise<void> => {
    await backend.settle();
  };
  const pace =
    settings.pace === 'max'
      ? new VirtualPace(new VirtualClock(), settle)
      : new RealtimePace(systemClock, settle);
  let backend: ReplayBackend;
  if (wanted.kind === 'server') {
    backend = serverBackend(wanted);
  } else if (wanted.kind === 'embedded') {
    const responder = await createResponder(wanted.responder);
    const embedded = { clock: pace.clock, responder, log, prices: wanted.prices };
    backend = settings.pace === 'max' ? memoryBackend(embedded) : await embeddedBackend(embedded);
  } else {
    throw new ParleyError('usage', 'a cassette holds one session: a meeting has several');
  }
  return { backend, pace };
}

function writeSound(result: MeetingRunResult, { voices }: MeetingDocument, originalPath: string): void {
  const { recorder, durationMs } = result;
  recorder.original.writeWav(originalPath, durationMs);
  for (const { id, path } of voices) recorder.participants.get(id)?.sound?.writeWav(path, durationMs);
}
