import { describe, expect, it } from 'vitest';
import { CostMeter } from '../../src/cost/cost-meter.js';
import { LIST_PRICES, priceOf, withOwnPrices } from '../../src/cost/prices.js';
import { responseTokens, transcriptionUsage } from '../../src/realtime/usage.js';

const MODEL = 'gpt-realtime-2.1';
const NO_TOKENS = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 0 };
/** One dollar of spoken output. */
const dollar = { kind: 'response', tokens: { ...NO_TOKENS, audioOut: 1e6 / 64 } } as const;

describe('what a server bills', () => {
  it('is split into kinds, the cached part taken off', () => {
    const tokens = responseTokens({
      total_tokens: 400,
      input_tokens: 300,
      output_tokens: 100,
      input_token_details: {
        text_tokens: 200,
        audio_tokens: 100,
        cached_tokens: 120,
        cached_tokens_details: { text_tokens: 90, audio_tokens: 30 },
      },
      output_token_details: { text_tokens: 20, audio_tokens: 80 },
    });
    expect(tokens).toEqual({
      textIn: 110,
      cachedTextIn: 90,
      audioIn: 70,
      cachedAudioIn: 30,
      textOut: 20,
      audioOut: 80,
    });
  });

  it('is never negative, whatever a server says, and counts as audio where it is not told apart', () => {
    expect(responseTokens({ input_tokens: 50, output_tokens: 7 })).toEqual({
      ...NO_TOKENS,
      audioIn: 50,
      audioOut: 7,
    });
    const cached = { text_tokens: 500, audio_tokens: 500 };
    const details = { text_tokens: 10, audio_tokens: 10, cached_tokens_details: cached };
    expect(responseTokens({ input_token_details: details })).toEqual({
      ...NO_TOKENS,
      cachedTextIn: 10,
      cachedAudioIn: 10,
    });
    expect(transcriptionUsage('m', { type: 'duration', seconds: -5 })).toMatchObject({ audioMs: 0 });
  });
});

describe('what it costs', () => {
  it('follows the table of prices', () => {
    const tokens = {
      textIn: 1e6,
      cachedTextIn: 1e6,
      audioIn: 1e6,
      cachedAudioIn: 1e6,
      textOut: 1e6,
      audioOut: 1e6,
    };
    expect(priceOf(LIST_PRICES, MODEL, { kind: 'response', tokens })).toBeCloseTo(
      4 + 0.4 + 32 + 0.4 + 24 + 64,
    );
    const hour = { kind: 'translation', audioMs: 3_600_000 } as const;
    expect(priceOf(LIST_PRICES, 'gpt-realtime-translate', hour)).toBeCloseTo(2.04);
  });

  it('is not known for other models, names of Object included, and for usage that the price does not fit', () => {
    for (const model of ['parley-embedded', 'constructor', '__proto__', 'gpt-realtime-translate']) {
      expect(priceOf(LIST_PRICES, model, dollar)).toBeUndefined();
    }
  });

  it('is a user’s own where they say so, and a wrong table is refused with its field', () => {
    const own = withOwnPrices(
      { date: '2027-01-02', models: { mine: { perAudioMinute: 0.5 } } },
      'prices.json',
    );
    expect(priceOf(own, 'mine', { kind: 'translation', audioMs: 120_000 })).toBeCloseTo(1);
    expect(priceOf(own, MODEL, dollar)).toBeCloseTo(1);
    expect(own.date).toBe('2027-01-02');
    for (const [wrong, field] of [
      [{ date: 'today', models: {} }, /prices\.json: date /],
      [{ date: '2027-01-02', models: { mine: { perAudioMinute: -1 } } }, /prices\.json: models\.mine/],
      [{ date: '2027-01-02', models: { mine: { perAudioMinute: Infinity } } }, /models\.mine/],
      ['text', /prices\.json: the table /],
    ] as const) {
      expect(() => withOwnPrices(wrong, 'prices.json')).toThrow(field);
    }
  });
});

describe('the meter of a meeting', () => {
  it('adds up by route and in all', () => {
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: undefined });
    meter.add('Lucía → en', MODEL, dollar);
    meter.add('Lucía → en', MODEL, { kind: 'transcription', model: 'gpt-realtime-whisper', audioMs: 60_000 });
    meter.add('John → es', MODEL, dollar);
    expect(meter.total.usd).toBeCloseTo(2.017);
    expect(meter.total).toMatchObject({ responses: 2, audioMs: 60_000, unpriced: 0 });
    expect(meter.routes.get('Lucía → en')?.usd).toBeCloseTo(1.017);
    expect([...meter.routes.keys()]).toEqual(['Lucía → en', 'John → es']);
    expect(meter.budgetState).toBe('within');
  });

  it('counts what has no price instead of taking it for free', () => {
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: 1 });
    meter.add('a', 'parley-embedded', dollar);
    expect(meter.total).toMatchObject({ usd: 0, unpriced: 1, responses: 1 });
  });

  it('is a lower bound once a session ended without telling its length', () => {
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: undefined });
    meter.add('a', 'gpt-live-1.1', { kind: 'session', audioMs: 60_000 });
    expect(meter.total.isLowerBound).toBeUndefined();
    meter.add('a', 'gpt-live-1.1', { kind: 'session', audioMs: 0, endUntold: true });
    meter.add('b', 'gpt-live-1.1', { kind: 'session', audioMs: 60_000 });
    expect(meter.total).toMatchObject({ usd: 0.1, audioMs: 120_000, unpriced: 0, isLowerBound: true });
    expect(meter.routes.get('a')?.isLowerBound).toBe(true);
    expect(meter.routes.get('b')?.isLowerBound).toBeUndefined();
  });

  it('tells once when 80 % of the budget are spent, and once when all of it is', () => {
    const emitted: string[] = [];
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: 5 });
    meter.events.on('budget', (state) => emitted.push(state));
    const after = Array.from({ length: 7 }, () => {
      meter.add('a', MODEL, dollar);
      return emitted.length;
    });
    expect(after).toEqual([0, 0, 0, 1, 2, 2, 2]);
    expect(emitted).toEqual(['near', 'spent']);
    const leap: string[] = [];
    const sudden = new CostMeter({ prices: LIST_PRICES, budgetUsd: 0.5 });
    sudden.events.on('budget', (state) => leap.push(state));
    sudden.add('a', MODEL, dollar);
    expect(leap).toEqual(['spent']);
  });

  it('follows a budget that changes, whatever was spent already', () => {
    const emitted: string[] = [];
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: 1 });
    const other: string[] = [];
    meter.events.on('budget', (state) => emitted.push(state));
    meter.events.on('budget', (state) => other.push(state)); // nobody is unplugged by another
    meter.add('a', MODEL, dollar);
    meter.setBudget(10);
    meter.setBudget(10);
    meter.setBudget(1.1);
    meter.setBudget(undefined);
    expect(emitted).toEqual(['spent', 'within', 'near', 'within']);
    expect(other).toEqual(emitted);
    expect([meter.budgetUsd, meter.budgetState]).toEqual([undefined, 'within']);
  });
});
