/** A meeting on disk: `meeting.json` and the recordings that it names. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ParleyError } from '../../errors.js';
import { readRoomSound, type RoomSound } from './room-sound.js';
import { SoundStore } from './sound-store.js';
import {
  keyOfRecording,
  parseScenario,
  recordingsSaid,
  type SaidRecording,
  type Scenario,
  type ScenarioStep,
  wrong,
} from './scenario.js';

/** The file that describes a meeting. */
const SCENARIO_FILE = 'meeting.json';
const MAX_SCENARIO_BYTES = 4 * 1024 * 1024;
/** Of all recordings together, each counted once: 8.3 GB on disk. */
const MAX_RECORDED_MS = 24 * 3_600_000;

/** A meeting that was read. */
export type LoadedScenario = {
  /** What it is called: the name of its folder. */
  name: string;
  /** The path of its `meeting.json`. */
  path: string;
  scenario: Scenario;
  /** Paths of all files it is made of. */
  files: readonly string[];
  /** Every recording by its {@link keyOfRecording}. */
  recordings: ReadonlyMap<string, RoomSound>;
  warnings: readonly string[];
  /** Forgets the recordings. Safe to call twice. */
  close(): void;
};

/** Whether this path is a meeting rather than a recording: a folder, or a file called `meeting.json`. */
export function isScenarioPath(path: string): boolean {
  if (basename(path) === SCENARIO_FILE) return true;
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Reads a meeting's folder, or its `meeting.json`. Close it in every case.
 * @throws ParleyError `input_missing` or `input_unusable`: one line with the file, the place in it and what to do.
 */
export async function loadScenario(path: string): Promise<LoadedScenario> {
  const file = basename(path) === SCENARIO_FILE ? path : join(path, SCENARIO_FILE);
  const scenario = parseScenario(readText(file), file);
  const folder = dirname(file);
  const store = new SoundStore();
  try {
    const recordings = await readRecordings({ scenario, file, folder }, store);
    checkSpeech(scenario, recordings.sounds, file);
    const { sounds, paths, warnings } = recordings;
    const name = basename(resolve(folder));
    const files = [file, ...paths];
    return { name, path: file, scenario, files, recordings: sounds, warnings, close: () => store.close() };
  } catch (error) {
    store.close();
    throw error;
  }
}

type Recordings = { sounds: Map<string, RoomSound>; paths: Set<string>; warnings: string[] };

async function readRecordings(
  { scenario, file, folder }: { scenario: Scenario; file: string; folder: string },
  store: SoundStore,
): Promise<Recordings> {
  const sounds = new Map<string, RoomSound>();
  const byFile = new Map<string, RoomSound>();
  const paths = new Set<string>();
  const warnings: string[] = [];
  let recordedMs = 0;
  for (const said of recordingsOf(scenario)) {
    const { path: recording, channel } = said;
    const path = resolve(folder, recording);
    const key = keyOfRecording({ path, channel });
    let sound = byFile.get(key);
    if (sound === undefined) {
      const read = await readRoomSound(
        join(folder, recording),
        channel ?? 'mix',
        MAX_RECORDED_MS - recordedMs,
        store,
      );
      if (read === undefined)
        throw new ParleyError(
          'input_unusable',
          `${file}: its recordings last more than 24 hours together: make it shorter`,
        );
      sound = read;
      warnings.push(...sound.warnings.map((warning) => `${recording}: ${warning}`));
      recordedMs += sound.durationMs;
      byFile.set(key, sound);
      paths.add(path);
    }
    sounds.set(keyOfRecording(said), sound);
  }
  return { sounds, paths, warnings };
}

function readText(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new ParleyError('input_missing', `there is no ${file}: give the folder of a meeting`);
  if (!stats.isFile() || stats.size > MAX_SCENARIO_BYTES)
    throw new ParleyError('input_unusable', `${file} is not a file of at most 4 MiB`);
  return readFileSync(file, 'utf8');
}

function recordingsOf({ people }: Scenario): SaidRecording[] {
  return people.flatMap(({ script }) =>
    script.flatMap((step) => {
      if (step.do === 'say') return recordingsSaid(step);
      return step.do === 'share' ? [{ path: step.recording, channel: undefined }] : [];
    }),
  );
}

/** Nobody says two things at a time. */
function checkSpeech({ people }: Scenario, recordings: ReadonlyMap<string, RoomSound>, file: string): void {
  people.forEach(({ script }, person) => {
    let untilMs = 0;
    script.forEach((step, index) => {
      if (step.do === 'join') untilMs = step.atMs;
      if (step.do !== 'say') return;
      const place = `people[${person}].script[${index}].atMs`;
      if (step.atMs < untilMs)
        throw wrong(file, place, `they are still speaking then: begin at ${Math.ceil(untilMs)} or later`);
      untilMs = step.atMs + sayingMs(step, recordings);
    });
  });
}

function sayingMs(
  step: Extract<ScenarioStep, { do: 'say' }>,
  recordings: ReadonlyMap<string, RoomSound>,
): number {
  const { channel } = step;
  return [step.recording]
    .flat()
    .reduce<number>(
      (sum, part) =>
        sum +
        (typeof part === 'number'
          ? part
          : recordings.get(keyOfRecording({ path: part, channel }))!.durationMs),
      0,
    );
}
