import { describe, expect, it } from 'vitest';
import { AudioSourceTrack } from '../../../src/room/webrtc/audio-source-track.js';
import { createFakeWrtc } from './fake-wrtc.js';

describe('Microphone', () => {
  it('hands out a fresh live track whenever it is asked, whatever became of the earlier ones', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    const tracks = Array.from({ length: 25 }, () => {
      const [track] = microphone.createStream().getTracks();
      expect(track?.readyState).toBe('live');
      track?.stop(); // as the SDK does on every mute
      return track;
    });
    expect(new Set(tracks).size).toBe(25);
    expect(wrtc.sources).toHaveLength(1);
  });

  it('pulls nothing while it is not live, and goes on with the next frame when it is', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    let next = 0;
    const times: number[] = [];
    microphone.feedFrom({
      pull: (out, atMs) => {
        out.fill(++next);
        times.push(atMs);
      },
    });
    microphone.playFrame(0);
    microphone.output = 'live';
    microphone.playFrame(10);
    microphone.playFrame(20);
    microphone.output = 'off';
    microphone.playFrame(30);
    microphone.output = 'live';
    microphone.playFrame(40);
    expect(times).toEqual([10, 20, 40]);
    expect(wrtc.sources[0]?.frames.map(({ samples }) => samples[479])).toEqual([1, 2, 3]);
    expect(microphone.playedFrames).toBe(3);
  });

  it('sends silence while it may be live again at any moment, and what its source holds waits', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    let next = 0;
    microphone.feedFrom({ pull: (out) => out.fill(++next) });
    microphone.output = 'live';
    microphone.playFrame(0);
    microphone.output = 'silent';
    microphone.playFrame(10);
    microphone.playFrame(20);
    expect(microphone.resting).toBe(false);
    microphone.output = 'live';
    microphone.playFrame(30);
    expect(wrtc.sources[0]?.frames.map(({ samples }) => samples[0])).toEqual([1, 0, 0, 2]);
  });

  it('gives exactly 10 ms in an array over its whole buffer, and silence without a source', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    microphone.output = 'live';
    microphone.playFrame(0);
    const frame = wrtc.sources[0]!.frames[0]!;
    expect(frame).toMatchObject({
      sampleRate: 48_000,
      channelCount: 1,
      numberOfFrames: 480,
      bitsPerSample: 16,
    });
    expect(frame.samples).toEqual(new Int16Array(480));
    expect(frame.samples.buffer.byteLength).toBe(960);
  });

  it('a source that throws is heard as silence, is told of, and is asked again', () => {
    const wrtc = createFakeWrtc();
    const problems: unknown[] = [];
    const microphone = new AudioSourceTrack(wrtc, (error) => problems.push(error));
    let calls = 0;
    microphone.feedFrom({
      pull: (out) => {
        out.fill(7);
        if (++calls === 1) throw new Error('empty');
      },
    });
    microphone.output = 'live';
    microphone.playFrame(0);
    microphone.playFrame(10);
    expect(wrtc.sources[0]?.frames.map(({ samples }) => samples[0])).toEqual([0, 7]);
    expect(problems).toHaveLength(1);
  });

  it('stops every track that is still live', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    microphone.createStream();
    microphone.createStream();
    microphone.output = 'live';
    microphone.stop();
    expect(wrtc.sources[0]?.tracks.map(({ readyState }) => readyState)).toEqual(['ended', 'ended']);
    expect(microphone.output).toBe('off');
  });

  it('rests 3 s after its source became idle, until the source wakes; silence then goes out as it is', () => {
    const wrtc = createFakeWrtc();
    const microphone = new AudioSourceTrack(wrtc, () => undefined);
    let [idle, wakes] = [false, 0];
    const listeners = new Set<() => void>();
    const source = {
      get idle() {
        return idle;
      },
      onWake: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      pull: (out: Int16Array) => out.fill(5),
    };
    microphone.onWake(() => wakes++);
    microphone.feedFrom(source);
    microphone.output = 'live';
    microphone.playFrame(0);
    idle = true;
    for (let frame = 1; frame < 300; frame++) microphone.playFrame(frame * 10);
    expect(microphone.resting).toBe(false);
    microphone.playFrame(3_000);
    expect(microphone.resting).toBe(true);
    microphone.playSilence(20);
    expect(microphone.playedFrames).toBe(321);
    expect(wrtc.sources[0]?.frames.slice(-20).map(({ samples }) => samples[0])).toEqual(Array(20).fill(0));
    idle = false;
    for (const listener of listeners) listener();
    expect(wakes).toBe(1);
    expect(microphone.resting).toBe(false);
    microphone.output = 'off';
    idle = true;
    expect(microphone.resting).toBe(false);
    microphone.feedFrom({ pull: () => undefined });
    expect(listeners.size).toBe(0);
  });

  it('never rests with a source that does not tell when it wakes', () => {
    const microphone = new AudioSourceTrack(createFakeWrtc(), () => undefined);
    microphone.feedFrom({ idle: true, pull: () => undefined });
    microphone.output = 'live';
    for (let frame = 0; frame < 400; frame++) microphone.playFrame(frame * 10);
    expect(microphone.resting).toBe(false);
  });
});
