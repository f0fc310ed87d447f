import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';
import {
  createEchoResponder,
  createPhrasebookResponder,
} from '../../../src/embedded/phrasebook/responders.js';
import type { Responder } from '../../../src/embedded/realtime-server/responses/responder.js';
import { seededRandom } from '../../../src/seeded-random.js';
import { loadBook } from './book.js';
import { asTurn, concat, deliverFrames, silence } from './degrade.js';

let book: Phrasebook;
let responder: Responder;
beforeAll(async () => {
  book = await loadBook();
  responder = createPhrasebookResponder(book);
});

const phrase = (id: string, language: string) => book.get(id)!.get(language)!;
/** A reply whose samples are replaced by their count and digest: comparing long typed arrays element by element is slow. */
const brief = <T extends { pcm24k: Int16Array }>(reply: T) => ({ ...reply, pcm24k: digest(reply.pcm24k) });
const digest = (pcm: Int16Array): string =>
  `${pcm.length} samples ${createHash('sha256')
    .update(Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength))
    .digest('hex')}`;
const TO_ENGLISH = 'Translate everything into English.';

describe('the phrasebook responder', () => {
  it('answers a phrase with its translation in the language asked for', () => {
    const es = phrase('where-is-the-station', 'es');
    for (const [instructions, language] of [
      [TO_ENGLISH, 'en'],
      ['Antworte auf Deutsch.', 'de'],
      ['From Spanish to French.', 'fr'],
    ] as const) {
      const to = phrase('where-is-the-station', language);
      const reply = responder.respondToAudio({ pcm24k: asTurn(es.pcm24k), instructions });
      expect(brief(reply)).toEqual({
        sourceText: es.text,
        sourceLanguage: 'es',
        text: to.text,
        pcm24k: digest(to.pcm24k),
      });
    }
  });

  it('goes by what was heard when the instructions go both ways', () => {
    const instructions =
      'When Spanish is spoken, translate to German. When German is spoken, translate to Spanish.';
    for (const [from, to] of [
      ['es', 'de'],
      ['de', 'es'],
    ] as const) {
      const pcm24k = asTurn(phrase('send-the-report', from).pcm24k);
      expect(responder.respondToAudio({ pcm24k, instructions }).text).toBe(
        phrase('send-the-report', to).text,
      );
    }
  });

  it('has nothing to say to speech in the target language', () => {
    const en = phrase('share-my-screen', 'en');
    const reply = responder.respondToAudio({ pcm24k: asTurn(en.pcm24k), instructions: TO_ENGLISH });
    expect(brief(reply)).toEqual({
      sourceText: en.text,
      sourceLanguage: 'en',
      text: '',
      pcm24k: digest(new Int16Array(0)),
    });
  });

  it('answers every phrase of a turn, in order, and skips those in the target language', () => {
    const [a, b, c] = [
      phrase('we-need-more-time', 'es'),
      phrase('can-you-hear-me', 'en'),
      phrase('send-the-report', 'fr'),
    ];
    const pcm24k = asTurn(concat(a.pcm24k, silence(300), b.pcm24k, silence(300), c.pcm24k));
    const reply = responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH });
    const [first, last] = [phrase('we-need-more-time', 'en'), phrase('send-the-report', 'en')];
    expect(reply.sourceText).toBe(`${a.text} ${b.text} ${c.text}`);
    expect(reply).not.toHaveProperty('sourceLanguage');
    expect(reply.text).toBe(`${first.text} ${last.text}`);
    expect(digest(reply.pcm24k)).toBe(digest(concat(first.pcm24k, last.pcm24k)));
  });

  it('plays back what it does not recognise, sample by sample, and says so', () => {
    const damaged = deliverFrames(phrase('send-the-report', 'es').pcm24k, 20, (index) =>
      index % 10 === 3 ? 0 : 1,
    );
    const pcm24k = asTurn(damaged);
    const reply = responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH });
    expect(reply.sourceText).toBe('');
    expect(reply.text).toBe(`[not in the phrasebook: ${(pcm24k.length / 24_000).toFixed(1)} s played back]`);
    expect(digest(reply.pcm24k)).toBe(digest(pcm24k));
    const toSpanish = responder.respondToAudio({
      pcm24k,
      instructions: 'Translate what you hear into Spanish.',
    });
    expect(toSpanish.text).toMatch(
      /^\[no está entre las frases del intérprete de prueba: \d\.\d s repetidos tal cual\]$/,
    );
  });

  it('echoes a phrase that it cannot translate, and says what it was', () => {
    const es = phrase('send-the-report', 'es');
    const pcm24k = asTurn(es.pcm24k);
    const inEnglish = /^\[not in the phrasebook: \d\.\d s played back\]$/;
    for (const [instructions, text] of [
      ['', inEnglish],
      ['Be kind.', inEnglish],
      [
        'Translate everything into Japanese.',
        /^\[お試し用の通訳の例文にありません：\d\.\d 秒をそのまま返しました\]$/,
      ],
    ] as const) {
      const reply = responder.respondToAudio({ pcm24k, instructions });
      expect(reply.text).toMatch(text);
      expect(brief(reply)).toMatchObject({
        sourceText: es.text,
        sourceLanguage: 'es',
        pcm24k: digest(pcm24k),
      });
    }
  });

  it('speaks text that is in the book, whatever its case, accents and punctuation', () => {
    const en = phrase('where-is-the-station', 'en');
    for (const text of [
      '¿Dónde está la estación de tren más cercana?',
      'donde esta  LA ESTACION de tren mas cercana',
      en.text,
    ]) {
      const reply = responder.respondToText({ text, instructions: TO_ENGLISH });
      expect(brief(reply)).toMatchObject({ sourceText: text, text: en.text, pcm24k: digest(en.pcm24k) });
    }
  });

  it('answers other text with that text, unspoken and marked in the language asked for', () => {
    expect(responder.respondToText({ text: 'What time is it?', instructions: TO_ENGLISH })).toEqual({
      sourceText: 'What time is it?',
      text: '[not in the phrasebook] What time is it?',
      pcm24k: new Int16Array(0),
    });
    const inGerman = { text: 'What time is it?', instructions: 'Translate everything into German.' };
    expect(responder.respondToText(inGerman).text).toBe(
      '[nicht im Phrasenbuch des Dolmetschers zum Ausprobieren] What time is it?',
    );
    expect(responder.respondToText({ text: '  ', instructions: '' }).text).toBe('');
  });

  it('gives equal replies to equal turns', () => {
    const pcm24k = asTurn(phrase('customers-like-it', 'fr').pcm24k);
    const first = responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH });
    expect(first.text).not.toBe('');
    expect(brief(responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH }))).toEqual(brief(first));
  });

  it('survives any turn: none, one sample, silence, full scale, noise', () => {
    const random = seededRandom(3);
    const loud = [
      new Int16Array(48_000).fill(-32768),
      Int16Array.from({ length: 72_000 }, () => Math.floor(random() * 65_536) - 32_768),
      Int16Array.from({ length: 72_000 }, (_, i) => (i % 2 === 0 ? 32_767 : -32_768)),
    ];
    for (const pcm24k of loud) {
      expect(responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH })).toMatchObject({
        sourceText: '',
        pcm24k,
      });
    }
    for (const pcm24k of [new Int16Array(0), Int16Array.of(-32768), silence(3000)]) {
      expect(responder.respondToAudio({ pcm24k, instructions: TO_ENGLISH })).toMatchObject({
        sourceText: '',
        text: '',
        pcm24k: new Int16Array(0),
      });
    }
  });

  it('does not answer a sound too short for a word, such as a cough', () => {
    const burst = (durationMs: number) =>
      Int16Array.from({ length: durationMs * 24 }, (_, i) => Math.round(9_000 * Math.sin(i / 9)));
    const reply = (durationMs: number) =>
      responder.respondToAudio({ pcm24k: asTurn(burst(durationMs)), instructions: TO_ENGLISH }).text;
    expect(reply(150)).toBe('');
    expect(reply(300)).toMatch(/^\[not in the phrasebook: /);
  });
});

describe('the echo responder', () => {
  it('says back the whole turn as it arrived', () => {
    const echo = createEchoResponder();
    const pcm24k = asTurn(phrase('customers-like-it', 'fr').pcm24k);
    expect(brief(echo.respondToAudio({ pcm24k, instructions: TO_ENGLISH }))).toEqual({
      sourceText: '',
      text: `[echo ${(pcm24k.length / 24_000).toFixed(1)} s]`,
      pcm24k: digest(pcm24k),
    });
    expect(echo.respondToText({ text: 'hello', instructions: TO_ENGLISH }).text).toBe('[echo] hello');
    expect(echo.respondToAudio({ pcm24k: new Int16Array(0), instructions: '' }).text).toBe('');
  });
});
