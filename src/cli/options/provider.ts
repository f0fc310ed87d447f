/** Whose sessions a command uses, by its settings. */
import { DEFAULT_MEETING_SETTINGS } from '../../bot/meeting-settings.js';
import { ParleyError } from '../../errors.js';
import { loadSecret } from '../../installation.js';
import { retirementWarnings } from '../../realtime/providers/models.js';
import { type Provider, resolveProvider } from '../../realtime/providers/providers.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import type { CliIo } from '../io.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';

/**
 * The provider that the settings mean; `live` leaves a configured address aside. Throws ParleyErrors as `resolveProvider`
 * does, and `usage` for a form that only servers at other addresses have.
 */
export function providerOf(
  { process, meeting, sources }: LoadedSettings,
  io: Pick<CliIo, 'env'>,
  flags: { live?: boolean | undefined; insecure?: boolean | undefined } = {},
): Provider {
  const { sessionShape, inputRateHz } = process;
  const provider = resolveProvider({
    url: flags.live === true ? undefined : process.url,
    provider: process.provider,
    model: meeting.model,
    modelAsked: sources.model !== 'default',
    environment: io.env,
    insecure: flags.insecure,
    wireForm: { sessionShape, inputRateHz },
  });
  const asked = sources.sessionShape.startsWith('--') || sources.inputRateHz.startsWith('--');
  if (asked && provider.name !== 'compatible') {
    throw new ParleyError('usage', '--session-shape and --input-rate-hz are for the server at --url');
  }
  return provider;
}

/** What hashes on whose behalf sessions are, which only OpenAI takes: the secret that this installation keeps. */
export async function safetySecretOf({ name }: Provider, io: CliIo): Promise<string | undefined> {
  return name === 'openai' ? loadSecret(cacheFolderOf(io)) : undefined;
}

/** What the user should know of the chosen provider's models, a line each. */
export function providerWarnings(
  provider: Provider,
  { meeting, sources }: LoadedSettings,
  epochMs: number,
): string[] {
  const silent = provider.name === 'azure' && sources.transcriptionModel === 'default';
  const model = new URL(provider.conversation.url).searchParams.get('model') ?? meeting.model;
  const transcriptionModel = silent ? undefined : meeting.transcriptionModel;
  return [
    ...retirementWarnings(
      { provider: provider.name, model, transcriptionModel },
      DEFAULT_MEETING_SETTINGS,
      epochMs,
    ),
    ...(silent
      ? [
          'what people say is not written down: name your deployment that transcribes by --transcription-model',
        ]
      : []),
  ];
}
