/** The port to this machine, as a place where meetings run: the only one, or one of a fleet. */
import type { Drain } from '../../fleet/worker.js';

/** See the head of this file. */
export interface Machine {
  readonly id: string;
  /** It takes no further meetings. */
  readonly isDraining: boolean;
  /** Shows itself, and takes meetings from now on. */
  start(): Promise<void>;
  /** Something was asked of it in its row: it reads it now rather than with its next beat. */
  checkNow(): void;
  /** Takes nothing more, and resolves when nothing runs any more. Can be asked again, in another way. */
  drain(drain: Drain): Promise<void>;
  /** Takes nothing more and shows that it is gone. What runs is the supervisor's matter. */
  close(): Promise<void>;
}
