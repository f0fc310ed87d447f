import { z } from 'zod';
import { parseLanguage } from './languages.js';

const MAX_SHOWN_CHARS = 40;

/** A language in JSON, written as a tag or a name; it is read as a canonical tag. */
export const languageSchema = z
  .string()
  .overwrite((text) => parseLanguage(text) ?? text)
  .refine((text) => parseLanguage(text) !== undefined, {
    error: ({ input }) =>
      `"${String(input).slice(0, MAX_SHOWN_CHARS)}" is no language: use a tag such as es, or a name`,
  });

/** A list of languages in JSON, each of them once. */
export const languagesSchema = z.array(languageSchema).overwrite((tags) => [...new Set(tags)]);
