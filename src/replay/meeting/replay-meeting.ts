/** A whole meeting through everything a live one uses, and its results on disk. */
import type { AgentParts } from '../../bot/compose.js';
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import { messageOf, ParleyError } from '../../errors.js';
import { systemClock, VirtualClock } from '../../clock.js';
import { writeSrt } from '../../captions/srt.js';
import { writeVtt } from '../../captions/vtt.js';
import type { GuardFinding } from '../../interpreter/guard/guard.js';
import type { SpeechOffer } from '../../realtime/speech-backend.js';
import { CHUNK_MS } from '../../realtime/uplink/audio-chunk.js';
import { tapTransport } from '../../realtime/transport.js';
import { EMBEDDED_DESCRIPTION } from '../../embedded/backend.js';
import { createResponder } from '../../embedded/responder.js';
import { CassetteShelf, ShelfRecorder } from '../cassette/cassette-shelf.js';
import { EventLog } from '../output/event-log.js';
import {
  embeddedBackend,
  memoryBackend,
  serverBackend,
  shelfBackend,
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
  /** What the agent can do, where the settings have one. */
  agent?: AgentParts;
  /** Keeps every connection of its sessions, each as a cassette, in this folder. */
  saveCassettes?: { folder: string; secrets: readonly string[] };
};

/** What a run needs beside its settings. */
export type MeetingReplayOptions = {
  loaded: LoadedScenario;
  settings: MeetingReplaySettings;
  /** Name of the far end, for the report. */
  host: string;
  signal: AbortSignal;
  onProgress: (atMs: number) => void;
};

/** What came of a run, and the files that hold it. */
export type MeetingReplay = {
  document: MeetingDocument;
  files: readonly string[];
  /** Everyone's microphones together. */
  originalPath: string;
  /** How loud each participant was, by id: one peak per 10 ms, 0 to 255. */
  peaks: ReadonlyMap<string, Uint8Array>;
  /** What was said as a translation, and was none. */
  findings: readonly GuardFinding[];
  /** Who interpreted; `isStandIn`: the embedded server did, now or when its sessions were recorded. */
  host: string;
  isStandIn: boolean;
};

/** Who interprets, and at which pace. */
type FarEnd = { backend: ReplayBackend; pace: Pace; host: string; isStandIn: boolean };

/** Runs and writes one meeting. Throws ParleyError. */
export async function replayMeeting(options: MeetingReplayOptions): Promise<MeetingReplay> {
  const { loaded, settings } = options;
  const outputs = new MeetingOutputs(settings.outDir, loaded.name);
  const { report, events, original } = outputs;
  checkOutputs(loaded.files, [report, events, original]);
  makeFolder(settings.outDir);
  const farEnd = await openFarEnd(options);
  const result = await run(options, farEnd, events);
  try {
    return written(options, farEnd, result, outputs);
  } finally {
    result.recorder.close();
  }
}

function written(
  { loaded }: MeetingReplayOptions,
  { host, isStandIn }: FarEnd,
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
  const { durationMs, recorder, chronicle } = result;
  return {
    document,
    files: outputs.all,
    originalPath: original,
    peaks: new Map(
      [...recorder.participants.values()].map(({ id, loudness }) => [id, loudness.peaks(durationMs)]),
    ),
    findings: chronicle.findings,
    ...{ host, isStandIn },
  };
}

async function run(
  options: MeetingReplayOptions,
  { backend, pace, host: recordedFrom }: FarEnd,
  eventsPath: string,
): Promise<MeetingRunResult> {
  const { loaded, settings, signal } = options;
  const { scenario, name } = loaded;
  const log = new EventLog(eventsPath, () => pace.nowMs());
  const { saveCassettes, backend: wanted } = settings;
  const recorder =
    saveCassettes === undefined
      ? undefined
      : new ShelfRecorder(
          saveCassettes.folder,
          { recordedFrom, input: name, pace: settings.pace },
          { atMs: () => pace.nowMs(), secrets: saveCassettes.secrets },
        );
  // Where longer messages end depends on when silence is fed, so on the pace; a cassette is the same at every pace.
  const isSteady = recorder !== undefined || wanted.kind === 'cassette';
  const uplinkChunkMs = Math.min(settings.meeting.uplinkChunkMs, isSteady ? CHUNK_MS : Infinity);
  const meeting = { ...settings.meeting, uplinkChunkMs };
  const isPrivate = scenario.people.some(({ profile }) => profile !== undefined);
  const loggable = isPrivate ? withoutInstructions : (text: string) => text;
  try {
    const models = modelsOf(backend.speech().offer(meeting));
    const result = await runMeeting({
      ...{ name, scenario, pace, signal },
      sounds: new Map([...loaded.recordings].map(([key, { sound }]) => [key, sound])),
      backend: backend.speech((open, { name: session, engine }) =>
        tapTransport(
          recorder?.record(open, { session, engine }, models[engine] ?? {}) ?? open,
          (direction, text) => log.record(direction, loggable(text), session),
        ),
      ),
      settings: settingsOf(scenario, meeting),
      agent: settings.agent,
      log: settings.log,
      failure: () => backend.failure() ?? recorder?.refusal,
      onStep: (atMs) => {
        if (atMs % 1000 === 0) options.onProgress(atMs);
      },
    });
    backend.finish();
    return result;
  } catch (error) {
    if (error instanceof ParleyError) throw error;
    throw new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error });
  } finally {
    log.close();
    recorder?.close();
    await backend.close();
  }
}

/** At `max` pace the embedded server shares the meeting's clock, and its connections are in memory, so that runs are identical. */
async function openFarEnd({ settings, host }: MeetingReplayOptions): Promise<FarEnd> {
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
    const { path, prices } = wanted;
    const shelf = new CassetteShelf(path);
    const { recordedFrom } = shelf;
    const isStandIn = recordedFrom === EMBEDDED_DESCRIPTION;
    backend = shelfBackend(shelf, { nowMs: () => pace.nowMs(), prices: isStandIn ? undefined : prices });
    return { backend, pace, host: `cassettes recorded from ${recordedFrom}`, isStandIn };
  }
  return { backend, pace, host, isStandIn: wanted.kind === 'embedded' };
}

/** By engine, the models that interpret and transcribe, as they are kept with cassettes. */
function modelsOf({ engines, transcriptionModel }: SpeechOffer): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(engines).map(([engine, offer]) => [
      engine,
      {
        ...(offer.kind === 'available' ? { model: offer.model } : {}),
        ...(transcriptionModel === undefined ? {} : { transcriptionModel }),
      },
    ]),
  );
}

function writeSound(result: MeetingRunResult, { voices }: MeetingDocument, originalPath: string): void {
  const { recorder, durationMs } = result;
  recorder.original.writeWav(originalPath, durationMs);
  for (const { id, path } of voices) recorder.participants.get(id)?.sound?.writeWav(path, durationMs);
}
