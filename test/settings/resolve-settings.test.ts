import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '../../src/errors.js';
import { type ConfigFile, readConfigFile } from '../../src/settings/config-file.js';
import { describeSettings, resolveSettings } from '../../src/settings/resolve-settings.js';
import { secretsIn } from '../../src/settings/secret-variables.js';
import { SETTINGS } from '../../src/settings/setting-table.js';

const DEFAULT_CONFIG_FILE = 'parley.config.json';

const KEY = 'sk-test-0123456789abcdef';
const DEFAULTS = {
  platform: 'videosdk',
  sessionShape: 'nested',
  inputRateHz: 24_000,
  logLevel: 'warn',
  name: 'Parley',
  languages: [],
  announcement: true,
  profiles: 'none',
  refineProfiles: false,
  learn: false,
  minutes: false,
  persistCaptions: false,
  chatCaptions: false,
  agent: 'off',
  agentInstructions: '',
  agentHosts: [],
  model: 'gpt-realtime-2.1',
  liveModel: 'gpt-live-1.1',
  engine: 'conversation',
  voice: 'marin',
  speed: 1,
  transcriptionModel: 'gpt-realtime-whisper',
  maxOutputTokens: 'inf',
  vadThreshold: 0.5,
  vadPrefixPaddingMs: 300,
  vadSilenceDurationMs: 500,
  responses: 'client',
  uplinkChunkMs: 100,
  topology: 'per-speaker',
  bargeIn: 'others',
  bargeInMinMs: 500,
  backchannelMaxMs: 700,
  maxBacklogS: 8,
  voices: 'auto',
  maxSessions: 24,
  mergeMicrophones: true,
  raiseQuiet: true,
  shareAudio: 'ignore',
  sessionIdleS: 120,
  budgetPolicy: 'captions',
};

/** The values of both scopes side by side. */
const load = (given: Partial<Parameters<typeof resolveSettings>[0]>) => {
  const loaded = resolveSettings({ flags: {}, environment: {}, ...given });
  return { ...loaded, config: { ...loaded.process, ...loaded.meeting } };
};
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
    ['PARLEY_URL', 'ws://localhost:1/', 'url', 'ws://localhost:1/'],
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

  it('names everything that is wrong at once', () => {
    expect(
      refusal(() =>
        load({
          flags: { speed: '9' },
          environment: { PARLEY_LOG_LEVEL: 'loud', PARLEY_VOICES: 'two' },
          file: file({ maxSessions: 0 }),
        }),
      ),
    ).toBe(
      'team.json: maxSessions is 0: a whole number from 1 to 200 is allowed; ' +
        '--speed is 9: a number from 0.25 to 1.5 is allowed; ' +
        'PARLEY_VOICES is "two": auto, one or per-language is allowed; ' +
        'PARLEY_LOG_LEVEL is "loud": trace, debug, info, warn, error, fatal, silent is allowed',
    );
    expect(refusal(() => load({ file: file({ vioce: 1, url: 'x', speeed: 2 }, false) }))).toBe(
      'team.json: "vioce" is no setting; did you mean voice?; ' +
        'url is taken only from a file named by --config, or from PARLEY_URL; ' +
        '"speeed" is no setting; did you mean speed?',
    );
  });

  it.each([
    ['PARLEY_BUDGET', 'PARLEY_BUDGET_USD'],
    ['PARLEY_LANGUAGE', 'PARLEY_LANGUAGES'],
    ['PARLEY_BARGEIN', 'PARLEY_BARGE_IN'],
    ['PARLEY_LEAVE_WHEN_EMPTY', 'PARLEY_LEAVE_WHEN_EMPTY_S'],
    ['PARLEY_REALTIME_KEYS', 'PARLEY_REALTIME_KEY'],
  ])('refuses the variable %s, where %s is meant', (variable, meant) => {
    expect(refusal(() => load({ environment: { [variable]: '5', PARLEY_VOICE: 'cedar' } }))).toBe(
      `the variable ${variable} is no setting; did you mean ${meant}? "parley config" lists every setting`,
    );
    expect(load({ environment: { [variable]: ' ' } }).config).toEqual(DEFAULTS);
  });

  it('leaves variables of others alone', () => {
    expect(load({ environment: { PARLEYED: '1', MY_PARLEY_VOICE: 'x', OPENAI_ORG_ID: 'y' } }).config).toEqual(
      DEFAULTS,
    );
  });

  it('takes a shorter flag and names it', () => {
    const byOtherFlag = new Set(['budgetUsd'] as const);
    expect(load({ flags: { budgetUsd: '5' }, byOtherFlag }).sources.budgetUsd).toBe('--budget');
    expect(refusal(() => load({ flags: { budgetUsd: 'much' }, byOtherFlag }))).toBe(
      '--budget is "much": a number of dollars such as 5 is allowed',
    );
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
        fc.pre(!Object.keys(content).every((field) => SETTINGS.some(({ name }) => name === field)));
        expect(refusal(() => load({ file: file(content) })).length).toBeLessThan(3_000);
      }),
      { seed: 2, numRuns: 100 },
    );
  });
});

