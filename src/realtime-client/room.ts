import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import type { Clock, TimerHandle } from '../clock.js';
import type { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Metric } from '../metrics.js';
import type { AudioChunk } from '../realtime/uplink/audio-chunk.js';
import type { Room } from '../room/room.js';
import { type CallEvent, watchCall } from './call-events.js';
import { RoomInput } from './room-input.js';
import { RoomVoice } from './room-voice.js';

/** What a room tells its client. */
export type ClientRoomHandlers = {
  /** The next of what is heard: everybody, as one stream. */
  hear: (chunk: AudioChunk) => void;
  /** An item was cut in playback after so many milliseconds. */
  cut: (itemId: string, audioEndMs: number) => void;
  call: (event: CallEvent) => void;
  /** We are in the room no more, and did not leave by ourselves; `error` where that is a failure. */
  left: (error: ParleyError | undefined) => void;
};

/** What a room is made a client's with. */
export type ClientRoomOptions = {
  room: Room;
  clock: Clock;
  log: Logger;
  /** The call's id in its events. */
  callId: string;
  /** Topics whose messages are told as `custom`. */
  topics: readonly string[];
};

/** A room as a client has it: what is heard in it, the agent's voice, and what happens in the call. */
export class ClientRoom {
  readonly #options: ClientRoomOptions;
  readonly #handlers: ClientRoomHandlers;
  readonly #input: RoomInput;
  readonly #voice: RoomVoice;
  readonly #stop: (() => void)[];
  /** Who was there when we came: told when the program has had its turn to listen. */
  #early: CallEvent[] | undefined = [];
  #earlyTimer: TimerHandle | undefined;

  constructor(options: ClientRoomOptions, handlers: ClientRoomHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    const { room, clock, log } = options;
    this.#voice = new RoomVoice({ clock, speakerId: room.participantId, onCut: handlers.cut });
    this.#input = new RoomInput({
      ...{ clock, room, voice: this.#voice.channel },
      onChunk: handlers.hear,
      onProblem: (message) => {
        log.warn(message);
      },
    });
    room.publish(this.#voice.channel);
    this.#stop = [
      watchCall(room, options, (event) => {
        if (this.#early === undefined) handlers.call(event);
        else this.#early.push(event);
      }),
      room.events.on('notice', (message) => {
        log.warn(message);
      }),
      room.events.on('state', (state) => {
        if (state.kind === 'left' && state.reason.kind !== 'asked') {
          this.#tellEarly();
          handlers.left(state.error);
        }
      }),
    ];
  }

  /** Nothing of the agent's is still to be heard. */
  get idle(): boolean {
    return this.#voice.idle;
  }

  /** Resolves in the room; rejects with a ParleyError. */
  async join(): Promise<void> {
    await Promise.all([loadResampler(), loadSpeechDetector()]);
    await this.#options.room.join();
    this.#input.begin();
    this.#earlyTimer = this.#options.clock.setTimer(() => {
      this.#tellEarly();
    }, 0);
  }

  /** Nothing more is heard or said. Resolves when we have left. */
  async leave(): Promise<void> {
    this.#earlyTimer?.cancel();
    for (const stop of this.#stop) stop();
    this.#voice.close();
    this.#input.close();
    await this.#options.room.leave();
  }

  /** See {@link RoomVoice}. */
  say(responseId: string, itemId: string, pcm: Int16Array): void {
    this.#voice.say(responseId, itemId, pcm);
  }

  itemDone(itemId: string): void {
    this.#voice.end(itemId);
  }

  responseDone(responseId: string): void {
    this.#voice.responseDone(responseId);
  }

  connectionLost(): void {
    this.#voice.connectionLost();
  }

  cut(): void {
    this.#voice.cut();
  }

  setGivesWay(givesWay: boolean): void {
    this.#voice.setGivesWay(givesWay);
  }

  /** Numbers for a monitor, the room's own included. */
  metrics(): readonly Metric[] {
    const { stats } = this.#voice.channel;
    return [
      {
        name: 'client_mixed_late_ms',
        help: 'Audio of people that came too late to be mixed.',
        kind: 'counter',
        value: this.#input.lateMs,
      },
      {
        name: 'client_unheard_people',
        help: 'People whose audio cannot be used.',
        kind: 'counter',
        value: this.#input.unheard,
      },
      { name: 'client_spoken_ms', help: 'Speech that was heard.', kind: 'counter', value: stats.playedMs },
      { name: 'client_cut_ms', help: 'Speech that was cut.', kind: 'counter', value: stats.clearedMs },
      ...(this.#options.room.metrics?.() ?? []),
    ];
  }

  #tellEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.#handlers.call(event);
  }
}
