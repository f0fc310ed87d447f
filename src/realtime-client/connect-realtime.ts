import { type Clock, systemClock } from '../clock.js';
import { ParleyError } from '../errors.js';
import { createLogger, type Logger } from '../log.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { MeetingPlatform } from '../room/meeting-platform.js';
import { BOT_ID_PREFIX, isBotId, type Room } from '../room/room.js';
import { RealtimeClient } from './client.js';
import { currentModel } from './model-choice.js';
import { ClientRoom, type ClientRoomHandlers } from './room.js';
import type { RealtimeSessionFields } from './session-config.js';

/** The model of a session where none is named. */
const DEFAULT_MODEL = 'gpt-realtime-2.1';
const DEFAULT_TOOL_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_TOOL_OUTPUT_CHARS = 16_000;
/** Joining again after an outage takes what opened the meeting again: it must outlast the meeting. */
const STAY_MS = 6 * 3_600_000;
const AGENT_ID = /^[\w.-]{1,64}$/;

/** Where an agent is: a room of one's own, not joined yet; a meeting of a platform; or nowhere, with sound of the program's own. */
export type RealtimePlace =
  | { room: Room; meetingId?: string; platform?: undefined }
  | { platform: MeetingPlatform; meetingId: string; room?: undefined }
  | { room?: undefined; platform?: undefined; meetingId?: undefined };

/** What a client is made of. */
export type ConnectRealtimeOptions = RealtimePlace & {
  /** Whose model it is: `openAi(…)`, `azureOpenAi(…)`, `realtimeServer(…)`, `embedded()`. It is released when the client is. */
  backend: SpeechBackend;
  /** `gpt-realtime-2.1` by default; one that OpenAI has shut down is replaced by it, with a line in the log. */
  model?: string;
  /**
   * Who the agent is in the meeting: its name, and behind `parley-` its participant id, by which interpreters know not to listen
   * to it. A room of one's own has its id already.
   */
  agentUserId?: string;
  /** How the agent is called, by default its `agentUserId`. */
  name?: string;
  /** The session's first settings, as of {@link RealtimeClient.updateSession}. */
  session?: RealtimeSessionFields;
  /** Topics of the room whose messages arrive as `custom` events. */
  topics?: readonly string[];
  /** How long a tool may take; then the model is told that it did not answer. 30 s by default. */
  toolTimeoutMs?: number;
  /** Longest output of a tool, in characters; what is longer is cut. 16,000 by default. */
  maxToolOutputChars?: number;
  clock?: Clock;
  /** By default warnings and errors go to stderr. */
  log?: Logger;
  /** Disconnects at once. */
  signal?: AbortSignal;
};

let count = 0;

/**
 * Opens a Realtime session for a program that drives it, and brings it into a room: people's audio goes to the model as one
 * stream, and what it speaks is heard in the room, until somebody starts to speak. Resolves in the room; who is there already is
 * told right after. Rejects with a ParleyError that says what to do: `usage` for options that do not fit, `key_refused` and
 * `service_unavailable` where the backend or the meeting lets nobody in. Everything is closed then.
 */
export async function connectRealtime(options: ConnectRealtimeOptions): Promise<RealtimeClient> {
  const { backend, signal, clock = systemClock, log = createLogger({ level: 'warn' }) } = options;
  let client: RealtimeClient;
  try {
    const named = options.model ?? DEFAULT_MODEL;
    const { model, notice } = currentModel(named, DEFAULT_MODEL, clock.epochMs());
    if (notice !== undefined) log.warn(notice);
    const meetingId = options.meetingId ?? 'room';
    if (backend.connections === undefined)
      throw new ParleyError(
        'usage',
        `${backend.description} opens no Realtime sessions for a program to drive`,
      );
    await backend.check?.({ engine: 'conversation', model, meetingId });
    signal?.throwIfAborted();
    const name = `client${++count}`;
    const room = await roomOf(options, { clock, log });
    client = new RealtimeClient({
      ...{ name, clock, log },
      open: backend.connections({ name, meetingId, model, clock, log }),
      toolTimeoutMs: options.toolTimeoutMs ?? DEFAULT_TOOL_TIMEOUT_MS,
      maxToolOutputChars: options.maxToolOutputChars ?? DEFAULT_MAX_TOOL_OUTPUT_CHARS,
      room:
        room === undefined
          ? undefined
          : (handlers: ClientRoomHandlers) =>
              new ClientRoom({ room, clock, log, callId: meetingId, topics: options.topics ?? [] }, handlers),
      onClosed: async () => {
        await backend.release?.();
      },
    });
    client.updateSession(options.session);
  } catch (error) {
    await backend.release?.();
    throw error;
  }
  const disconnect = (): void => void client.disconnect();
  signal?.addEventListener('abort', disconnect, { once: true });
  client.on('close', () => signal?.removeEventListener('abort', disconnect));
  await client.connect();
  return client;
}

async function roomOf(
  options: ConnectRealtimeOptions,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<Room | undefined> {
  if (options.room !== undefined) return options.room;
  if (options.platform === undefined) return undefined;
  const { platform, meetingId, agentUserId } = options;
  if (agentUserId !== undefined && !AGENT_ID.test(agentUserId)) {
    throw new ParleyError(
      'usage',
      'agentUserId has 1 to 64 letters, digits, dots, dashes and underscores; for anything else, there is name',
    );
  }
  return platform.openRoom({
    meetingId,
    name: options.name ?? agentUserId ?? 'Parley',
    ...(agentUserId === undefined
      ? {}
      : { participantId: isBotId(agentUserId) ? agentUserId : `${BOT_ID_PREFIX}${agentUserId}` }),
    metadata: { parley: { agent: true } },
    stayMs: STAY_MS,
    clock,
    log,
  });
}