describe('lists, maps and switches', () => {
  it('are written as text in flags, variables and the file, or as JSON in the file', () => {
    const expected = {
      languages: ['es', 'en'],
      voicePerLanguage: { es: 'cedar', de: 'sage' },
      speedPerLanguage: { ja: 0.9 },
      voiceLanguages: ['es', 'en'],
      learn: true,
      announcement: false,
    };
    const texts = {
      languages: 'Spanish, en',
      voicePerLanguage: 'Spanish=cedar, de = sage',
      speedPerLanguage: 'ja=0.9',
      voiceLanguages: 'es, English ,es',
    };
    expect(load({ flags: { ...texts, learn: true, announcement: false } }).meeting).toMatchObject(expected);
    expect(
      load({
        environment: {
          PARLEY_LANGUAGES: texts.languages,
          PARLEY_VOICE_PER_LANGUAGE: texts.voicePerLanguage,
          PARLEY_SPEED_PER_LANGUAGE: texts.speedPerLanguage,
          PARLEY_VOICE_LANGUAGES: texts.voiceLanguages,
          PARLEY_LEARN: 'Yes',
          PARLEY_ANNOUNCEMENT: 'off',
        },
      }).meeting,
    ).toMatchObject(expected);
    expect(load({ file: file({ ...texts, learn: true, announcement: false }) }).meeting).toMatchObject(
      expected,
    );
    expect(load({ file: file(expected) }).meeting).toMatchObject(expected);
  });

  it('a switch that is off wins over a variable, and says so', () => {
    const { meeting, sources } = load({ flags: { learn: false }, environment: { PARLEY_LEARN: '1' } });
    expect([meeting.learn, sources.learn]).toEqual([false, '--no-learn']);
  });

  it.each([
    [
      { voicePerLanguage: 'es' },
      '--voice-per-language is "es": voices by language such as es=cedar,de=sage, in JSON {"es": "cedar"} is allowed',
    ],
    [{ voicePerLanguage: 'es=a=b' }, '--voice-per-language is "es=a=b": voices by'],
    [{ voicePerLanguage: 'es=a b' }, '--voice-per-language is "es=a b": voices by'],
    [
      { voicePerLanguage: 'Klingonese=cedar' },
      '--voice-per-language: "Klingonese" is no language: use a tag such as es, or a name',
    ],
    [{ speedPerLanguage: 'es=2' }, '--speed-per-language is "es=2": speeds by language'],
    [{ speedPerLanguage: 'es=' }, '--speed-per-language is "es=": speeds by'],
    [{ speedPerLanguage: 'es=fast' }, '--speed-per-language is "es=fast": speeds by'],
    [{ languages: 'es,,en' }, '--languages: "" is no language'],
    [{ languages: 'es,spanish' }, '--languages: this is one language: give at least two, or none'],
  ] as [Record<string, string>, string][])('%j is refused in one line', (flags, message) => {
    expect(refusal(() => load({ flags }))).toContain(message);
  });

  it.each([
    [{ PARLEY_LEARN: 'maybe' }, 'PARLEY_LEARN is "maybe": true or false is allowed'],
    [
      { PARLEY_MAX_DURATION_MIN: '1.5' },
      'PARLEY_MAX_DURATION_MIN is 1.5: a whole number of minutes from 1 to 1435 is allowed',
    ],
  ] as [Record<string, string>, string][])('%j is refused in one line', (environment, message) => {
    expect(refusal(() => load({ environment }))).toBe(message);
  });

  it('that are wrong in the file are named with their place', () => {
    expect(
      refusal(() => load({ file: file({ voicePerLanguage: { es: 'a b' }, languages: ['es', 'xx1'] }) })),
    ).toBe(
      'team.json: languages: "xx1" is no language: use a tag such as es, or a name; ' +
        'team.json: voicePerLanguage es is "a b": voices by language such as es=cedar,de=sage, in JSON {"es": "cedar"} is allowed',
    );
  });

  it('no file that comes along sends what is said anywhere, or says whose profile is whose', () => {
    for (const content of [
      { profiles: 'fastino' },
      { profileIds: {} },
      { refineProfiles: true },
      { learn: true },
      { record: '.' },
    ])
      expect(refusal(() => load({ file: file(content, false) }))).toContain(
        'only from a file named by --config',
      );
  });
});

