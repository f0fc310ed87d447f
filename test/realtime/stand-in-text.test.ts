/** What the stand-in says of speech that it does not know: whoever reads it understands it, whoever counts can tell. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  isPlayedBack,
  playedBackMs,
  playedBackText,
  untranslatedText,
} from '../../src/realtime/stand-in-text.js';

describe('speech that is played back', () => {
  it('is told in every language that the meeting page speaks, and is recognised in it', () => {
    const texts = readdirSync(new URL('../../src/embedded/room-server/page/texts', import.meta.url));
    const languages = texts.map((file) => file.replace('.json', ''));
    expect(languages.length).toBeGreaterThan(18);
    const said = languages.map((language) => playedBackText(2_840, language));
    expect(new Set(said).size).toBe(languages.length);
    for (const text of said) {
      expect(text).toMatch(/^\[[^[\]]+\]$/);
      expect(playedBackMs(` ${text} `)).toBe(2_800);
    }
  });

  it('is told in English where there is no other text, whatever the language is called', () => {
    for (const language of [undefined, 'en', 'cy', 'constructor'])
      expect(playedBackText(12_000, language)).toBe('[not in the phrasebook: 12.0 s played back]');
  });

  it('a text is shown as it is, with a mark that tells so in every language, and without seconds', () => {
    const texts = readdirSync(new URL('../../src/embedded/room-server/page/texts', import.meta.url));
    const marked = texts.map((file) => untranslatedText('Back at 9:30.', file.replace('.json', '')));
    expect(new Set(marked).size).toBe(texts.length);
    for (const text of marked) expect(text).toMatch(/^\[[^[\]{}:：]+[^\s[\]{}:：]\] Back at 9:30\.$/u);
    expect(untranslatedText('Hallo', 'de')).toBe(
      '[nicht im Phrasenbuch des Dolmetschers zum Ausprobieren] Hallo',
    );
    expect(untranslatedText('Hello', 'cy')).toBe('[not in the phrasebook] Hello');
  });

  it('no translation passes for it', () => {
    for (const text of [
      '',
      '2.8',
      'not in the phrasebook: 2.8 s played back',
      '[{}]',
      '[not in the phrasebook: 2 s played back]',
    ])
      expect(isPlayedBack(text)).toBe(false);
  });
});
