import type { z } from 'zod';
import { nearestName } from '../../nearest-name.js';
import { redactText } from '../../log.js';

/** What is wrong with one value, and where it stands: `voicePerLanguage.es`, `languages[1]`. */
export type SettingProblem = { path: string; problem: string };

const MAX_SHOWN_CHARS = 40;
const MAX_KEYS = 20;
const MAX_SHOWN_PROBLEMS = 30;
const MAX_PROBLEM_CHARS = 300;

/**
 * Every problem of a value that a schema of settings refused. `allowedIn` says of a field what is allowed there, in words;
 * `names` are the fields that there are.
 */
export function problemsOf(
  error: z.ZodError,
  input: unknown,
  { allowedIn, names }: { allowedIn: (name: string) => string; names: readonly [string, ...string[]] },
): readonly SettingProblem[] {
  return error.issues.flatMap((issue): SettingProblem[] => {
    const path = pathText(issue.path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.slice(0, MAX_KEYS).map((key) => ({
        path: pathText([...issue.path, key]),
        problem:
          issue.path.length === 0
            ? `is no setting; did you mean ${nearestName(key, names)}?`
            : 'is not known here',
      }));
    if (issue.path.length === 0) return [{ path, problem: 'use a JSON object, such as {"voice": "cedar"}' }];
    const custom = issue.code === 'invalid_key' ? issue.issues[0] : issue;
    if (custom?.code === 'custom' && custom.message !== '') return [{ path, problem: custom.message }];
    const allowed = allowedIn(String(issue.path[0]));
    return [{ path, problem: `is ${shownValue(valueAt(input, issue.path))}: ${allowed} is allowed` }];
  });
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
function shown(text: string, maxChars = MAX_SHOWN_CHARS): string {
  const line = redactText(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > maxChars ? `${line.slice(0, maxChars - 1)}…` : line;
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
