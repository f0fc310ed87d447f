import { z } from 'zod';
import { noLanguageText } from './language-hint.js';
import { parseLanguage } from './languages.js';

/** A language in JSON, written as a tag or a name; it is read as a canonical tag. */
export const languageSchema = z
  .string()
  .overwrite((text) => parseLanguage(text) ?? text)
  .refine((text) => parseLanguage(text) !== undefined, {
    error: ({ input }) => noLanguageText(String(input)),
    params: { code: 'no_language' },
  });

/** A list of languages in JSON, each of them once. */
export const languagesSchema = z.array(languageSchema).overwrite((tags) => [...new Set(tags)]);
