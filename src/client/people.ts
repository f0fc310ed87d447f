/** Who else is in the meeting: their channel, their microphone, and the element that plays it. */
import type { MeetingParticipant, MeetingStream } from './api.js';
import type { Players } from './players.js';

type Person = {
  readonly participant: MeetingParticipant;
  /** The language that they say they are the interpreter's voice of; empty for none. */
  readonly channel: string;
  audio: HTMLAudioElement | undefined;
  /** Their microphone is asked for. */
  isConsumed: boolean;
  stopPlaying: () => void;
};

type PeopleEvents = {
  isHeard: (id: string) => boolean;
  /** Somebody came, or is met again after a reconnect. */
  onCame: (id: string) => void;
  onLeft: (id: string) => void;
  /** The microphone of somebody who is to be heard cannot be received. */
  onUnheard: (id: string, cause: unknown) => void;
};

/** Everybody but ourselves. Plays them once a parent for audio elements is given. */
export class People {
  readonly #ownId: string;
  readonly #players: Players;
  readonly #events: PeopleEvents;
  readonly #people = new Map<string, Person>();
  #parent: HTMLElement | undefined;

  constructor(ownId: string, players: Players, events: PeopleEvents) {
    this.#ownId = ownId;
    this.#players = players;
    this.#events = events;
  }

  channelOf(id: string): string {
    return this.#people.get(id)?.channel ?? '';
  }

  /** The channels of those who are interpreters, each once. */
  channelsOf(isInterpreter: (id: string) => boolean): readonly string[] {
    const found = [...this.#people].filter(([id, { channel }]) => channel !== '' && isInterpreter(id));
    return [...new Set(found.map(([, { channel }]) => channel))];
  }

  /** The meeting is joined, maybe again: who is not among its peers any more is gone. */
  joined(data: unknown): void {
    const peers = fieldOf(data, 'peers');
    if (!Array.isArray(peers)) return;
    const present = new Set(peers.map((peer) => fieldOf(peer, 'id')));
    for (const id of this.#people.keys()) if (!present.has(id)) this.left(id);
  }

  came(participant: MeetingParticipant): void {
    const { id } = participant;
    if (id === this.#ownId) return;
    this.#people.get(id)?.stopPlaying();
    const channel = fieldOf(fieldOf(participant.metaData, 'parley'), 'channel');
    const person: Person = {
      participant,
      channel: typeof channel === 'string' ? channel : '',
      audio: undefined,
      isConsumed: false,
      stopPlaying: () => undefined,
    };
    this.#people.set(id, person);
    this.#events.onCame(id);
    if (this.#parent !== undefined) this.#play(person, this.#parent);
  }

  left(id: string): void {
    this.#people.get(id)?.stopPlaying();
    this.#people.delete(id);
    this.#events.onLeft(id);
  }

  /** Plays everybody in elements within `parent`. */
  play(parent: HTMLElement): void {
    this.#parent = parent;
    for (const person of this.#people.values()) this.#play(person, parent);
  }

  /** Who is to be heard has changed. */
  refresh(): void {
    for (const person of this.#people.values()) this.#consume(person);
  }

  close(): void {
    for (const { stopPlaying } of this.#people.values()) stopPlaying();
    this.#people.clear();
  }

  #play(person: Person, parent: HTMLElement): void {
    const { participant } = person;
    const stop = ({ kind }: { kind: string }): void => {
      if (kind !== 'audio' || person.audio === undefined) return;
      this.#players.detach(person.audio);
      person.audio.remove();
      person.audio = undefined;
    };
    const play = (stream: MeetingStream): void => {
      stop(stream);
      if (stream.kind !== 'audio') return;
      const audio = (person.audio = document.createElement('audio'));
      audio.dataset['participantId'] = participant.id;
      audio.srcObject = new MediaStream([stream.track]);
      this.#players.attach(participant.id, audio);
      parent.append(audio);
      void this.#players.play(audio);
    };
    person.stopPlaying();
    participant.on('stream-enabled', play);
    participant.on('stream-disabled', stop);
    person.stopPlaying = () => {
      participant.off('stream-enabled', play);
      participant.off('stream-disabled', stop);
      stop({ kind: 'audio' });
    };
    for (const stream of participant.streams.values()) play(stream);
    this.#consume(person);
  }

  /** Asks for somebody's microphone, or lets go of it, as it is to be heard. */
  #consume(person: Person): void {
    const { participant } = person;
    const isWanted = this.#events.isHeard(participant.id);
    if (this.#parent === undefined || isWanted === person.isConsumed) return;
    person.isConsumed = isWanted;
    const done = isWanted ? participant.consumeMicStreams() : participant.stopConsumingMicStreams();
    done.catch((cause: unknown) => {
      if (!isWanted || this.#people.get(participant.id) !== person) return;
      person.isConsumed = false;
      this.#events.onUnheard(participant.id, cause);
    });
  }
}

function fieldOf(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[name] : undefined;
}
