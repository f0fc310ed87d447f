import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import type { HeardTurn, Reply, Responder } from '../realtime-server/responses/responder.js';
import type { Phrasebook, Rendering } from './phrasebook.js';
import { playedBackText, untranslatedText } from '../../realtime/stand-in-text.js';
import { Recogniser, type RecogniserOptions } from './recogniser.js';
import { targetLanguageOf } from './target-language.js';

const NO_SAMPLES = new Int16Array(0);
const NOTHING: Reply = { sourceText: '', text: '', pcm24k: NO_SAMPLES };
/** A word has at least this much sound within {@link SOUND_RATIO} of its loudest moment. */
const SHORTEST_WORD_MS = 200;
const WINDOW_MS = 10;
const SOUND_RATIO = 10 ** (-20 / 20);

/** Says back whatever it hears: the turn's audio, sample by sample, and its text. */
export function createEchoResponder(): Responder {
  return {
    name: 'echo',
    respondToAudio: ({ pcm24k }) => echo(pcm24k),
    respondToText: ({ text }) => textReply(text, `[echo] ${text}`),
  };
}

/**
 * Translates the phrases of a book into the language that the instructions ask for.
 * - Phrases heard: their translations, spoken one after the other. Those already in the target language are not repeated:
 *   when all are, the reply is empty.
 * - Text that is a phrase (case, accents, punctuation and spacing aside): spoken in the target language, also when it is
 *   already in it.
 * - A sound too short for a word, such as a cough, is not answered.
 * - What a script lets it say: a phrase in the target language; nothing that is none.
 * - Anything else is played back: audio as it arrived, with a text that says so; text as text that says so, without audio. So are phrases
 *   when the instructions name no target language, or one that the phrase lacks.
 *
 * `options`: what the recogniser takes for a phrase.
 */
export function createPhrasebookResponder(book: Phrasebook, options: RecogniserOptions = {}): Responder {
  const recogniser = new Recogniser(book, options);
  const byText = new Map<string, Rendering>();
  for (const renderings of book.values()) {
    for (const rendering of renderings.values()) byText.set(normaliseText(rendering.text), rendering);
  }

  // A session says the same thing turn after turn, so what was read last is kept.
  let read = { instructions: '', targets: new Map<string | undefined, string | undefined>() };
  const targetOf = (instructions: string, heardLanguage: string | undefined): string | undefined => {
    if (read.instructions !== instructions) read = { instructions, targets: new Map() };
    if (!read.targets.has(heardLanguage)) {
      read.targets.set(heardLanguage, targetLanguageOf(instructions, heardLanguage));
    }
    return read.targets.get(heardLanguage);
  };
  const translate = (heard: Rendering, instructions: string): Rendering | undefined => {
    const language = targetOf(instructions, heard.language);
    return language === undefined ? undefined : book.get(heard.phraseId)?.get(language);
  };

  return {
    name: 'phrasebook',
    respondToAudio({ pcm24k, instructions }: HeardTurn): Reply {
      const heard = recogniser.recognise(pcm24k);
      if (heard === undefined) {
        return isTooShortForWords(pcm24k) ? NOTHING : playedBack(pcm24k, targetOf(instructions, undefined));
      }
      const source = {
        sourceText: heard.map(({ text }) => text).join(' '),
        ...(new Set(heard.map(({ language }) => language)).size === 1 && {
          sourceLanguage: heard[0]!.language,
        }),
      };
      const said: Rendering[] = [];
      for (const phrase of heard) {
        const translation = translate(phrase, instructions);
        if (translation === undefined)
          return { ...playedBack(pcm24k, targetOf(instructions, phrase.language)), ...source };
        if (translation.language !== phrase.language) said.push(translation);
      }
      return { ...source, text: said.map(({ text }) => text).join(' '), pcm24k: join(said) };
    },
    respondToText({ text, instructions }): Reply {
      const phrase = byText.get(normaliseText(text));
      if (phrase === undefined) return untranslated(text, targetOf(instructions, undefined));
      const translation = translate(phrase, instructions);
      if (translation === undefined) {
        const sourceLanguage = phrase.language;
        return { ...untranslated(text, targetOf(instructions, sourceLanguage)), sourceLanguage };
      }
      return {
        sourceText: text,
        sourceLanguage: phrase.language,
        text: translation.text,
        pcm24k: translation.pcm24k,
      };
    },
    speak({ text, instructions }) {
      const phrase = byText.get(normaliseText(text));
      return phrase && (translate(phrase, instructions) ?? phrase);
    },
  };
}

function isTooShortForWords(pcm24k: Int16Array): boolean {
  const windowSamples = (REALTIME_RATE_HZ * WINDOW_MS) / 1000;
  const peaks: number[] = [];
  for (let start = 0; start < pcm24k.length; start += windowSamples) {
    const window = pcm24k.subarray(start, start + windowSamples);
    peaks.push(window.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0));
  }
  const loudest = Math.max(...peaks);
  return peaks.filter((peak) => peak > loudest * SOUND_RATIO).length * WINDOW_MS < SHORTEST_WORD_MS;
}

function echo(pcm24k: Int16Array): Reply {
  if (pcm24k.length === 0) return NOTHING;
  const seconds = (pcm24k.length / REALTIME_RATE_HZ).toFixed(1);
  return { sourceText: '', text: `[echo ${seconds} s]`, pcm24k };
}

/** Speech that is not in the book: it is heard as it arrived, and its text says so, in the language that was asked for. */
function playedBack(pcm24k: Int16Array, language: string | undefined): Reply {
  if (pcm24k.length === 0) return NOTHING;
  const durationMs = (pcm24k.length / REALTIME_RATE_HZ) * 1_000;
  return { sourceText: '', text: playedBackText(durationMs, language), pcm24k };
}

/** A text that is not in the book: it is written as it is, and says so, in the language that was asked for. */
function untranslated(text: string, language: string | undefined): Reply {
  return textReply(text, untranslatedText(text, language));
}

function textReply(text: string, answer: string): Reply {
  return { sourceText: text, text: text.trim() === '' ? '' : answer, pcm24k: NO_SAMPLES };
}

function join(renderings: readonly Rendering[]): Int16Array {
  if (renderings.length === 1) return renderings[0]!.pcm24k;
  const joined = new Int16Array(renderings.reduce((sum, { pcm24k }) => sum + pcm24k.length, 0));
  let at = 0;
  for (const { pcm24k } of renderings) {
    joined.set(pcm24k, at);
    at += pcm24k.length;
  }
  return joined;
}

/** Letters and digits only: lower case, accents removed, one space between words. */
export function normaliseText(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
