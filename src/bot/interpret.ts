import { type Clock, systemClock } from '../clock.js';
import { ParleyError } from '../errors.js';
import { createLogger, type Logger } from '../log.js';
import type { MeetingPart } from '../meeting/meeting-part.js';
import { channelMetadata, channelName, type OpenChannel } from '../meeting/speaking/channel-rooms.js';
import type { ProfileSource } from '../profiles/profile-source.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { MeetingPlatform, PlaceRequest } from '../room/meeting-platform.js';
import type { Room } from '../room/room.js';
import { type AgentParts, compose } from './compose.js';
import type { Interpreter } from './interpreter.js';
import type { MeetingRecord, StartRecord } from './meeting-record.js';
import { type MeetingSettings, type MeetingSettingsInput, parseMeetingSettings } from './meeting-settings.js';
import { RunningInterpreter } from './running-interpreter.js';

/** Joining again after an outage takes what opened the meeting again: it must outlast the meeting. */
const DEFAULT_STAY_MS = 6 * 3_600_000;
const STAY_MARGIN_MS = 300_000;

/** Where the meeting is: a room of one's own, or a meeting of a platform. */
export type MeetingPlace =
  | {
      /** Not joined yet. */
      room: Room;
      /** What the meeting is called in events and records; `room` by default. */
      meetingId?: string;
      /** For people: where the meeting is; `a room of this program` by default. */
      place?: string;
      /** Makes the room of a further voice, not joined yet; absent: there is one voice. */
      openVoice?: OpenChannel;
    }
  | {
      platform: MeetingPlatform;
      meetingId: string;
      /**
       * The id to join with, which begins with `parley-`; a new one by default. An interpreter that is there under the same id
       * has to leave. Further voices have ids that begin with it.
       */
      participantId?: string;
    };

/** What an interpreter is made of. */
export type InterpretOptions = MeetingPlace & {
  /** Who interprets: `openAi(…)`, `azureOpenAi(…)`, `realtimeServer(…)`, `embedded()`. It is released when the meeting is over. */
  backend: SpeechBackend;
  /** What is absent has its default. */
  settings?: MeetingSettingsInput;
  /** Who people are; by default the profiles in the settings. */
  profiles?: ProfileSource;
  /** Keeps what is said; everyone in the meeting is told so. */
  record?: StartRecord;
  /** What attaches to the meeting beside what it always has: see {@link MeetingPart}. */
  parts?: readonly MeetingPart[];
  /** What the meeting's agent can do beside what it always can: see docs/agent.md. */
  agent?: AgentParts;
  /**
   * Which stay of the same participant in this meeting this is, 1 by default: one that takes a meeting up again after a crash
   * has the next number, so that its captions replace none of those before.
   */
  incarnation?: number;
  /** Events tell which engine interprets each route and why, and what each session is told, profiles included. */
  explain?: boolean;
  clock?: Clock;
  /** By default warnings and errors go to stderr. */
  log?: Logger;
  /** Leaves at once. */
  signal?: AbortSignal;
  /** Called before the meeting is joined: listeners that are added here see every event. */
  beforeJoin?: (interpreter: Interpreter) => void;
};

/**
 * Joins a meeting and interprets it: everyone is heard on their own track, and spoken to in their own language. Resolves in
 * the meeting; the interpreter goes on until it is stopped, a limit of the settings is reached, or the meeting ends. Rejects
 * with a ParleyError that says what to do: `usage` or `config` for settings that do not fit, `key_refused` and
 * `service_unavailable` where the backend lets nobody in, which is asked first, or the meeting cannot be joined. Everything
 * is closed then.
 */
export async function interpret(options: InterpretOptions): Promise<Interpreter> {
  const { backend, record: startRecord } = options;
  let record: MeetingRecord | undefined;
  let interpreter: RunningInterpreter;
  try {
    const settings = parseMeetingSettings(options.settings ?? {});
    const clock = options.clock ?? systemClock;
    const log = options.log ?? createLogger({ level: 'warn' });
    const { meetingId, place, room, openChannel } = await placeOf(options, settings, { clock, log });
    const recorded = startRecord !== undefined;
    const common = { settings, meetingId, room, clock, log };
    const {
      options: meeting,
      meter,
      agent,
    } = compose({
      ...{ ...common, backend, openChannel, recorded },
      profiles: options.profiles,
      parts: options.parts ?? [],
      agent: options.agent,
      incarnation: options.incarnation ?? 1,
    });
    await checkBackend(backend, settings, { meetingId, signal: options.signal });
    record = await startRecord?.({
      meetingId,
      epochMs: clock.epochMs(),
      onProblem: (message) => {
        log.error(message);
      },
    });
    interpreter = new RunningInterpreter({
      ...{ ...common, backend, place, meeting, meter, agent, record },
      explain: options.explain ?? false,
      signal: options.signal,
    });
  } catch (error) {
    await record?.close();
    await backend.release?.();
    throw error;
  }
  options.beforeJoin?.(interpreter);
  await interpreter.start();
  return interpreter;
}

/** Nobody is told that a meeting is interpreted by a server that does not let us in. */
async function checkBackend(
  backend: SpeechBackend,
  settings: MeetingSettings,
  { meetingId, signal }: { meetingId: string; signal: AbortSignal | undefined },
): Promise<void> {
  if (backend.check === undefined || signal?.aborted === true) return;
  const stopped = new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  const engine = settings.engine === 'auto' ? 'conversation' : settings.engine;
  try {
    const { model, liveModel } = settings;
    const asked = { engine, model, meetingId, ...(engine === 'live' ? { liveModel } : {}) };
    await Promise.race([backend.check(asked), stopped]);
  } catch (cause) {
    if (!(cause instanceof ParleyError)) throw cause;
    throw new ParleyError(cause.code, `${cause.message}; the meeting was not joined`, { cause });
  }
}

type OpenPlace = { meetingId: string; place: string; room: Room; openChannel: OpenChannel | undefined };

async function placeOf(
  options: MeetingPlace,
  settings: MeetingSettings,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<OpenPlace> {
  const { name, maxDurationMin, voices } = settings;
  if ('room' in options) {
    const { room, openVoice: openChannel, meetingId = 'room', place = 'a room of this program' } = options;
    if (openChannel === undefined) checkOneVoice(voices, place);
    return { meetingId, place, room, openChannel };
  }
  const { platform, meetingId, participantId } = options;
  const stayMs = maxDurationMin === undefined ? DEFAULT_STAY_MS : maxDurationMin * 60_000 + STAY_MARGIN_MS;
  const ownId = participantId === undefined ? {} : { participantId };
  const request: PlaceRequest = { meetingId, name, ...ownId, stayMs, clock, log };
  const { furtherVoices } = platform.capabilities;
  if (!furtherVoices) checkOneVoice(voices, platform.description);
  const openChannel: OpenChannel = (language) =>
    platform.openVoice({
      ...request,
      name: channelName(name, language),
      ...(participantId === undefined ? {} : { participantId: `${participantId}-${language}` }),
      metadata: channelMetadata(language),
    });
  return {
    meetingId,
    place: platform.description,
    room: await platform.openRoom({ ...request, metadata: { parley: { languages: settings.languages } } }),
    openChannel: furtherVoices ? openChannel : undefined,
  };
}

function checkOneVoice(voices: MeetingSettings['voices'], place: string): void {
  if (voices !== 'per-language') return;
  throw new ParleyError(
    'key_refused',
    `voices is per-language, and only one participant of ours can join ${place}: a token may be for one only; give keys instead, or set voices to one`,
  );
}
