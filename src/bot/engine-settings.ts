/** Which engines interpret a meeting, at what price, by its settings and what the backend offers. Pure. */
import { usdPerHour } from '../cost/hourly.js';
import type { PriceTable } from '../cost/prices.js';
import { ParleyError } from '../errors.js';
import type { EngineChoice } from '../interpreter/plan/engine.js';
import type { EngineSettings } from '../meeting/routes/route-engine.js';
import { ENGINE_NAMES, type EngineName, type OutputLanguages, type PerEngine } from '../realtime/engines.js';
import type { EngineOffer, SpeechOffer } from '../realtime/speech-backend.js';

const NOT_OFFERED: EngineOffer = {
  kind: 'missing',
  error: new ParleyError('config', 'this backend has no such sessions'),
};

/** The models that a meeting is billed by; empty for an engine that is missing. */
export function modelsOf({ engines }: SpeechOffer): PerEngine<string> {
  const modelOf = (offer: EngineOffer): string => (offer.kind === 'available' ? offer.model : '');
  const { conversation, translate, live } = engines;
  return {
    conversation: modelOf(conversation),
    translate: modelOf(translate),
    ...(live === undefined ? {} : { live: modelOf(live) }),
  };
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
  for (const engine of ENGINE_NAMES) {
    const offered = offer.engines[engine] ?? NOT_OFFERED;
    if (offered.kind === 'missing') {
      if (asked === engine) throw offered.error;
      missing.set(engine, `is not there: ${offered.error.message}`);
    } else if (offered.onlyIfAsked === true && engine !== 'live' && asked === 'conversation') {
      missing.set(engine, 'is not asked for');
    }
  }
  if (missing.size === ENGINE_NAMES.length)
    throw new ParleyError('config', 'the backend has no engine that interprets');
  const outputLanguages = {
    conversation: outputLanguagesOf(offer.engines.conversation),
    translate: outputLanguagesOf(offer.engines.translate),
    ...(offer.engines.live === undefined ? {} : { live: outputLanguagesOf(offer.engines.live) }),
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
