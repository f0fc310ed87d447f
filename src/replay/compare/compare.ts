/** One recorded meeting through several engines, side by side, and what that tells of them. */
import { basename, join, relative, sep } from 'node:path';
import { messageOf, ParleyError } from '../../errors.js';
import { glossaryOf } from '../../interpreter/instructions/glossary.js';
import { ownLanguageName } from '../../languages/languages.js';
import { clockText } from '../../duration-text.js';
import type { MeetingDocument } from '../meeting/document.js';
import { type MeetingReplay, type MeetingReplaySettings, replayMeeting } from '../meeting/replay-meeting.js';
import { settingsOf } from '../meeting/scenario-settings.js';
import type { LoadedScenario } from '../meeting/scenario-file.js';
import { checkOutputs, fileBase, makeFolder } from '../output/outputs.js';
import { replaceFile } from '../output/safe-file.js';
import { segmentsOf } from './alignment/segments.js';
import type { Contender } from './contenders.js';
import type { ComparedContender, CompareDocument } from './document.js';
import { figuresOf } from './measures/figures.js';
import { judge, type MustKeep } from './measures/results.js';
import type { References } from './references.js';
import { comparePage } from './report/page.js';

/** What a comparison is made of. */
type CompareOptions = {
  loaded: LoadedScenario;
  contenders: readonly Contender[];
  /** How a contender is run; its results go to a folder of its own in `outDir`. */
  settingsFor: (contender: Contender) => MeetingReplaySettings;
  references: References | undefined;
  outDir: string;
  /** Who interprets, for the page. */
  host: string;
  signal: AbortSignal;
  onProgress: (contender: Contender, atMs: number) => void;
  /** A contender came to no end; the others go on. */
  onFailure: (contender: Contender, error: ParleyError) => void;
};

/** A contender that was run. */
type Run = { contender: Contender; replay: MeetingReplay };

/**
 * Runs a meeting with each contender, writes one page and one document beside it, and returns the document. In real time
 * all run at the same time. Throws ParleyError where nothing can be compared: `usage` for places that cannot be written, and the
 * first failure where no contender came to its end.
 */
export async function compareMeeting(options: CompareOptions): Promise<CompareDocument> {
  const { loaded, outDir } = options;
  const base = fileBase(loaded.name);
  const page = join(outDir, `${base}.compare.html`);
  const json = join(outDir, `${base}.compare.json`);
  const inputs = [...loaded.files, ...(options.references === undefined ? [] : [options.references.path])];
  checkOutputs(inputs, [page, json]);
  makeFolder(outDir);
  const { runs, failures } = await runAll(options);
  const [first] = runs;
  if (first === undefined) throw failures[0]!.error;
  const document = documentOf(options, runs, page);
  document.failed = failures.map(({ contender: { key, label }, error }) => ({
    ...{ key, label, message: error.message },
  }));
  const href = (path: string): string => relative(outDir, path).split(sep).join('/');
  const peaks = new Map(runs.map(({ contender, replay }) => [contender.key, replay.peaks] as const));
  replaceFile(json, `${JSON.stringify(document, null, 2)}\n`);
  replaceFile(page, comparePage({ document, about: loaded.scenario.about, peaks, href }));
  return document;
}

type Failure = { contender: Contender; error: ParleyError };

async function runAll(options: CompareOptions): Promise<{ runs: Run[]; failures: Failure[] }> {
  const { contenders, settingsFor, signal } = options;
  const done: (Run | Failure)[] = [];
  const one = async (contender: Contender): Promise<void> => {
    try {
      const replay = await replayMeeting({
        loaded: options.loaded,
        settings: settingsFor(contender),
        host: options.host,
        signal,
        onProgress: (atMs) => {
          options.onProgress(contender, atMs);
        },
      });
      done.push({ contender, replay });
    } catch (error) {
      if (signal.aborted) throw error;
      const failed = asParleyError(error);
      done.push({ contender, error: failed });
      options.onFailure(contender, failed);
    }
  };
  const isPaced = contenders.some((contender) => settingsFor(contender).pace === 'realtime');
  if (isPaced) await Promise.all(contenders.map(one));
  else for (const contender of contenders) await one(contender);
  const order = ({ contender }: Run | Failure): number => contenders.indexOf(contender);
  done.sort((a, b) => order(a) - order(b));
  return {
    runs: done.filter((each) => 'replay' in each),
    failures: done.filter((each) => 'error' in each),
  };
}

function documentOf(
  { loaded, settingsFor, references }: CompareOptions,
  runs: readonly Run[],
  page: string,
): CompareDocument {
  const { replay, contender } = runs[0]!;
  const { segments, unheard } = segmentsOf(
    runs.map((run) => run.replay),
    references,
  );
  const { glossary } = settingsOf(loaded.scenario, settingsFor(contender).meeting);
  const { people } = loaded.scenario;
  const must: MustKeep = {
    glossary: glossary === undefined ? [] : glossaryOf(glossary),
    names: [
      ...people.flatMap(({ name, profile }) => [name, ...(profile?.terms ?? [])]),
      ...(references?.names ?? []),
    ],
  };
  return {
    meeting: {
      path: loaded.path,
      title: loaded.scenario.title,
      durationMs: Math.max(...runs.map((run) => run.replay.document.meeting.durationMs)),
    },
    host: replay.host,
    isStandIn: runs.some((run) => run.replay.isStandIn),
    people: replay.document.people.map(({ id, name }) => ({ id, name })),
    references: references?.path ?? null,
    segments: segments.map(({ speakerId, fromMs, toMs, language, text, references: texts }) => ({
      ...{ speakerId, fromMs, toMs, language, text, references: { ...texts } },
    })),
    unheard,
    contenders: runs.map((run) => contenderOf(run, judge(run.replay.document, segments, must))),
    failed: [],
    warnings: [...loaded.warnings],
    original: replay.originalPath,
    page,
  };
}

function contenderOf({ contender, replay }: Run, judgement: ReturnType<typeof judge>): ComparedContender {
  const { key, label, engine, model } = contender;
  const { document, files } = replay;
  return {
    ...{ key, label, engine, model: model ?? null },
    replaced: replacedIn(document, engine),
    durationMs: document.meeting.durationMs,
    report: files.find((path) => basename(path).endsWith('.report.html'))!,
    voices: document.voices.map((voice) => ({ ...voice })),
    results: judgement.judged.map(({ result }) => result),
    added: judgement.added,
    ...figuresOf(judgement, replay),
    notices: document.notices.map(({ atMs, message }) => `${clockText(atMs)} ${message}`),
  };
}

/** Routes that another engine interpreted than the one that is compared. */
function replacedIn({ engines, people }: MeetingDocument, asked: Contender['engine']): string[] {
  const nameOf = (id: string): string => people.find((person) => person.id === id)?.name ?? id;
  const lines = engines
    .filter(({ engine, to }) => to !== '' && engine !== asked)
    .map(
      ({ speakerId, to, engine, reason }) =>
        `${nameOf(speakerId)} into ${ownLanguageName(to)} was interpreted by the ${engine} engine: ${reason}`,
    );
  return [...new Set(lines)];
}

function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  return new ParleyError('internal', `this is a bug of Parley: ${messageOf(error)}`, { cause: error });
}
