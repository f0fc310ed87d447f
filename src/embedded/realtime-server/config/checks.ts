/** Small checks that compose into the fields of client events and answer with the API's error codes and params. */
import {
  ClientEventError,
  invalidType,
  invalidValue,
  missingParameter,
  unknownParameter,
} from '../server/client-error.js';

/** Returns the checked value or throws a {@link ClientEventError} that names `path`. */
export type Check<T> = (value: unknown, path: string) => T;

/** A JSON object, of unknown fields. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, whatever it holds. */
export const anyJsonObject: Check<JsonObject> = (value, path) => {
  if (!isJsonObject(value)) throw invalidType(path, 'an object', value);
  return value;
};

/** Any JSON value. */
export const anything: Check<unknown> = (value) => value;

/** A string of any length. */
export const text: Check<string> = (value, path) => {
  if (typeof value !== 'string') throw invalidType(path, 'a string', value);
  return value;
};

/** A string of at most `maxLength` characters. */
export function textUpTo(maxLength: number): Check<string> {
  return (value, path) => {
    const checked = text(value, path);
    if (checked.length > maxLength) {
      throw new ClientEventError(
        'string_above_max_length',
        `Invalid '${path}': string too long. Expected a string with maximum length ${maxLength}, but got a string with length ${checked.length} instead.`,
        path,
      );
    }
    return checked;
  };
}

const NAME_PATTERN = /^[a-zA-Z0-9_-]+$/;

/** The name of a function: 1 to 64 letters, digits, underscores and dashes. */
export const functionName: Check<string> = (value, path) => {
  const checked = textUpTo(64)(value, path);
  if (checked === '') {
    throw new ClientEventError(
      'empty_string',
      `Invalid '${path}': empty string. Expected a string with minimum length 1, but got an empty string instead.`,
      path,
    );
  }
  if (!NAME_PATTERN.test(checked)) {
    throw new ClientEventError(
      'invalid_value',
      `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '${NAME_PATTERN.source}'.`,
      path,
    );
  }
  return checked;
};

/** A boolean. */
export const flag: Check<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw invalidType(path, 'a boolean', value);
  return value;
};

function inRange(value: number, path: string, kind: 'integer' | 'decimal', min: number, max: number): number {
  if (value < min) {
    throw new ClientEventError(
      `${kind}_below_min_value`,
      `Invalid '${path}': ${kind} below minimum value. Expected a value >= ${min}, but got ${value} instead.`,
      path,
    );
  }
  if (value > max) {
    throw new ClientEventError(
      `${kind}_above_max_value`,
      `Invalid '${path}': ${kind} above maximum value. Expected a value <= ${max}, but got ${value} instead.`,
      path,
    );
  }
  return value;
}

/** An integer in [min, max]. */
export function integer(min: number, max: number): Check<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw invalidType(path, 'an integer', value);
    return inRange(value, path, 'integer', min, max);
  };
}

/** A finite number in [min, max]. */
export function decimal(min: number, max: number): Check<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidType(path, 'a decimal', value);
    return inRange(value, path, 'decimal', min, max);
  };
}

/** One of a set of strings or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Check<T> {
  return (value, path) => {
    const found = values.find((entry) => entry === value);
    if (found === undefined) throw invalidValue(path, value, values);
    return found;
  };
}

/** `null`, or what `check` takes. */
export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}

/** An array of at most `maxLength` entries. */
export function arrayOf<T>(check: Check<T>, maxLength: number): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalidType(path, 'an array', value);
    if (value.length > maxLength) {
      throw new ClientEventError(
        'array_above_max_length',
        `Invalid '${path}': array too long. Expected an array with maximum length ${maxLength}, but got an array with length ${value.length} instead.`,
        path,
      );
    }
    return value.map((entry, index) => check(entry, `${path}[${index}]`));
  };
}

type Fields = Readonly<Record<string, Check<unknown>>>;
type Checked<F extends Fields, R extends keyof F> = { [K in R]: ReturnType<F[K]> } & {
  [K in Exclude<keyof F, R>]?: ReturnType<F[K]>;
};

/** An object with these fields and no others; `required` ones must be there. The result holds only what was given. */
export function object<F extends Fields, R extends keyof F & string = never>(
  fields: F,
  ...required: readonly R[]
): Check<Checked<F, R>> {
  return (value, path) => {
    const given = anyJsonObject(value, path);
    const prefix = path === '' ? '' : `${path}.`;
    const result: Record<string, unknown> = {};
    for (const [name, entry] of Object.entries(given)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check === undefined) throw unknownParameter(`${prefix}${name}`);
      result[name] = check(entry, `${prefix}${name}`);
    }
    for (const name of required) {
      if (!Object.hasOwn(given, name)) throw missingParameter(`${prefix}${name}`);
    }
    return result as Checked<F, R>;
  };
}

/** An object whose `type` (or other `tag`) chooses the check for all of it. */
export function tagged<C extends Readonly<Record<string, Check<unknown>>>>(
  tag: string,
  cases: C,
): Check<ReturnType<C[keyof C]>> {
  return (value, path) => {
    const given = anyJsonObject(value, path);
    const prefix = path === '' ? '' : `${path}.`;
    if (!Object.hasOwn(given, tag)) throw missingParameter(`${prefix}${tag}`);
    const name = given[tag];
    const check = typeof name === 'string' && Object.hasOwn(cases, name) ? cases[name] : undefined;
    if (check === undefined) throw invalidValue(`${prefix}${tag}`, name, Object.keys(cases));
    return check(value, path) as ReturnType<C[keyof C]>;
  };
}
