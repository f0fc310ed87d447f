import { describe, expect, it } from 'vitest';
import { SdkPeerConnections } from '../../../src/room/webrtc/peer-connections.js';
import type { PeerConnection } from '../../../src/room/webrtc/wrtc-types.js';
import { keptMemory } from '../../kept-memory.js';
import { createFakeWrtc } from './fake-wrtc.js';

function setUp(options?: { givesStats: boolean }) {
  const wrtc = createFakeWrtc();
  const emitted: string[] = [];
  const connections = new SdkPeerConnections(wrtc, (output) => emitted.push(output), options);
  const Constructor = connections.RTCPeerConnection as unknown as new () => PeerConnection;
  return { wrtc, emitted, connections, open: () => new Constructor() };
}

const ANSWER = { type: 'answer', sdp: 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 ptime=30\r\n' };

describe('SdkPeerConnections', () => {
  it("is made with new, as the SDK does, and gives out wrtc's own connection", () => {
    const { wrtc, open } = setUp();
    const connection = open() as PeerConnection & { ontrack?: unknown };
    wrtc.connections[0]!.become('connected');
    expect(connection.connectionState).toBe('connected');
    const listener = (): void => undefined;
    connection.ontrack = listener;
    expect(wrtc.connections[0]).toHaveProperty('ontrack', listener);
  });

  it("tells the local description that was set, and never reads wrtc's while candidates are gathered", async () => {
    const { wrtc, open } = setUp();
    const [connection, other] = [open(), open()];
    expect(connection.localDescription).toBeNull();
    const offer = { type: 'offer', sdp: 'v=0\r\n' };
    await connection.setLocalDescription(offer);
    expect(connection.localDescription).toEqual(offer);
    expect(wrtc.connections[0]!.localSdp).toBe(offer.sdp);
    expect(other.localDescription).toBeNull();
  });

  it('keeps the local description that it had where wrtc refuses another', async () => {
    const connection = setUp().open();
    const offer = { type: 'offer', sdp: 'v=0\r\n' };
    await connection.setLocalDescription(offer);
    await expect(connection.setLocalDescription({ type: 'offer', sdp: '' })).rejects.toThrow('no SDP');
    expect(connection.localDescription).toEqual(offer);
  });

  it('tells when what we publish leaves this machine, when silence is to, and when nothing does', () => {
    const { wrtc, emitted, connections, open } = setUp();
    open().addTransceiver('track', { direction: 'sendonly' });
    const receiving = open();
    receiving.addTransceiver('audio', { direction: 'recvonly' });
    wrtc.connections[1]!.become('connected');
    expect(emitted).toEqual([]);
    wrtc.connections[0]!.become('connected');
    wrtc.connections[0]!.become('disconnected');
    wrtc.connections[0]!.become('connected');
    expect(emitted).toEqual(['live', 'silent', 'live']);
    wrtc.connections[0]!.become('failed');
    expect(emitted.at(-1)).toBe('off');
    wrtc.connections[0]!.become('connected');
    connections.closeAll();
    expect(emitted.at(-1)).toBe('off');
    expect(wrtc.connections.map(({ connectionState }) => connectionState)).toEqual(['closed', 'closed']);
  });

  it('asks for our Opus settings where we send, and leaves alone what we receive', async () => {
    const { wrtc, open } = setUp();
    const sending = open();
    sending.addTransceiver('track', { direction: 'sendonly' });
    const receiving = open();
    await sending.setRemoteDescription(ANSWER);
    await receiving.setRemoteDescription(ANSWER);
    expect(wrtc.connections[0]!.remoteSdp).toContain('ptime=20');
    expect(wrtc.connections[1]!.remoteSdp).toBe(ANSWER.sdp);
  });

  it("gives senders the stats that wrtc's own refuse", async () => {
    const { wrtc, open } = setUp();
    open().addTransceiver('track', { direction: 'sendonly' });
    const stats = await wrtc.connections[0]!.transceivers[0]!.sender.getStats?.();
    expect([...(stats ?? [])].map(([id]) => id)).toEqual(['a']);
  });

  it('asks wrtc for a sender once: it waits for its signalling thread each time', () => {
    const { wrtc, open } = setUp();
    const given = open().addTransceiver('track', { direction: 'sendonly' });
    const { asked } = wrtc.connections[0]!;
    expect(given.sender).toBe(given.sender);
    expect([asked, wrtc.connections[0]!.asked]).toEqual([1, 1]);
  });

  it('gathers no statistics where nobody is to get them', async () => {
    const { wrtc, open } = setUp({ givesStats: false });
    const connection = open();
    connection.addTransceiver('track', { direction: 'sendonly' });
    expect([...(await connection.getStats())]).toEqual([]);
    expect([...((await wrtc.connections[0]!.transceivers[0]!.sender.getStats?.()) ?? [])]).toEqual([]);
  });

  it('keeps the last closed connections, which wrtc may still call back into, and no more of them', async () => {
    const { wrtc, open } = setUp();
    const refs = Array.from({ length: 100 }, () => {
      const connection = open();
      connection.close();
      connection.close();
      return new WeakRef(wrtc.connections.at(-1)!);
    });
    wrtc.connections.length = 0;
    await new Promise((resolve) => setImmediate(resolve)); // a WeakRef holds on until its turn is over
    keptMemory();
    const alive = refs.map((ref) => ref.deref() !== undefined);
    expect(alive.lastIndexOf(false)).toBe(67);
  });
});
