/** Recordings of the phrasebook that a person can have said in a meeting in their place. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../../package-root.js';

const bookSchema = z.object({
  phrases: z.array(
    z.object({
      id: z.string(),
      renderings: z.record(z.string(), z.object({ text: z.string(), audio: z.string() })),
    }),
  ),
});

/** A phrase in one language; its recording is at `/phrases/<language>/<id>`. */
export type SamplePhrase = { readonly id: string; readonly text: string };

/** What can be said, by language. */
export interface SamplePhrases {
  readonly byLanguage: ReadonlyMap<string, readonly SamplePhrase[]>;
  /** A recording as WAV; undefined for what is not in the book. */
  audio(language: string, id: string): Promise<Buffer | undefined>;
}

/** The book of this package. The recordings are read when they are asked for. */
export async function loadSamplePhrases(): Promise<SamplePhrases> {
  const path = join(packageRoot(), 'fixtures', 'phrasebook.json');
  const { phrases } = bookSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const byLanguage = new Map<string, SamplePhrase[]>();
  const files = new Map<string, string>();
  for (const { id, renderings } of phrases) {
    for (const [language, { text, audio }] of Object.entries(renderings)) {
      byLanguage.set(language, [...(byLanguage.get(language) ?? []), { id, text }]);
      files.set(`${language}/${id}`, join(dirname(path), audio));
    }
  }
  return {
    byLanguage,
    audio: async (language, id) => {
      const file = files.get(`${language}/${id}`);
      return file === undefined ? undefined : readFile(file);
    },
  };
}
