/** Every setting with its variable, flag, range and default in one schema. */
import { z } from 'zod';
import { LOG_LEVELS } from './log.js';

/** What a setting is for and where its value may come from. */
export type SettingInfo = {
  about: string;
  /** What a wrong value is answered with. */
  allowed: string;
  /** Environment variable. */
  variable: string;
  /** Another name for it, looked at when the first is not set. */
  otherVariable?: string;
  /** Flag of the command line, without its dashes; none where a value must not stand in a process list. */
  flag?: string;
  /** `named`: only in a file that was named, since keys follow addresses and a file may come with somebody's folder. */
  file: 'yes' | 'named' | 'no';
  secret?: true;
};

const info = z.registry<SettingInfo>();

/** A value on one line without spaces. */
const word = (maxChars: number) => z.string().regex(new RegExp(`^[\\w.:/-]{1,${maxChars}}$`));
/** `host` or `host:port`, the host a name, an IPv4 address or `[::1]`. */
const HOST_AND_PORT = /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;
const key = z.string(); // a key that no header can carry is refused when it is used, not where none is needed

/** Every setting. */
export const configSchema = z.object({
  url: z.exactOptional(z.string().min(1)).register(info, {
    about: 'Realtime server to connect to instead of OpenAI',
    allowed: 'a URL such as wss://host/v1/realtime',
    variable: 'PARLEY_REALTIME_URL',
    flag: 'url',
    file: 'named',
  }),
  model: word(128).default('gpt-realtime-2.1').register(info, {
    about: 'model that interprets',
    allowed: 'the name of a Realtime model',
    variable: 'PARLEY_MODEL',
    flag: 'model',
    file: 'yes',
  }),
  provider: z.exactOptional(z.enum(['openai', 'azure'])).register(info, {
    about: 'whom --live means (default: azure where only its variables are set, openai otherwise)',
    allowed: 'openai or azure',
    variable: 'PARLEY_PROVIDER',
    flag: 'provider',
    file: 'named',
  }),
  engine: z.enum(['conversation', 'translate', 'auto']).default('conversation').register(info, {
    about:
      'what interprets: the instructed model turn by turn, the continuous interpreter, or whichever suits each route',
    allowed: 'conversation, translate or auto',
    variable: 'PARLEY_ENGINE',
    flag: 'engine',
    file: 'yes',
  }),
  translatePauseS: z.exactOptional(z.number().min(1.5).max(3_600)).register(info, {
    about:
      'the translate engine is sent nothing, and bills nothing, after so many seconds of silence (default: it hears silence)',
    allowed: 'a number of seconds from 1.5 to 3600',
    variable: 'PARLEY_TRANSLATE_PAUSE_S',
    flag: 'translate-pause-s',
    file: 'yes',
  }),
  sessionShape: z.enum(['nested', 'flat']).default('nested').register(info, {
    about: 'how the server at --url takes its sessions: as OpenAI does, or as OpenAI did in its beta',
    allowed: 'nested or flat',
    variable: 'PARLEY_SESSION_SHAPE',
    flag: 'session-shape',
    file: 'yes',
  }),
  inputRateHz: z.literal([8_000, 16_000, 24_000, 48_000]).default(24_000).register(info, {
    about: 'rate of the audio that the server at --url is sent, in Hz',
    allowed: '8000, 16000, 24000 or 48000',
    variable: 'PARLEY_INPUT_RATE_HZ',
    flag: 'input-rate-hz',
    file: 'yes',
  }),
  voice: word(64).default('marin').register(info, {
    about: 'voice that speaks the translation',
    allowed: 'the name of a voice, such as marin or cedar',
    variable: 'PARLEY_VOICE',
    flag: 'voice',
    file: 'yes',
  }),
  voicePerLanguage: z.exactOptional(z.string().min(1).max(500)).register(info, {
    about: 'other voices for some languages',
    allowed: 'a list such as es=cedar,de=sage',
    variable: 'PARLEY_VOICE_PER_LANGUAGE',
    flag: 'voice-per-language',
    file: 'yes',
  }),
  speed: z.number().min(0.25).max(1.5).default(1).register(info, {
    about: 'how fast translations are spoken, 1 being the usual pace',
    allowed: 'a number from 0.25 to 1.5',
    variable: 'PARLEY_SPEED',
    flag: 'speed',
    file: 'yes',
  }),
  speedPerLanguage: z.exactOptional(z.string().min(1).max(500)).register(info, {
    about: 'other speeds for some languages',
    allowed: 'a list such as ja=0.9,es=1.1',
    variable: 'PARLEY_SPEED_PER_LANGUAGE',
    flag: 'speed-per-language',
    file: 'yes',
  }),
  transcriptionModel: word(128).default('gpt-realtime-whisper').register(info, {
    about: 'model that transcribes what the speaker says',
    allowed: 'the name of a transcription model',
    variable: 'PARLEY_TRANSCRIPTION_MODEL',
    flag: 'transcription-model',
    file: 'yes',
  }),
  transcriptionLanguage: z.exactOptional(z.string().refine(isLanguageTag)).register(info, {
    about: 'language that the transcription expects',
    allowed: 'a BCP 47 tag such as es or pt-BR',
    variable: 'PARLEY_TRANSCRIPTION_LANGUAGE',
    flag: 'transcription-language',
    file: 'yes',
  }),
  maxOutputTokens: z
    .union([z.int().min(1).max(4_096), z.literal('inf')])
    .default('inf')
    .register(info, {
      about: 'limit on the tokens of one translation',
      allowed: 'a whole number from 1 to 4096, or inf',
      variable: 'PARLEY_MAX_OUTPUT_TOKENS',
      flag: 'max-output-tokens',
      file: 'yes',
    }),
  vadThreshold: z.number().min(0).max(1).default(0.5).register(info, {
    about: 'how sure the server must be that it hears speech',
    allowed: 'a number from 0 to 1',
    variable: 'PARLEY_VAD_THRESHOLD',
    flag: 'vad-threshold',
    file: 'yes',
  }),
  vadPrefixPaddingMs: z.int().min(0).max(5_000).default(300).register(info, {
    about: 'audio kept from before speech began, in milliseconds',
    allowed: 'a whole number of milliseconds from 0 to 5000',
    variable: 'PARLEY_VAD_PREFIX_PADDING_MS',
    flag: 'vad-prefix-padding-ms',
    file: 'yes',
  }),
  vadSilenceDurationMs: z.int().min(50).max(10_000).default(500).register(info, {
    about: 'silence that ends a turn, in milliseconds',
    allowed: 'a whole number of milliseconds from 50 to 10000',
    variable: 'PARLEY_VAD_SILENCE_DURATION_MS',
    flag: 'vad-silence-duration-ms',
    file: 'yes',
  }),
  responses: z.enum(['client', 'server']).default('client').register(info, {
    about: 'who asks for the translation of a turn',
    allowed: 'client or server',
    variable: 'PARLEY_RESPONSES',
    flag: 'responses',
    file: 'yes',
  }),
  uplinkChunkMs: z.int().min(10).max(100).default(20).register(info, {
    about: 'audio per message to the server, in milliseconds',
    allowed: 'a whole number of milliseconds from 10 to 100',
    variable: 'PARLEY_UPLINK_CHUNK_MS',
    flag: 'uplink-chunk-ms',
    file: 'yes',
  }),
  topology: z.enum(['per-speaker', 'shared']).default('per-speaker').register(info, {
    about:
      'a session for each speaker and language, or one for the whole room between two languages: cheaper, and weaker',
    allowed: 'per-speaker or shared',
    variable: 'PARLEY_TOPOLOGY',
    flag: 'topology',
    file: 'yes',
  }),
  bargeIn: z.enum(['others', 'any', 'off']).default('others').register(info, {
    about: 'whose speech silences a translation: others than its speaker, anyone, or nobody',
    allowed: 'others, any or off',
    variable: 'PARLEY_BARGE_IN',
    flag: 'barge-in',
    file: 'yes',
  }),
  bargeInMinMs: z.int().min(0).max(5_000).default(250).register(info, {
    about: 'speech that silences a translation must last so long, in milliseconds; it is turned down at once',
    allowed: 'a whole number of milliseconds from 0 to 5000',
    variable: 'PARLEY_BARGE_IN_MIN_MS',
    flag: 'barge-in-min-ms',
    file: 'yes',
  }),
  maxBacklogS: z.number().min(1).max(60).default(8).register(info, {
    about:
      'how long a translation may wait to be spoken, in seconds; what would wait longer is shown as captions only',
    allowed: 'a number of seconds from 1 to 60',
    variable: 'PARLEY_MAX_BACKLOG_S',
    flag: 'max-backlog-s',
    file: 'yes',
  }),
  voices: z.enum(['auto', 'one', 'per-language']).default('auto').register(info, {
    about: 'one voice for everybody, or one per language; auto: where every app plays one channel only',
    allowed: 'auto, one or per-language',
    variable: 'PARLEY_VOICES',
    flag: 'voices',
    file: 'yes',
  }),
  voiceLanguages: z.exactOptional(z.string().min(1).max(200)).register(info, {
    about: 'languages that one voice speaks; the others are read (default: the two most needed)',
    allowed: 'a list of languages such as es,en',
    variable: 'PARLEY_VOICE_LANGUAGES',
    flag: 'voice-languages',
    file: 'yes',
  }),
  maxSessions: z.int().min(1).max(200).default(24).register(info, {
    about: 'sessions open at a time; beyond them, those who have been silent longest make room',
    allowed: 'a whole number from 1 to 200',
    variable: 'PARLEY_MAX_SESSIONS',
    flag: 'max-sessions',
    file: 'yes',
  }),
  sessionIdleS: z.int().min(5).max(3_600).default(120).register(info, {
    about:
      'a session closes after its speaker was silent for so many seconds, and opens again with the next word',
    allowed: 'a whole number of seconds from 5 to 3600',
    variable: 'PARLEY_SESSION_IDLE_S',
    flag: 'session-idle-s',
    file: 'yes',
  }),
  budgetUsd: z.exactOptional(z.number().gt(0).max(100_000)).register(info, {
    about: 'what a meeting may cost, in US dollars by the table of prices; the host is warned at 80 % of it',
    allowed: 'a number of dollars such as 5',
    variable: 'PARLEY_BUDGET_USD',
    flag: 'budget',
    file: 'yes',
  }),
  budgetPolicy: z.enum(['captions', 'stop']).default('captions').register(info, {
    about:
      'what follows when it is spent: translations are written only, which costs less, or interpreting ends',
    allowed: 'captions or stop',
    variable: 'PARLEY_BUDGET_POLICY',
    flag: 'budget-policy',
    file: 'yes',
  }),
  prices: z.exactOptional(z.string().min(1).max(4_096)).register(info, {
    about: 'your own prices of models, in a JSON file (docs/costs.md)',
    allowed: 'the path of a file such as prices.json',
    variable: 'PARLEY_PRICES',
    flag: 'prices',
    file: 'named',
  }),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('warn')
    .register(info, {
      about: 'what is logged to stderr',
      allowed: LOG_LEVELS.join(', '),
      variable: 'PARLEY_LOG_LEVEL',
      flag: 'log-level',
      file: 'yes',
    }),
  openaiApiKey: z.exactOptional(key).register(info, {
    about: 'key for api.openai.com, or for OPENAI_BASE_URL',
    allowed: 'a key',
    variable: 'OPENAI_API_KEY',
    file: 'no',
    secret: true,
  }),
  openaiBaseUrl: z.exactOptional(z.string().min(1)).register(info, {
    about: 'where the OpenAI API is reached, such as a proxy',
    allowed: 'a URL such as https://host/v1',
    variable: 'OPENAI_BASE_URL',
    file: 'no',
  }),
  azureOpenaiEndpoint: z.exactOptional(z.string().min(1)).register(info, {
    about: "an Azure OpenAI resource's address",
    allowed: 'a URL such as https://my-resource.openai.azure.com',
    variable: 'AZURE_OPENAI_ENDPOINT',
    file: 'no',
  }),
  azureOpenaiApiKey: z.exactOptional(key).register(info, {
    about: 'key of that resource; without it a Microsoft Entra token is asked for',
    allowed: 'a key',
    variable: 'AZURE_OPENAI_API_KEY',
    file: 'no',
    secret: true,
  }),
  azureOpenaiDeployment: z.exactOptional(word(128)).register(info, {
    about: 'its deployment of a Realtime model',
    allowed: 'the name of a deployment',
    variable: 'AZURE_OPENAI_DEPLOYMENT',
    file: 'no',
  }),
  azureOpenaiTranslateDeployment: z.exactOptional(word(128)).register(info, {
    about: 'its deployment of gpt-realtime-translate',
    allowed: 'the name of a deployment',
    variable: 'AZURE_OPENAI_TRANSLATE_DEPLOYMENT',
    file: 'no',
  }),
  azureTenantId: z.exactOptional(z.string().min(1)).register(info, {
    about: 'Microsoft Entra tenant whose tokens that resource takes',
    allowed: 'the id of a tenant',
    variable: 'AZURE_TENANT_ID',
    file: 'no',
  }),
  azureClientId: z.exactOptional(z.string().min(1)).register(info, {
    about: 'application of that tenant that may use the resource',
    allowed: 'the id of an application',
    variable: 'AZURE_CLIENT_ID',
    file: 'no',
  }),
  azureClientSecret: z.exactOptional(key).register(info, {
    about: 'secret of that application',
    allowed: 'a secret',
    variable: 'AZURE_CLIENT_SECRET',
    file: 'no',
    secret: true,
  }),
  parleyRealtimeKey: z.exactOptional(key).register(info, {
    about: 'key for any other Realtime server',
    allowed: 'a key',
    variable: 'PARLEY_REALTIME_KEY',
    file: 'no',
    secret: true,
  }),
  videoSdkAuthToken: z.exactOptional(key).register(info, {
    about: 'access token for VideoSDK meetings, instead of the API key and its secret',
    allowed: 'a token',
    variable: 'VIDEOSDK_AUTH_TOKEN',
    file: 'no',
    secret: true,
  }),
  videoSdkApiKey: z.exactOptional(key).register(info, {
    about: 'API key that VideoSDK tokens are made with',
    allowed: 'a key',
    variable: 'VIDEOSDK_API_KEY',
    file: 'no',
    secret: true,
  }),
  videoSdkSecretKey: z.exactOptional(key).register(info, {
    about: 'secret of that API key',
    allowed: 'a key',
    variable: 'VIDEOSDK_SECRET_KEY',
    otherVariable: 'VIDEOSDK_SECRET',
    file: 'no',
    secret: true,
  }),
  videoSdkSignalingBaseUrl: z.exactOptional(z.string().regex(HOST_AND_PORT)).register(info, {
    about: 'where meetings are joined, instead of VideoSDK or the embedded room that runs here',
    allowed: 'a host such as api.videosdk.live or localhost:8443',
    variable: 'VIDEOSDK_SIGNALING_BASE_URL',
    file: 'named',
  }),
  videoSdkApiUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(info, {
    about: "where VideoSDK's REST API is reached",
    allowed: 'a URL such as https://api.videosdk.live (http:// on this machine only)',
    variable: 'VIDEOSDK_API_URL',
    file: 'named',
  }),
  fastinoApiKey: z.exactOptional(key).register(info, {
    about: "key for Fastino, where participants' profiles are",
    allowed: 'a key',
    variable: 'FASTINO_API_KEY',
    file: 'no',
    secret: true,
  }),
  fastinoBaseUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(info, {
    about: 'where Fastino is reached, instead of https://api.fastino.ai',
    allowed: 'a URL such as https://host/personalization (http:// on this machine only)',
    variable: 'FASTINO_BASE_URL',
    file: 'named',
  }),
});
export type Config = Readonly<z.infer<typeof configSchema>>;
export type SettingName = keyof Config;

/** Every setting in the order of the schema. `defaultValue` is undefined where there is none. */
export const SETTINGS: readonly (SettingInfo & {
  name: SettingName;
  defaultValue: string | number | undefined;
})[] = (Object.keys(configSchema.shape) as SettingName[]).map((name) => {
  const schema = configSchema.shape[name];
  const defaultValue =
    'unwrap' in schema && schema.def.type === 'default' ? schema.def.defaultValue : undefined;
  return { ...info.get(schema)!, name, defaultValue };
});

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

/** https, or http to this machine; nothing that a base address cannot have. */
function isHttpAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return (
    (protocol === 'https:' || (protocol === 'http:' && here)) && username + password + search + hash === ''
  );
}
