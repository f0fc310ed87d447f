import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { AudioSubscriptions } from '../../../src/room/videosdk/audio-subscriptions.js';
import type { SdkParticipant, SdkStream } from '../../../src/room/videosdk/sdk-types.js';
import { createFakeWrtc, FakeTrack } from '../webrtc/fake-wrtc.js';

class FakeParticipant extends EventEmitter implements SdkParticipant {
  readonly id: string;
  readonly streams = new Map<string, SdkStream>();
  micOn = false;
  asked = 0;
  refuses = false;

  constructor(id: string) {
    super();
    this.id = id;
  }

  consumeMicStreams(): Promise<void> {
    this.asked++;
    return this.refuses ? Promise.reject(new Error('4080')) : Promise.resolve();
  }

  override on(event: string, listener: (argument: never) => void): this {
    return super.on(event, listener as (argument: unknown) => void);
  }
}

function setUp() {
  const wrtc = createFakeWrtc();
  const clock = new VirtualClock();
  const emitted: string[] = [];
  const subscriptions = new AudioSubscriptions(wrtc, clock, {
    onStarted: (id) => emitted.push(`+${id}`),
    onStopped: (id) => emitted.push(`-${id}`),
    onFrame: (id, frame) =>
      emitted.push(`${id} ${frame.sampleRateHz}x${frame.channelCount} ${frame.samples.length}`),
    onProblem: (text) => emitted.push(text),
  });
  return { wrtc, clock, emitted, subscriptions };
}

