/** One recording file through everything a live meeting uses, and the results of it on disk. */
import { basename, relative, sep } from 'node:path';
import { loadResampler, loadSpeechDetector, measureLevel } from '../../../audio/index.js';
import { writeWav } from '../../../audio/wav.js';
import { cuesOfTurns } from '../../captions/cue.js';
import { writeSrt } from '../../captions/srt.js';
import { writeVtt } from '../../captions/vtt.js';
import { systemClock, VirtualClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { buildInstructions } from '../../interpreter/instructions/instructions.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { languageName } from '../../languages/languages.js';
import type { Responder } from '../../embedded/realtime-server/responses/responder.js';
import { readMedia, type Media } from '../../media/read-media.js';
import { backendSessions } from '../../meeting/open-session.js';
import type { InterpretingSession } from '../../realtime/session.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../realtime/translate/translate-config.js';
import { tapTransport } from '../../realtime/transport.js';
import { CassetteRecorder, type Cassette } from '../cassette/cassette-file.js';
import type { ReplayedFile, ReplayTurn } from '../output/document.js';
import { EventLog } from '../output/event-log.js';
import {
  cassetteBackend,
  embeddedBackend,
  memoryBackend,
  serverBackend,
  type ReplayBackend,
} from '../backend/replay-backend.js';
import { framesOf } from './file-frames.js';
import { replaceFile } from '../output/safe-file.js';
import { makeFolder, type OutputPaths } from '../output/outputs.js';
import { RealtimePace, VirtualPace, type Pace } from '../pace.js';
import { recordingEngine } from './recording-engine.js';
import { runRecording, type RecordingRunResult } from './recording-run.js';
import { reportPage } from '../report/page.js';
import type { ReplaySettings } from '../settings.js';

const OUTPUT_RATE_HZ = 48_000;

/** What one file needs beside the settings of the run. */
type ReplayFileOptions = {
  path: string;
  outputs: OutputPaths;
  settings: ReplaySettings;
  /** What the far end is made of, as far as `settings.farEnd` needs it. */
  responder: Responder | undefined;
  cassette: Cassette | undefined;
  /** Name of the far end, for the report and a cassette. */
  host: string;
  signal: AbortSignal;
  onProgress: (atMs: number, durationMs: number) => void;
};

/** Reads, runs and writes one file. Throws ParleyError. */
export async function replayFile(options: ReplayFileOptions): Promise<ReplayedFile> {
  const { path, outputs, settings } = options;
  const media = await readMedia(path);
  makeFolder(settings.outDir);
  const result = await interpret(media, options);
  const { sampleRateHz, channelCount, durationMs, samples } = media;
  const { peakDbfs } = measureLevel(samples);
  const file: ReplayedFile = {
    input: {
      path,
      sampleRateHz,
      channels: channelCount,
      durationMs: tidyMs(durationMs),
      peakDbfs: Number.isFinite(peakDbfs) ? Math.round(peakDbfs * 100) / 100 : null,
    },
    engine: recordingEngine(settings).engine,
    turns: result.turns.map(turnOf),
    output: { path: outputs.wav, durationMs: tidyMs((result.output.length * 1000) / OUTPUT_RATE_HZ) },
    warnings: [...media.warnings, ...result.warnings],
  };
  writeOutputs(file, result, options);
  return file;
}

async function interpret(media: Media, options: ReplayFileOptions): Promise<RecordingRunResult> {
  const { settings, signal, host, path } = options;
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  const { backend, pace } = await openFarEnd(options);
  const log = new EventLog(options.outputs.events, () => pace.nowMs());
  let recorder: CassetteRecorder | undefined;
  let session: InterpretingSession | undefined;
  try {
    if (settings.saveCassette !== undefined) {
      recorder = new CassetteRecorder(
        settings.saveCassette,
        { recordedFrom: host, input: basename(path), options: recordedOptions(settings) },
        { atMs: () => pace.nowMs(), secrets: settings.secrets },
      );
    }
    const { speaker, to, conversation, translate = DEFAULT_TRANSLATE_SETTINGS, bargeIn } = settings;
    const openSession = backendSessions({
      backend: backend.speech((open) =>
        tapTransport(recorder?.record(open) ?? open, (direction, text) => log.record(direction, text)),
      ),
      meetingId: 'replay',
      model: 'replay',
      clock: pace.clock,
      conversation,
      translate,
      log: settings.log,
      onListenerError: (error, eventName) => {
        settings.log?.error({ err: error, eventName }, 'a listener failed; the session goes on');
      },
    });
    const from = settings.from === undefined ? [] : [settings.from];
    session = openSession({
      name: 'replay',
      engine: recordingEngine(settings).engine,
      route: {
        key: speaker,
        speakerId: speaker,
        from,
        to,
        listenerIds: [],
        transcribes: true,
        transcriptionLanguage: settings.from,
      },
      instructions: buildInstructions({ speaker: { name: speaker }, from, to }),
    });
    const result = await runRecording({
      frames: await framesOf(media, { pad: true }),
      pace,
      session,
      speakerId: speaker,
      bargeIn,
      signal,
      failure: () => backend.failure() ?? recorder?.refusal,
      onStep: (atMs) => {
        if (atMs % 1000 === 0) options.onProgress(atMs, media.durationMs);
      },
    });
    backend.finish();
    return result;
  } finally {
    await session?.close(0);
    log.close();
    recorder?.close();
    await backend.close();
  }
}

async function openFarEnd(options: ReplayFileOptions): Promise<{ backend: ReplayBackend; pace: Pace }> {
  const { settings, responder, cassette } = options;
  const { log } = settings;
  const settle = async (): Promise<void> => {
    await backend.settle();
  };
  const pace =
    settings.pace === 'max'
      ? new VirtualPace(new VirtualClock(), settle)
      : new RealtimePace(systemClock, settle);
  let backend: ReplayBackend;
  const wanted = settings.backend;
  if (wanted.kind === 'server') backend = serverBackend(wanted);
  else if (cassette !== undefined) backend = cassetteBackend(cassette, () => pace.nowMs());
  else if (responder !== undefined) {
    const { clock } = pace;
    backend =
      settings.pace === 'max'
        ? memoryBackend({ clock, responder, log })
        : await embeddedBackend({ clock, responder, log });
  } else throw new ParleyError('internal', 'nothing is at the other end of the line');
  return { backend, pace };
}

/** The options that shape what the client sends, kept with a cassette for whoever reads it. */
function recordedOptions(settings: ReplaySettings): Record<string, string> {
  const { speaker, from, to, bargeIn, conversation } = settings;
  const { engine } = recordingEngine(settings);
  const { responses, voice } = conversation;
  const named = { speaker, to, bargeIn, engine, ...(engine === 'translate' ? {} : { responses, voice }) };
  return from === undefined ? named : { ...named, from };
}

function writeOutputs(file: ReplayedFile, result: RecordingRunResult, options: ReplayFileOptions): void {
  const { path, outputs, settings, host } = options;
  const { speaker, from, to } = settings;
  const samples = result.output;
  replaceFile(outputs.wav, writeWav({ sampleRateHz: OUTPUT_RATE_HZ, channelCount: 1, samples }));
  const cues = cuesOfTurns(result.turns, { speaker, to, ...(from === undefined ? {} : { from }) });
  replaceFile(outputs.vtt, writeVtt(cues));
  replaceFile(outputs.srt, writeSrt(cues));
  const page = reportPage({
    file,
    title: basename(path),
    host,
    from: from === undefined ? undefined : { name: languageName(from), tag: from },
    to: { name: languageName(to), tag: to },
    inputHref: relative(settings.outDir, path).split(sep).join('/'),
    outputHref: basename(outputs.wav),
    inputPeaks: result.inputPeaks,
    outputPeaks: result.outputPeaks,
  });
  replaceFile(outputs.report, page);
}

function turnOf(turn: TurnRecord): ReplayTurn {
  const orNull = (value: number | undefined): number | null => (value === undefined ? null : tidyMs(value));
  return {
    startMs: Math.max(0, tidyMs(turn.startMs)),
    endMs: Math.max(0, tidyMs(turn.endMs)),
    sourceText: turn.sourceText,
    translatedText: turn.translatedText,
    firstAudioDelayMs: orNull(turn.firstAudioDelayMs),
    playedFromMs: orNull(turn.playedFromMs),
    playedToMs: orNull(turn.playedToMs),
    interrupted: turn.interrupted,
  };
}

function tidyMs(value: number): number {
  return Math.round(value * 1000) / 1000;
}
