/** What several commands make of their options: the configuration of a session, and languages. */
import { ParleyError } from '../../errors.js';
import { type LanguageTag, parseLanguage, spokenLanguage } from '../../languages/languages.js';
import type { SpeechStyle } from '../../meeting/speaking/speech-style.js';
import type { SpeakingOptions } from '../../meeting/meeting-options.js';
import type { ConversationConfig } from '../../realtime/conversation/conversation-config.js';
import type { Config } from '../../settings.js';
import { plain } from '../io.js';

/**
 * The transcription expects the speaker's language unless told otherwise: recognition is far better when it knows. The API
 * takes a language without a region (ISO 639-1).
 */
export function conversationOf(config: Config, from: LanguageTag | undefined): ConversationConfig {
  const spoken = config.transcriptionLanguage ?? from;
  return {
    voice: config.voice,
    speed: config.speed,
    spoken: true,
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

/** A list of tags or names. Throws ParleyError `usage` for what is none. */
function languageListOption(list: string, flag: string): readonly LanguageTag[] {
  return [...new Set(list.split(',').map((each) => languageOption(each.trim(), flag)))];
}

/** How a meeting is spoken to, by the settings. Throws ParleyError `usage` for languages that are none. */
export function speakingSettingsOf(config: Config): Omit<SpeakingOptions, 'openChannel'> {
  return {
    topology: config.topology,
    bargeIn: config.bargeIn,
    bargeInMinMs: config.bargeInMinMs,
    maxBacklogMs: config.maxBacklogS * 1_000,
    voices: config.voices,
    styleOf: speechStylesOf(config),
    ...(config.voiceLanguages === undefined
      ? {}
      : { voiceLanguages: languageListOption(config.voiceLanguages, '--voice-languages') }),
  };
}

/** How each language is spoken, by the settings. Throws ParleyError `usage` for what they cannot mean. */
function speechStylesOf(config: Config): (to: LanguageTag) => SpeechStyle {
  const voices = perLanguage(config.voicePerLanguage, '--voice-per-language', (text) =>
    /^[\w.:/-]{1,64}$/.test(text) ? text : undefined,
  );
  const speeds = perLanguage(config.speedPerLanguage, '--speed-per-language', (text) =>
    Number(text) >= 0.25 && Number(text) <= 1.5 ? Number(text) : undefined,
  );
  return (to) => ({
    voice: voices.get(spokenLanguage(to)) ?? config.voice,
    speed: speeds.get(spokenLanguage(to)) ?? config.speed,
  });
}

/** `es=cedar,de=sage`, by spoken language. */
function perLanguage<Value>(
  list: string | undefined,
  flag: string,
  parse: (text: string) => Value | undefined,
): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const entry of list === undefined ? [] : list.split(',')) {
    const [language = '', text, ...more] = entry.split('=').map((part) => part.trim());
    const value = text === undefined || more.length > 0 ? undefined : parse(text);
    if (value === undefined) {
      const wrong = plain(entry).slice(0, 40);
      throw new ParleyError('usage', `${flag}: "${wrong}" is not understood: write language=value`);
    }
    values.set(spokenLanguage(languageOption(language, flag)), value);
  }
  return values;
}
