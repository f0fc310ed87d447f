/** Who interprets the service's meetings, by its settings, as a meeting process is told. */
import type { BackendSpec } from '../../meeting-process/protocol.js';
import { onlyAzureIsSet } from '../../realtime/providers/azure-endpoint.js';
import { readJsonFile } from '../../settings/config-file.js';
import { EMBEDDED_DESCRIPTION } from '../../embedded/backend.js';
import { EMBEDDED_MODEL } from '../../embedded/realtime-server/index.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import { startRealtimeProcess } from '../embedded/realtime-process.js';
import type { CliIo } from '../io.js';
import { providerOf, safetySecretOf } from '../options/provider.js';

/** Who interprets, and what was started for it. */
export type OpenBackend = {
  readonly spec: BackendSpec;
  readonly interpreter: string;
  close(): Promise<void>;
};

/**
 * Opens it: a server by its address, OpenAI or Azure where their keys are set, and the embedded stand-in otherwise. Throws
 * ParleyErrors as `resolveProvider` does, before any meeting is joined.
 */
export async function openBackend(
  loaded: LoadedSettings,
  io: CliIo,
  flags: { embedded: boolean; insecure: boolean },
): Promise<OpenBackend> {
  const { process: config, meeting } = loaded;
  const prices =
    config.prices === undefined
      ? {}
      : { prices: readJsonFile(config.prices, '--prices') as NonNullable<BackendSpec['prices']> };
  const { url } = config;
  const hasKey = [config.openaiApiKey, config.azureOpenaiApiKey, config.azureClientSecret].some(
    (key) => (key ?? '') !== '',
  );
  if (flags.embedded || (url === undefined && !hasKey)) return openEmbedded(io, prices);
  const provider = providerOf(loaded, io, { insecure: flags.insecure });
  const interpreter = provider.conversation.describe;
  const none = (): Promise<void> => Promise.resolve();
  if (url !== undefined) {
    const { parleyRealtimeKey: key, sessionShape, inputRateHz } = config;
    const spec: BackendSpec = {
      ...{ kind: 'server', url, sessionShape, inputRateHz, insecure: flags.insecure, ...prices },
      ...(key === undefined ? {} : { key }),
    };
    return { spec, interpreter, close: none };
  }
  if (provider.name === 'azure' || (config.openaiApiKey === undefined && onlyAzureIsSet(io.env)))
    return { spec: azureSpec(loaded, prices), interpreter, close: none };
  const safetySecret = await safetySecretOf(provider, io);
  const spec: BackendSpec = {
    ...{ kind: 'openai', apiKey: config.openaiApiKey!, model: meeting.model, ...prices },
    ...(config.openaiBaseUrl === undefined ? {} : { baseUrl: config.openaiBaseUrl }),
    ...(safetySecret === undefined ? {} : { safetySecret }),
  };
  return { spec, interpreter, close: none };
}

function azureSpec({ process: config, meeting, sources }: LoadedSettings, prices: object): BackendSpec {
  const translate = config.azureOpenaiTranslateDeployment;
  const transcribes =
    sources.transcriptionModel === 'default' ? {} : { transcriptionDeployment: meeting.transcriptionModel };
  return {
    ...{ kind: 'azure', endpoint: config.azureOpenaiEndpoint!, deployment: config.azureOpenaiDeployment! },
    ...(translate === undefined ? {} : { translateDeployment: translate }),
    ...transcribes,
    ...prices,
    authorization:
      config.azureOpenaiApiKey === undefined
        ? {
            kind: 'entra',
            tenantId: config.azureTenantId!,
            clientId: config.azureClientId!,
            clientSecret: config.azureClientSecret!,
          }
        : { kind: 'key', apiKey: config.azureOpenaiApiKey },
  };
}

async function openEmbedded(io: CliIo, prices: object): Promise<OpenBackend> {
  const server = await startRealtimeProcess(io.env);
  const spec: BackendSpec = {
    ...{
      kind: 'embedded',
      url: server.url,
      key: server.key,
      model: EMBEDDED_MODEL,
      description: EMBEDDED_DESCRIPTION,
    },
    ...prices,
  };
  return { spec, interpreter: EMBEDDED_DESCRIPTION, close: () => server.end() };
}
