/** A meeting that is going on: who is in it, who speaks, what is forwarded to whom. It ends with its last participant. */
import { randomBytes } from 'node:crypto';
import type { Clock, TimerHandle } from '../../clock.js';
import { RtcpRrPacket } from 'werift';
import type { WireLeaveReason } from './signalling/leave-reasons.js';
import type { Peer } from './signalling/peer.js';
import { PubSub } from './pubsub/pubsub.js';
import { ActiveSpeaker } from './sfu/active-speaker.js';
import { Consumer } from './sfu/consumer.js';
import type { Producer } from './sfu/producer.js';

const SPEAKER_INTERVAL_MS = 250;
/** Every so many of them, senders are told what of their media has arrived. */
const INTERVALS_PER_REPORT = 4;

/** What a `participantMediaStateChanged` calls a track. */
function mediaKind(producer: Producer): string {
  if (producer.appData['share'] !== true) return producer.kind;
  return producer.kind === 'video' ? 'share' : 'shareAudio';
}

/** A participant's connection to a room. */
export type RoomPeer = Peer<LiveRoom>;

export class LiveRoom {
  readonly roomId: string;
  readonly sessionId = randomBytes(12).toString('hex');
  readonly pubSub: PubSub;
  readonly peers = new Map<string, RoomPeer>();
  readonly #clock: Clock;
  readonly #speaker = new ActiveSpeaker();
  #speakerId: string | undefined;
  #timer: TimerHandle | undefined;
  #intervals = 0;

  constructor(roomId: string, clock: Clock) {
    this.roomId = roomId;
    this.#clock = clock;
    this.pubSub = new PubSub(clock);
  }

  /** Everyone who has joined, but `except`. */
  joined(except?: RoomPeer): readonly RoomPeer[] {
    return [...this.peers.values()].filter((peer) => peer.stage === 'joined' && peer !== except);
  }

  notify(method: string, data: Readonly<Record<string, unknown>>, except?: RoomPeer): void {
    for (const peer of this.joined(except)) peer.notify(method, data);
  }

  /** Takes a peer out and tells the others why. Nothing of it is left after this. */
  remove(peer: RoomPeer, reason: WireLeaveReason): void {
    if (this.peers.get(peer.id) !== peer) return;
    this.peers.delete(peer.id);
    const wasJoined = peer.stage === 'joined';
    peer.stage = 'gone';
    for (const producer of [...peer.producers.values()]) this.closeProducer(peer, producer);
    for (const other of this.peers.values()) {
      other.wanted.audio.delete(peer.id);
      other.wanted.video.delete(peer.id);
    }
    peer.dispose();
    if (wasJoined) this.notify('peerClosed', { peerId: peer.id, reason });
  }

  /** One audio packet's level. */
  level(peerId: string, dbov: number): void {
    this.#speaker.level(peerId, dbov, this.#clock.nowMs());
  }

  addProducer(peer: RoomPeer, producer: Producer): void {
    peer.producers.set(producer.id, producer);
    this.#timer ??= this.#clock.setTimer(() => this.#tick(), SPEAKER_INTERVAL_MS);
  }

  /** Tells everyone of a track that is there, and offers it to them. */
  announceProducer(peer: RoomPeer, producer: Producer): void {
    if (!peer.producers.has(producer.id)) return;
    this.notify('participantMediaStateChanged', {
      peerId: peer.id,
      kind: mediaKind(producer),
      newState: true,
    });
    for (const other of this.joined(peer)) this.consume(other, peer, producer);
  }

  closeProducer(peer: RoomPeer, producer: Producer): void {
    peer.producers.delete(producer.id);
    if (producer.kind === 'audio') this.#speaker.remove(peer.id);
    for (const receiver of this.joined()) {
      for (const consumer of [...receiver.consumers.values()]) {
        if (consumer.producer === producer) this.closeConsumer(receiver, consumer);
      }
    }
    this.notify('participantMediaStateChanged', {
      peerId: peer.id,
      kind: mediaKind(producer),
      newState: false,
    });
  }

  closeConsumer(receiver: RoomPeer, consumer: Consumer): void {
    consumer.close();
    receiver.consumers.delete(consumer.id);
    receiver.notify('consumerClosed', { consumerId: consumer.id });
  }

  /** Everything of everyone that `receiver` wants, each track once. */
  consumeAll(receiver: RoomPeer): void {
    for (const sender of this.joined(receiver)) {
      for (const producer of sender.producers.values()) this.consume(receiver, sender, producer);
    }
  }

  /** Tells a newcomer which microphones and cameras are on already. */
  sendMediaStates(receiver: RoomPeer): void {
    for (const sender of this.joined(receiver)) {
      for (const producer of sender.producers.values()) {
        const kind = mediaKind(producer);
        receiver.notify('participantMediaStateChanged', { peerId: sender.id, kind, newState: true });
      }
    }
  }

  /** Sends `producer` to `receiver`, when that one wants it and does not have it yet. */
  consume(receiver: RoomPeer, sender: RoomPeer, producer: Producer): void {
    const transport = receiver.transport('receive');
    if (receiver.stage !== 'joined' || transport === undefined) return;
    if (!receiver.profile.autoConsume && !receiver.wanted[producer.kind].has(sender.id)) return;
    for (const consumer of receiver.consumers.values()) if (consumer.producer === producer) return;
    const consumer = new Consumer(producer, transport, receiver.nextMid());
    receiver.consumers.set(consumer.id, consumer);
    receiver.socket.emit(
      'newConsumer',
      {
        peerId: sender.id,
        producerId: producer.id,
        id: consumer.id,
        kind: producer.kind,
        rtpParameters: consumer.rtpParameters,
        type: 'simple',
        appData: producer.appData,
        producerPaused: producer.paused,
      },
      (answer: unknown) => {
        if (!receiver.consumers.has(consumer.id)) return;
        const refused = typeof answer === 'object' && answer !== null && 'errorCode' in answer;
        if (refused) this.closeConsumer(receiver, consumer);
        else consumer.start();
      },
    );
  }

  /** Stops what runs; the peers have been removed. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tick(): void {
    const senders = this.joined().filter((peer) => peer.producers.size > 0);
    this.#timer =
      senders.length === 0 ? undefined : this.#clock.setTimer(() => this.#tick(), SPEAKER_INTERVAL_MS);
    const speakerId = this.#speaker.at(this.#clock.nowMs());
    if (speakerId !== this.#speakerId) {
      this.#speakerId = speakerId;
      this.notify('activeSpeaker', { peerId: speakerId ?? null });
    }
    if (++this.#intervals % INTERVALS_PER_REPORT === 0) senders.forEach(reportReception);
  }
}

/** Without receiver reports a sender's video never gets better than at its start, and its statistics stay empty. */
function reportReception(sender: RoomPeer): void {
  for (const transport of sender.transports.values()) {
    const reports = [...sender.producers.values()].flatMap((producer) =>
      producer.transport === transport ? (producer.receptionReport() ?? []) : [],
    );
    if (reports.length > 0) transport.sendRtcp([new RtcpRrPacket({ ssrc: 1, reports })]);
  }
}
