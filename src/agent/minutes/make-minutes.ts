/** Minutes in each language: by a model where there is one, else put together without. */
import { messageOf } from '../../errors.js';
import type { LanguageTag } from '../../languages/languages.js';
import { extractMinutes } from './extract-minutes.js';
import type { Minutes } from './minutes.js';
import type { MinutesMaterial } from './minutes-material.js';
import type { TextModel } from './text-model.js';
import { writeMinutes } from './write-minutes.js';

/** A model that fails costs only itself: the minutes are put together without it then, and `onProblem` is told why. */
export async function makeMinutes(
  material: MinutesMaterial,
  languages: readonly LanguageTag[],
  {
    model,
    signal,
    onProblem,
  }: { model?: TextModel | undefined; signal?: AbortSignal; onProblem?: (message: string) => void } = {},
): Promise<Minutes[]> {
  if (model !== undefined) {
    try {
      return await writeMinutes(material, languages, model, signal);
    } catch (error) {
      signal?.throwIfAborted();
      onProblem?.(`minutes are put together without a model: ${messageOf(error)}`);
    }
  }
  return languages.map((language) => extractMinutes(material, language));
}
