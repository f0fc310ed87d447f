/** The methods of media: transports, tracks that are sent, tracks that are received. */
import type { RtcpPacket, RtpPacket } from 'werift';
import { z } from 'zod';
import {
  id,
  joinedPeer,
  MAX_METADATA_CHARS,
  type Method,
  method,
  nothing,
  ofPeer,
  record,
} from './method.js';
import type { RoomPeer } from '../live-room.js';
import { REFUSALS } from './refusal.js';
import type { Consumer } from '../sfu/consumer.js';
import { Producer } from '../sfu/producer.js';
import {
  type MediaKind,
  producerRtpParametersSchema,
  ROUTER_RTP_CAPABILITIES,
} from '../sfu/rtp-parameters.js';
import { MediaTransport } from '../sfu/transport.js';
import type { SignallingServices } from './services.js';

/** Ports that one participant may have on their way to being opened. */
const MAX_OPENING = 4;
const MAX_PRODUCERS = 8; // microphone, camera, screen and its sound; each may be replaced

const ofConsumer = z.object({ consumerId: id });
const ofProducer = z.object({ producerId: id });
const ofTransport = z.object({ transportId: id });

const produceSchema = z.object({
  transportId: id,
  kind: z.enum(['audio', 'video']),
  rtpParameters: producerRtpParametersSchema,
  appData: record.default({}).refine((appData) => JSON.stringify(appData).length <= MAX_METADATA_CHARS),
});

const connectSchema = z.object({
  transportId: id,
  dtlsParameters: z.object({
    role: z.enum(['client', 'server', 'auto']).default('client'),
    fingerprints: z
      .array(z.object({ algorithm: z.string().max(32), value: z.string().regex(/^[0-9A-Fa-f:]{1,255}$/) }))
      .min(1)
      .max(8),
  }),
});

function transportOf(peer: RoomPeer, transportId: string): MediaTransport {
  const transport = peer.transports.get(transportId);
  if (transport === undefined) throw REFUSALS.gone('transport');
  return transport;
}

function producerOf(peer: RoomPeer, producerId: string): Producer {
  const producer = peer.producers.get(producerId);
  if (producer === undefined) throw REFUSALS.gone('producer');
  return producer;
}

function consumerOf(peer: RoomPeer, consumerId: string): Consumer {
  const consumer = peer.consumers.get(consumerId);
  if (consumer === undefined) throw REFUSALS.gone('consumer');
  return consumer;
}

async function openTransport(
  peer: RoomPeer,
  direction: 'send' | 'receive',
  { addresses, isFrozen }: SignallingServices,
): Promise<MediaTransport> {
  if (peer.openingTransports >= MAX_OPENING) {
    throw REFUSALS.notAllowed(`At most ${MAX_OPENING} transports can be opened at once.`);
  }
  peer.openingTransports++;
  try {
    const transport: MediaTransport = await MediaTransport.open(
      { direction, addresses, isFrozen },
      {
        onRtp: (packet) => forwardRtp(peer, transport, packet),
        onRtcp: (packet) => forwardRtcp(peer, packet),
      },
    );
    if (peer.stage === 'gone') {
      transport.close();
      throw REFUSALS.gone('participant');
    }
    const former = peer.transport(direction);
    peer.transports.set(transport.id, transport);
    if (former !== undefined) closeTransport(peer, former);
    return transport;
  } finally {
    peer.openingTransports--;
  }
}

/** The SDK closes transports on its own side only, and says nothing: a new one of a direction takes the former one's place. */
function closeTransport(peer: RoomPeer, transport: MediaTransport): void {
  peer.transports.delete(transport.id);
  for (const producer of [...peer.producers.values()]) {
    if (producer.transport === transport) peer.room.closeProducer(peer, producer);
  }
  for (const consumer of [...peer.consumers.values()]) {
    if (consumer.transport === transport) peer.room.closeConsumer(peer, consumer);
  }
  transport.close();
}

function forwardRtp(peer: RoomPeer, transport: MediaTransport, packet: RtpPacket): void {
  for (const producer of peer.producers.values()) {
    if (producer.transport === transport && producer.owns(packet)) {
      producer.forward(packet);
      return;
    }
  }
}

/** Sender reports go to the receivers; a receiver's request for a picture (PLI, FIR) goes to the sender. */
function forwardRtcp(peer: RoomPeer, packet: RtcpPacket): void {
  if (packet.type === 200) {
    for (const producer of peer.producers.values()) {
      if (producer.ssrc === packet.ssrc) producer.forwardSenderReport(packet);
    }
  } else if (packet.type === 206) {
    for (const consumer of peer.consumers.values()) {
      if (asksForPicture(packet.feedback, consumer.ssrc)) consumer.producer.requestKeyFrame();
    }
  }
}

