/** One recording file through everything a live meeting uses, and the results of it on disk. */
import { rmSync } from 'node:fs';
import { basename, relative, sep } from 'node:path';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { cuesOfTurns } from '../../captions/cue.js';
import { writeSrt } from '../../captions/srt.js';
import { writeVtt } from '../../captions/vtt.js';
import { systemClock, VirtualClock } from '../../clock.js';
import { ParleyError } from '../../errors.js';
import { CHUNK_MS } from '../../realtime/uplink/audio-chunk.js';
import { buildInstructions } from '../../interpreter/instructions/instructions.js';
import { ownLanguageName } from '../../languages/languages.js';
import type { Responder } from '../../embedded/realtime-server/responses/responder.js';
import { openRecording, type Recording } from '../../media/recording.js';
import { backendSessions, type SessionRequest } from '../../meeting/open-session.js';
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
import { RecordedFrames } from './recorded-frames.js';
import { replaceFile } from '../output/safe-file.js';
import { WavFile } from '../output/wav-file.js';
import { makeFolder, type OutputPaths } from '../output/outputs.js';
import { RealtimePace, VirtualPace, type Pace } from '../pace.js';
import { recordingEngine } from './recording-engine.js';
import {
  runRecording,
  type RecordedSpeaker,
  type RecordingRunResult,
  type SpokenTurn,
} from './recording-run.js';
import { reportPage } from '../report/page.js';
import type { ReplaySettings } from '../settings.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';

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

/** Reads, runs and writes one file, all at the same time: it is never held as a whole. Throws ParleyError. */
export async function replayFile(options: ReplayFileOptions): Promise<ReplayedFile> {
  const { path, outputs, settings } = options;
  const { channels, audioTrack } = settings;
  const recording = await openRecording(path, {
    ...(channels === undefined ? {} : { channels }),
    audioTrack,
  });
  try {
    makeFolder(settings.outDir);
    const result = await interpret(recording, options);
    const peakDbfs = 20 * Math.log10(result.inputPeak / 32_768);
    const file: ReplayedFile = {
      input: {
        path,
        sampleRateHz: recording.sampleRateHz,
        channels: recording.channelCount,
        durationMs: tidyMs(recording.durationMs),
        peakDbfs: Number.isFinite(peakDbfs) ? Math.round(peakDbfs * 100) / 100 : null,
      },
      engine: recordingEngine(settings).engine,
      turns: result.turns.map(turnOf),
      output: { path: outputs.wav, durationMs: tidyMs(result.durationMs) },
      warnings: [...recording.warnings(), ...result.warnings],
    };
    writeTexts(file, result, options);
    return file;
  } catch (error) {
    // What turns out to be no recording leaves nothing behind; what a session failed in keeps its events.
    const isUnusable = error instanceof ParleyError && error.code === 'input_unusable';
    if (isUnusable) for (const written of [outputs.wav, outputs.events]) rmSync(written, { force: true });
    throw error;
  } finally {
    await recording.close();
  }
}

/** What each channel's speaker is called; a single one has the name as it was given. */
function speakersOf({ voiceCount }: Recording, name: string): string[] {
  if (voiceCount === 1) return [name];
  return Array.from({ length: voiceCount }, (_, index) => `${name} ${index + 1}`);
}

