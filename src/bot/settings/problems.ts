import type { z } from 'zod';
import { nearestName } from '../../nearest-name.js';
import { redactText } from '../../redaction.js';
import { oneLine } from '../../text.js';

/** What is wrong with one value, and where it stands: `voicePerLanguage.es`, `languages[1]`. */
export type SettingProblem = { path: string; problem: string };

/** What a schema of settings refuses. */
export type Refusal = {
  path: readonly PropertyKey[];
  /** Nobody knows this key, something is wrong that is said in words, or the value is not one that is allowed. */
  what: { kind: 'unknown' } | { kind: 'said'; message: string } | { kind: 'value'; value: unknown };
};

/** What zod says of a refinement that has no message of its own. */
const WITHOUT_WORDS = 'Invalid input';
const MAX_SHOWN_CHARS = 40;
const MAX_KEYS = 20;
const MAX_SHOWN_PROBLEMS = 30;
const MAX_PROBLEM_CHARS = 300;

/** Everything that a schema refuses of a value. */
export function refusalsOf(error: z.ZodError, input: unknown): readonly Refusal[] {
  return error.issues.flatMap((issue): Refusal[] => {
    const { path } = issue;
    if (issue.code === 'unrecognized_keys')
      return issue.keys
        .slice(0, MAX_KEYS)
        .map((key) => ({ path: [...path, key], what: { kind: 'unknown' } }));
    const custom = issue.code === 'invalid_key' ? issue.issues[0] : issue;
    if (custom?.code === 'custom' && custom.message !== WITHOUT_WORDS)
      return [{ path, what: { kind: 'said', message: custom.message } }];
    return [{ path, what: { kind: 'value', value: valueAt(input, path) } }];
  });
}

/** A refusal in words. `allowedIn` says of a field what is allowed there; `names` are the fields that there are. */
export function problemOf(
  { path, what }: Refusal,
  { allowedIn, names }: { allowedIn: (name: string) => string; names: readonly [string, ...string[]] },
): SettingProblem {
  const [name] = path;
  if (name === undefined) return { path: '', problem: 'use a JSON object, such as {"voice": "cedar"}' };
  return { path: pathText(path), problem: wordsOf() };

  function wordsOf(): string {
    switch (what.kind) {
      case 'unknown':
        return path.length === 1
          ? `is no setting; did you mean ${nearestName(String(name), names)}?`
          : 'is not known here';
      case 'said':
        return what.message;
      case 'value':
        return `is ${shownValue(what.value)}: ${allowedIn(String(name))} is allowed`;
    }
  }
}

/** All problems on one line; of more than thirty the first. */
export function problemsText(problems: readonly SettingProblem[]): string {
  const texts = problems.slice(0, MAX_SHOWN_PROBLEMS).map(({ path, problem }) => {
    const text = path === '' ? problem : `${path}${problem.startsWith('is ') ? ' ' : ': '}${problem}`;
    return shown(text, MAX_PROBLEM_CHARS);
  });
  const more = problems.length - texts.length;
  return [...texts, ...(more === 0 ? [] : [`and ${more} more`])].join('; ');
}

/** `people[0].name`, `glossary."es>en"`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = shown(String(part));
      return /^[\w$-]+$/.test(key) ? `.${key}` : `.${JSON.stringify(key)}`;
    })
    .join('')
    .replace(/^\./, '');
}

/** An untrusted value as a message shows it: JSON on one line, short, without keys. */
export function shownValue(value: unknown): string {
  return value === undefined ? 'missing' : shown(JSON.stringify(value));
}

/** Untrusted text for a message: one line, short, without control characters and keys. */
export function shown(text: string, maxChars = MAX_SHOWN_CHARS): string {
  return oneLine(redactText(text), maxChars);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, part)
        ? (at as Record<PropertyKey, unknown>)[part]
        : undefined,
    value,
  );
}
