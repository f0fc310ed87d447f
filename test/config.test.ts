import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_CONFIG_FILE,
  describeConfig,
  loadConfig,
  readConfigFile,
  secretsIn,
  type ConfigFile,
} from '../src/config.js';
import { ParleyError } from '../src/errors.js';
import { configSchema, SETTINGS } from '../src/settings.js';

const KEY = 'sk-test-0123456789abcdef';
const DEFAULTS = {
  model: 'gpt-realtime-2.1',
  engine: 'conversation',
  sessionShape: 'nested',
  inputRateHz: 24_000,
  voice: 'marin',
  speed: 1,
  transcriptionModel: 'gpt-realtime-whisper',
  maxOutputTokens: 'inf',
  vadThreshold: 0.5,
  vadPrefixPaddingMs: 300,
  vadSilenceDurationMs: 500,
  responses: 'client',
  uplinkChunkMs: 20,
  topology: 'per-speaker',
  bargeIn: 'others',
  bargeInMinMs: 250,
  maxBacklogS: 8,
  voices: 'auto',
  maxSessions: 24,
  sessionIdleS: 120,
  budgetPolicy: 'captions',
  logLevel: 'warn',
};

const load = (given: Partial<Parameters<typeof loadConfig>[0]>) =>
  loadConfig({ flags: {}, environment: {}, ...given });
const file = (content: object, named = true): ConfigFile => ({
  path: 'team.json',
  named,
  content: content as Record<string, unknown>,
});

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect((error as ParleyError).code).toBe('config');
    const { message } = error as ParleyError;
    expect(message).not.toContain('0123456789');
    expect(message).not.toMatch(/\p{Cc}/u);
    return message;
  }
  throw new Error('was not refused');
}

describe('precedence', () => {
  it('is the default when nothing is given', () => {
    const { config, sources } = load({});
    expect(config).toEqual(DEFAULTS);
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
  });

  it('is flag, then environment, then file, then default', () => {
    const all = {
      flags: { voice: 'cedar' },
      environment: { PARLEY_VOICE: 'ash', PARLEY_VAD_THRESHOLD: '0.7' },
      file: file({ voice: 'echo', vadThreshold: 0.2, uplinkChunkMs: 40 }),
    };
    const { config, sources } = load(all);
    expect(config).toEqual({ ...DEFAULTS, voice: 'cedar', vadThreshold: 0.7, uplinkChunkMs: 40 });
    expect(sources).toMatchObject({
      voice: '--voice',
      vadThreshold: 'PARLEY_VAD_THRESHOLD',
      uplinkChunkMs: 'team.json',
      model: 'default',
    });
  });

  it.each(['', ' ', '\n'])('takes an empty variable (%j) for unset', (value) => {
    const environment = Object.fromEntries(SETTINGS.map(({ variable }) => [variable, value]));
    expect(load({ environment }).config).toEqual(DEFAULTS);
  });

  it('takes the keys and the base address from the environment, without the newline of a paste', () => {
    const { config } = load({
      environment: {
        OPENAI_API_KEY: `${KEY}\n`,
        OPENAI_BASE_URL: 'https://proxy.test/v1',
        PARLEY_REALTIME_KEY: 'other',
      },
    });
    expect(config).toMatchObject({
      openaiApiKey: KEY,
      openaiBaseUrl: 'https://proxy.test/v1',
      parleyRealtimeKey: 'other',
    });
  });

  it('takes no key from a flag', () => {
    const { config } = load({
      flags: { openaiApiKey: KEY, parleyRealtimeKey: KEY, openaiBaseUrl: 'https://evil.test' },
    });
    expect(config).toEqual(DEFAULTS);
  });
});