/** Starts or stops receiving one participant's tracks of one kind, now and after their next unmute. */
function want(kind: MediaKind, wanted: boolean): Method {
  return method('joined', ofPeer, (peer, { peerId }) => {
    const other = joinedPeer(peer, peerId);
    if (wanted) {
      peer.wanted[kind].add(peerId);
      return { after: () => peer.room.consumeAll(peer) };
    }
    peer.wanted[kind].delete(peerId);
    const stop = [...peer.consumers.values()].filter(
      ({ producer }) => producer.kind === kind && other.producers.has(producer.id),
    );
    return { after: () => stop.forEach((consumer) => peer.room.closeConsumer(peer, consumer)) };
  });
}

function pauseProducer(paused: boolean): Method {
  return method('joined', ofProducer, (peer, { producerId }) => {
    const producer = producerOf(peer, producerId);
    producer.paused = paused;
    for (const receiver of peer.room.joined(peer)) {
      for (const consumer of receiver.consumers.values()) {
        if (consumer.producer !== producer) continue;
        receiver.notify(paused ? 'consumerPaused' : 'consumerResumed', { consumerId: consumer.id });
      }
    }
    return {};
  });
}

export const MEDIA_METHODS: Readonly<Record<string, Method>> = {
  getRouterRtpCapabilities: method('entered', nothing, () => ({ data: ROUTER_RTP_CAPABILITIES })),
  createWebRtcTransport: method(
    'entered',
    z.object({ producing: z.boolean().default(false) }),
    async (peer, { producing }, services) => {
      const transport = await openTransport(peer, producing ? 'send' : 'receive', services);
      return {
        data: transport.parameters,
        after: () => {
          if (!producing) peer.room.consumeAll(peer);
        },
      };
    },
  ),
  connectWebRtcTransport: method('entered', connectSchema, (peer, { transportId, dtlsParameters }) => {
    const { role, fingerprints } = dtlsParameters;
    if (role === 'server') throw REFUSALS.badRequest('The server is the DTLS server: connect as its client.');
    if (!transportOf(peer, transportId).connect(role, fingerprints)) {
      throw REFUSALS.badRequest('The transport is connected already.');
    }
    return {};
  }),
  restartIce: method('entered', ofTransport, (peer, { transportId }) => ({
    data: transportOf(peer, transportId).restartIce(),
  })),
  produce: method('joined', produceSchema, (peer, data, { clock }) => {
    const transport = transportOf(peer, data.transportId);
    if (transport.direction !== 'send') throw REFUSALS.badRequest('This transport is for receiving.');
    if (peer.producers.size >= MAX_PRODUCERS) {
      throw REFUSALS.notAllowed(`At most ${MAX_PRODUCERS} tracks can be sent.`);
    }
    const { room } = peer;
    const producer: Producer = new Producer(
      { ...data, transport },
      () => clock.nowMs(),
      (dbov) => room.level(peer.id, dbov),
    );
    room.addProducer(peer, producer);
    return { data: { id: producer.id }, after: () => room.announceProducer(peer, producer) };
  }),
  closeProducer: method('joined', ofProducer, (peer, { producerId }) => {
    const producer = producerOf(peer, producerId);
    return { after: () => peer.room.closeProducer(peer, producer) };
  }),
  pauseProducer: pauseProducer(true),
  resumeProducer: pauseProducer(false),
  pauseConsumer: method('joined', ofConsumer, (peer, { consumerId }) => {
    consumerOf(peer, consumerId).paused = true;
    return {};
  }),
  resumeConsumer: method('joined', ofConsumer, (peer, { consumerId }) => {
    consumerOf(peer, consumerId).resume();
    return {};
  }),
  requestConsumerKeyFrame: method('joined', ofConsumer, (peer, { consumerId }) => {
    consumerOf(peer, consumerId).producer.requestKeyFrame();
    return {};
  }),
  consumeAudioStreams: want('audio', true),
  stopConsumingAudioStreams: want('audio', false),
  consumeVideoStreams: want('video', true),
  stopConsumingVideoStreams: want('video', false),
};

/** Whether feedback is a PLI (RFC 4585) or FIR (RFC 5104) for this SSRC. */
function asksForPicture(feedback: object, ssrc: number): boolean {
  if ('fir' in feedback)
    return (feedback.fir as readonly { ssrc: number }[]).some((entry) => entry.ssrc === ssrc);
  return 'mediaSsrc' in feedback && !('uniqueID' in feedback) && feedback.mediaSsrc === ssrc;
}
