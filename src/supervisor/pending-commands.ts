import type { Clock, TimerHandle } from '../clock.js';
import { ParleyError, type ParleyErrorCode } from '../errors.js';
import type { ChildMessage, MeetingCommand, ParentMessage } from '../meeting-process/protocol.js';

const TIMEOUT_MS = 60_000;

type Pending = {
  readonly command: MeetingCommand;
  readonly timer: TimerHandle;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ParleyError) => void;
};

/** Commands that a meeting process was given and has not answered. */
export class PendingCommands {
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A command whose answer nobody waits for. */
  message(command: MeetingCommand): ParentMessage & { type: 'command' } {
    return { v: 1, type: 'command', id: this.#count++, command };
  }

  /** Rejects with ParleyError as the meeting does, and `service_unavailable` where no process takes it, or answers in time. */
  ask(command: MeetingCommand, send: (message: ParentMessage) => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const message = this.message(command);
      const { id } = message;
      const timer = this.#clock.setTimer(() => {
        this.#pending.delete(id);
        reject(
          new ParleyError('service_unavailable', 'the meeting did not answer in time', { retryable: true }),
        );
      }, TIMEOUT_MS);
      this.#pending.set(id, { command, timer, resolve, reject });
      if (send(message)) return;
      timer.cancel();
      this.#pending.delete(id);
      reject(restarting());
    });
  }

  /** An answer came. Returns the command that was done; undefined where it was refused, or nobody waits for it. */
  answered({ id, ok, value, error }: ChildMessage & { type: 'result' }): MeetingCommand | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    pending.timer.cancel();
    if (ok) {
      pending.resolve(value);
      return pending.command;
    }
    const { code = 'internal', message = 'the meeting refused it' } = error ?? {};
    pending.reject(new ParleyError(code as ParleyErrorCode, message));
    return undefined;
  }

  /** The process is gone: none of them is answered any more. */
  rejectAll(): void {
    for (const [id, { timer, reject }] of [...this.#pending]) {
      timer.cancel();
      reject(restarting());
      this.#pending.delete(id);
    }
  }
}

/** There is no process at present. */
export function restarting(): ParleyError {
  return new ParleyError('service_unavailable', 'the meeting is being taken up again: try in a moment', {
    retryable: true,
  });
}
