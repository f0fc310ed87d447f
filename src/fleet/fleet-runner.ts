/** Runs the bots that a worker has taken: claims them in the database, and has a supervisor carry their meetings. */
import type { Clock } from '../clock.js';
import { messageOf, ParleyError } from '../errors.js';
import type { EventSource } from '../events.js';
import type { Logger } from '../log.js';
import type { MeetingEnd } from '../meeting-process/protocol.js';
import type { MeetingState } from '../supervisor/supervisor-events.js';
import type { MeetingRequest, Supervisor } from '../supervisor/supervisor.js';
import type { JobClaim } from './engine.js';
import type { MeetingRunner } from './worker.js';

const RETRY_MS = 1_000;

/** Which worker may write about a bot. All methods reject where the database is away. */
export interface Claims {
  /** Takes the bot from whoever had it; the epoch belongs to all that is written from now on. Undefined: the bot is over. */
  take(botId: string): Promise<number | undefined>;
  /** The next epoch, for another process of ours; undefined where this one is not the present one any more. */
  renew(botId: string, epoch: number): Promise<number | undefined>;
  /** Whether this epoch is the present one. */
  holds(botId: string, epoch: number): Promise<boolean>;
}

/** What carries meetings here. */
export type RunnerSupervisor = Pick<Supervisor, 'start' | 'abandon' | 'status' | 'command'> & {
  readonly events: EventSource<{
    ended: [botId: string, epoch: number, end: MeetingEnd];
    state: [botId: string, epoch: number, state: MeetingState, detail: object];
  }>;
};

/** What a runner is made of. */
export type FleetRunnerOptions = {
  claims: Claims;
  supervisor: RunnerSupervisor;
  /** What the meeting is started with; undefined: the bot is over. Rejects with ParleyError where it cannot be started. */
  requestOf: (botId: string, epoch: number) => Promise<MeetingRequest | undefined>;
  /** A bot could not be started: tells those who wait for it. */
  onFailed: (botId: string, epoch: number, error: ParleyError) => Promise<void>;
  clock: Clock;
  log: Logger;
};

type Running = { readonly claim: JobClaim; isAbandoned: boolean; ended: (end: MeetingEnd) => void };

/** See the head of this file. */
export class FleetRunner implements MeetingRunner {
  readonly #options: FleetRunnerOptions;
  readonly #running = new Map<string, Running>();
  /** Of a bot that is run twice, one after the other. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(options: FleetRunnerOptions) {
    this.#options = options;
    options.supervisor.events.on('ended', (botId, _, end) => {
      this.#running.get(botId)?.ended(end);
    });
  }

  run(claim: JobClaim): Promise<'done' | 'again'> {
    const { botId } = claim;
    const before = this.#last.get(botId) ?? Promise.resolve();
    const outcome = before.then(() => this.#run(claim));
    this.#last.set(botId, outcome);
    void outcome.then(() => {
      if (this.#last.get(botId) === outcome) this.#last.delete(botId);
    });
    return outcome;
  }

  abandon({ botId, jobId, attempt }: JobClaim): void {
    const running = this.#running.get(botId);
    if (running?.claim.jobId !== jobId || running.claim.attempt !== attempt) return;
    running.isAbandoned = true;
    this.#options.supervisor.abandon(botId);
  }

  leave({ botId }: JobClaim): void {
    const { supervisor, log } = this.#options;
    if (supervisor.status(botId) === undefined) return;
    supervisor.command(botId, { kind: 'stop' }).catch((error: unknown) => {
      log.warn({ botId, err: error }, 'a meeting does not take that it is to be left');
    });
  }

  /** Never rejects. */
  async #run(claim: JobClaim): Promise<'done' | 'again'> {
    const { botId } = claim;
    const { supervisor, log } = this.#options;
    let ended: (end: MeetingEnd) => void = () => undefined;
    const over = new Promise<MeetingEnd>((resolve) => {
      ended = resolve;
    });
    const running: Running = { claim, isAbandoned: false, ended };
    this.#running.set(botId, running);
    try {
      // One that was found here again goes on under the claim that it has.
      if (supervisor.status(botId) === undefined && !(await this.#start(running))) return 'done';
      const { reason } = await over;
      // Whoever was put out by one that has lost its claim takes the meeting up again; where the successor is in its right, this
      // changes nothing.
      return reason === 'fenced' ? 'again' : 'done';
    } catch (error) {
      log.error({ botId, err: error }, 'a bot could not be run');
      return 'again';
    } finally {
      if (this.#running.get(botId) === running) this.#running.delete(botId);
    }
  }

  /** False where there is nothing to run any more. */
  async #start(running: Running): Promise<boolean> {
    const { botId } = running.claim;
    const { claims, supervisor, requestOf, onFailed } = this.#options;
    const epoch = await this.#untilAnswered(running, () => claims.take(botId));
    if (epoch === undefined || isAbandoned(running)) return false;
    try {
      const request = await this.#untilAnswered(running, () => requestOf(botId, epoch));
      if (request === undefined || isAbandoned(running)) return false;
      supervisor.start(request);
      return true;
    } catch (cause) {
      const error =
        cause instanceof ParleyError ? cause : new ParleyError('internal', messageOf(cause), { cause });
      await this.#untilAnswered(running, () => onFailed(botId, epoch, error));
      return false;
    }
  }

  /** A database that is away is asked again; undefined where somebody else has the bot meanwhile. */
  async #untilAnswered<Value>(running: Running, ask: () => Promise<Value>): Promise<Value | undefined> {
    const { clock, log } = this.#options;
    while (!running.isAbandoned) {
      try {
        return await ask();
      } catch (error) {
        if (error instanceof ParleyError && !error.retryable) throw error;
        log.warn({ botId: running.claim.botId, err: error }, 'a bot cannot be started yet');
        await new Promise<void>((resolve) => clock.setTimer(resolve, RETRY_MS));
      }
    }
    return undefined;
  }
}

/** Asked anew after each wait. */
function isAbandoned(running: Running): boolean {
  return running.isAbandoned;
}
