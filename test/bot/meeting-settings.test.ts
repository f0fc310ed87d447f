import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkMeetingSettings,
  DEFAULT_MEETING_SETTINGS,
  MEETING_SETTING_NAMES,
  meetingSettingsJsonSchema,
  metaOf,
  parseMeetingSettings,
  patchSettings,
} from '../../src/bot/meeting-settings.js';
import { ParleyError } from '../../src/errors.js';

const DEFAULTS = {
  name: 'Parley',
  languages: [],
  announcement: true,
  topology: 'per-speaker',
  maxSessions: 24,
  mergeMicrophones: true,
  raiseQuiet: true,
  shareAudio: 'ignore',
  sessionIdleS: 120,
  budgetPolicy: 'captions',
  engine: 'conversation',
  model: 'gpt-realtime-2.1',
  liveModel: 'gpt-live-1.1',
  transcriptionModel: 'gpt-realtime-whisper',
  maxOutputTokens: 'inf',
  vadThreshold: 0.5,
  vadPrefixPaddingMs: 300,
  vadSilenceDurationMs: 500,
  responses: 'client',
  uplinkChunkMs: 100,
  voice: 'marin',
  speed: 1,
  voices: 'auto',
  bargeIn: 'others',
  bargeInMinMs: 500,
  backchannelMaxMs: 700,
  maxBacklogS: 8,
  profiles: 'none',
  refineProfiles: false,
  learn: false,
  minutes: false,
  persistCaptions: false,
  chatCaptions: false,
  agent: 'off',
  agentInstructions: '',
  agentHosts: [],
};

/** One that sets everything, in its canonical form. */
const EVERYTHING = {
  ...DEFAULTS,
  name: 'Ada',
  languages: ['es', 'pt-BR', 'en'],
  announcement: false,
  leaveWhenEmptyS: 300,
  maxDurationMin: 90,
  topology: 'shared',
  maxSessions: 8,
  sessionIdleS: 60,
  budgetUsd: 5,
  budgetPolicy: 'stop',
  agent: 'open-questions',
  agentName: 'Алба',
  agentVoice: 'cedar',
  agentInstructions: 'Never speak of prices.',
  agentHosts: ['host-1'],
  agentTools: [
    {
      ...{ name: 'find_room', description: 'Finds a room.', level: 'read', url: 'https://example.com/rooms' },
      parameters: { type: 'object', properties: { title: { type: 'string' } } },
      headers: { Authorization: { secret: 'rooms-key', prefix: 'Bearer ' } },
      ...{ signedWith: 'rooms-signing', timeoutMs: 5_000 },
    },
  ],
  agentServers: [
    {
      ...{ name: 'crm', url: 'https://example.com/mcp', levels: { search: 'read' }, timeoutMs: 10_000 },
      ...{ trustsReadOnlyHint: false, connectTimeoutMs: 5_000 },
      headers: { 'X-Api-Key': { secret: 'crm-key' } },
    },
  ],
  engine: 'auto',
  translatePauseS: 10,
  transcriptionLanguage: 'es',
  maxOutputTokens: 2_000,
  voicePerLanguage: { es: 'cedar', de: 'sage' },
  speedPerLanguage: { ja: 0.9 },
  voices: 'per-language',
  voiceLanguages: ['es', 'en'],
  glossary: { 'es>en': { acta: 'minutes' }, '*>*': { Parley: 'Parley' } },
  profiles: { usr_1: { summary: 'Engineer; formal.', terms: ['BIM'] } },
  profileIds: { ana: 'usr_1' },
  refineProfiles: true,
  learn: true,
  minutes: true,
  persistCaptions: true,
  chatCaptions: true,
};

function refusal(json: unknown): string {
  try {
    parseMeetingSettings(json);
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect((error as ParleyError).code).toBe('usage');
    return (error as ParleyError).message;
  }
  throw new Error('was not refused');
}

