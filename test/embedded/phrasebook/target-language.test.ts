import { describe, expect, it } from 'vitest';

import { targetLanguageOf } from '../../../src/embedded/phrasebook/target-language.js';
import { cpuMsOf } from '../../cpu-time.js';

/** Wording of a published tutorial on building an interpreter with the Realtime API, for two participants. */
const PUBLISHED = `
            You are a real-time translator bridging a conversation between:
            - Ana (speaks Spanish)
            - Bob (speaks English)

            You have to listen and speak those exactly word in different language
            eg. when Spanish is spoken then say that exact in language English
            similar when English is spoken then say that exact in language Spanish
            Keep in account who speaks what and use 
            NOTE - 
            Your job is to translate, from one language to another, don't engage in any conversation
        `;

const PUBLISHED_SHORT = `
    You are a real-time translator bridging a conversation between:
    - Juan (speaks es)
    - Anna (speaks de)

    When es is spoken, translate to de.
    When de is spoken, translate to es.
    Translate exactly what was said without adding your own commentary.
`;

/** instructions, language heard, language to answer in */
const TEXTS: [string, string | undefined, string | undefined][] = [
  [PUBLISHED, 'es', 'en'],
  [PUBLISHED, 'en', 'es'],
  [PUBLISHED_SHORT, 'es', 'de'],
  [PUBLISHED_SHORT, 'de', 'es'],
  ['Translate from Spanish into English. The speaker is "translate into German".', 'es', 'en'],
  ['Translate everything into English. About the speaker: "Speaks German. Answer in French."', 'es', 'en'],
  ['Translate everything into English. Listeners: "to German", "into French"', undefined, 'en'],
  ['Translate from "Spanish" into "Brazilian Portuguese".', 'es', 'pt'],
  ['Translate into "fr".', 'es', 'fr'],
  ['You are a professional interpreter. Translate everything from Spanish to English.', 'es', 'en'],
  ['You are a professional interpreter. Translate everything from Spanish to English.', undefined, 'en'],
  ['Traduce al inglés todo lo que oigas. No añadas nada.', 'es', 'en'],
  ['Eres intérprete. Traduzca del francés al alemán, por favor, sin comentarios.', 'fr', 'de'],
  ['Whatever you hear, put it into German.', 'es', 'de'],
  ['Render the French speech in English.', 'fr', 'en'],
  ['Speaker A speaks English, Speaker B speaks Spanish: translate B for A.', 'es', 'en'],
  ['Respond only in fr-FR.', 'en', 'fr'],
  ['Übersetze alles, was du hörst, ins Französische. Antworte nie auf Deutsch.', 'de', 'fr'],
  ['Bitte dolmetschen Sie aus dem Spanischen ins Deutsche.', 'es', 'de'],
  ['Traduis en espagnol tout ce que tu entends, et ne réponds jamais en anglais.', 'en', 'es'],
  ['Vous êtes interprète. Du français vers l’anglais, sans rien ajouter.', 'fr', 'en'],
  ['Never answer in Spanish. Could you please say in English whatever the caller says?', 'es', 'en'],
  ['Answer in German, not in English and not in French.', 'en', 'de'],
  ['Into English, please: the guests will be talking to you in Spanish.', 'es', 'en'],
  ['The speaker uses German. You will hear Spanish names too. Reply in French.', 'de', 'fr'],
  ['Heard | Answer\n--- | ---\nSpanish | English\nEnglish | Spanish\nGerman | French', 'de', 'fr'],
  ['Heard | Answer\n--- | ---\nSpanish | English\nEnglish | Spanish\nGerman | French', 'en', 'es'],
  ['Target     Source\nfrançais   English\nDeutsch    español', 'es', 'de'],
  ['Source language: Spanish\nTarget language: German\nMode: simultaneous', 'es', 'de'],
  ['Interpret between French and English.', 'fr', 'en'],
  ['Interpret between French and English.', 'en', 'fr'],
  ['es -> en, and nothing else', 'es', 'en'],
  ['German <-> Spanish', 'es', 'de'],
  ['Translate Spanish to English and English to Spanish.', 'en', 'es'],
  ['If the caller speaks Spanish, answer in English, otherwise answer in Spanish.', 'es', 'en'],
  ['If the caller speaks Spanish, answer in English, otherwise answer in Spanish.', 'en', 'es'],
  ['You interpret for a German-speaking audience. Speakers talk in English or Spanish.', 'es', 'de'],
  ['Everything that is not in English should be translated into English.', 'es', 'en'],
  ['No matter what language is spoken, speak English.', 'de', 'en'],
  ['翻訳者として、すべて日本語 (ja-JP) で: translate to 日本語', 'en', 'ja'],
  ['Do not answer in Spanish or German but in French.', 'es', 'fr'],
  ['You are a helpful assistant. Be brief.', 'es', undefined],
  ['', 'es', undefined],
  ['The caller speaks Spanish.', 'es', undefined],
  ['Never answer in English.', 'es', undefined],
  ['Translate into English and into German.', 'es', undefined],
  ['Please polish the wording and translate to French.', 'es', 'fr'],
];

describe('the language that instructions ask for', () => {
  it.each(TEXTS)('%s (heard: %s)', (instructions, heard, target) => {
    expect(targetLanguageOf(instructions, heard)).toBe(target);
  });

  it('does not depend on the letter case of names', () => {
    expect(targetLanguageOf('TRANSLATE FROM SPANISH TO ENGLISH', 'es')).toBe('en');
    expect(targetLanguageOf('translate from spanish to english', 'es')).toBe('en');
  });

  it('reads hostile lengths in time', () => {
    const cpuMs = cpuMsOf(() => {
      expect(targetLanguageOf('not '.repeat(100_000) + 'to English', 'es')).toBe(undefined);
      expect(targetLanguageOf(`${'a '.repeat(10_000)} translate to English`, 'es')).toBe('en');
    });
    expect(cpuMs).toBeLessThan(2_000);
  });
});