const stream = (id: string, kind = 'audio'): SdkStream => ({ id, kind, track: new FakeTrack() });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Ears', () => {
  it('asks for the microphone of everyone but interpreters, and takes audio only', () => {
    const { subscriptions, emitted, wrtc } = setUp();
    const ana = new FakeParticipant('ana');
    const bot = new FakeParticipant('parley-2');
    subscriptions.attach(ana);
    subscriptions.attach(bot);
    expect([ana.asked, bot.asked]).toEqual([1, 0]);
    ana.emit('stream-enabled', stream('v', 'video'));
    ana.emit('stream-enabled', stream('s', 'shareAudio'));
    bot.emit('stream-enabled', stream('x'));
    expect(emitted).toEqual([]);
    expect(wrtc.sinks).toHaveLength(0);
  });

  it('tells when a shared screen has sound, and receives that only where it is wanted', () => {
    for (const wanted of [false, true]) {
      const wrtc = createFakeWrtc();
      const told: string[] = [];
      const subscriptions = new AudioSubscriptions(wrtc, new VirtualClock(), {
        onStarted: () => undefined,
        onStopped: () => undefined,
        onFrame: () => told.push('microphone'),
        onShareStarted: (id) => told.push(`+${id}`),
        onShareStopped: (id) => told.push(`-${id}`),
        ...(wanted ? { onShareFrame: (id: string) => told.push(`share of ${id}`) } : {}),
        onProblem: () => undefined,
      });
      const ana = new FakeParticipant('ana');
      subscriptions.attach(ana);
      const share = stream('s', 'shareAudio');
      ana.emit('stream-enabled', share);
      ana.emit('stream-enabled', share);
      wrtc.sinks[0]?.dispatchEvent({
        samples: new Int16Array(480),
        sampleRate: 48_000,
        channelCount: 1,
        bitsPerSample: 16,
        numberOfFrames: 480,
      });
      ana.emit('stream-disabled', share);
      expect(told).toEqual(wanted ? ['+ana', 'share of ana', '-ana'] : ['+ana', '-ana']);
      ana.emit('stream-enabled', stream('t', 'shareAudio'));
      subscriptions.detach('ana');
      expect(told.slice(-2)).toEqual(['+ana', '-ana']);
    }
  });

  it('reads rate and channels of each frame', () => {
    const { subscriptions, emitted, wrtc } = setUp();
    const ana = new FakeParticipant('ana');
    subscriptions.attach(ana);
    ana.emit('stream-enabled', stream('1'));
    const frame = (sampleRate: number, channelCount: number) => ({
      samples: new Int16Array((sampleRate / 100) * channelCount),
      sampleRate,
      channelCount,
      bitsPerSample: 16,
      numberOfFrames: sampleRate / 100,
    });
    wrtc.sinks[0]?.dispatchEvent(frame(16_000, 1));
    wrtc.sinks[0]?.dispatchEvent(frame(48_000, 2));
    expect(emitted).toEqual(['+ana', 'ana 16000x1 160', 'ana 48000x2 960']);
  });

  it('a mute ends the sink, and the unmute brings a new one; a stream told twice is one', () => {
    const { subscriptions, emitted, wrtc } = setUp();
    const ana = new FakeParticipant('ana');
    subscriptions.attach(ana);
    const first = stream('1');
    ana.emit('stream-enabled', first);
    ana.emit('stream-enabled', first);
    ana.emit('stream-disabled', first);
    ana.emit('stream-disabled', first);
    ana.emit('stream-enabled', stream('2'));
    expect(emitted).toEqual(['+ana', '-ana', '+ana']);
    expect(wrtc.sinks.map(({ stopped }) => stopped)).toEqual([true, false]);
  });

  it('a new stream that comes before the old one is gone takes its place', () => {
    const { subscriptions, emitted, wrtc } = setUp();
    const ana = new FakeParticipant('ana');
    subscriptions.attach(ana);
    const first = stream('1');
    ana.emit('stream-enabled', first);
    ana.emit('stream-enabled', stream('2'));
    ana.emit('stream-disabled', first);
    expect(emitted).toEqual(['+ana', '-ana', '+ana']);
    expect(wrtc.sinks.map(({ stopped }) => stopped)).toEqual([true, false]);
  });

  it('after a reconnect the new object of a participant counts, and the old one no longer', () => {
    const { subscriptions, emitted } = setUp();
    const before = new FakeParticipant('ana');
    const after = new FakeParticipant('ana');
    subscriptions.attach(before);
    before.emit('stream-enabled', stream('1'));
    subscriptions.attach(after);
    before.emit('stream-enabled', stream('2'));
    after.emit('stream-enabled', stream('3'));
    expect(emitted).toEqual(['+ana', '-ana', '+ana']);
  });

  it('asks again when it was refused, ever later, and gives up', async () => {
    const { clock, subscriptions, emitted } = setUp();
    const ana = new FakeParticipant('ana');
    ana.refuses = true;
    subscriptions.attach(ana);
    for (let n = 0; n < 20; n++) {
      await settled();
      clock.advanceBy(15_000);
    }
    expect(ana.asked).toBe(6);
    expect(emitted).toHaveLength(6);
    expect(emitted[0]).toBe('the audio of ana is not given to us: 4080');
  });

  it('asks again when a microphone is on and its stream does not come', async () => {
    const { clock, subscriptions } = setUp();
    const ana = new FakeParticipant('ana');
    subscriptions.attach(ana);
    await settled();
    clock.advanceBy(60_000);
    expect(ana.asked).toBe(1); // muted: there is nothing to come
    ana.micOn = true;
    ana.emit('media-status-changed', { kind: 'audio', newStatus: true });
    clock.advanceBy(1_999);
    expect(ana.asked).toBe(1);
    clock.advanceBy(1);
    expect(ana.asked).toBe(2);
    ana.emit('stream-enabled', stream('1'));
    await settled();
    clock.advanceBy(60_000);
    expect(ana.asked).toBe(2);
  });

  it('detached, nothing is heard, asked or left running', async () => {
    const { clock, subscriptions, emitted, wrtc } = setUp();
    const ana = new FakeParticipant('ana');
    ana.micOn = true;
    subscriptions.attach(ana);
    ana.emit('stream-enabled', stream('1'));
    subscriptions.detachAll();
    ana.emit('stream-enabled', stream('2'));
    ana.emit('media-status-changed', { kind: 'audio', newStatus: true });
    await settled();
    const late = { samples: new Int16Array(480), sampleRate: 48_000, channelCount: 1 };
    wrtc.sinks[0]?.dispatchEvent({ ...late, bitsPerSample: 16, numberOfFrames: 480 });
    expect(emitted).toEqual(['+ana', '-ana']);
    expect(wrtc.sinks[0]).toHaveProperty('stopped', true);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
