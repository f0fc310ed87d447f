/** Minutes in each language: by a model where there is one, else put together without. */
import { messageOf, ParleyError } from '../../errors.js';
import type { LanguageTag } from '../../languages/languages.js';
import { extractMinutes } from './extract-minutes.js';
import type { Minutes } from './minutes.js';
import type { MinutesCost } from './minutes-cost.js';
import type { MinutesMaterial } from './minutes-material.js';
import type { TextModel } from './text-model.js';
import { type Asking, type Findings, findInParts, writeMinutes } from './write-minutes.js';

/** How minutes are made. */
type MinutesOptions = {
  readonly model?: TextModel | undefined;
  /** What the model uses is counted here; once that is spent, it is asked for nothing more. */
  readonly cost?: MinutesCost | undefined;
  readonly signal?: AbortSignal;
  /** Told why some are put together without the model. */
  readonly onProblem?: (message: string) => void;
};

/**
 * The minutes of a meeting in each of these languages. A model that fails, and a budget that is spent, cost only what it would have
 * written: the rest is put together without it.
 */
export async function makeMinutes(
  material: MinutesMaterial,
  languages: readonly LanguageTag[],
  { model, cost, signal, onProblem }: MinutesOptions = {},
): Promise<Minutes[]> {
  let asking: Asking | undefined =
    model === undefined ? undefined : { model, signal, onUsage: (usage) => cost?.add(usage) };
  const mayAsk = (): void => {
    if (cost?.isSpent === true)
      throw new ParleyError('service_unavailable', 'the budget of the meeting is spent');
  };
  const withModel = async <Result>(ask: (by: Asking) => Promise<Result>): Promise<Result | undefined> => {
    if (asking === undefined) return undefined;
    try {
      mayAsk();
      return await ask(asking);
    } catch (error) {
      signal?.throwIfAborted();
      asking = undefined;
      onProblem?.(`minutes are put together without a model: ${messageOf(error)}`);
      return undefined;
    }
  };
  const found = await withModel<Findings>((by) => findInParts(material, by, mayAsk));
  const all: Minutes[] = [];
  for (const language of languages) {
    const written =
      found === undefined ? undefined : await withModel((by) => writeMinutes(material, found, language, by));
    all.push(written ?? extractMinutes(material, language));
  }
  return all;
}
