/** Who interprets, by the settings. */
import type { Logger } from '../../log.js';
import type { ConnectionTap } from '../../realtime/connection-backend.js';
import { providerBackend } from '../../realtime/providers/provider-backend.js';
import type { SpeechBackend } from '../../realtime/speech-backend.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import type { CliIo } from '../io.js';
import { plain } from '../../text.js';
import { pricesOf } from './budget.js';
import { providerOf, providerWarnings, safetySecretOf } from './provider.js';

/** Which server is meant, beside the settings. */
type ServerFlags = { live?: boolean; insecure?: boolean };

/** Whether a Realtime server interprets; otherwise the embedded one does. */
function namesServer({ live }: ServerFlags, { process }: LoadedSettings): boolean {
  return live === true || process.url !== undefined;
}

/**
 * The backend that the settings mean. What the user should know of its models goes to stderr. Throws ParleyErrors as
 * {@link providerOf} does.
 */
export async function backendOf(
  flags: ServerFlags,
  loaded: LoadedSettings,
  io: CliIo,
  log: Logger,
): Promise<SpeechBackend> {
  const { process, meeting } = loaded;
  const prices = pricesOf(process);
  // Prices for the embedded interpreter are there to try a budget with.
  if (!namesServer(flags, loaded)) {
    const { embedded } = await import('../../embedded/backend.js');
    return embedded({ log, ...(meeting.budgetUsd === undefined ? {} : { prices }) });
  }
  return (await serverOf(flags, loaded, io)).open();
}

/**
 * The Realtime server that the settings mean, for output, and how its sessions are opened. What the user should know of its
 * models goes to stderr. Throws as {@link backendOf} does.
 */
export async function serverOf(
  flags: ServerFlags,
  loaded: LoadedSettings,
  io: CliIo,
): Promise<{ host: string; description: string; open: (tap?: ConnectionTap) => SpeechBackend }> {
  const { process, meeting, sources } = loaded;
  const prices = pricesOf(process);
  const provider = providerOf(loaded, io, flags);
  for (const warning of providerWarnings(provider, loaded, Date.now())) io.err(`parley: ${plain(warning)}\n`);
  const safetySecret = await safetySecretOf(provider, io);
  const { host, describe: description } = provider.conversation;
  const open = (tap?: ConnectionTap): SpeechBackend =>
    providerBackend({
      providerFor: () => provider,
      model: meeting.model,
      ...{ prices, safetySecret, tap },
      // On Azure what transcribes is a deployment, whose name only its owner knows.
      transcriptionModel: (asked) =>
        provider.name === 'azure' && sources.transcriptionModel === 'default' ? undefined : asked,
    });
  return { host, description, open };
}