describe('the settings of a meeting', () => {
  it('have defaults', () => {
    expect(parseMeetingSettings({})).toEqual(DEFAULTS);
    expect(DEFAULT_MEETING_SETTINGS).toEqual(DEFAULTS);
  });

  it('are JSON both ways', () => {
    expect(MEETING_SETTING_NAMES.filter((name) => !(name in EVERYTHING))).toEqual([]);
    const settings = parseMeetingSettings(EVERYTHING);
    expect(settings).toEqual(EVERYTHING);
    expect(parseMeetingSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });

  it('take languages as people write them', () => {
    expect(
      parseMeetingSettings({
        languages: ['Spanish', 'EN', 'pt_br', 'español'],
        voiceLanguages: ['German'],
        voicePerLanguage: { Spanish: 'cedar' },
        speedPerLanguage: { 日本語: 0.9 },
      }),
    ).toMatchObject({
      languages: ['es', 'en', 'pt-BR'],
      voiceLanguages: ['de'],
      voicePerLanguage: { es: 'cedar' },
      speedPerLanguage: { ja: 0.9 },
    });
  });

  it('take a field that is undefined for absent', () => {
    expect(parseMeetingSettings({ budgetUsd: undefined, voice: undefined })).toEqual(DEFAULTS);
  });

  it('name everything that is wrong in one line, with its place', () => {
    const message = refusal({
      vioce: 'cedar',
      speed: 3,
      languages: ['es', 'Klingonese'],
      voicePerLanguage: { es: 'a b', xx1: 'cedar' },
      glossary: { 'es-en': {}, 'es>en': { acta: ' ' } },
      profiles: { usr_1: { summery: '' } },
      announcement: 'no',
    });
    for (const part of [
      'vioce is no setting; did you mean voice?',
      'speed is 3: a number from 0.25 to 1.5 is allowed',
      'languages[1]: "Klingonese" is no language: use a tag such as es, or a name',
      'voicePerLanguage.es is "a b": voices by language such as es=cedar',
      'voicePerLanguage.xx1: "xx1" is no language',
      'glossary.es-en: "es-en" is no pair of languages: write it like es>en',
      'glossary."es>en".acta: a term in "es>en" has no translation',
      'profiles.usr_1.summery is not known here',
      'announcement is "no": true or false is allowed',
    ])
      expect(message).toContain(part);
  });

  it.each([
    [{ languages: ['es'] }, 'languages: this is one language: give at least two, or none'],
    [
      { languages: 'es,en' },
      'languages is "es,en": a list of at least two languages, such as es,en, in JSON ["es", "en"] is allowed',
    ],
    [{ voice: null }, 'voice is null: the name of a voice, such as marin or cedar is allowed'],
    [{ name: ' ' }, 'name is " ": a name of 1 to 100 characters is allowed'],
    [
      { voice: 'sk-test-0123456789abcdef x' },
      'voice is "[redacted] x": the name of a voice, such as marin or cedar is allowed',
    ],
    [{ 'a\u001b[31m\nb': 1 }, 'a [31m b'],
    [[], 'use a JSON object, such as {"voice": "cedar"}'],
    [null, 'use a JSON object'],
    ['{}', 'use a JSON object'],
  ])('%j is refused', (json, message) => {
    expect(refusal(json)).toContain(message);
  });

  it('name thirty problems at most, and count the others', () => {
    const voicePerLanguage = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`xx${n}`, 'cedar']));
    expect(refusal({ voicePerLanguage })).toMatch(/; voicePerLanguage\.xx29: [^;]*; and 20 more$/);
  });

  it('are refused in one printable line whatever they hold, and pollute no prototype', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(fc.constantFrom(...MEETING_SETTING_NAMES), fc.string({ unit: 'binary' })),
          fc.jsonValue(),
        ),
        (json) => {
          const checked = checkMeetingSettings(json);
          if (checked.problems !== undefined) expect(refusal(json)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
        },
      ),
      { seed: 9, numRuns: 100 },
    );
    expect(refusal(JSON.parse('{"__proto__": {"voice": "evil"}}'))).toContain('__proto__ is no setting');
    expect(({} as Record<string, unknown>)['voice']).toBeUndefined();
  });

  it('describe themselves: every field has words, and says whether it can change in a meeting and why not', () => {
    const live = MEETING_SETTING_NAMES.filter((name) => metaOf(name).live);
    expect(live).toEqual([
      'languages',
      'budgetUsd',
      'budgetPolicy',
      'engine',
      'voice',
      'voicePerLanguage',
      'speed',
      'speedPerLanguage',
      'voices',
      'voiceLanguages',
      'bargeIn',
      'bargeInMinMs',
      'backchannelMaxMs',
      'maxBacklogS',
      'glossary',
      'persistCaptions',
      'chatCaptions',
      'agent',
      'agentName',
      'agentVoice',
      'agentInstructions',
      'agentHosts',
    ]);
    const schema = meetingSettingsJsonSchema();
    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(Object.keys(schema.properties!)).toEqual([...MEETING_SETTING_NAMES]);
    for (const property of Object.values(schema.properties!)) {
      expect(property).toMatchObject({
        description: expect.any(String) as string,
        'x-allowed': expect.any(String) as string,
      });
      expect(typeof (property as Record<string, unknown>)['x-live']).toBe('boolean');
      if ((property as Record<string, unknown>)['x-live'] === false)
        expect(property).toHaveProperty('x-reason');
    }
    expect(schema.properties).toMatchObject({
      vadSilenceDurationMs: { type: 'integer', minimum: 50, maximum: 10_000, default: 500, 'x-unit': 'ms' },
      languages: { type: 'array', items: { type: 'string' }, default: [] },
      voicePerLanguage: { type: 'object', additionalProperties: { type: 'string' } },
      glossary: { type: 'object', 'x-live': true },
      name: { 'x-live': false, 'x-reason': 'participants keep the name that they joined with' },
    });
    expect(schema.required).toBeUndefined();
    expect(meetingSettingsJsonSchema('output').required).toContain('voice');
  });
});

