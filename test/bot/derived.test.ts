import { describe, expect, it } from 'vitest';
import { type MeetingSettingsInput, parseMeetingSettings } from '../../src/bot/meeting-settings.js';
import {
  captionSettingsOf,
  conversationOf,
  speakingSettingsOf,
  termsOf,
  translateSettingsOf,
} from '../../src/bot/settings/derived.js';

const speaking = (settings: MeetingSettingsInput) => speakingSettingsOf(parseMeetingSettings(settings));

describe('how languages are spoken, by the settings', () => {
  it('is one voice and one speed for all unless languages are named, by tag or name, region aside', () => {
    const { styleOf } = speaking({
      voice: 'marin',
      voicePerLanguage: { Spanish: 'cedar', de: 'sage' },
      speed: 1.1,
      speedPerLanguage: { ja: 0.9 },
    });
    expect(styleOf?.('es-MX')).toEqual({ voice: 'cedar', speed: 1.1 });
    expect(styleOf?.('de')).toEqual({ voice: 'sage', speed: 1.1 });
    expect(styleOf?.('ja')).toEqual({ voice: 'marin', speed: 0.9 });
    expect(styleOf?.('fr')).toEqual({ voice: 'marin', speed: 1.1 });
  });

  it('a list of languages takes tags and names, each once', () => {
    expect(speaking({ voiceLanguages: ['es', 'English', 'es'] }).voiceLanguages).toEqual(['es', 'en']);
  });

  it('the defaults', () => {
    expect(speaking({})).toMatchObject({
      bargeIn: 'others',
      bargeInMinMs: 500,
      backchannelMaxMs: 700,
      maxBacklogMs: 8_000,
      voices: 'auto',
    });
    expect(speaking({})).not.toHaveProperty('voiceLanguages');
  });
});

const languageFor = (transcriptionLanguage: string | undefined, from: string | undefined) =>
  conversationOf(
    parseMeetingSettings(transcriptionLanguage === undefined ? {} : { transcriptionLanguage }),
    { transcriptionModel: 'gpt-realtime-whisper' },
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

describe('captions and terms, by the settings', () => {
  it('are kept, posted and translated as they say', () => {
    const settings = parseMeetingSettings({ chatCaptions: true, glossary: { 'es>en': { acta: 'minutes' } } });
    expect(captionSettingsOf(settings, true)).toEqual({ persist: false, chat: true, recorded: true });
    expect(termsOf(settings)).toEqual({
      glossary: [{ from: 'es', to: 'en', entries: [{ source: 'acta', target: 'minutes' }] }],
    });
    expect(termsOf(parseMeetingSettings({}))).toEqual({});
  });
});

it('translation sessions transcribe as conversation sessions do, and pause as they are told', () => {
  const translate = (input: MeetingSettingsInput, transcriptionModel: string | undefined) => {
    const settings = parseMeetingSettings(input);
    return translateSettingsOf(settings, conversationOf(settings, { transcriptionModel }));
  };
  expect(translate({}, 'my-transcriber')).toMatchObject({
    transcriptionModel: 'my-transcriber',
    pauseAfterSilenceMs: undefined,
  });
  expect(translate({ translatePauseS: 10 }, undefined)).toMatchObject({
    transcriptionModel: undefined,
    pauseAfterSilenceMs: 10_000,
  });
});
