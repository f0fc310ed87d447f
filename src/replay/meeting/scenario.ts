/**
 * `meeting.json`: who is in a meeting and what each of them does when. Everyone has a script of steps in the order of
 * time, the first of which is joining. Times are milliseconds since the interpreter joined.
 */
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { checkMeetingSettings, LIVE_ONLY, meetingSettings } from '../../bot/meeting-settings.js';
import { problemsText } from '../../bot/settings/problems.js';
import { languageSchema } from '../../languages/language-schema.js';
import { printable } from '../../media/printable.js';
import { isBotId } from '../../room/room.js';

/** Longest meeting that is replayed: its voices are held in memory, 6 MB a minute each. */
const MAX_MEETING_MS = 6 * 3_600_000;
const MAX_PEOPLE = 50;
const MAX_STEPS = 5_000;
const MAX_RECORDINGS_PER_STEP = 200;
const MAX_PAUSE_MS = 60_000;
const MAX_REPEATS = 10_000;

const atMs = z.number().min(0).max(MAX_MEETING_MS);
/** A file relative to the meeting's folder. */
const recording = z
  .string()
  .min(1)
  .refine(
    (path) => !/^([/\\]|[a-z][a-z\d+.-]*:)/i.test(path),
    'give a path relative to the folder of the meeting',
  );
/** The one channel of a recording that is theirs, such as one side of a call; absent: all of it. */
const channel = z.union([z.enum(['left', 'right']), z.int().min(1).max(8)], {
  error: 'use left, right or the number of a channel, 1 to 8',
});
const languages = {
  preferredLanguage: languageSchema.optional(),
  spokenLanguages: z.array(languageSchema).min(1).optional(),
};
/** Whatever else somebody says of themselves, as it is in VideoSDK's `metaData`. */
const metadata = z.record(z.string(), z.json());

/** One thing that somebody does. */
const stepSchema = z.discriminatedUnion('do', [
  /** Comes in, or comes in again: what is given here replaces what was said before. */
  z.strictObject({
    atMs,
    do: z.literal('join'),
    ...languages,
    metadata: metadata.optional(),
    microphone: z.enum(['on', 'off']).default('on'),
  }),
  z.strictObject({ atMs, do: z.literal('leave') }),
  z.strictObject({ atMs, do: z.literal('mute') }),
  z.strictObject({ atMs, do: z.literal('unmute') }),
  /** Says one recording, or several one after the other; numbers are milliseconds of silence between them. */
  z.strictObject({
    atMs,
    do: z.literal('say'),
    recording: z.union(
      [
        recording,
        z
          .array(z.union([recording, z.number().min(0).max(MAX_PAUSE_MS)]))
          .min(1)
          .max(MAX_RECORDINGS_PER_STEP),
      ],
      {
        error: `give a path relative to the folder of the meeting, or 1 to ${MAX_RECORDINGS_PER_STEP} of them and of pauses (0 to ${MAX_PAUSE_MS} ms)`,
      },
    ),
    channel: channel.optional(),
  }),
  /** Shares a screen that plays this recording. */
  z.strictObject({ atMs, do: z.literal('share'), recording }),
  /** Asks for another language, as the meeting page does. */
  z.strictObject({ atMs, do: z.literal('language'), ...languages }),
  /** Sends any message, so often. */
  z.strictObject({
    atMs,
    do: z.literal('send'),
    topic: z.string().min(1).max(200),
    text: z.string().max(20_000).default(''),
    payload: metadata.optional(),
    sendOnly: z.array(z.string()).optional(),
    times: z.int().min(1).max(MAX_REPEATS).default(1),
  }),
]);

const personSchema = z.strictObject({
  /** As in VideoSDK; those of interpreters begin with `parley-`. */
  id: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'use up to 64 letters, digits, dots, dashes or underscores')
    .refine((id) => !isBotId(id), 'ids that begin with parley- are interpreters'),
  /** Untrusted text, as in a real meeting. */
  name: z.string().max(20_000),
  ...languages,
  metadata: metadata.optional(),
  /** What is known of them, as a source of profiles would tell it. */
  profile: z
    .strictObject({
      summary: z.string().max(4_000).default(''),
      terms: z.array(z.string().max(200)).max(200).default([]),
    })
    .optional(),
  /**
   * They listen by loudspeaker: what they hear of the interpreter is in their microphone again, so much later (network, air)
   * and so much quieter.
   */
  loudspeaker: z
    .strictObject({ delayMs: z.number().min(1).max(1_000), levelDb: z.number().min(-90).max(0) })
    .optional(),
  script: z.array(stepSchema).min(1).max(MAX_STEPS),
});

