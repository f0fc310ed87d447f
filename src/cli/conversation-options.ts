/** What several commands make of their options: the configuration of a session, and languages. */
import { ParleyError } from '../errors.js';
import { parseLanguage, type LanguageTag } from '../languages/languages.js';
import type { ConversationConfig } from '../realtime/conversation-config.js';
import type { Config } from '../settings.js';
import { plain } from './io.js';

/**
 * The transcription expects the speaker's language unless told otherwise: recognition is far better when it knows. The API
 * takes a language without a region (ISO 639-1).
 */
export function conversationOf(config: Config, from: LanguageTag | undefined): ConversationConfig {
  const spoken = config.transcriptionLanguage ?? from;
  return {
    voice: config.voice,
    transcription: {
      model: config.transcriptionModel,
      ...(spoken === undefined ? {} : { language: new Intl.Locale(spoken).language }),
    },
    maxOutputTokens: config.maxOutputTokens,
    vad: {
      threshold: config.vadThreshold,
      prefixPaddingMs: config.vadPrefixPaddingMs,
      silenceDurationMs: config.vadSilenceDurationMs,
    },
    responses: config.responses,
    uplinkChunkMs: config.uplinkChunkMs,
  };
}

/** The language that an option's value means. Throws ParleyError `usage` for what is none. */
export function languageOption(text: string, flag: string): LanguageTag {
  const tag = parseLanguage(text);
  if (tag === undefined)
    throw new ParleyError(
      'usage',
      `${flag} "${plain(text).slice(0, 40)}" is no language: use a tag such as es or a name`,
    );
  return tag;
}
