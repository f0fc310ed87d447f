import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { type SaidSound, ScriptedMicrophone } from './scripted-microphone.js';
import {
  type DataMessage,
  isBotId,
  type LeaveReason,
  type Participant,
  type PublishOptions,
} from '../room.js';

/** Length of every frame in both directions. */
export const FRAME_MS = 10;
/** Frames that are late by more than this are skipped: the process was stopped meanwhile. */
const MAX_LATE_MS = 1_000;
/** Kept messages; the oldest are forgotten. */
const MAX_KEPT_MESSAGES = 1_000;

/** What somebody in the meeting is told. Nothing is told of oneself. */
export type ParticipantObserver = {
  joined: (participant: Participant) => void;
  changed: (participant: Participant) => void;
  left: (participant: Participant, reason: LeaveReason | undefined) => void;
  microphone: (participantId: string, on: boolean) => void;
  /** The samples are valid during the call. */
  frame: (participantId: string, frame: AudioFrame, atMs: number) => void;
  message: (message: DataMessage) => void;
  /** A frame of somebody's shared screen; undefined: its sound has ended. */
  share?: (participantId: string, frame: AudioFrame | undefined, atMs: number) => void;
  /** One is not in the meeting any more. */
  removed: (reason: LeaveReason) => void;
};

/** Somebody's place in the meeting. */
export type FakeParticipant = {
  participant: Participant;
  micOn: boolean;
  /**
   * The next frame, asked for once per 10 ms while the microphone is on or off. People's frames are complete at `nowMs`,
   * so they begin 10 ms before; an interpreter's is heard from `nowMs` on.
   */
  nextFrame(nowMs: number): { frame: AudioFrame; atMs: number } | undefined;
  /** The next frame of the sound of a shared screen; undefined where there is none. */
  nextShareFrame?(): AudioFrame | undefined;
  readonly observer: ParticipantObserver;
};

type KeptMessage = { message: DataMessage; sendOnly: readonly string[] | undefined };

/**
 * A meeting in memory, on any clock: who is in it, what they say in 10 ms frames, and the messages that they send. People
 * of it are scripted; ours take part through `memory-room.ts`. No audio is coded and nothing is lost on the way.
 * Frames flow from the first seat taken until the last is given up.
 */
export class FakeMeeting {
  readonly clock: Clock;
  /** While set, whoever asks to be let in is turned away with this reason. */
  refusal: LeaveReason | undefined;
  readonly #seats = new Map<string, FakeParticipant>();
  readonly #watchers = new Set<ParticipantObserver>();
  /** Who shares sound at present. */
  readonly #sharing = new Set<string>();
  readonly #kept: KeptMessage[] = [];
  #timer: TimerHandle | undefined;
  #nextFrameMs = 0;

  constructor(options: { clock: Clock }) {
    this.clock = options.clock;
  }

