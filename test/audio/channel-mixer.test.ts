import { describe, expect, it } from 'vitest';
import { AudioError, ChannelMixer, measureLevel } from '../../audio/index.js';

const RATE_HZ = 16_000;

function tone(frequencyHz: number, seconds: number, amplitude = 8000, fromS = 0, toS = Infinity): Int16Array {
  return Int16Array.from({ length: seconds * RATE_HZ }, (_, index) =>
    index < fromS * RATE_HZ || index >= toS * RATE_HZ
      ? 0
      : Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * index) / RATE_HZ)),
  );
}

function interleaved(...channels: Int16Array[]): Int16Array {
  const out = new Int16Array(channels[0]!.length * channels.length);
  channels.forEach((samples, channel) => {
    samples.forEach((sample, index) => (out[index * channels.length + channel] = sample));
  });
  return out;
}

function mixed(channels: Int16Array[], ignored: number[] = []) {
  const mixer = new ChannelMixer({ channelCount: channels.length, sampleRateHz: RATE_HZ, ignored });
  return { out: mixer.process(interleaved(...channels)), findings: mixer.findings };
}

const silence = new Int16Array(2 * RATE_HZ);
const speech = tone(440, 2);
const levelOf = (samples: Int16Array) => measureLevel(samples).rmsDbfs;

describe('ChannelMixer', () => {
  it('gives one channel, and equal ones, as they are', () => {
    expect(mixed([speech]).out).toEqual(speech);
    const { out, findings } = mixed([speech, speech]);
    expect(out).toEqual(speech);
    expect(findings).toEqual({ inverted: false, different: false });
  });

  it('keeps the level of one who is on one channel alone, of however many', () => {
    for (const count of [2, 4, 8]) {
      for (const at of [0, count - 1]) {
        const { out } = mixed(
          Array.from({ length: count }, (_, channel) => (channel === at ? speech : silence)),
        );
        expect(levelOf(out) - levelOf(speech)).toBeCloseTo(0, 1);
      }
    }
  });

  it('keeps the centre within 3 dB of what it is, with noise 12 dB below it on all others', () => {
    const noise = (seed: number) => tone(100 + 37 * seed, 2, 2000);
    const channels = [noise(1), noise(2), speech, noise(3), noise(4), noise(5)];
    const mixer = new ChannelMixer({ channelCount: 6, sampleRateHz: RATE_HZ, ignored: [3], centre: 2 });
    const out = mixer.process(interleaved(...channels));
    // What of the speech is in it: its part in phase.
    let both = 0;
    let alone = 0;
    speech.forEach((sample, index) => {
      both += sample * out[index]!;
      alone += sample * sample;
    });
    expect(20 * Math.log10(both / alone)).toBeGreaterThan(-3);
  });

  it('turns a channel round that is the other one inverted, at once', () => {
    const { out, findings } = mixed([speech, speech.map((sample) => -sample)]);
    expect(out).toEqual(speech);
    expect(findings).toEqual({ inverted: true, different: false });
  });

  it('hears two speakers, each on a channel of their own, and says that they differ', () => {
    const [left, right] = [tone(440, 2, 8000, 0, 1), tone(313, 2, 6000, 1, 2)];
    const { out, findings } = mixed([left, right]);
    expect(findings).toEqual({ inverted: false, different: true });
    const at = (fromS: number, toS: number, samples: Int16Array) =>
      levelOf(samples.subarray(fromS * RATE_HZ, toS * RATE_HZ));
    expect(at(0, 0.9, out) - at(0, 0.9, left)).toBeCloseTo(0, 0);
    expect(at(1.5, 2, out) - at(1.5, 2, right)).toBeCloseTo(0, 0);
  });

  it('does not call noise in an unused channel a speaker', () => {
    const hum = tone(50, 2, 20);
    expect(mixed([speech, hum]).findings.different).toBe(false);
  });

  it('hears the centre of 5.1 at its level, and no low-frequency effects', () => {
    const rumble = tone(40, 2, 12_000);
    const { out } = mixed([silence, silence, speech, rumble, silence, silence], [3]);
    expect(levelOf(out) - levelOf(speech)).toBeCloseTo(0, 1);
  });

  it('never clips and never wraps round', () => {
    const loud = tone(440, 1, 32_767);
    const square = loud.map((sample) => (sample < 0 ? -32_768 : 32_767));
    const { out } = mixed([square, square, square]);
    out.forEach((sample, index) => {
      expect(Math.abs(sample - square[index]!)).toBeLessThanOrEqual(1);
    });
  });

  it('refuses what has no channels, or too many', () => {
    for (const channelCount of [0, 9, 1.5])
      expect(() => new ChannelMixer({ channelCount, sampleRateHz: RATE_HZ })).toThrow(AudioError);
  });
});