async function interpret(recording: Recording, options: ReplayFileOptions): Promise<RecordingRunResult> {
  const { settings, signal, host, path, outputs } = options;
  const [frames] = await Promise.all([RecordedFrames.of(recording), loadResampler(), loadSpeechDetector()]);
  const { backend, pace } = await openFarEnd(options);
  const log = new EventLog(outputs.events, () => pace.nowMs());
  let wav: WavFile | undefined;
  let recorder: CassetteRecorder | undefined;
  let speakers: RecordedSpeaker[] = [];
  try {
    wav = new WavFile(outputs.wav, ROOM_RATE_HZ);
    if (settings.saveCassette !== undefined) {
      recorder = new CassetteRecorder(
        settings.saveCassette,
        { recordedFrom: host, input: basename(path), options: recordedOptions(settings) },
        { atMs: () => pace.nowMs(), secrets: settings.secrets },
      );
    }
    const names = speakersOf(recording, settings.speaker);
    const { conversation } = settings;
    const openSession = backendSessions({
      backend: backend.speech((open, { name }) =>
        tapTransport(recorder?.record(open) ?? open, (direction, text) =>
          log.record(direction, text, names.length > 1 ? name : undefined),
        ),
      ),
      meetingId: 'replay',
      model: 'replay',
      clock: pace.clock,
      // Where longer messages end depends on when silence is fed, so on the pace; a cassette is the same at every pace.
      conversation: { ...conversation, uplinkChunkMs: Math.min(conversation.uplinkChunkMs, CHUNK_MS) },
      translate: settings.translate ?? DEFAULT_TRANSLATE_SETTINGS,
      live: settings.live,
      log: settings.log,
      onListenerError: (error, eventName) => {
        settings.log?.error({ err: error, eventName }, 'a listener failed; the session goes on');
      },
    });
    speakers = names.map((speakerId, index) => {
      const name = names.length === 1 ? 'replay' : `replay-${index + 1}`;
      return { speakerId, session: openSession(sessionOf(name, speakerId, settings)) };
    });
    const translated = wav;
    const result = await runRecording({
      frames,
      pace,
      speakers,
      bargeIn: settings.bargeIn,
      output: (frame) => {
        translated.write(frame);
      },
      signal,
      failure: () => backend.failure() ?? recorder?.refusal,
      onStep: (atMs) => {
        if (atMs % 1000 === 0) options.onProgress(atMs, recording.declaredMs ?? recording.durationMs);
      },
    });
    backend.finish();
    return result;
  } finally {
    frames.close();
    for (const { session } of speakers) await session.close(0);
    log.close();
    wav?.close();
    recorder?.close();
    await backend.close();
  }
}

/** What a speaker's session is opened with. */
function sessionOf(name: string, speaker: string, settings: ReplaySettings): SessionRequest {
  const { to } = settings;
  const from = settings.from === undefined ? [] : [settings.from];
  return {
    name,
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
  };
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
  const named = { speaker, to, bargeIn, engine, ...(engine === 'conversation' ? { responses, voice } : {}) };
  return from === undefined ? named : { ...named, from };
}

/** Captions and the report; the sound is written while it comes. */
function writeTexts(file: ReplayedFile, result: RecordingRunResult, options: ReplayFileOptions): void {
  const { path, outputs, settings, host } = options;
  const { from, to } = settings;
  const languages = from === undefined ? { to } : { from, to };
  const said = cuesOfTurns(file.turns, 'said', languages);
  const translated = cuesOfTurns(file.turns, 'translated', languages);
  replaceFile(outputs.saidVtt, writeVtt(said));
  replaceFile(outputs.saidSrt, writeSrt(said));
  replaceFile(outputs.translatedVtt, writeVtt(translated));
  replaceFile(outputs.translatedSrt, writeSrt(translated));
  const page = reportPage({
    file,
    title: basename(path),
    host,
    from: from === undefined ? undefined : { name: ownLanguageName(from), tag: from },
    to: { name: ownLanguageName(to), tag: to },
    inputHref: relative(settings.outDir, path).split(sep).join('/'),
    outputHref: basename(outputs.wav),
    inputPeaks: result.inputPeaks,
    outputPeaks: result.outputPeaks,
  });
  replaceFile(outputs.report, page);
}

function turnOf({ speakerId, turn }: SpokenTurn): ReplayTurn {
  const orNull = (value: number | undefined): number | null => (value === undefined ? null : tidyMs(value));
  return {
    speaker: speakerId,
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
