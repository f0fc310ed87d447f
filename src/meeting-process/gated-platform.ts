/** A platform whose rooms count the frames that pass, and let none be heard while a fence is closed. */
import type { MeetingPlatform, PlaceRequest } from '../room/meeting-platform.js';
import type { OnAudio, Room, TrackSource } from '../room/room.js';

/** What passes between a meeting and its room. */
export type MediaCounts = {
  /** Of our own track. */
  framesPulled: number;
  /** Of people's. */
  framesHeard: number;
  /** Whose microphone is on. */
  readonly openMicrophones: Set<string>;
  /** What is published; undefined before. */
  source: TrackSource | undefined;
  room: Room | undefined;
};

/** No frame has passed. */
export function newMediaCounts(): MediaCounts {
  return { framesPulled: 0, framesHeard: 0, openMicrophones: new Set(), source: undefined, room: undefined };
}

/**
 * `mayBeHeard` is asked with every frame that goes out, of further voices too: one that may not be heard is silence. `counts`
 * is of the interpreter's own place in the meeting.
 */
export function gatedPlatform(
  platform: MeetingPlatform,
  mayBeHeard: () => boolean,
  counts: MediaCounts,
): MeetingPlatform {
  return {
    description: platform.description,
    capabilities: platform.capabilities,
    openRoom: async (request: PlaceRequest) => {
      const room = await platform.openRoom(request);
      counts.room = room;
      room.events.on('audioStarted', (id) => counts.openMicrophones.add(id));
      room.events.on('audioStopped', (id) => counts.openMicrophones.delete(id));
      room.events.on('participantLeft', ({ id }) => counts.openMicrophones.delete(id));
      return new GatedRoom(room, mayBeHeard, counts);
    },
    openVoice: async (request) => new GatedRoom(await platform.openVoice(request), mayBeHeard),
    createRoom: (customRoomId) => platform.createRoom(customRoomId),
    findRoom: (id) => platform.findRoom(id),
    createToken: (request) => platform.createToken(request),
  };
}

class GatedRoom implements Room {
  readonly #room: Room;
  readonly #mayBeHeard: () => boolean;
  readonly #counts: MediaCounts | undefined;

  constructor(room: Room, mayBeHeard: () => boolean, counts?: MediaCounts) {
    this.#room = room;
    this.#mayBeHeard = mayBeHeard;
    this.#counts = counts;
  }

  get capabilities(): Room['capabilities'] {
    return this.#room.capabilities;
  }

  get events(): Room['events'] {
    return this.#room.events;
  }

  get state(): Room['state'] {
    return this.#room.state;
  }

  get participantId(): string {
    return this.#room.participantId;
  }

  get participants(): Room['participants'] {
    return this.#room.participants;
  }

  join(): Promise<void> {
    return this.#room.join();
  }

  leave(): Promise<void> {
    return this.#room.leave();
  }

  listen(onAudio: OnAudio, onShareAudio?: OnAudio): void {
    const counts = this.#counts;
    const counted: OnAudio =
      counts === undefined
        ? onAudio
        : (participantId, frame, atMs) => {
            counts.framesHeard++;
            onAudio(participantId, frame, atMs);
          };
    this.#room.listen(counted, onShareAudio);
  }

  publish(source: TrackSource): void {
    if (this.#counts !== undefined) this.#counts.source = source;
    this.#room.publish(new GatedSource(source, this.#mayBeHeard, this.#counts));
  }

  send(...message: Parameters<Room['send']>): Promise<void> {
    return this.#room.send(...message);
  }

  metrics(): ReturnType<NonNullable<Room['metrics']>> {
    return this.#room.metrics?.() ?? [];
  }

  subscribe(...subscription: Parameters<Room['subscribe']>): () => void {
    return this.#room.subscribe(...subscription);
  }
}

class GatedSource implements TrackSource {
  readonly #source: TrackSource;
  readonly #mayBeHeard: () => boolean;
  readonly #counts: MediaCounts | undefined;

  constructor(source: TrackSource, mayBeHeard: () => boolean, counts: MediaCounts | undefined) {
    this.#source = source;
    this.#mayBeHeard = mayBeHeard;
    this.#counts = counts;
  }

  get idle(): boolean {
    return this.#source.idle ?? false;
  }

  /** What may not be heard is played to nobody: a sentence from before a standstill is not said after it. */
  pull(out: Int16Array, atMs: number): void {
    const mayBeHeard = this.#mayBeHeard();
    this.#source.pull(out, atMs);
    if (!mayBeHeard) out.fill(0);
    if (this.#counts !== undefined) this.#counts.framesPulled++;
  }

  onWake(listener: () => void): () => void {
    return this.#source.onWake?.(listener) ?? (() => undefined);
  }
}
