/** A meeting process as its supervisor holds it, whether it was forked here or found again. */
import type { MessageChannel } from '../meeting-process/message-channel.js';
import type { ChildMessage, ParentMessage } from '../meeting-process/protocol.js';

/** How a process ended; both undefined where that cannot be known, of one that was started by somebody else. */
export type ChildExit = { readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined };

/** See the head of this file. */
export interface ChildHandle {
  readonly pid: number;
  readonly channel: MessageChannel<ParentMessage, ChildMessage>;
  /** Resolves when the process is gone, once everything that it sent was delivered. */
  readonly exited: Promise<ChildExit>;
  /** Does nothing to a process that is gone. */
  kill(signal: NodeJS.Signals): void;
  /** The last of what it wrote to stdout and stderr, without these secrets and others of known shapes. */
  output(secrets: readonly string[]): string;
}
