/** What a bot of the service can be, and what it can become. Pure. */
import { END_REASONS, FAILURE_REASONS } from '../end-reasons.js';

export const BOT_STATES = [
  'scheduled',
  'queued',
  'starting',
  'staged',
  'joining',
  'active',
  'recovering',
  'leaving',
  'processing',
  'ended',
  'failed',
  'cancelled',
] as const;
/**
 * `scheduled`: its time has not come. `queued`: waits for a worker. `starting`: a process begins. `staged`: a process waits for
 * the time to join. `recovering`: its process broke, another one begins. `processing`: it has left, and what was said is being
 * put in order. `ended`, `failed` and `cancelled` are for good.
 */
export type BotState = (typeof BOT_STATES)[number];

export type BotReason = (typeof END_REASONS)[number] | (typeof FAILURE_REASONS)[number] | 'cancelled';

/** States in which a meeting has its bot: there is one of these at most in a meeting. */
export const LIVE_STATES = [
  'queued',
  'starting',
  'staged',
  'joining',
  'active',
  'recovering',
  'leaving',
  'processing',
] as const satisfies readonly BotState[];

const NEXT: Readonly<Record<BotState, readonly BotState[]>> = {
  scheduled: ['queued', 'ended', 'failed', 'cancelled'],
  queued: ['starting', 'ended', 'failed', 'cancelled'],
  // Back to `queued` where a worker gives it away before it joins.
  starting: ['staged', 'joining', 'queued', 'recovering', 'leaving', 'ended', 'failed', 'cancelled'],
  staged: ['joining', 'queued', 'recovering', 'leaving', 'ended', 'failed', 'cancelled'],
  joining: ['active', 'recovering', 'leaving', 'processing', 'ended', 'failed'],
  active: ['recovering', 'leaving', 'processing', 'ended', 'failed'],
  recovering: ['active', 'leaving', 'processing', 'ended', 'failed'],
  leaving: ['processing', 'ended', 'failed'],
  processing: ['ended', 'failed'],
  ended: [],
  failed: [],
  cancelled: [],
};

/** Whether a bot in one state may come into another one. */
export function canChange(from: BotState, to: BotState): boolean {
  return NEXT[from].includes(to);
}

/** Whether nothing comes after a state. */
export function isOver(state: BotState): boolean {
  return NEXT[state].length === 0;
}

/** Whether a reason is one of this final state: a failure is never `ended`. */
export function fitsReason(state: BotState, reason: BotReason): boolean {
  const reasons: Partial<Record<BotState, readonly BotReason[]>> = {
    ended: END_REASONS,
    failed: FAILURE_REASONS,
    cancelled: ['cancelled'],
  };
  return reasons[state]?.includes(reason) ?? false;
}

/** The types of events that tell others of a change. */
export function eventTypesOf(from: BotState, to: BotState): string[] {
  const special =
    to === 'active'
      ? from === 'recovering'
        ? 'bot.recovered'
        : 'bot.joined'
      : to === 'recovering' || to === 'ended' || to === 'failed'
        ? `bot.${to}`
        : undefined;
  return special === undefined ? ['bot.state_changed'] : ['bot.state_changed', special];
}

/** The state that a text names, as a database holds it. */
export function botState(text: string): BotState {
  const state = BOT_STATES.find((each) => each === text);
  if (state === undefined) throw new TypeError(`${text} is no state of a bot`);
  return state;
}
