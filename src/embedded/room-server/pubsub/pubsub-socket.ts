/** One WebSocket of pubSub. Its address holds a ticket of the participant's signalling connection and lives as long. */
import type { WebSocket } from 'ws';
import type { Clock, TimerHandle } from '../../../clock.js';
import type { RoomPeer } from '../live-room.js';
import { decodeClientMessage, encodeEnvelope } from './pubsub-codec.js';
import type { PubSubConnection } from './pubsub.js';

const PING_INTERVAL_MS = 10_000;
/** Intervals without a pong after which a connection is dead. */
const MAX_MISSED_PONGS = 3;
/** Beyond this a receiver is too slow: further messages are dropped for it. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Frames that were none of the protocol's, after which a client is not worth listening to. */
const MAX_BROKEN_FRAMES = 20;

export function servePubSub(socket: WebSocket, peer: RoomPeer, clock: Clock): void {
  const { pubSub } = peer.room;
  const send = (data: Uint8Array): boolean => {
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_BUFFERED_BYTES) return false;
    socket.send(data);
    return true;
  };
  const connection: PubSubConnection = {
    participantId: peer.id,
    get participantName() {
      return peer.displayName;
    },
    send,
  };
  let pings = 0;
  let missedPongs = 0;
  let brokenFrames = 0;
  let timer: TimerHandle;
  const ping = (): void => {
    if (++missedPongs > MAX_MISSED_PONGS) {
      socket.terminate();
      return;
    }
    send(encodeEnvelope({ ping: { seq: ++pings } }));
    timer = clock.setTimer(ping, PING_INTERVAL_MS);
  };
  timer = clock.setTimer(ping, PING_INTERVAL_MS);
  const leave = peer.onGone(() => socket.terminate());
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    timer.cancel();
    leave();
    pubSub.remove(connection);
  });
  socket.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? decodeClientMessage(data) : undefined;
    if (message === undefined) {
      if (++brokenFrames > MAX_BROKEN_FRAMES) socket.terminate();
      return;
    }
    if (message.pong !== undefined) {
      missedPongs = 0;
    } else if (message.subscribe !== undefined) {
      const { topic, oldMessageLimit, requestId } = message.subscribe;
      pubSub.subscribe(connection, topic, oldMessageLimit, requestId);
    } else if (message.unsubscribe !== undefined) {
      const { topic, requestId } = message.unsubscribe;
      pubSub.unsubscribe(connection, topic);
      send(encodeEnvelope({ ack: { requestId, ok: true } }));
    } else if (message.publish !== undefined) {
      const { requestId, messageId } = message.publish;
      const error = pubSub.publish(connection, message.publish);
      send(
        encodeEnvelope({
          ack: error === undefined ? { requestId, ok: true, messageId } : { requestId, ok: false, error },
        }),
      );
    } else if (message.getHistory !== undefined) {
      const { requestId } = message.getHistory;
      const error = 'History comes with a subscription: set its oldMessageLimit.';
      send(encodeEnvelope({ ack: { requestId, ok: false, error } }));
    }
  });
  send(encodeEnvelope({ welcome: { pingIntervalMs: PING_INTERVAL_MS } }));
}
