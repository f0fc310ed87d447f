/** What a route costs per hour, before it has cost anything. An estimate of what is typical, never a bill. Pure. */
import type { EngineName, PerEngine } from '../realtime/engines.js';
import { type PriceTable, priceOf } from './prices.js';

const HOUR_MS = 3_600_000;
const HOUR_S = 3_600;
/** Audio tokens per second (OpenAI's guides/realtime-costs: one per 100 ms heard, one per 50 ms spoken). */
const HEARD_TOKENS_PER_S = 10;
const SPOKEN_TOKENS_PER_S = 20;
/** Text of the translation, which is billed beside its audio: about 2.5 words per second. */
const TEXT_TOKENS_PER_S = 3.5;
/** A turn of usual length, and what is read again for each: instructions, and the last four turns as text. */
const TURN_S = 6;
const CONTEXT_TOKENS = 600;

/** Models of a route: of each engine, and the one that transcribes, where it does. */
type RouteModels = PerEngine<string> & { readonly transcription?: string };

/**
 * US dollars: of an hour in which the speaker speaks for the conversation engine, which is not billed for silence; of an hour
 * in which its session is open for the others, which are. What a live session writes costs nothing. Undefined where the table has no price for a model.
 */
export function usdPerHour(
  engine: EngineName,
  { transcription, ...models }: RouteModels,
  prices: PriceTable,
): number | undefined {
  const interpreted = priceOf(prices, models[engine] ?? '', usageOf(engine));
  const transcribed =
    transcription === undefined || engine === 'live'
      ? 0
      : priceOf(prices, transcription, { kind: 'transcription', model: transcription, audioMs: HOUR_MS });
  return interpreted === undefined || transcribed === undefined ? undefined : interpreted + transcribed;
}

function usageOf(engine: EngineName) {
  if (engine === 'translate') return { kind: 'translation', audioMs: HOUR_MS } as const;
  if (engine === 'live') return { kind: 'session', audioMs: HOUR_MS } as const;
  const tokens = {
    textIn: (HOUR_S / TURN_S) * CONTEXT_TOKENS,
    cachedTextIn: 0,
    audioIn: HOUR_S * HEARD_TOKENS_PER_S,
    cachedAudioIn: 0,
    textOut: HOUR_S * TEXT_TOKENS_PER_S,
    audioOut: HOUR_S * SPOKEN_TOKENS_PER_S,
  };
  return { kind: 'response', tokens } as const;
}
