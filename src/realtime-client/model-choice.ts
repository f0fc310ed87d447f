import { endWords, shutDownDateOf } from '../realtime/providers/models.js';

/**
 * The model to use for one that a program names: that one, or `instead` where OpenAI has shut it down; `notice` says so, or when it
 * will be.
 */
export function currentModel(
  named: string,
  instead: string,
  epochMs: number,
): { model: string; notice: string | undefined } {
  const date = shutDownDateOf(named, 'openai');
  if (date === undefined) return { model: named, notice: undefined };
  const words = endWords(named, date, epochMs);
  return epochMs < Date.parse(date)
    ? { model: named, notice: `${words}: use ${instead}` }
    : { model: instead, notice: `${words}: ${instead} is used in its place` };
}
