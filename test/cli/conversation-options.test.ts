import { describe, expect, it } from 'vitest';
import { conversationOf } from '../../src/cli/conversation-options.js';
import { configSchema } from '../../src/settings.js';

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
