/** What a request holds, checked against a schema: every field that is wrong is named in one answer. */
import type { z } from 'zod';
import { MEETING_SETTING_NAMES, type MeetingSettingName, metaOf } from '../../bot/meeting-settings.js';
import { pathText, problemOf, type Refusal, refusalsOf, shown } from '../../bot/settings/problems.js';
import { nearestName } from '../../nearest-name.js';
import { type FieldCode, type FieldError, Problem } from './problem.js';

/** The largest body, in bytes. */
export const MAX_BODY_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_ERRORS = 50;

const SETTING_NAMES: ReadonlySet<string> = new Set(MEETING_SETTING_NAMES);

/**
 * Checks a value of a request. `where` stands before the path of what is not in the body: `query`, `path`. Throws Problem
 * `invalid_request` that names every field that is wrong.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where?: 'query' | 'path',
): z.output<Schema> {
  const unfit = unfitText(value); // before anything else: what is nested too deep is too deep for others as well
  if (unfit !== undefined) throw refused([unfit], where);
  const { data, error } = schema.safeParse(value);
  if (error === undefined) return data;
  const names = 'shape' in schema ? Object.keys(schema.shape as object) : [];
  const issues = new Map(error.issues.map((issue) => [pathText(issue.path), issue]));
  throw refused(
    refusalsOf(error, value).map((refusal) => {
      const isThere = isPartOfText(value, refusal.path);
      return {
        ...fieldError(refusal, names, issues, isThere),
        ...(isThere ? { code: 'invalid' as const } : codeOf(refusal, issues)),
      };
    }),
    where,
  );
}

function refused(errors: readonly FieldError[], where: 'query' | 'path' | undefined): Problem {
  const [first, ...others] = errors.map(({ path, ...rest }) => ({
    path: where === undefined ? path : path === '' ? where : `${where}.${path}`,
    ...rest,
  }));
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new Problem(
    'invalid_request',
    `${first!.path === '' ? 'the body' : first!.path}: ${first!.problem}${more}`,
    {
      errors: [first!, ...others].slice(0, MAX_ERRORS),
    },
  );
}

/** Whether a path leads into a text that the schema took apart, such as a list in a query: nothing is missing there. */
function isPartOfText(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const part of path) {
    if (typeof at === 'string') return true;
    if (typeof at !== 'object' || at === null) return false;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return false;
}

function fieldError(
  refusal: Refusal,
  names: readonly string[],
  issues: Issues,
  isThere: boolean,
): FieldError {
  const { path, what } = refusal;
  const [name] = path;
  const text = pathText(path);
  if (what.kind === 'unknown') {
    const [first, ...rest] = names;
    if (path.length > 1 || first === undefined) return { path: text, problem: 'is not known here' };
    return {
      path: text,
      problem: `is not known here; did you mean ${nearestName(String(name), [first, ...rest])}?`,
    };
  }
  if (typeof name === 'string' && SETTING_NAMES.has(name) && names.includes(name))
    return problemOf(refusal, {
      allowedIn: (setting) => metaOf(setting as MeetingSettingName).allowed,
      names: MEETING_SETTING_NAMES,
    });
  if (what.kind === 'said') return { path: text, problem: what.message };
  if (what.value === undefined && text !== '' && !isThere) return { path: text, problem: 'is missing' };
  return { path: text, problem: shown(issues.get(text)?.message ?? 'is not valid', 300) };
}

type Issues = ReadonlyMap<string, z.core.$ZodIssue>;

/** What programs read of a refusal. */
function codeOf({ path, what }: Refusal, issues: Issues): Pick<FieldError, 'code' | 'limit'> {
  if (what.kind === 'unknown') return { code: 'unknown' };
  if (what.kind === 'value' && what.value === undefined && path.length > 0) return { code: 'missing' };
  const issue = issues.get(pathText(path));
  switch (issue?.code) {
    case 'too_small':
      return { code: SMALL[issue.origin] ?? 'too_small', limit: Number(issue.minimum) };
    case 'too_big':
      return { code: BIG[issue.origin] ?? 'too_large', limit: Number(issue.maximum) };
    case 'invalid_format':
      return { code: issue.format === 'email' ? 'no_email' : 'invalid' };
    case 'custom':
      return { code: CUSTOM_CODES.find((code) => code === issue.params?.['code']) ?? 'invalid' };
    default:
      return { code: 'invalid' };
  }
}

const SMALL: Readonly<Record<string, FieldCode>> = { string: 'too_short', array: 'too_few' };
const BIG: Readonly<Record<string, FieldCode>> = { string: 'too_long', array: 'too_many' };
/** Codes that schemas name themselves, as `params` of a refinement. */
const CUSTOM_CODES: readonly FieldCode[] = ['no_meeting', 'no_language'];

/**
 * Text that no database keeps: a NUL character or half of a character, in a value or a name; and what is nested so deep that
 * nobody meant it.
 */
function unfitText(value: unknown): FieldError | undefined {
  const pending: { value: unknown; path: readonly PropertyKey[] }[] = [{ value, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: at, path } = next;
    if (typeof at === 'string' && !isFit(at))
      return {
        path: pathText(path),
        problem: 'holds a NUL character or half of a character',
        code: 'not_text',
      };
    if (typeof at !== 'object' || at === null) continue;
    if (path.length >= MAX_DEPTH)
      return { path: pathText(path), problem: 'is nested too deep', code: 'too_deep' };
    for (const [key, inner] of Object.entries(at)) {
      if (!isFit(key))
        return {
          path: pathText(path),
          problem: 'has a name with a NUL character or half of a character',
          code: 'not_text',
        };
      pending.push({ value: inner, path: [...path, Array.isArray(at) ? Number(key) : key] });
    }
  }
  return undefined;
}

function isFit(text: string): boolean {
  return !text.includes('\0') && !HALF_CHARACTER.test(text);
}

const HALF_CHARACTER = /\p{Cs}/u;

/** The JSON body of a request. Throws Problem `unsupported_media_type`, `payload_too_large` or `malformed_request`. */
export async function jsonBodyOf(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = await textBodyOf(request);
  if (text === '' && type === '') return undefined;
  if (type !== 'application/json' && !/^application\/[\w.-]+\+json$/.test(type))
    throw new Problem('unsupported_media_type', 'send JSON with the header Content-Type: application/json');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Problem('malformed_request', 'the body is no JSON', { cause });
  }
}

async function textBodyOf(request: Request): Promise<string> {
  const tooLarge = (): Problem =>
    new Problem('payload_too_large', `a body has at most ${MAX_BODY_BYTES / 1_024} KiB`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new Problem('malformed_request', 'the body is not UTF-8', { cause });
  }
}