describe('a change of settings', () => {
  const current = parseMeetingSettings({
    languages: ['es', 'en'],
    voice: 'cedar',
    budgetUsd: 5,
    name: 'Ada',
  });

  it('applies what can change, says what was so already, and why a field is refused', () => {
    const { settings, report } = patchSettings(current, {
      languages: ['es', 'en', 'fr'],
      voice: 'cedar',
      glossary: { 'es>en': { acta: 'minutes' } },
      model: 'gpt-realtime-mini',
      name: 'Ada',
      speed: 9,
      vioce: 'ash',
    });
    expect(report).toEqual({
      languages: 'applied',
      voice: 'unchanged',
      glossary: 'applied',
      model: {
        refused: 'model cannot change in a running meeting: sessions keep what they were opened with',
        code: 'fixed',
      },
      name: 'unchanged',
      speed: { refused: 'speed is 9: a number from 0.25 to 1.5 is allowed', code: 'invalid' },
      vioce: { refused: 'vioce is no setting; did you mean voice?', code: 'unknown' },
    });
    expect(settings).toEqual({
      ...current,
      languages: ['es', 'en', 'fr'],
      glossary: { 'es>en': { acta: 'minutes' } },
    });
    expect(current.languages).toEqual(['es', 'en']);
  });

  it('resets a field with null', () => {
    const { settings, report } = patchSettings(current, {
      voice: null,
      budgetUsd: null,
      speed: null,
      name: null,
    });
    expect(report).toEqual({
      voice: 'applied',
      budgetUsd: 'applied',
      speed: 'unchanged',
      name: {
        refused: 'name cannot change in a running meeting: participants keep the name that they joined with',
        code: 'fixed',
      },
    });
    expect(settings.voice).toBe('marin');
    expect(settings).not.toHaveProperty('budgetUsd');
  });

  it('leaves alone what it does not hold, and what is undefined', () => {
    expect(patchSettings(current, { voice: undefined })).toEqual({ settings: current, report: {} });
  });

  it('compares what is meant, not how it is written', () => {
    expect(patchSettings(current, { languages: ['Spanish', 'English'] }).report).toEqual({
      languages: 'unchanged',
    });
  });

  it('is refused as a whole when it is no object, and stays data when it is hostile', () => {
    for (const patch of [[], null, 'voice'])
      expect(() => patchSettings(current, patch as never)).toThrow(/is a JSON object/);
    const hostile = JSON.parse('{"__proto__": {"voice": "x"}, "constructor": null}') as Record<
      string,
      unknown
    >;
    const { report } = patchSettings(current, hostile);
    expect(Object.keys(report)).toEqual(['__proto__', 'constructor']);
    expect(Object.values(report)).toEqual([
      { refused: expect.stringContaining('is no setting') as string, code: 'unknown' },
      { refused: expect.stringContaining('is no setting') as string, code: 'unknown' },
    ]);
  });
});
