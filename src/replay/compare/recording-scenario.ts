/** A recording as a meeting of two: one who speaks, and one who follows it in another language. */
import { basename, extname } from 'node:path';
import { ParleyError } from '../../errors.js';
import type { LanguageTag } from '../../languages/languages.js';
import { readRoomSound } from '../meeting/room-sound.js';
import { keyOfRecording, type Scenario } from '../meeting/scenario.js';
import type { LoadedScenario } from '../meeting/scenario-file.js';
import { SoundStore } from '../meeting/sound-store.js';

const MAX_RECORDED_MS = 2 * 3_600_000;
/** The recording begins when both are there and heard. */
const BEGINS_MS = 500;

/**
 * Reads a recording; close it in every case. The speaker's id is `speaker`, that of the listener `listener`. Throws what opening a
 * recording does, and ParleyError `input_unusable` for one of more than two hours.
 */
export async function loadRecordingScenario(
  path: string,
  { from, to, speaker }: { from: LanguageTag | undefined; to: LanguageTag; speaker: string },
): Promise<LoadedScenario> {
  const store = new SoundStore();
  let sound;
  try {
    sound = await readRoomSound(path, 'mix', MAX_RECORDED_MS, store);
    if (sound === undefined)
      throw new ParleyError('input_unusable', `${path} lasts more than two hours: compare a part of it`);
  } catch (error) {
    store.close();
    throw error;
  }
  const name = basename(path, extname(path));
  const scenario: Scenario = {
    title: basename(path),
    about: '',
    languages: [],
    settings: {},
    people: [
      {
        id: 'speaker',
        name: speaker,
        ...(from === undefined ? {} : { preferredLanguage: from, spokenLanguages: [from] }),
        script: [
          { atMs: 0, do: 'join', microphone: 'on' },
          { atMs: BEGINS_MS, do: 'say', recording: path },
        ],
      },
      {
        id: 'listener',
        name: 'Listener',
        preferredLanguage: to,
        script: [{ atMs: 0, do: 'join', microphone: 'off' }],
      },
    ],
  };
  return {
    name,
    path,
    scenario,
    files: [path],
    recordings: new Map([[keyOfRecording({ path, channel: undefined }), sound]]),
    warnings: sound.warnings,
    close: () => {
      store.close();
    },
  };
}
