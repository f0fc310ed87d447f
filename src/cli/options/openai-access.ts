/** OpenAI's API beside its sessions, where a key for it is set: for embeddings and minutes. */
import type { OpenAiAccess } from '../../agent/openai/openai-call.js';
import type { ProcessSettings } from '../../settings/process-settings.js';

export function openAiAccessOf({
  openaiApiKey,
  openaiBaseUrl,
}: Pick<ProcessSettings, 'openaiApiKey' | 'openaiBaseUrl'>): OpenAiAccess | undefined {
  if (openaiApiKey === undefined || openaiApiKey.trim() === '') return undefined;
  return { apiKey: openaiApiKey.trim(), baseUrl: openaiBaseUrl };
}
