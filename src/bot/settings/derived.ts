/** What the parts of a meeting take, by its settings. Pure. */
import type { AgentSettings } from '../../agent/meeting/agent-options.js';
import { glossaryOf } from '../../interpreter/instructions/glossary.js';
import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import type { BriefingSettings } from '../../meeting/briefing/briefing.js';
import type { CaptionSettings } from '../../meeting/captions/meeting-captions.js';
import type { SpeakingOptions } from '../../meeting/meeting-options.js';
import type { LiveSettings, TranslateSettings } from '../../meeting/open-session.js';
import type { SpeechStyle } from '../../meeting/speaking/speech-style.js';
import type { ConversationConfig } from '../../realtime/conversation/conversation-config.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../realtime/conversation/conversation-config.js';
import { DEFAULT_LIVE_SETTINGS } from '../../realtime/live/live-config.js';
import type { SpeechOffer } from '../../realtime/speech-backend.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../realtime/translate/translate-config.js';
import type { MeetingSettings } from '../meeting-settings.js';

/**
 * How conversation sessions are configured for somebody who speaks `from`, where that is known, and transcribed by what the
 * backend has for it. The transcription expects the speaker's language unless told otherwise: recognition is far better when
 * it knows. The API takes a language without a region (ISO 639-1).
 */
export function conversationOf(
  settings: MeetingSettings,
  { transcriptionModel }: Pick<SpeechOffer, 'transcriptionModel'>,
  from?: LanguageTag,
): ConversationConfig {
  const spoken = settings.transcriptionLanguage ?? from;
  return {
    voice: settings.voice,
    speed: settings.speed,
    spoken: true,
    transcription:
      transcriptionModel === undefined
        ? undefined
        : {
            model: transcriptionModel,
            ...(spoken === undefined ? {} : { language: new Intl.Locale(spoken).language }),
          },
    maxOutputTokens: settings.maxOutputTokens,
    vad: {
      threshold: settings.vadThreshold,
      prefixPaddingMs: settings.vadPrefixPaddingMs,
      silenceDurationMs: settings.vadSilenceDurationMs,
    },
    responses: settings.responses,
    uplinkChunkMs: settings.uplinkChunkMs,
  };
}

/** How translation sessions are configured that transcribe with what conversation sessions do. */
export function translateSettingsOf(
  { translatePauseS }: MeetingSettings,
  { transcription }: ConversationConfig,
): TranslateSettings {
  return {
    ...DEFAULT_TRANSLATE_SETTINGS,
    transcriptionModel: transcription?.model,
    pauseAfterSilenceMs: translatePauseS === undefined ? undefined : translatePauseS * 1_000,
  };
}

/** How live sessions are configured. The voice of conversation sessions is theirs too where it was chosen. */
export function liveSettingsOf(
  { liveModel, voice }: Pick<MeetingSettings, 'liveModel' | 'voice'>,
  { engines: { live } }: Pick<SpeechOffer, 'engines'>,
): LiveSettings {
  const offered = live?.kind === 'available' ? live : undefined;
  return {
    ...DEFAULT_LIVE_SETTINGS,
    model: offered?.model ?? liveModel,
    fallbackModel: offered?.fallbackModel,
    voice: voice === DEFAULT_CONVERSATION_CONFIG.voice ? undefined : voice,
  };
}

/** How a meeting is spoken to. */
export function speakingSettingsOf(settings: MeetingSettings): Omit<SpeakingOptions, 'openChannel'> {
  return {
    topology: settings.topology,
    bargeIn: settings.bargeIn,
    bargeInMinMs: settings.bargeInMinMs,
    backchannelMaxMs: settings.backchannelMaxMs,
    mergesMicrophones: settings.mergeMicrophones,
    raisesQuiet: settings.raiseQuiet,
    interpretsShares: settings.shareAudio === 'interpret',
    maxBacklogMs: settings.maxBacklogS * 1_000,
    voices: settings.voices,
    styleOf: speechStylesOf(settings),
    ...(settings.voiceLanguages === undefined ? {} : { voiceLanguages: settings.voiceLanguages }),
  };
}

/** How each language is spoken, whatever its region. */
export function speechStylesOf(settings: MeetingSettings): (to: LanguageTag) => SpeechStyle {
  const voices = bySpokenLanguage(settings.voicePerLanguage ?? {});
  const speeds = bySpokenLanguage(settings.speedPerLanguage ?? {});
  return (to) => ({
    voice: voices.get(spokenLanguage(to)) ?? settings.voice,
    speed: speeds.get(spokenLanguage(to)) ?? settings.speed,
  });
}

/** Who gets captions; `recorded` tells everyone that a record is kept. */
export function captionSettingsOf(settings: MeetingSettings, recorded: boolean): CaptionSettings {
  return { persist: settings.persistCaptions, chat: settings.chatCaptions, recorded };
}

/** What the host chose of the agent. */
export function agentSettingsOf(settings: MeetingSettings): AgentSettings {
  const { agent: mode, agentName, name, agentVoice: voice, agentInstructions, agentHosts: hosts } = settings;
  return { mode, wakeName: agentName ?? name, voice, instructions: agentInstructions, hosts };
}

/** What sessions are told beside names and languages, profiles aside. */
export function termsOf({ glossary }: MeetingSettings): Pick<BriefingSettings, 'glossary'> {
  return glossary === undefined ? {} : { glossary: glossaryOf(glossary) };
}

function bySpokenLanguage<Value>(values: Readonly<Record<LanguageTag, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(values).map(([language, value]) => [spokenLanguage(language), value]));
}
