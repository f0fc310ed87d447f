/**
 * The configuration: every setting with its variable, flag, range and default in one schema. A flag wins over the
 * environment, the environment over the file, the file over the default. Keys come from the environment only.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ParleyError } from './errors.js';
import { LOG_LEVELS, REDACTED, redactText } from './log.js';

/** The file that is read where it exists and no other is named. */
export const DEFAULT_CONFIG_FILE = 'parley.config.json';
const MAX_SHOWN_CHARS = 40;

/** What a setting is for and where its value may come from. */
export type SettingInfo = {
  about: string;
  /** What a wrong value is answered with. */
  allowed: string;
  /** Environment variable. */
  variable: string;
  /** Flag of the command line, without its dashes; none where a value must not stand in a process list. */
  flag?: string;
  /** `named`: only in a file that was named, since keys follow addresses and a file may come with somebody's folder. */
  file: 'yes' | 'named' | 'no';
  secret?: true;
};

const info = z.registry<SettingInfo>();

/** A value on one line without spaces. */
const word = (maxChars: number) => z.string().regex(new RegExp(`^[\\w.:/-]{1,${maxChars}}$`));
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
  voice: word(64).default('marin').register(info, {
    about: 'voice that speaks the translation',
    allowed: 'the name of a voice, such as marin or cedar',
    variable: 'PARLEY_VOICE',
    flag: 'voice',
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
  bargeIn: z.enum(['others', 'any', 'off']).default('others').register(info, {
    about: 'whose speech silences a translation: others than its speaker, anyone, or nobody',
    allowed: 'others, any or off',
    variable: 'PARLEY_BARGE_IN',
    flag: 'barge-in',
    file: 'yes',
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
  parleyRealtimeKey: z.exactOptional(key).register(info, {
    about: 'key for any other Realtime server',
    allowed: 'a key',
    variable: 'PARLEY_REALTIME_KEY',
    file: 'no',
    secret: true,
  }),
});
/** The effective configuration. */
export type Config = Readonly<z.infer<typeof configSchema>>;
/** A key of the configuration, as in a file. */
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

/** A configuration file that was read. `named`: by `--config`, not found in passing. */
export type ConfigFile = { path: string; named: boolean; content: Readonly<Record<string, unknown>> };

/**
 * Reads the file that `--config` names, or `parley.config.json` in `directory` where there is one. Throws `config` for
 * a named file that is not there and for one that holds no JSON object.
 */
export function readConfigFile(named: string | undefined, directory: string): ConfigFile | undefined {
  const path = resolve(directory, named ?? DEFAULT_CONFIG_FILE);
  const shown = named ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ParleyError('config', `${printable(shown)} cannot be read; check --config`, { cause: error });
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new ParleyError('config', `${printable(shown)} is not JSON`); // the parser's message would quote the file
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ParleyError(
      'config',
      `${printable(shown)} must hold a JSON object, such as {"voice": "cedar"}`,
    );
  }
  return { path: shown, named: named !== undefined, content: content as Record<string, unknown> };
}

/** What is effective, and where each value came from: a flag, a variable, a file, or `default`. */
export type LoadedConfig = { config: Config; sources: Readonly<Record<SettingName, string>> };

/**
 * Merges the sources. An empty variable counts as unset. Throws `config`, naming where the wrong value stands and what
 * is allowed there; a key is never repeated.
 */
export function loadConfig(given: {
  flags: Readonly<Partial<Record<SettingName, string | undefined>>>;
  environment: Readonly<Record<string, string | undefined>>;
  file?: ConfigFile | undefined;
}): LoadedConfig {
  if (given.file !== undefined) checkFile(given.file);
  const values: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const { name, flag, variable } of SETTINGS) {
    const flagValue = flag === undefined ? undefined : given.flags[name];
    const variableValue = given.environment[variable]?.trim() ?? '';
    sources[name] = 'default';
    if (flagValue !== undefined) {
      sources[name] = `--${flag}`;
      values[name] = fromText(name, flagValue);
    } else if (variableValue !== '') {
      sources[name] = variable;
      values[name] = fromText(name, variableValue);
    } else if (given.file !== undefined && Object.hasOwn(given.file.content, name)) {
      sources[name] = given.file.path;
      values[name] = given.file.content[name];
    }
  }
  const parsed = configSchema.safeParse(values);
  if (parsed.success) return { config: parsed.data, sources: sources as LoadedConfig['sources'] };
  const wrong = SETTINGS.find(({ name }) => parsed.error.issues.some((issue) => issue.path[0] === name))!;
  const source = sources[wrong.name]!;
  const place = source === given.file?.path ? `${printable(source)}: ${wrong.name}` : source;
  const value = printable(JSON.stringify(values[wrong.name]));
  throw new ParleyError('config', `${place} is ${value}: ${wrong.allowed} is allowed`);
}

/** Rows for `parley config`: every setting with its effective value, keys redacted, and its source. */
export function describeConfig(loaded: LoadedConfig): { name: SettingName; value: string; source: string }[] {
  return SETTINGS.map(({ name, secret }) => {
    const value = loaded.config[name];
    const shown = value === undefined ? '(not set)' : secret === true ? REDACTED : redactText(String(value));
    return { name, value: shown, source: loaded.sources[name] };
  });
}

/** Numbers come as text from flags and variables; text that is none stays, and the schema refuses it. */
function fromText(name: SettingName, text: string): string | number {
  const isNumber = !configSchema.shape[name].safeParse(text).success && /^-?\d{0,15}\.?\d{1,15}$/.test(text);
  return isNumber ? Number(text) : text;
}

/** Refuses what does not belong into this file: unknown names, keys, and addresses in a file that nobody named. */
function checkFile({ path, named, content }: ConfigFile): void {
  const refuse = (problem: string) => new ParleyError('config', `${printable(path)}: ${problem}`);
  for (const field of Object.keys(content)) {
    const setting = SETTINGS.find(({ name, variable }) => field === name || field === variable);
    if (setting?.file === 'no')
      throw refuse(`${field} does not belong into a file; set ${setting.variable} in the environment`);
    if (setting?.name !== field) {
      throw refuse(
        `${printable(JSON.stringify(field))} is no setting; did you mean ${nearestSetting(field)}?`,
      );
    }
    if (setting.file === 'named' && !named) {
      throw refuse(`${field} is taken only from a file named by --config, or from ${setting.variable}`);
    }
  }
}

/** The setting whose name takes the fewest edits to reach; of several the first. */
function nearestSetting(field: string): SettingName {
  const wanted = field.slice(0, 2 * MAX_SHOWN_CHARS).toLowerCase();
  const distances = SETTINGS.filter(({ file }) => file !== 'no').map(({ name }) => ({
    name,
    edits: editDistance(wanted, name.toLowerCase()),
  }));
  return distances.reduce((best, next) => (next.edits < best.edits ? next : best)).name;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

/** Untrusted text for a message: one line, short, no control characters, no keys. */
function printable(text: string): string {
  const line = redactText(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > MAX_SHOWN_CHARS ? `${line.slice(0, MAX_SHOWN_CHARS - 1)}…` : line;
}
