/** What models cost: a table with a date, which a user's own overrides. An estimate, never a bill. */
import { z } from 'zod';
import { ParleyError } from '../errors.js';
import type { SessionUsage, TokenUsage } from '../realtime/usage.js';

const usd = z.number().min(0).max(100_000);
const perMillionTokens = z.strictObject({
  textIn: usd,
  cachedTextIn: usd,
  audioIn: usd,
  cachedAudioIn: usd,
  textOut: usd,
  audioOut: usd,
});

/** US dollars per million tokens of each kind, or per minute of audio. */
const priceSchema = z.union([z.strictObject({ perMillionTokens }), z.strictObject({ perAudioMinute: usd })]);
export type Price = Readonly<z.infer<typeof priceSchema>>;

const priceTableSchema = z.strictObject({
  /** The day on which these prices were looked up, such as `2026-11-20`. */
  date: z.iso.date(),
  models: z.record(z.string().min(1).max(128), priceSchema),
});
/** Prices by model. */
export type PriceTable = Readonly<z.infer<typeof priceTableSchema>>;

const tokens = (
  [textIn, cachedTextIn, textOut]: readonly [number, number, number],
  [audioIn, cachedAudioIn, audioOut]: readonly [number, number, number],
): Price => ({ perMillionTokens: { textIn, cachedTextIn, textOut, audioIn, cachedAudioIn, audioOut } });

/** The list prices of OpenAI's models (its pages of models, 2026-11-30). */
export const LIST_PRICES: PriceTable = {
  date: '2026-11-30',
  models: {
    'gpt-realtime-2.1': tokens([4, 0.4, 24], [32, 0.4, 64]),
    'gpt-realtime-2.1-mini': tokens([0.6, 0.06, 2.4], [10, 0.3, 20]),
    'gpt-realtime-2': tokens([4, 0.4, 24], [32, 0.4, 64]),
    'gpt-realtime-1.5': tokens([4, 0.4, 16], [32, 0.4, 64]),
    'gpt-realtime-translate': { perAudioMinute: 0.034 },
    'gpt-realtime-whisper': { perAudioMinute: 0.017 },
    'gpt-live-1.1': { perAudioMinute: 0.05 },
    'gpt-live-1': { perAudioMinute: 0.05 },
    'gpt-5.4-mini': tokens([0.75, 0.075, 4.5], [0, 0, 0]),
  },
};

/**
 * A user's own table, from the JSON of a file: it replaces the models that it names.
 * @throws ParleyError `config` that names the first wrong field
 */
export function withOwnPrices(value: unknown, name: string): PriceTable {
  const parsed = priceTableSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.map(String).join('.') ?? '';
    throw new ParleyError(
      'config',
      `${name}: ${path === '' ? 'the table' : path.slice(0, 100)} is not a price; see docs/costs.md for its form`,
    );
  }
  return { date: parsed.data.date, models: { ...LIST_PRICES.models, ...parsed.data.models } };
}

/** What something costs in US dollars; undefined where the table has no fitting price for the model. */
export function priceOf(table: PriceTable, model: string, usage: SessionUsage): number | undefined {
  const price = Object.hasOwn(table.models, model) ? table.models[model] : undefined;
  if (price === undefined) return undefined;
  if ('tokens' in usage)
    return 'perMillionTokens' in price ? tokenPrice(price.perMillionTokens, usage.tokens) : undefined;
  return 'perAudioMinute' in price ? (price.perAudioMinute * usage.audioMs) / 60_000 : undefined;
}

function tokenPrice(perMillion: TokenUsage, used: TokenUsage): number {
  const sum =
    perMillion.textIn * used.textIn +
    perMillion.cachedTextIn * used.cachedTextIn +
    perMillion.audioIn * used.audioIn +
    perMillion.cachedAudioIn * used.cachedAudioIn +
    perMillion.textOut * used.textOut +
    perMillion.audioOut * used.audioOut;
  return sum / 1e6;
}
