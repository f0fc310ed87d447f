/** Which engines a command's routes are interpreted by, and what they cost, by its settings. */
import type { MeetingSettings } from '../../bot/meeting-settings.js';
import { usdPerHour } from '../../cost/hourly.js';
import type { PriceTable } from '../../cost/prices.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { EngineName } from '../../realtime/engines.js';
import type { EngineSettings } from '../../meeting/routes/route-engine.js';
import type { ConversationConfig } from '../../realtime/conversation/conversation-config.js';
import type { Provider } from '../../realtime/providers/providers.js';

/** By engine, the model that a provider's sessions are asked for; on Azure, the deployment. */
type EngineModels = Readonly<Record<EngineName, string>>;

/** Models of the embedded interpreter, which bills nothing. */
const EMBEDDED_MODELS: EngineModels = { conversation: 'parley-embedded', translate: 'parley-embedded' };

/**
 * The engines of a meeting or a replay. `provider` is undefined for the embedded interpreter and for cassettes, which have
 * both. Throws what `provider.translation` throws where `--engine translate` asks for what is not there.
 */
export function enginesOf(
  { engine: asked }: MeetingSettings,
  provider: Provider | undefined,
  billing: { conversation: ConversationConfig; prices: PriceTable },
): { engines: EngineSettings; models: EngineModels } {
  if (provider === undefined) return { engines: { asked, missing: new Map() }, models: EMBEDDED_MODELS };
  const missing = new Map<EngineName, string>();
  let translate = '';
  try {
    translate = modelOf(provider.translation().url);
  } catch (error) {
    if (asked === 'translate' || !(error instanceof ParleyError)) throw error;
    missing.set('translate', `is not there: ${messageOf(error)}`);
  }
  // Of the servers that are merely compatible none is known that has translation sessions: nobody falls back to one.
  if (provider.name === 'compatible' && asked === 'conversation')
    missing.set('translate', `is not asked for`);
  const models: EngineModels = { conversation: modelOf(provider.conversation.url), translate };
  const transcription = billing.conversation.transcription?.model;
  return {
    models,
    engines: {
      asked,
      missing,
      usdPerHour: (engine, transcribes) =>
        usdPerHour(
          engine,
          transcribes && transcription !== undefined ? { ...models, transcription } : models,
          billing.prices,
        ),
    },
  };
}

function modelOf(url: string): string {
  return new URL(url).searchParams.get('model') ?? '';
}
