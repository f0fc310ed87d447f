/** Problems in words: what happened and what to do. */
import { ApiProblem, type FieldProblem } from './api/client.js';
import { hasText, regionalLanguage, text } from './texts.js';

/** What a form shows of a problem. */
export type FormProblems = {
  /** For the form as a whole. */
  readonly general: string;
  /** By field. */
  readonly fields: ReadonlyMap<string, string>;
};

/** Nothing is wrong. */
export const NO_PROBLEMS: FormProblems = { general: '', fields: new Map() };

/** A problem in the reader's words; for what we have none for, the service's own. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiProblem)) return text('problem.other');
  const reason = `problem.reason.${error.reason}`;
  // A reason that we have words for says what to do.
  if (hasText(reason)) return text(reason);
  const key = `problem.${error.code}`;
  const known = hasText(key) ? text(key) : undefined;
  const own = error.code === 'offline' ? '' : error.message;
  const words = known ?? (own === '' || own === error.code ? text('problem.other') : own);
  const detail = known !== undefined && DETAILED.has(error.code) && own !== '' ? ` ${own}` : '';
  const again =
    error.retryAfterS === undefined ? '' : ` ${text('problem.retryAfter', { n: error.retryAfterS })}`;
  const id = error.status >= 500 && error.requestId !== '' ? ` (${error.requestId})` : '';
  return `${words}${detail}${again}${id}`;
}

/** Problems whose own words say more than ours can. */
const DETAILED: ReadonlySet<string> = new Set(['conflict', 'key_refused', 'forbidden']);

/** What is wrong with a field, in the reader's words; for what we have none for, the service's own. */
function fieldText({ problem, code = '', limit }: FieldProblem): string {
  const key = `problem.field.${code}`;
  if (!hasText(key)) return problem;
  return text(key, limit === undefined ? {} : { limit: limit.toLocaleString(regionalLanguage()) });
}

/** Why a running meeting did not take a change, in the reader's words; for what we have none for, the service's own. */
export function refusalText({ refused, code = '' }: { refused: string; code?: string }): string {
  const key = [`problem.field.${code}`, `problem.${code}`].find((each) => hasText(each));
  return key === undefined ? refused : text(key);
}

/** Puts a problem beside the fields that a form has; what belongs to none of them is said for the form. */
export function problemsFor(error: unknown, fields: readonly string[]): FormProblems {
  if (!(error instanceof ApiProblem) || error.errors.length === 0)
    return { general: problemText(error), fields: new Map() };
  const found = new Map<string, string>();
  const others: string[] = [];
  for (const wrong of error.errors) {
    const { path } = wrong;
    const words = fieldText(wrong);
    const field = fields.find(
      (name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
    );
    if (field === undefined) others.push(`${path}: ${words}`);
    else
      found.set(
        field,
        [found.get(field), path === field ? words : `${path}: ${words}`].filter(Boolean).join(' · '),
      );
  }
  const general = others.length > 0 ? others.join(' · ') : text('problem.fields');
  return { general, fields: found };
}