const settingsSchema = z.record(z.string(), z.json()).superRefine((settings, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  for (const name of Object.keys(settings).filter((each) => LIVE_ONLY.has(each)))
    refuse(`${name} is no setting of a meeting that is replayed`);
  const { problems = [] } = checkMeetingSettings(settings);
  if (problems.length > 0) refuse(problemsText(problems));
});

const scenarioSchema = z.strictObject({
  title: z.string().min(1).max(200),
  /** What the meeting shows, for whoever reads the report. */
  about: z.string().max(2_000).default(''),
  /** Languages of the meeting; without them, whatever people prefer. */
  languages: meetingSettings.shape.languages,
  /** Terms and how they are translated, as in a file for `--glossary`. */
  glossary: meetingSettings.shape.glossary,
  /** Further settings of the meeting, which win over the environment and the configuration file. */
  settings: settingsSchema.default({}),
  people: z.array(personSchema).min(1).max(MAX_PEOPLE),
});

/** One thing that somebody does. */
export type ScenarioStep = z.infer<typeof stepSchema>;
/** Somebody in the meeting and their script. */
export type ScenarioPerson = z.infer<typeof personSchema>;
/** What of a recording somebody says. */
export type SaidRecording = { path: string; channel: z.infer<typeof channel> | undefined };

/** The recordings of a step, without its pauses. */
export function recordingsSaid(step: Extract<ScenarioStep, { do: 'say' }>): SaidRecording[] {
  return [step.recording]
    .flat()
    .filter((part) => typeof part === 'string')
    .map((path) => ({ path, channel: step.channel }));
}

/** Tells what is said apart from other channels of the same recording. */
export function keyOfRecording({ path, channel: which }: SaidRecording): string {
  return which === undefined ? path : `${path}\0${which}`;
}

/** A whole meeting. */
export type Scenario = z.infer<typeof scenarioSchema>;

/**
 * Reads a scenario from the text of a file. `name` says in errors which file it is.
 * @throws ParleyError `input_unusable`: one line with the place, what is wrong there and what to do.
 */
export function parseScenario(text: string, name: string): Scenario {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ParleyError('input_unusable', `${name} is not JSON: check it with an editor`, { cause });
  }
  const parsed = scenarioSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(name, pathText(issue?.path ?? []), issue === undefined ? 'is wrong' : problemOf(issue));
  }
  parsed.data.people.forEach((person, index) => {
    checkPerson(person, `people[${index}]`, name);
    if (parsed.data.people.findIndex(({ id }) => id === person.id) < index)
      throw wrong(
        name,
        `people[${index}].id`,
        `"${person.id}" is somebody else: give everyone an id of their own`,
      );
  });
  return parsed.data;
}

/** The script must make sense: in the order of time, joining first, and nothing done by who is not there. */
function checkPerson({ script }: ScenarioPerson, path: string, name: string): void {
  let present = false;
  let beforeMs = 0;
  script.forEach((step, index) => {
    const at = `${path}.script[${index}]`;
    if (step.atMs < beforeMs)
      throw wrong(
        name,
        `${at}.atMs`,
        `${step.atMs} is before ${beforeMs} of the step above: put steps in the order of time`,
      );
    beforeMs = step.atMs;
    if (step.do === 'join') {
      if (present) throw wrong(name, at, 'they are in the meeting already: let them leave first');
      present = true;
    } else if (!present) {
      throw wrong(name, at, `nobody can ${step.do} before joining: begin with {"atMs": 0, "do": "join"}`);
    } else if (step.do === 'leave') {
      present = false;
    } else if (
      step.do === 'language' &&
      step.preferredLanguage === undefined &&
      step.spokenLanguages === undefined
    ) {
      throw wrong(name, at, 'say which: preferredLanguage, spokenLanguages or both');
    }
  });
}

/** An error about one place of a scenario. */
export function wrong(name: string, place: string, problem: string): ParleyError {
  return new ParleyError(
    'input_unusable',
    `${name}: ${printable(place === '' ? problem : `${place}: ${problem}`)}`,
  );
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.path.at(-1) === 'do')
    return `use one of ${stepSchema.options.map(({ shape }) => shape.do.value).join(', ')}`;
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => `"${key.slice(0, 40)}"`).join(', ')} is not known here`;
  return issue.message;
}

/** `people[0].script[2].atMs`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, 40)}`))
    .join('')
    .replace(/^\./, '');
}
