import { z } from 'zod';
import { LOG_LEVELS } from '../log-levels.js';

/** What is known of a setting of the process beside its type and default. */
type ProcessMeta = {
  /** What it does: a phrase without a full stop. */
  description: string;
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
};

/** The meta data of every field of the process settings. */
export const processMeta = z.registry<ProcessMeta>();

/** A value on one line without spaces. */
const word = (maxChars: number) => z.string().regex(new RegExp(`^[\\w.:/-]{1,${maxChars}}$`));
/** `host` or `host:port`, the host a name, an IPv4 address or `[::1]`. */
const HOST_AND_PORT = /^(?:[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;
const key = z.string(); // a key that no header can carry is refused when it is used, not where none is needed

/**
 * What belongs to the process and not to one meeting: keys, addresses, the provider, the log level, and where files are.
 * Description, variable, flag and whether a file may hold a setting stand in {@link processMeta}.
 */
export const processSettings = z.strictObject({
  url: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'Realtime server to connect to instead of OpenAI',
    allowed: 'a URL such as wss://host/v1/realtime',
    variable: 'PARLEY_URL',
    otherVariable: 'PARLEY_REALTIME_URL',
    flag: 'url',
    file: 'named',
  }),
  provider: z.exactOptional(z.enum(['openai', 'azure'])).register(processMeta, {
    description: 'whose service --live uses; without it, azure where only its variables are set, else openai',
    allowed: 'openai or azure',
    variable: 'PARLEY_PROVIDER',
    flag: 'provider',
    file: 'named',
  }),
  sessionShape: z.enum(['nested', 'flat']).default('nested').register(processMeta, {
    description: 'form of session.update that the server at --url takes: as OpenAI today, or as in its beta',
    allowed: 'nested or flat',
    variable: 'PARLEY_SESSION_SHAPE',
    flag: 'session-shape',
    file: 'yes',
  }),
  inputRateHz: z.literal([8_000, 16_000, 24_000, 48_000]).default(24_000).register(processMeta, {
    description: 'sample rate of the audio that the server at --url is sent, in Hz',
    allowed: '8000, 16000, 24000 or 48000',
    variable: 'PARLEY_INPUT_RATE_HZ',
    flag: 'input-rate-hz',
    file: 'yes',
  }),
  prices: z.exactOptional(z.string().min(1).max(4_096)).register(processMeta, {
    description: 'your own prices of models, in a JSON file (docs/costs.md)',
    allowed: 'the path of a file such as prices.json',
    variable: 'PARLEY_PRICES',
    flag: 'prices',
    file: 'named',
  }),
  record: z.exactOptional(z.string().min(1).max(4_096)).register(processMeta, {
    description: 'keep a record of the meeting in a new folder in this folder; everyone is told',
    allowed: 'the path of a folder',
    variable: 'PARLEY_RECORD',
    flag: 'record',
    file: 'named',
  }),
  tools: z.exactOptional(z.string().min(1).max(4_096)).register(processMeta, {
    description: 'tools of the agent, in an ES module that exports them, which runs as part of this program',
    allowed: 'the path of a file such as tools.mjs',
    variable: 'PARLEY_TOOLS',
    flag: 'tools',
    file: 'named',
  }),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('warn')
    .register(processMeta, {
      description: 'what is logged to stderr',
      allowed: LOG_LEVELS.join(', '),
      variable: 'PARLEY_LOG_LEVEL',
      flag: 'log-level',
      file: 'yes',
    }),
  openaiApiKey: z.exactOptional(key).register(processMeta, {
    description: 'key for api.openai.com, or for OPENAI_BASE_URL',
    allowed: 'a key',
    variable: 'OPENAI_API_KEY',
    file: 'no',
  }),
  openaiBaseUrl: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'where the OpenAI API is reached, such as a proxy',
    allowed: 'a URL such as https://host/v1',
    variable: 'OPENAI_BASE_URL',
    file: 'no',
  }),
  azureOpenaiEndpoint: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: "an Azure OpenAI resource's address",
    allowed: 'a URL such as https://my-resource.openai.azure.com',
    variable: 'AZURE_OPENAI_ENDPOINT',
    file: 'no',
  }),
  azureOpenaiApiKey: z.exactOptional(key).register(processMeta, {
    description: 'key of that resource; without it a Microsoft Entra token is asked for',
    allowed: 'a key',
    variable: 'AZURE_OPENAI_API_KEY',
    file: 'no',
  }),
  azureOpenaiDeployment: z.exactOptional(word(128)).register(processMeta, {
    description: 'its deployment of a Realtime model',
    allowed: 'the name of a deployment',
    variable: 'AZURE_OPENAI_DEPLOYMENT',
    file: 'no',
  }),
  azureOpenaiTranslateDeployment: z.exactOptional(word(128)).register(processMeta, {
    description: 'its deployment of gpt-realtime-translate',
    allowed: 'the name of a deployment',
    variable: 'AZURE_OPENAI_TRANSLATE_DEPLOYMENT',
    file: 'no',
  }),
  azureOpenaiLiveDeployment: z.exactOptional(word(128)).register(processMeta, {
    description: 'its deployment of a GPT-Live model',
    allowed: 'the name of a deployment',
    variable: 'AZURE_OPENAI_LIVE_DEPLOYMENT',
    file: 'no',
  }),
  azureTenantId: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'Microsoft Entra tenant whose tokens that resource takes',
    allowed: 'the id of a tenant',
    variable: 'AZURE_TENANT_ID',
    file: 'no',
  }),
  azureClientId: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'application of that tenant that may use the resource',
    allowed: 'the id of an application',
    variable: 'AZURE_CLIENT_ID',
    file: 'no',
  }),
  azureClientSecret: z.exactOptional(key).register(processMeta, {
    description: 'secret of that application',
    allowed: 'a secret',
    variable: 'AZURE_CLIENT_SECRET',
    file: 'no',
  }),
  parleyRealtimeKey: z.exactOptional(key).register(processMeta, {
    description: 'key for any other Realtime server',
    allowed: 'a key',
    variable: 'PARLEY_REALTIME_KEY',
    file: 'no',
  }),
  videoSdkAuthToken: z.exactOptional(key).register(processMeta, {
    description: 'access token for VideoSDK meetings, instead of the API key and its secret',
    allowed: 'a token',
    variable: 'VIDEOSDK_AUTH_TOKEN',
    file: 'no',
  }),
  videoSdkApiKey: z.exactOptional(key).register(processMeta, {
    description: 'API key that VideoSDK tokens are made with',
    allowed: 'a key',
    variable: 'VIDEOSDK_API_KEY',
    file: 'no',
  }),
  videoSdkSecretKey: z.exactOptional(key).register(processMeta, {
    description: 'secret of that API key',
    allowed: 'a key',
    variable: 'VIDEOSDK_SECRET_KEY',
    otherVariable: 'VIDEOSDK_SECRET',
    file: 'no',
  }),
  videoSdkSignalingBaseUrl: z.exactOptional(z.string().regex(HOST_AND_PORT)).register(processMeta, {
    description: 'where meetings are joined, instead of VideoSDK or the embedded room that runs here',
    allowed: 'a host such as api.videosdk.live or localhost:8443',
    variable: 'VIDEOSDK_SIGNALING_BASE_URL',
    file: 'named',
  }),
  videoSdkApiUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(processMeta, {
    description: "where VideoSDK's REST API is reached",
    allowed: 'a URL such as https://api.videosdk.live (http:// on this machine only)',
    variable: 'VIDEOSDK_API_URL',
    file: 'named',
  }),
  platform: z.enum(['videosdk', 'stream']).default('videosdk').register(processMeta, {
    description: 'whose meetings are joined: VideoSDK and the embedded room, or calls of Stream',
    allowed: 'videosdk or stream',
    variable: 'PARLEY_PLATFORM',
    flag: 'platform',
    file: 'yes',
  }),
  streamApiKey: z.exactOptional(key).register(processMeta, {
    description: 'API key of a Stream app',
    allowed: 'a key',
    variable: 'STREAM_API_KEY',
    file: 'no',
  }),
  streamApiSecret: z.exactOptional(key).register(processMeta, {
    description: 'secret of that API key, which user tokens are made with',
    allowed: 'a key',
    variable: 'STREAM_API_SECRET',
    file: 'no',
  }),
  streamUserToken: z.exactOptional(key).register(processMeta, {
    description: 'user token for calls of Stream, instead of the secret',
    allowed: 'a token',
    variable: 'STREAM_USER_TOKEN',
    file: 'no',
  }),
  streamBaseUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(processMeta, {
    description: "where Stream's video API is reached",
    allowed: 'a URL such as https://video.stream-io-api.com/video (http:// on this machine only)',
    variable: 'STREAM_BASE_URL',
    file: 'named',
  }),
  serviceUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(processMeta, {
    description: 'where the service is reached that parley bots talks to',
    allowed: 'a URL such as https://parley.example.com (http:// on this machine only)',
    variable: 'PARLEY_SERVICE_URL',
    file: 'named',
  }),
  parleyApiKey: z.exactOptional(key).register(processMeta, {
    description: 'API key of that service',
    allowed: 'a key',
    variable: 'PARLEY_API_KEY',
    file: 'no',
  }),
  database: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'database of the service, instead of the embedded one',
    allowed: 'a URL such as postgres://host/parley',
    variable: 'PARLEY_DATABASE',
    file: 'no',
  }),
  publicUrl: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'where others reach the service that parley serve starts, through a proxy that speaks https',
    allowed: 'an https address such as https://parley.example.com',
    variable: 'PARLEY_PUBLIC_URL',
    file: 'named',
  }),
  serviceSecret: z.exactOptional(key).register(processMeta, {
    description:
      'secret of the service, the same on each of its machines; by default one that is kept in its data folder',
    allowed: 'a secret',
    variable: 'PARLEY_SERVICE_SECRET',
    file: 'no',
  }),
  oidcIssuer: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'OpenID provider that people sign in to the service by',
    allowed: 'a URL such as https://accounts.example.com',
    variable: 'PARLEY_OIDC_ISSUER',
    file: 'named',
  }),
  oidcClientId: z.exactOptional(z.string().min(1).max(512)).register(processMeta, {
    description: 'how that provider knows the service',
    allowed: 'the id of a client',
    variable: 'PARLEY_OIDC_CLIENT_ID',
    file: 'named',
  }),
  oidcClientSecret: z.exactOptional(key).register(processMeta, {
    description: 'secret of that client',
    allowed: 'a secret',
    variable: 'PARLEY_OIDC_CLIENT_SECRET',
    file: 'no',
  }),
  oidcName: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'what that provider is called on the button',
    allowed: 'a name such as Example ID',
    variable: 'PARLEY_OIDC_NAME',
    file: 'named',
  }),
  oidcAllow: z.exactOptional(z.string().min(1)).register(processMeta, {
    description: 'who may sign in by it without having been added: addresses and domains, each with a role',
    allowed: 'a list such as example.com,guests.example.com=viewer,ana@example.com=admin',
    variable: 'PARLEY_OIDC_ALLOW',
    file: 'named',
  }),
  fastinoApiKey: z.exactOptional(key).register(processMeta, {
    description: "key for Fastino, where participants' profiles are",
    allowed: 'a key',
    variable: 'FASTINO_API_KEY',
    file: 'no',
  }),
  fastinoBaseUrl: z.exactOptional(z.string().refine(isHttpAddress)).register(processMeta, {
    description: 'where Fastino is reached, instead of https://api.fastino.ai',
    allowed: 'a URL such as https://host/personalization (http:// on this machine only)',
    variable: 'FASTINO_BASE_URL',
    file: 'named',
  }),
});
/** The settings of the process, complete. */
export type ProcessSettings = Readonly<z.output<typeof processSettings>>;
/** The name of a setting of the process. */
export type ProcessSettingName = keyof ProcessSettings;

/** https, or http to this machine; nothing that a base address cannot have. */
function isHttpAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return (
    (protocol === 'https:' || (protocol === 'http:' && here)) && username + password + search + hash === ''
  );
}
