/** A meeting process's connection to whoever supervises it, through as many supervisors as there are. */
import type { Clock } from '../clock.js';
import type { MessageChannel } from './message-channel.js';
import type { ChildMessage, ParentMessage } from './protocol.js';

/** Without a supervisor the meeting goes on for so long. */
const ORPHAN_MS = 60_000;
const ADOPTION_RETRY_MS = 250;

/** A channel to a supervisor. */
export type ParentChannel = MessageChannel<ChildMessage, ParentMessage>;

type SupervisorLinkOptions = {
  readonly clock: Clock;
  /** Connects to the supervisor that listens at this socket; undefined where none does. */
  readonly findSupervisor: (socket: string) => Promise<ParentChannel | undefined>;
  readonly onMessage: (message: ParentMessage) => void;
  /** The supervisor is gone. */
  readonly onLost: () => void;
};

/** See the head of this file. */
export class SupervisorLink {
  readonly #options: SupervisorLinkOptions;
  #channel: ParentChannel | undefined;

  constructor(channel: ParentChannel, options: SupervisorLinkOptions) {
    this.#options = options;
    this.#listenTo(channel);
  }

  /** Somebody supervises this process at present. */
  get isOpen(): boolean {
    return this.#channel !== undefined;
  }

  /** False where it goes to nobody. */
  send(message: ChildMessage): boolean {
    return this.#channel?.send(message) ?? false;
  }

  /** Resolves when what was sent is taken, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    await this.#channel?.flush(timeoutMs);
  }

  /**
   * Looks for the next supervisor while `isWanted`; the first that it is told is the `greeting`. Resolves with whether there is one.
   */
  async seek(socket: string, isWanted: () => boolean, greeting: () => ChildMessage): Promise<boolean> {
    const { clock, findSupervisor } = this.#options;
    const deadlineMs = clock.nowMs() + ORPHAN_MS;
    while (clock.nowMs() < deadlineMs && isWanted()) {
      const channel = await findSupervisor(socket).catch(() => undefined);
      if (channel !== undefined) {
        this.#listenTo(channel);
        channel.send(greeting());
        return true;
      }
      await new Promise<void>((resolve) => clock.setTimer(resolve, ADOPTION_RETRY_MS));
    }
    return false;
  }

  #listenTo(channel: ParentChannel): void {
    const { onMessage, onLost } = this.#options;
    this.#channel = channel;
    channel.onMessage(onMessage);
    channel.onClose(() => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      onLost();
    });
  }
}