describe('keys of VideoSDK', () => {
  it('takes the secret from either of its names, the documented one first', () => {
    const secretOf = (environment: Record<string, string>) => {
      const { config, sources } = load({ environment });
      return [config.videoSdkSecretKey, sources.videoSdkSecretKey];
    };
    expect(secretOf({ VIDEOSDK_SECRET: 'old' })).toEqual(['old', 'VIDEOSDK_SECRET']);
    expect(secretOf({ VIDEOSDK_SECRET_KEY: ' ', VIDEOSDK_SECRET: 'old' })).toEqual([
      'old',
      'VIDEOSDK_SECRET',
    ]);
    expect(secretOf({ VIDEOSDK_SECRET_KEY: 'new', VIDEOSDK_SECRET: 'old' })).toEqual([
      'new',
      'VIDEOSDK_SECRET_KEY',
    ]);
  });

  it('knows every secret of an environment, by every name', () => {
    const environment = {
      OPENAI_API_KEY: 'a',
      PARLEY_REALTIME_KEY: 'b',
      VIDEOSDK_AUTH_TOKEN: 'c',
      VIDEOSDK_API_KEY: 'd',
      VIDEOSDK_SECRET_KEY: 'e',
      VIDEOSDK_SECRET: 'f',
      FASTINO_API_KEY: 'g',
      VIDEOSDK_API_URL: 'https://no.secret',
    };
    expect(secretsIn(environment).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  it.each(['api.videosdk.live', 'localhost:8443', '127.0.0.1:1', '[::1]:8443'])('joins at %s', (host) => {
    const { config } = load({ environment: { VIDEOSDK_SIGNALING_BASE_URL: host } });
    expect(config.videoSdkSignalingBaseUrl).toBe(host);
  });

  it.each([
    ['VIDEOSDK_SIGNALING_BASE_URL', 'https://api.videosdk.live'],
    ['VIDEOSDK_SIGNALING_BASE_URL', 'user@host'],
    ['VIDEOSDK_SIGNALING_BASE_URL', 'host/path'],
    ['VIDEOSDK_SIGNALING_BASE_URL', 'a b'],
    ['VIDEOSDK_API_URL', 'api.videosdk.live'],
    ['VIDEOSDK_API_URL', 'http://api.videosdk.live'],
    ['VIDEOSDK_API_URL', 'https://user:0123456789@host'],
    ['VIDEOSDK_API_URL', 'https://host/?token=0123456789'],
    ['VIDEOSDK_API_URL', 'file:///etc/passwd'],
    ['FASTINO_BASE_URL', 'api.fastino.ai'],
    ['FASTINO_BASE_URL', 'http://api.fastino.ai'],
  ])('refuses %s=%s', (variable, value) => {
    expect(refusal(() => load({ environment: { [variable]: value } }))).toMatch(
      new RegExp(`^${variable} is ".*": .+ is allowed$`),
    );
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost:1', 'https://localhost:8443/'])('asks %s', (url) => {
    expect(load({ environment: { VIDEOSDK_API_URL: url } }).config.videoSdkApiUrl).toBe(url);
  });
});

describe('values', () => {
  it.each([
    ['PARLEY_VAD_THRESHOLD', '0', 'vadThreshold', 0],
    ['PARLEY_VAD_THRESHOLD', '1', 'vadThreshold', 1],
    ['PARLEY_VAD_THRESHOLD', '.25', 'vadThreshold', 0.25],
    ['PARLEY_VAD_PREFIX_PADDING_MS', '0', 'vadPrefixPaddingMs', 0],
    ['PARLEY_VAD_SILENCE_DURATION_MS', '10000', 'vadSilenceDurationMs', 10_000],
    ['PARLEY_UPLINK_CHUNK_MS', '10', 'uplinkChunkMs', 10],
    ['PARLEY_UPLINK_CHUNK_MS', '100', 'uplinkChunkMs', 100],
    ['PARLEY_MAX_OUTPUT_TOKENS', '4096', 'maxOutputTokens', 4096],
    ['PARLEY_MAX_OUTPUT_TOKENS', 'inf', 'maxOutputTokens', 'inf'],
    ['PARLEY_MODEL', '42', 'model', '42'], // a name made of digits stays a name
    ['PARLEY_TRANSCRIPTION_LANGUAGE', 'pt-BR', 'transcriptionLanguage', 'pt-BR'],
    ['PARLEY_BARGE_IN', 'off', 'bargeIn', 'off'],
    ['PARLEY_RESPONSES', 'server', 'responses', 'server'],
    ['PARLEY_LOG_LEVEL', 'trace', 'logLevel', 'trace'],
    ['PARLEY_REALTIME_URL', 'ws://localhost:1/', 'url', 'ws://localhost:1/'],
  ])('%s=%s', (variable, text, name, value) => {
    expect(load({ environment: { [variable]: text } }).config).toEqual({ ...DEFAULTS, [name]: value });
  });

  it.each([
    ['PARLEY_VAD_THRESHOLD', 'abc', 'is "abc": a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', '1.01', 'is 1.01: a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', '-0.1', 'is -0.1: a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', 'NaN', 'is "NaN": a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', '0x1', 'is "0x1": a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', '1e-1', 'is "1e-1": a number from 0 to 1 is allowed'],
    ['PARLEY_VAD_THRESHOLD', '0,5', 'is "0,5": a number from 0 to 1 is allowed'],
    ['PARLEY_UPLINK_CHUNK_MS', '9', 'is 9: a whole number of milliseconds from 10 to 100 is allowed'],
    ['PARLEY_UPLINK_CHUNK_MS', '101', 'is 101: a whole number of milliseconds from 10 to 100 is allowed'],
    ['PARLEY_UPLINK_CHUNK_MS', '20.5', 'is 20.5: a whole number of milliseconds from 10 to 100 is allowed'],
    ['PARLEY_UPLINK_CHUNK_MS', '20ms', 'is "20ms": a whole number of milliseconds from 10 to 100 is allowed'],
    ['PARLEY_MAX_OUTPUT_TOKENS', '4097', 'is 4097: a whole number from 1 to 4096, or inf is allowed'],
    ['PARLEY_MAX_OUTPUT_TOKENS', '0', 'is 0: a whole number from 1 to 4096, or inf is allowed'],
    [
      'PARLEY_MAX_OUTPUT_TOKENS',
      'Infinity',
      'is "Infinity": a whole number from 1 to 4096, or inf is allowed',
    ],
    ['PARLEY_BARGE_IN', 'on', 'is "on": others, any or off is allowed'],
    [
      'PARLEY_LOG_LEVEL',
      'verbose',
      'is "verbose": trace, debug, info, warn, error, fatal, silent is allowed',
    ],
    [
      'PARLEY_TRANSCRIPTION_LANGUAGE',
      'Spanish!',
      'is "Spanish!": a BCP 47 tag such as es or pt-BR is allowed',
    ],
    ['PARLEY_MODEL', 'a b', 'is "a b": the name of a Realtime model is allowed'],
    [
      'PARLEY_VOICE',
      'x\u001b[31m',
      'is "x\\u001b[31m": the name of a voice, such as marin or cedar is allowed',
    ],
    [
      'PARLEY_VOICE',
      'é'.repeat(500),
      `is "${'é'.repeat(38)}…: the name of a voice, such as marin or cedar is allowed`,
    ],
    [
      'PARLEY_VOICE',
      `${KEY} `.repeat(2),
      'is "[redacted] [redacted]": the name of a voice, such as marin or cedar is allowed',
    ],
  ])('%s=%j is refused by name', (variable, text, rest) => {
    expect(refusal(() => load({ environment: { [variable]: text } }))).toBe(`${variable} ${rest}`);
  });

  it('names the flag that is wrong', () => {
    expect(refusal(() => load({ flags: { vadThreshold: 'abc' } }))).toBe(
      '--vad-threshold is "abc": a number from 0 to 1 is allowed',
    );
    expect(refusal(() => load({ flags: { model: '' } }))).toBe(
      '--model is "": the name of a Realtime model is allowed',
    );
  });

  it.each([
    [{ vadThreshold: '0.5' }, 'team.json: vadThreshold is "0.5": a number from 0 to 1 is allowed'],
    [{ voice: null }, 'team.json: voice is null: the name of a voice, such as marin or cedar is allowed'],
    [
      { voice: { id: 'x' } },
      'team.json: voice is {"id":"x"}: the name of a voice, such as marin or cedar is allowed',
    ],
    [{ bargeIn: ['any'] }, 'team.json: bargeIn is ["any"]: others, any or off is allowed'],
  ])('names the field of the file that is wrong: %j', (content, message) => {
    expect(refusal(() => load({ file: file(content) }))).toBe(message);
  });

  it('does not judge a value that another one overrides', () => {
    const environment = { PARLEY_VAD_THRESHOLD: 'abc' };
    expect(load({ environment, flags: { vadThreshold: '0.4' } }).config.vadThreshold).toBe(0.4);
  });
});

describe('the file', () => {
  it.each([
    ['vadTreshold', 'vadThreshold'],
    ['Voice', 'voice'],
    ['barge_in', 'bargeIn'],
    ['uplinkChunk', 'uplinkChunkMs'],
    ['PARLEY_MODEL', 'model'],
    ['loglevel', 'logLevel'],
  ])('has no %s: %s is meant', (field, meant) => {
    expect(refusal(() => load({ file: file({ [field]: 1 }) }))).toBe(
      `team.json: "${field}" is no setting; did you mean ${meant}?`,
    );
  });

  it.each([
    'openaiApiKey',
    'OPENAI_API_KEY',
    'parleyRealtimeKey',
    'PARLEY_REALTIME_KEY',
    'OPENAI_BASE_URL',
    'videoSdkSecretKey',
    'VIDEOSDK_SECRET',
    'VIDEOSDK_AUTH_TOKEN',
  ])('must not hold %s', (field) => {
    const message = refusal(() => load({ file: file({ [field]: KEY }) }));
    expect(message).toMatch(
      /^team\.json: \w+ does not belong into a file; set (?:OPENAI_API_KEY|OPENAI_BASE_URL|PARLEY_REALTIME_KEY|VIDEOSDK_SECRET_KEY|VIDEOSDK_AUTH_TOKEN) in the environment$/,
    );
  });

  it('may hold an address only when it was named, since a key follows the address', () => {
    const content = { url: 'wss://speech.test/' };
    expect(load({ file: file(content) }).config.url).toBe('wss://speech.test/');
    expect(refusal(() => load({ file: file(content, false) }))).toMatch(
      /^team\.json: url is taken only from a file named by --config/,
    );
  });

  it('cannot pollute a prototype', () => {
    for (const field of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty']) {
      const content = JSON.parse(`{"${field}": {"voice": "evil"}}`) as object;
      expect(refusal(() => load({ file: file(content) }))).toContain('is no setting');
    }
    expect(load({}).config.voice).toBe('marin');
  });

  it('is refused in one line whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { minKeys: 1 }), (content) => {
        fc.pre(!Object.keys(content).every((field) => field in configSchema.shape));
        expect(refusal(() => load({ file: file(content) })).length).toBeLessThan(200);
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});

describe('readConfigFile', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'parley-config-'))));
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const write = (name: string, text: string | Buffer) => {
    writeFileSync(join(directory, name), text);
  };

  it('finds the default file, or none', () => {
    expect(readConfigFile(undefined, directory)).toBeUndefined();
    write(DEFAULT_CONFIG_FILE, '\uFEFF{"voice": "cedar"}');
    expect(readConfigFile(undefined, directory)).toEqual({
      path: DEFAULT_CONFIG_FILE,
      named: false,
      content: { voice: 'cedar' },
    });
  });

  it('reads a named file', () => {
    write('team.json', '{}');
    expect(readConfigFile('team.json', directory)).toEqual({ path: 'team.json', named: true, content: {} });
  });

  it('refuses a named file that is not there', () => {
    expect(refusal(() => readConfigFile('none.json', directory))).toBe(
      'none.json cannot be read; check --config',
    );
    expect(refusal(() => readConfigFile('.', directory))).toBe('. cannot be read; check --config');
  });

  it.each(['', '{', `{"openaiApiKey": ${KEY}}`, '{"a": 1,}', Buffer.from([0xff, 0xfe, 0x00])])(
    'refuses what is not JSON (%j) without quoting it',
    (text) => {
      write('team.json', text);
      expect(refusal(() => readConfigFile('team.json', directory))).toBe('team.json is not JSON');
    },
  );

  it.each(['[]', 'null', '"voice"', '7'])('refuses %s: not an object', (text) => {
    write('team.json', text);
    expect(refusal(() => readConfigFile('team.json', directory))).toMatch(
      /^team\.json must hold a JSON object/,
    );
  });
});

