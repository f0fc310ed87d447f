/** Which engines interpret a meeting, at what price, by its settings and what the backend offers. Pure. */
import { usdPerHour } from '../cost/hourly.js';
import type { PriceTable } from '../cost/prices.js';
import { ParleyError } from '../errors.js';
import type { EngineChoice } from '../interpreter/plan/engine.js';
import type { EngineSettings } from '../meeting/routes/route-engine.js';
import type { EngineName, OutputLanguages } from '../realtime/engines.js';
import type { EngineOffer, SpeechOffer } from '../realtime/speech-backend.js';

/** The models that a meeting is billed by; empty for an engine that is missing. */
export function modelsOf({ engines }: SpeechOffer): Readonly<Record<EngineName, string>> {
  const modelOf = (offer: EngineOffer): string => (offer.kind === 'available' ? offer.model : '');
  return { conversation: modelOf(engines.conversation), translate: modelOf(engines.translate) };
}

/**
 * The engines of a meeting that asks for `asked`. `prices` is undefined where nothing is billed. Throws what is missing where
 * the one engine that is asked for is.
 */
export function engineSettingsOf(
  asked: EngineChoice,
  offer: SpeechOffer,
  prices: PriceTable | undefined,
): EngineSettings {
  const missing = new Map<EngineName, string>();
  for (const [engine, offered] of Object.entries(offer.engines) as [EngineName, EngineOffer][]) {
    if (offered.kind === 'missing') {
      if (asked === engine) throw offered.error;
      missing.set(engine, `is not there: ${offered.error.message}`);
    } else if (offered.onlyIfAsked === true && asked === 'conversation') {
      missing.set(engine, 'is not asked for');
    }
  }
  if (missing.size === 2) throw new ParleyError('config', 'the backend has no engine that interprets');
  const outputLanguages = {
    conversation: outputLanguagesOf(offer.engines.conversation),
    translate: outputLanguagesOf(offer.engines.translate),
  };
  if (prices === undefined) return { asked, missing, outputLanguages };
  const models = modelsOf(offer);
  const { transcriptionModel: transcription } = offer;
  return {
    asked,
    missing,
    outputLanguages,
    usdPerHour: (engine, transcribes) =>
      usdPerHour(
        engine,
        transcribes && transcription !== undefined ? { ...models, transcription } : models,
        prices,
      ),
  };
}

/** Of one that is missing, why it is says more than its languages. */
function outputLanguagesOf(offer: EngineOffer): OutputLanguages {
  return offer.kind === 'available' ? offer.abilities.outputLanguages : undefined;
}