  /** Everyone, interpreters included, by id. */
  get participants(): ReadonlyMap<string, Participant> {
    return new Map([...this.#seats].map(([id, { participant }]) => [id, participant]));
  }

  /** Whether this person's microphone is on; false for those who are not here. */
  isMicOn(participantId: string): boolean {
    return this.#seats.get(participantId)?.micOn ?? false;
  }

  /** Lets a scripted person in, with the microphone on unless told otherwise. */
  enter(person: {
    id: string;
    name: string;
    metadata?: Readonly<Record<string, unknown>>;
    micOn?: boolean;
    /** What this person hears of the others, frame by frame. */
    onAudio?: ParticipantObserver['frame'];
    /** Adds what their microphone picks up beside them to the frame that goes out, which is what they say. */
    pickUp?: (frame: AudioFrame) => void;
  }): FakePerson {
    return new FakePerson(this, person);
  }

  /** Tells all that happens to somebody who is not in the meeting, messages to others included. Returns the way back. */
  watch(observer: ParticipantObserver): () => void {
    this.#watchers.add(observer);
    return () => this.#watchers.delete(observer);
  }

  /** Takes a seat. Whoever sat there under the same id is removed as a duplicate. */
  sit(seat: FakeParticipant): void {
    const { id } = seat.participant;
    const before = this.#seats.get(id);
    if (before !== undefined) {
      this.giveUp(before, { kind: 'duplicate', message: 'somebody joined with the same participant id' });
    }
    this.#seats.set(id, seat);
    this.#others(id, ({ joined }) => joined(seat.participant));
    if (seat.micOn) this.#others(id, ({ microphone }) => microphone(id, true));
    this.#nextFrameMs = this.#timer === undefined ? this.clock.nowMs() + FRAME_MS : this.#nextFrameMs;
    this.#timer ??= this.#setTimer();
  }

  /** Gives a seat up: its owner is told why, the others see somebody leave. Does nothing for a seat already given up. */
  giveUp(seat: FakeParticipant, reason: LeaveReason): void {
    const { id } = seat.participant;
    if (this.#seats.get(id) !== seat) return;
    this.#seats.delete(id);
    seat.observer.removed(reason);
    if (seat.micOn) this.#others(id, ({ microphone }) => microphone(id, false));
    this.#others(id, ({ left }) => left(seat.participant, reason));
    if (this.#seats.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Removes whoever has this id, as a moderator or the end of the meeting would. */
  remove(participantId: string, reason: LeaveReason): void {
    const seat = this.#seats.get(participantId);
    if (seat !== undefined) this.giveUp(seat, reason);
  }

  /** Switches a seat's microphone. */
  setMicrophone(seat: FakeParticipant, on: boolean): void {
    if (seat.micOn === on) return;
    seat.micOn = on;
    const { id } = seat.participant;
    if (this.#seats.get(id) === seat) this.#others(id, ({ microphone }) => microphone(id, on));
  }

  /** Changes what somebody says of themselves. */
  change(
    seat: FakeParticipant,
    change: { name?: string; metadata?: Readonly<Record<string, unknown>> },
  ): void {
    seat.participant = { ...seat.participant, ...change };
    const { id } = seat.participant;
    if (this.#seats.get(id) === seat) this.#others(id, ({ changed }) => changed(seat.participant));
  }

  /** Sends a message of `sender` to the others: to all, or to those that the options name. */
  send(sender: Participant, topic: string, text: string, options: PublishOptions = {}): void {
    const { sendOnly, persist = false, payload = {} } = options;
    const message: DataMessage = {
      topic,
      senderId: sender.id,
      text,
      payload,
    };
    if (persist) {
      this.#kept.push({ message, sendOnly });
      if (this.#kept.length > MAX_KEPT_MESSAGES) this.#kept.shift();
    }
    for (const [id, { observer }] of [...this.#seats]) {
      if (id !== sender.id && sendOnly?.includes(id) !== false) observer.message(message);
    }
    for (const watcher of this.#watchers) watcher.message(message);
  }

  /** Messages of a topic that were kept for those who come later, as far as this person may read them. */
  history(topic: string, readerId: string): DataMessage[] {
    return this.#kept
      .filter(({ message, sendOnly }) => message.topic === topic && sendOnly?.includes(readerId) !== false)
      .map(({ message }) => message);
  }

  #others(id: string, notify: (observer: ParticipantObserver) => void): void {
    for (const [otherId, { observer }] of [...this.#seats]) if (otherId !== id) notify(observer);
    for (const watcher of this.#watchers) notify(watcher);
  }

  #setTimer(): TimerHandle {
    return this.clock.setTimer(() => {
      this.#tick();
    }, this.#nextFrameMs - this.clock.nowMs());
  }

  /** All frames that are due, in order, however late the timer was. */
  #tick(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.#nextFrameMs > MAX_LATE_MS) {
      this.#nextFrameMs = nowMs - ((nowMs - this.#nextFrameMs) % FRAME_MS);
    }
    while (this.#seats.size > 0 && this.#nextFrameMs <= nowMs) {
      this.#passFrames(this.#nextFrameMs);
      this.#nextFrameMs += FRAME_MS;
    }
    this.#timer = this.#seats.size > 0 ? this.#setTimer() : undefined;
  }

  /** One frame of everybody: interpreters' first, since theirs are heard from now on. */
  #passFrames(atMs: number): void {
    for (const bots of [true, false]) {
      for (const [id, seat] of [...this.#seats]) {
        if (seat.participant.isBot === bots && this.#seats.get(id) === seat) this.#passFrame(id, seat, atMs);
      }
    }
  }

  #passShare(id: string, seat: FakeParticipant, nowMs: number): void {
    const frame = seat.nextShareFrame?.();
    if (frame === undefined && !this.#sharing.delete(id)) return;
    if (frame !== undefined) this.#sharing.add(id);
    this.#others(id, (observer) => observer.share?.(id, frame, nowMs - FRAME_MS));
  }

  #passFrame(id: string, seat: FakeParticipant, nowMs: number): void {
    this.#passShare(id, seat, nowMs);
    const next = seat.nextFrame(nowMs);
    if (next === undefined || !seat.micOn) return;
    for (const [otherId, { observer }] of [...this.#seats]) {
      if (otherId !== id) observer.frame(id, next.frame, next.atMs);
    }
    for (const watcher of this.#watchers) watcher.frame(id, next.frame, next.atMs);
  }
}

/** A scripted person: says PCM at the pace of the clock, and silence in between, like an open microphone. */
export class FakePerson {
  readonly #meeting: FakeMeeting;
  readonly #seat: FakeParticipant;
  readonly #microphone = new ScriptedMicrophone(FRAME_MS);
  readonly #screen = new ScriptedMicrophone(FRAME_MS);
  readonly #listeners = new Set<(message: DataMessage) => void>();

  constructor(meeting: FakeMeeting, person: Parameters<FakeMeeting['enter']>[0]) {
    const { id, name, metadata = {}, micOn = true, onAudio, pickUp } = person;
    this.#meeting = meeting;
    this.#seat = {
      participant: { id, name, metadata, isBot: isBotId(id) },
      micOn,
      nextFrame: (nowMs) => {
        const frame = this.#microphone.nextFrame();
        pickUp?.(frame);
        return { frame, atMs: nowMs - FRAME_MS };
      },
      nextShareFrame: () => (this.#screen.pendingMs > 0 ? this.#screen.nextFrame() : undefined),
      observer: {
        joined: () => undefined,
        changed: () => undefined,
        left: () => undefined,
        microphone: () => undefined,
        frame: onAudio ?? (() => undefined),
        message: (message) => {
          for (const listener of [...this.#listeners]) listener(message);
        },
        removed: () => undefined,
      },
    };
    meeting.sit(this.#seat);
  }

  get participant(): Participant {
    return this.#seat.participant;
  }

  /** Milliseconds that are still to be said. */
  get pendingMs(): number {
    return Math.max(this.#microphone.pendingMs, this.#screen.pendingMs);
  }

  /** Says this behind what is still to be said: interleaved int16, 48 kHz mono unless told otherwise. Muted or not. */
  say(sound: SaidSound, format?: { sampleRateHz?: number; channelCount?: number }): void {
    this.#microphone.say(sound, format);
  }

  /** Shares a screen that plays this, until its end: interleaved int16, 48 kHz mono unless told otherwise. */
  share(sound: SaidSound, format?: { sampleRateHz?: number; channelCount?: number }): void {
    this.#screen.say(sound, format);
  }

  mute(): void {
    this.#meeting.setMicrophone(this.#seat, false);
  }

  unmute(): void {
    this.#meeting.setMicrophone(this.#seat, true);
  }

  change(change: { name?: string; metadata?: Readonly<Record<string, unknown>> }): void {
    this.#meeting.change(this.#seat, change);
  }

  leave(reason: LeaveReason = { kind: 'asked', message: 'left' }): void {
    this.#meeting.giveUp(this.#seat, reason);
  }

  send(topic: string, text: string, options?: PublishOptions): void {
    this.#meeting.send(this.participant, topic, text, options);
  }

  /** Reads a topic: what was kept of it, then what comes. Returns the way back. */
  subscribe(topic: string, onMessage: (message: DataMessage) => void): () => void {
    const listener = (message: DataMessage): void => {
      if (message.topic === topic) onMessage(message);
    };
    for (const message of this.#meeting.history(topic, this.participant.id)) onMessage(message);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
