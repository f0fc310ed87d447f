/** Recordings, one after another, through the live path. */
import { messageOf, ParleyError } from '../errors.js';
import type { EngineDecision } from '../interpreter/plan/engine.js';
import { createResponder } from '../embedded/responder.js';
import { readCassette } from './cassette/cassette-file.js';
import { replayDocument, type ReplayDocument, type ReplayedFile } from './output/document.js';
import { EMBEDDED_DESCRIPTION } from '../embedded/backend.js';
import { checkOutputs, planOutputs, type OutputPaths } from './output/outputs.js';
import { recordingEngine } from './recording/recording-engine.js';
import { replayFile } from './recording/replay-file.js';
import type { ReplaySettings } from './settings.js';

/** What a run tells while it runs. */
export type ReplayListener = {
  /** Before anything is sent: who will hear the recordings, and which of their engines. */
  onHost(host: string, engine: EngineDecision): void;
  onProgress(path: string, atMs: number, durationMs: number): void;
  onFile(file: ReplayedFile, outputs: OutputPaths): void;
  /** This file failed; the next ones are still processed. */
  onFailure(path: string, error: ParleyError): void;
};

/** A run's document, and the first failure among its files. */
export type ReplayResult = { document: ReplayDocument; failure: ParleyError | undefined };

/**
 * Interprets every recording and writes its results to `settings.outDir`. Throws ParleyError when the run cannot begin;
 * after that each file fails for itself. An abort ends the run with the files that were done.
 */
export async function replay(
  paths: readonly string[],
  settings: ReplaySettings,
  listener: ReplayListener,
  signal: AbortSignal = new AbortController().signal,
): Promise<ReplayResult> {
  checkSettings(paths, settings);
  const engine = recordingEngine(settings);
  const plan = planOutputs(paths, settings.outDir, settings);
  const { backend, saveCassette } = settings;
  const inputs = backend.kind === 'cassette' ? [...paths, backend.path] : paths;
  const results = plan.flatMap((outputs) => Object.values(outputs));
  checkOutputs(inputs, saveCassette === undefined ? results : [...results, saveCassette]);

  const cassette = backend.kind === 'cassette' ? readCassette(backend.path) : undefined;
  const responder = backend.kind === 'embedded' ? await createResponder(backend.responder) : undefined;
  const host =
    backend.kind === 'server'
      ? backend.host
      : cassette === undefined
        ? EMBEDDED_DESCRIPTION
        : `a cassette recorded from ${cassette.header.recordedFrom}`;
  listener.onHost(backend.kind === 'server' ? backend.description : host, engine);

  const files: ReplayedFile[] = [];
  let failure: ParleyError | undefined;
  let failedFiles = 0;
  const aborted = (): boolean => signal.aborted;
  for (const [index, path] of paths.entries()) {
    if (aborted()) break;
    const outputs = plan[index]!;
    try {
      const file = await replayFile({
        path,
        outputs,
        settings,
        responder,
        cassette,
        host,
        signal,
        onProgress: (atMs, durationMs) => {
          listener.onProgress(path, atMs, durationMs);
        },
      });
      files.push(file);
      listener.onFile(file, outputs);
    } catch (error) {
      if (aborted()) break;
      const failed = asParleyError(error);
      failure ??= failed;
      failedFiles++;
      listener.onFailure(path, failed);
    }
  }
  return { document: replayDocument(files, failedFiles), failure };
}

function checkSettings(paths: readonly string[], settings: ReplaySettings): void {
  if (paths.length === 0) throw new ParleyError('usage', 'name at least one recording');
  if (settings.pace === 'max' && settings.backend.kind === 'server')
    throw new ParleyError(
      'usage',
      'a server keeps its own time: --pace max works on the embedded server and cassettes only',
    );
  const keepsSession = settings.saveCassette !== undefined || settings.backend.kind === 'cassette';
  if (settings.channels === 'split' && keepsSession)
    throw new ParleyError('usage', 'a cassette holds one session: --channels split needs one per channel');
  if (paths.length > 1 && settings.saveCassette !== undefined)
    throw new ParleyError('usage', 'a cassette holds one session: name one recording with --save-cassette');
  if (paths.length > 1 && settings.backend.kind === 'cassette')
    throw new ParleyError('usage', 'a cassette holds one session: name one recording with --cassette');
}

function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error });
}