describe('describeConfig', () => {
  it('shows every setting, its source, and no key', () => {
    const loaded = load({
      flags: { voice: 'cedar' },
      environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `https://user:${KEY}@proxy.test/v1` },
      file: file({ vadThreshold: 0.25 }),
    });
    const rows = describeConfig(loaded);
    expect(rows.map(({ name }) => name)).toEqual(SETTINGS.map(({ name }) => name));
    const row = (name: string) => rows.find((it) => it.name === name);
    expect(row('voice')).toEqual({ name: 'voice', value: 'cedar', source: '--voice' });
    expect(row('vadThreshold')).toEqual({ name: 'vadThreshold', value: '0.25', source: 'team.json' });
    expect(row('model')).toEqual({ name: 'model', value: 'gpt-realtime-2.1', source: 'default' });
    expect(row('url')).toEqual({ name: 'url', value: '(not set)', source: 'default' });
    expect(row('openaiApiKey')).toEqual({
      name: 'openaiApiKey',
      value: '[redacted]',
      source: 'OPENAI_API_KEY',
    });
    expect(row('openaiBaseUrl')?.value).toBe('https://[redacted]@proxy.test/v1');
    expect(JSON.stringify(rows)).not.toContain(KEY);
  });
});

describe('SETTINGS', () => {
  it('documents every setting, each variable and flag once, and the defaults', () => {
    expect(SETTINGS.map(({ name }) => name)).toEqual(Object.keys(configSchema.shape));
    const variables = SETTINGS.map(({ variable }) => variable);
    const flags = SETTINGS.flatMap(({ flag }) => flag ?? []);
    expect(new Set(variables).size).toBe(variables.length);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { about, allowed, variable, secret, flag, file: inFile } of SETTINGS) {
      expect(about).not.toBe('');
      expect(allowed).not.toBe('');
      expect(variable).toMatch(/^(?:PARLEY|OPENAI|AZURE|VIDEOSDK|FASTINO)_[A-Z_]+$/);
      if (secret === true) expect([flag, inFile]).toEqual([undefined, 'no']);
    }
    const defaults = SETTINGS.flatMap(({ name, defaultValue }) =>
      defaultValue === undefined ? [] : [[name, defaultValue]],
    );
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  });
});
