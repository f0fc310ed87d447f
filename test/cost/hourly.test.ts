import { describe, expect, it } from 'vitest';
import { usdPerHour } from '../../src/cost/hourly.js';
import { LIST_PRICES, withOwnPrices } from '../../src/cost/prices.js';

const MODELS = { conversation: 'gpt-realtime-2.1', translate: 'gpt-realtime-translate' };

describe('what a route costs per hour', () => {
  it('of the translate engine: every minute of its session, and what transcribes beside it', () => {
    expect(usdPerHour('translate', MODELS, LIST_PRICES)).toBeCloseTo(60 * 0.034);
    const transcribed = { ...MODELS, transcription: 'gpt-realtime-whisper' };
    expect(usdPerHour('translate', transcribed, LIST_PRICES)).toBeCloseTo(60 * (0.034 + 0.017));
  });

  it('of the conversation engine: an hour heard and spoken, the context of each turn, its text', () => {
    const audio = (36_000 * 32 + 72_000 * 64) / 1e6;
    const text = (600 * 600 * 4 + 12_600 * 24) / 1e6;
    expect(usdPerHour('conversation', MODELS, LIST_PRICES)).toBeCloseTo(audio + text);
  });

  it("by a user's own table, and not at all where a model is not in it", () => {
    const own = withOwnPrices(
      { date: '2027-01-01', models: { mine: { perAudioMinute: 0.1 } } },
      'prices.json',
    );
    expect(usdPerHour('translate', { ...MODELS, translate: 'mine' }, own)).toBeCloseTo(6);
    expect(usdPerHour('translate', { ...MODELS, translate: 'theirs' }, own)).toBeUndefined();
    expect(usdPerHour('translate', { ...MODELS, transcription: 'theirs' }, own)).toBeUndefined();
    expect(usdPerHour('conversation', { ...MODELS, conversation: 'mine' }, own)).toBeUndefined(); // not by the minute
  });
});
