/** Where a meeting stands, as it is told, through all of its processes. */
import type { ProcessState, WaitingFor } from '../meeting-process/protocol.js';
import type { MeetingState, StateDetail } from './supervisor-events.js';

/** Told only when it changes, and once by each epoch. */
export class ToldState {
  readonly #tell: (epoch: number, state: MeetingState, detail: StateDetail) => void;
  #state: MeetingState = 'starting';
  /** Whose state that is. */
  #epoch: number;
  #waitingFor: WaitingFor | undefined;
  #everActive = false;

  constructor(epoch: number, tell: (epoch: number, state: MeetingState, detail: StateDetail) => void) {
    this.#epoch = epoch;
    this.#tell = tell;
  }

  get state(): MeetingState {
    return this.#state;
  }

  get waitingFor(): WaitingFor | undefined {
    return this.#waitingFor;
  }

  /** There is no process, or one that has not said anything yet. */
  begins(epoch: number, detail: StateDetail = {}): void {
    this.#set(epoch, this.#everActive ? 'recovering' : 'starting', detail);
  }

  /** The meeting was asked to end. */
  leaves(epoch: number): void {
    this.#set(epoch, 'leaving', {});
  }

  /** Its process says where it is. `isReplaced`: another one follows when it has left. */
  follow(epoch: number, state: ProcessState, waitingFor: WaitingFor | undefined, isReplaced: boolean): void {
    this.#waitingFor = waitingFor;
    if (state === 'active') this.#everActive = true;
    this.#set(epoch, this.#shown(state, isReplaced), waitingFor === undefined ? {} : { waitingFor });
  }

  #shown(state: ProcessState, isReplaced: boolean): MeetingState {
    if (state === 'leaving') return isReplaced ? 'recovering' : 'leaving';
    if (state === 'active') return 'active';
    if (state === 'reconnecting' || this.#everActive) return 'recovering';
    return state === 'preparing' ? 'starting' : state;
  }

  #set(epoch: number, state: MeetingState, detail: StateDetail): void {
    // What an epoch said may come too late to be kept: the next one says it again.
    const isKnown = state === this.#state && epoch === this.#epoch;
    if (isKnown && detail.message === undefined && detail.waitingFor === undefined) return;
    this.#state = state;
    this.#epoch = epoch;
    this.#tell(epoch, state, detail);
  }
}