describe('content', () => {
  let directory = '';
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'parley-content-'))));
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const write = (name: string, content: unknown) => {
    writeFileSync(join(directory, name), JSON.stringify(content));
    return join(directory, name);
  };
  const TERMS = { 'es>en': { acta: 'minutes' } };
  const PEOPLE = { usr_1: { summary: 'Engineer.', terms: ['BIM'] } };

  it('is a file behind a flag, in a variable and in the file; in the file it may stand itself', () => {
    const terms = write('terms.json', TERMS);
    const people = write('people.json', PEOPLE);
    const ids = write('ids.json', { ana: 'usr_1' });
    const expected = { glossary: TERMS, profiles: PEOPLE, profileIds: { ana: 'usr_1' } };
    const paths = { glossary: terms, profiles: people, profileIds: ids };
    const byFlag = load({ flags: paths });
    expect(byFlag.meeting).toMatchObject(expected);
    expect(byFlag.contentFiles).toEqual(paths);
    const environment = { PARLEY_GLOSSARY: terms, PARLEY_PROFILES: people, PARLEY_PROFILE_IDS: ids };
    expect(load({ environment }).meeting).toMatchObject(expected);
    expect(load({ file: file(paths) }).meeting).toMatchObject(expected);
    const inline = load({ file: file(expected) });
    expect(inline.meeting).toMatchObject(expected);
    expect(inline.contentFiles).toEqual({});
    const rows = describeSettings(byFlag);
    expect(rows.find(({ name }) => name === 'glossary')).toMatchObject({
      value: '1 entry',
      source: '--glossary',
    });
  });

  it('of profiles may be a word', () => {
    expect(load({ flags: { profiles: 'fastino' } }).meeting.profiles).toBe('fastino');
    expect(load({ environment: { PARLEY_PROFILES: 'none' } }).meeting.profiles).toBe('none');
  });

  it('that is wrong is named with its file', () => {
    const message = (glossary: unknown) =>
      refusal(() => load({ flags: { glossary: write('x.json', glossary) } })).replace(directory, '…');
    expect(message({ 'es-en': {}, 'es>en': { '': 'a' } })).toMatch(
      /^--glossary …\/x\.json: "es-en" is no pair of languages: [^;]+; --glossary [^;]+: a term in "es>en" has no translation: ""$/,
    );
    expect(message(['acta'])).toMatch(
      /^--glossary …\/x\.json is \["acta"\]: terms by pair of languages, such as /,
    );
  });

  it('that is not there, or no JSON, is an error of its own', () => {
    const code = (path: string) => {
      try {
        load({ environment: { PARLEY_GLOSSARY: path } });
      } catch (error) {
        return [(error as ParleyError).code, (error as ParleyError).message.replace(path, '…')];
      }
      throw new Error('was not refused');
    };
    expect(code(join(directory, 'none.json'))).toEqual([
      'input_missing',
      'PARLEY_GLOSSARY … cannot be read: is the path right?',
    ]);
    writeFileSync(join(directory, 'x.json'), '{');
    expect(code(join(directory, 'x.json'))).toEqual(['input_unusable', 'PARLEY_GLOSSARY … is not JSON']);
  });

  it('is not read where its setting is not used', () => {
    const { meeting } = load({
      environment: { PARLEY_GLOSSARY: '/no/such/file', PARLEY_VOICE: 'cedar' },
      isUsed: ({ name }) => name === 'voice',
    });
    expect(meeting).toMatchObject({ voice: 'cedar' });
    expect(meeting).not.toHaveProperty('glossary');
  });
});

