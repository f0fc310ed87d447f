import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';

import { z } from 'zod';

import { WavError, readWav } from '../../../audio/wav.js';
import { ParleyError, messageOf } from '../../errors.js';

/** One phrase in one language, as text and as speech. */
export type Rendering = {
  phraseId: string;
  /** language subtag: `es` */
  language: string;
  text: string;
  /** 24 kHz mono PCM16. Shared: never write into it. */
  pcm24k: Int16Array;
};

/** Phrases with their renderings by language. */
export type Phrasebook = ReadonlyMap<string, ReadonlyMap<string, Rendering>>;

const MAX_RENDERING_MS = 15_000;

const renderingSchema = z.object({ text: z.string().min(1), audio: z.string().min(1) });
const phrasebookSchema = z.object({
  phrases: z
    .array(
      z.object({
        id: z.string().min(1),
        renderings: z.record(
          z.string().regex(/^[a-z]{2,3}$/, 'a language subtag such as "es"'),
          renderingSchema,
        ),
      }),
    )
    .min(1)
    .refine(
      (phrases) => new Set(phrases.map(({ id }) => id)).size === phrases.length,
      'phrase ids must differ',
    ),
});

/**
 * Reads a phrasebook: `{ phrases: [{ id, renderings: { es: { text, audio }, ... } }] }`, where `audio` names a 24 kHz mono WAV
 * file below the JSON file's folder.
 * @throws ParleyError `input_missing` when the JSON file is not there, `input_unusable` for anything else
 */
export async function loadPhrasebook(path: string): Promise<Phrasebook> {
  const parsed = phrasebookSchema.safeParse(await readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw unusable(path, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a phrasebook'}`);
  }
  const book = new Map<string, Map<string, Rendering>>();
  for (const phrase of parsed.data.phrases) {
    const renderings = new Map<string, Rendering>();
    for (const [language, { text, audio }] of Object.entries(phrase.renderings)) {
      const pcm24k = await readRendering(path, audio);
      renderings.set(language, { phraseId: phrase.id, language, text, pcm24k });
    }
    book.set(phrase.id, renderings);
  }
  return book;
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new ParleyError('input_missing', `There is no phrasebook at ${path}.`, { cause });
    }
    throw unusable(path, messageOf(cause), cause);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw unusable(path, messageOf(cause), cause);
  }
}

async function readRendering(bookPath: string, audio: string): Promise<Int16Array> {
  const folder = dirname(resolve(bookPath));
  const file = resolve(folder, audio);
  const inside = relative(folder, file);
  if (isAbsolute(audio) || isAbsolute(inside) || inside.split(/[\\/]/)[0] === '..') {
    throw unusable(bookPath, `"${audio}" leads out of the phrasebook's folder`);
  }
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw unusable(bookPath, `"${audio}" cannot be read`, cause);
  }
  try {
    const wav = readWav(bytes);
    if (wav.sampleRateHz !== REALTIME_RATE_HZ || wav.channelCount !== 1) {
      throw unusable(
        bookPath,
        `"${audio}" must be 24 kHz mono, not ${wav.sampleRateHz} Hz x ${wav.channelCount}`,
      );
    }
    if (wav.warnings.length > 0) throw unusable(bookPath, `"${audio}": ${wav.warnings.join('; ')}`);
    if (!(wav.durationMs > 0 && wav.durationMs <= MAX_RENDERING_MS)) {
      throw unusable(
        bookPath,
        `"${audio}" must last up to ${MAX_RENDERING_MS / 1000} s, not ${wav.durationMs} ms`,
      );
    }
    return wav.samples;
  } catch (cause) {
    if (cause instanceof WavError) throw unusable(bookPath, `"${audio}": ${cause.message}`, cause);
    throw cause;
  }
}

function unusable(path: string, problem: string, cause?: unknown): ParleyError {
  return new ParleyError('input_unusable', `The phrasebook ${path} cannot be used: ${problem}.`, { cause });
}
