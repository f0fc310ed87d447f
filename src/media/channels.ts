/** Which channels of a recording are heard, and as whose voice. */
import { ChannelMixer } from '../../audio/index.js';
import { ParleyError } from '../errors.js';
import type { SoundFormat } from './sound.js';

/**
 * `mix`: all as one; `split`: each as a speaker of its own; `left`, `right` or a number from 1 on: that one alone.
 */
export type ChannelChoice = 'mix' | 'split' | 'left' | 'right' | number;

/** Takes interleaved samples apart into mono ones, one array per voice. */
export interface VoiceSplitter {
  readonly voiceCount: number;
  /** Arrays of equal length, in memory of their own. */
  process(samples: Int16Array): Int16Array[];
  /** One line each: what somebody should know about the channels so far. */
  notes(): string[];
}

/** @throws ParleyError `usage` for a channel that the recording does not have. */
export function voiceSplitter(choice: ChannelChoice, format: SoundFormat): VoiceSplitter {
  const { channelCount, sampleRateHz, ignoredChannels, centreChannel } = format;
  if (choice === 'mix') {
    const channels = { ignored: ignoredChannels, centre: centreChannel };
    return mixing(new ChannelMixer({ channelCount, sampleRateHz, ...channels }));
  }
  if (choice === 'split') {
    const channels = Array.from({ length: channelCount }, (_, channel) => channel);
    return picking(
      channels.filter((channel) => !ignoredChannels.includes(channel)),
      channelCount,
    );
  }
  const channel = choice === 'left' ? 0 : choice === 'right' ? 1 : choice - 1;
  if (channel >= 0 && channel < channelCount) return picking([channel], channelCount);
  const has = channelCount === 1 ? 'one channel' : `${channelCount} channels`;
  throw new ParleyError('usage', `it has ${has}: there is no channel ${choice}`);
}

function mixing(mixer: ChannelMixer): VoiceSplitter {
  return {
    voiceCount: 1,
    process: (samples) => [mixer.process(samples)],
    notes: () => {
      const { inverted, different } = mixer.findings;
      if (inverted) return ['one of its two channels is inverted; it was turned round'];
      if (different)
        return [
          'its two channels differ: if each is a speaker, --channels split (or left, right) hears them apart',
        ];
      return [];
    },
  };
}

function picking(channels: readonly number[], channelCount: number): VoiceSplitter {
  return {
    voiceCount: channels.length,
    process: (samples) => channels.map((channel) => channelOf(samples, channel, channelCount)),
    notes: () => [],
  };
}

function channelOf(samples: Int16Array, channel: number, channelCount: number): Int16Array {
  if (channelCount === 1) return samples;
  const out = new Int16Array(samples.length / channelCount);
  for (let frame = 0, at = channel; frame < out.length; frame++, at += channelCount)
    out[frame] = samples[at]!;
  return out;
}
