import { describe, expect, it } from 'vitest';
import { conversationOf, speakingSettingsOf } from '../../../src/cli/options/conversation-options.js';
import { loadConfig } from '../../../src/config.js';
import { ParleyError } from '../../../src/errors.js';
import { configSchema } from '../../../src/settings.js';

const speaking = (flags: Record<string, string>) =>
  speakingSettingsOf(loadConfig({ flags, environment: {}, file: undefined }).config);

describe('how languages are spoken, by the settings', () => {
  it('is one voice and one speed for all unless languages are named, by tag or name, region aside', () => {
    const { styleOf } = speaking({
      voice: 'marin',
      voicePerLanguage: 'Spanish=cedar, de = sage',
      speed: '1.1',
      speedPerLanguage: 'ja=0.9',
    });
    expect(styleOf?.('es-MX')).toEqual({ voice: 'cedar', speed: 1.1 });
    expect(styleOf?.('de')).toEqual({ voice: 'sage', speed: 1.1 });
    expect(styleOf?.('ja')).toEqual({ voice: 'marin', speed: 0.9 });
    expect(styleOf?.('fr')).toEqual({ voice: 'marin', speed: 1.1 });
  });

  it.each([
    [{ voicePerLanguage: 'es' }, '--voice-per-language: "es" is not understood: write language=value'],
    [
      { voicePerLanguage: 'es=a=b' },
      '--voice-per-language: "es=a=b" is not understood: write language=value',
    ],
    [
      { voicePerLanguage: 'es=a b' },
      '--voice-per-language: "es=a b" is not understood: write language=value',
    ],
    [
      { voicePerLanguage: 'Klingonese=cedar' },
      '--voice-per-language "Klingonese" is no language: use a tag such as es or a name',
    ],
    [{ speedPerLanguage: 'es=2' }, '--speed-per-language: "es=2" is not understood: write language=value'],
    [{ speedPerLanguage: 'es=' }, '--speed-per-language: "es=" is not understood: write language=value'],
    [
      { speedPerLanguage: 'es=fast' },
      '--speed-per-language: "es=fast" is not understood: write language=value',
    ],
  ] as [Record<string, string>, string][])('refuses %j in one line', (flags, message) => {
    expect(() => speaking(flags)).toThrow(new ParleyError('usage', message));
  });

  it('a list of languages takes tags and names, each once', () => {
    expect(speaking({ voiceLanguages: 'es, English ,es' }).voiceLanguages).toEqual(['es', 'en']);
    expect(() => speaking({ voiceLanguages: 'es,,en' })).toThrow('--voice-languages "" is no language');
  });

  it('the defaults', () => {
    expect(speaking({})).toMatchObject({
      bargeIn: 'others',
      bargeInMinMs: 250,
      maxBacklogMs: 8_000,
      voices: 'auto',
    });
    expect(speaking({})).not.toHaveProperty('voiceLanguages');
  });
});

const languageFor = (transcriptionLanguage: string | undefined, from: string | undefined) =>
  conversationOf(
    configSchema.parse(transcriptionLanguage === undefined ? {} : { transcriptionLanguage }),
    from,
  ).transcription?.language;

describe('the language that a transcription expects', () => {
  it.each([
    [undefined, undefined, undefined],
    [undefined, 'es', 'es'],
    [undefined, 'zh-Hant', 'zh'],
    ['pt-BR', undefined, 'pt'],
    ['pt-BR', 'es-MX', 'pt'],
  ])('setting %s, speaker %s: %s, without a region', (setting, from, expected) => {
    expect(languageFor(setting, from)).toBe(expected);
  });
});