describe('a meeting’s own file', () => {
  const meetingFile = {
    path: 'meeting.json',
    settings: { voice: 'ash', languages: ['es', 'fr'], speed: 1.1 },
  };

  it('wins over the environment, and a flag wins over it', () => {
    const { meeting, sources } = load({
      meetingFile,
      flags: { speed: '0.9' },
      environment: { PARLEY_VOICE: 'cedar', PARLEY_LANGUAGES: 'en,de', PARLEY_ENGINE: 'auto' },
    });
    expect(meeting).toMatchObject({ voice: 'ash', languages: ['es', 'fr'], speed: 0.9, engine: 'auto' });
    expect(sources).toMatchObject({ voice: 'meeting.json', speed: '--speed', engine: 'PARLEY_ENGINE' });
  });

  it('is named where it is wrong', () => {
    expect(refusal(() => load({ meetingFile: { path: 'm.json', settings: { speed: '1' } } }))).toBe(
      'm.json: speed is "1": a number from 0.25 to 1.5 is allowed',
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

describe('describeSettings', () => {
  it('shows every setting, its source, and no key', () => {
    const loaded = load({
      flags: { voice: 'cedar' },
      environment: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `https://user:${KEY}@proxy.test/v1` },
      file: file({ vadThreshold: 0.25 }),
    });
    const rows = describeSettings(loaded);
    expect(rows.map(({ name }) => name)).toEqual(SETTINGS.map(({ name }) => name));
    const row = (name: string) => rows.find((it) => it.name === name);
    expect(row('voice')).toMatchObject({ value: 'cedar', source: '--voice' });
    expect(row('vadThreshold')).toMatchObject({ value: '0.25', source: 'team.json' });
    expect(row('model')).toMatchObject({ value: 'gpt-realtime-2.1', source: 'default' });
    expect(row('url')).toMatchObject({ value: '(not set)', source: 'default' });
    expect(row('openaiApiKey')).toMatchObject({ value: '[redacted]', source: 'OPENAI_API_KEY' });
    expect(row('sessionIdleS')).toEqual({
      name: 'sessionIdleS',
      value: '120',
      unit: 's',
      source: 'default',
      flag: '--session-idle-s',
      variable: 'PARLEY_SESSION_IDLE_S',
      description: expect.stringContaining('close a session') as string,
      allowed: '5 to 3600',
      group: 'Sessions and costs',
    });
    expect(row('openaiBaseUrl')?.value).toBe('https://[redacted]@proxy.test/v1');
    expect(JSON.stringify(rows)).not.toContain(KEY);
  });
});

describe('SETTINGS', () => {
  it('spells each name in three ways by one rule; services keep their vendors’ variables', () => {
    const upper = (name: string) =>
      name
        .replace('videoSdk', 'videosdk')
        .replace(/[A-Z]/g, (letter) => `_${letter}`)
        .toUpperCase();
    for (const { name, flag, variable } of SETTINGS) {
      const words = upper(name);
      if (flag !== undefined)
        expect(`${flag} ${variable}`).toBe(`${words.toLowerCase().replaceAll('_', '-')} PARLEY_${words}`);
      else
        expect(variable).toBe(
          /^(?:PARLEY|OPENAI|AZURE|VIDEOSDK|STREAM|FASTINO)_/.test(words) ? words : `PARLEY_${words}`,
        );
    }
  });

  it('documents every setting, each variable and flag once, and the defaults', () => {
    expect(new Set(SETTINGS.map(({ name }) => name)).size).toBe(SETTINGS.length);
    const variables = SETTINGS.map(({ variable }) => variable);
    const flags = SETTINGS.flatMap(({ flag }) => flag ?? []);
    expect(new Set(variables).size).toBe(variables.length);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { description, allowed, variable, secret, flag, file: inFile, scope } of SETTINGS) {
      expect(description).not.toBe('');
      expect(allowed).not.toBe('');
      expect(variable).toMatch(/^(?:PARLEY|OPENAI|AZURE|VIDEOSDK|STREAM|FASTINO)_[A-Z_]+$/);
      if (scope === 'meeting')
        expect([variable.slice(0, 7), flag === undefined, inFile === 'no']).toEqual([
          'PARLEY_',
          false,
          false,
        ]);
      if (secret) expect([flag, inFile]).toEqual([undefined, 'no']);
    }
    const defaults = SETTINGS.flatMap(({ name, defaultValue }) =>
      defaultValue === undefined ? [] : [[name, defaultValue]],
    );
    expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  });
});
