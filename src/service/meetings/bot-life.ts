/** What follows from a bot's row: its job, what its process is started with and told, and what its end comes to. */
import type { MeetingJob } from '../../fleet/engine.js';
import {
  assignmentSchema,
  type MeetingAssignment,
  type MeetingCommand,
  type MeetingEnd,
} from '../../meeting-process/protocol.js';
import { END_REASONS, FAILURE_REASONS } from '../../records/end-reasons.js';
import type { BotReason, BotState } from '../../records/store/bot-states.js';
import type { BotRow } from '../../records/store/bots.js';
import type { MeetingRequest } from '../../supervisor/supervisor.js';
import type { MeetingPlace, MeetingPlaces } from './places.js';

/** A process is ready so long before its meeting. */
export const PREPARE_MS = 20_000;
/** Later than this a bot has missed its meeting. */
export const MAX_LATE_MS = 10 * 60_000;
const DRAIN_MS = 5_000;
/** Nothing of it runs yet: anything of it can change. */
export const BEFORE_START: readonly BotState[] = ['scheduled', 'queued'];

/** The job that hands a bot to a worker. A process is ready a moment before its meeting. */
export function jobOf({ id: botId, priority, joinAt }: BotRow): MeetingJob {
  return {
    botId,
    priority,
    ...(joinAt === null ? {} : { startAfter: new Date(joinAt.getTime() - PREPARE_MS) }),
  };
}

/** Whether what is said in its meeting is kept. */
export function isKept({ options }: BotRow): boolean {
  return options['record'] !== false;
}

/** What the host said beside the settings: what is muted, of people, and to the agent. */
export type HostWord = Pick<MeetingAssignment, 'muted' | 'people' | 'told'>;

const hostWord = assignmentSchema.pick({ muted: true, people: true, told: true });

/** What the host has said of a bot's meeting until now. */
export function hostWordOf({ options }: Pick<BotRow, 'options'>): HostWord {
  const { muted, people, told } = options;
  return hostWord.safeParse({ muted, people, told }).data ?? {};
}

/** What the process of a bot is started with. */
export function requestOf(
  bot: BotRow,
  epoch: number,
  place: MeetingPlace,
  backend: MeetingPlaces['backend'],
  agent: MeetingRequest['agent'],
): MeetingRequest {
  return {
    ...{
      botId: bot.id,
      epoch,
      place: place.description,
      meetingId: bot.meetingId,
      participantId: bot.participantId,
    },
    // One that was never joined announces itself.
    incarnation: bot.joinedAt === null ? 1 : epoch,
    ...{ settings: bot.settings as never, platform: place.spec, backend },
    ...{ recorded: isKept(bot), logLevel: 'warn' as const },
    ...hostWordOf(bot),
    ...(agent === undefined ? {} : { agent }),
    ...(bot.joinAt === null ? {} : { joinAtMs: bot.joinAt.getTime() }),
  };
}

/** What a meeting's end comes to. A failure is never `ended`. */
export function endOf(state: BotState, { reason }: MeetingEnd): [to: BotState, reason: BotReason] {
  if (reason === 'cancelled')
    return ['scheduled', 'queued', 'starting', 'staged'].includes(state)
      ? ['cancelled', 'cancelled']
      : ['ended', 'asked'];
  const failure = FAILURE_REASONS.find((each) => each === reason);
  if (failure !== undefined) return ['failed', failure];
  return ['ended', END_REASONS.find((each) => each === reason) ?? 'asked'];
}

/** Whether it is to leave, or is leaving: it is not taken up again. */
export function isLeaving({ leaveAskedAt, state }: BotRow): boolean {
  return leaveAskedAt !== null || state === 'leaving' || state === 'processing';
}

/** Whether a scheduled bot comes too late for its meeting. */
export function isMissed({ joinAt }: BotRow): boolean {
  return Date.now() > (joinAt?.getTime() ?? 0) + MAX_LATE_MS;
}

/** What a meeting is told that is to be left. */
export function stopCommand(say: string | undefined): MeetingCommand & { kind: 'stop' } {
  return { kind: 'stop', drainMs: DRAIN_MS, ...(say === undefined ? {} : { say }) };
}
