import { describeAudio, type ElidedEvent } from './elide-audio.js';

/** The first field in which two events differ: where, and both values as one-line text. */
type EventDifference = { field: string; recorded: string; actual: string };

/**
 * Knows which identifiers of a recorded run stand for which of this run. Identifiers that the client made may differ,
 * but one always stands for the same other; those that the server made are the same in both.
 */
export class IdentifierMap {
  readonly #actualOf = new Map<string, string>();
  readonly #recordedOf = new Map<string, string>();
  readonly #madeByServer: (id: string) => boolean;
  #renamed = false;

  constructor(madeByServer: (id: string) => boolean) {
    this.#madeByServer = madeByServer;
  }

  /** Whether `actual` may stand for `recorded`; remembers it if so. */
  matches(recorded: string, actual: string): boolean {
    const known = this.#actualOf.get(recorded);
    if (known !== undefined) return known === actual;
    if (this.#recordedOf.has(actual)) return false;
    if (recorded !== actual && this.#madeByServer(recorded)) return false;
    this.#actualOf.set(recorded, actual);
    this.#renamed ||= recorded !== actual;
    this.#recordedOf.set(actual, recorded);
    return true;
  }

  /** `text`, a recorded message, with this run's identifiers in place of the recorded ones. */
  translate(text: string): string {
    if (!this.#renamed) return text;
    return text.replace(/"([^"\\\s]{1,128})"/g, (whole, id: string) => {
      const actual = this.#actualOf.get(id);
      return actual === undefined ? whole : JSON.stringify(actual);
    });
  }
}

/** The first difference between two client events in more than identifiers; `undefined` when there is none. */
export function firstDifference(
  recorded: ElidedEvent,
  actual: ElidedEvent,
  identifiers: IdentifierMap,
): EventDifference | undefined {
  return compare(recorded, actual, '', identifiers);
}

function compare(
  recorded: unknown,
  actual: unknown,
  field: string,
  identifiers: IdentifierMap,
): EventDifference | undefined {
  if (isIdentifier(field) && typeof recorded === 'string' && typeof actual === 'string') {
    return identifiers.matches(recorded, actual) ? undefined : difference(field, recorded, actual);
  }
  if (recorded === actual) return undefined;
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    for (let index = 0; index < Math.max(recorded.length, actual.length); index++) {
      const found = compare(recorded[index], actual[index], `${field}[${index}]`, identifiers);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(recorded) && isObject(actual)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(actual)])) {
      const path = field === '' ? key : `${field}.${key}`;
      if (key === 'event_id' && field === '') {
        if (typeof recorded[key] !== typeof actual[key]) continue; // it may be left out
      }
      const found = compare(recorded[key], actual[key], path, identifiers);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return difference(field, recorded, actual);
}

function isIdentifier(field: string): boolean {
  return /(^|[._])id$/.test(field);
}

function isObject(value: unknown): value is ElidedEvent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_CHARACTERS = 100;
const CONTEXT_CHARACTERS = 12;

function difference(field: string, recorded: unknown, actual: unknown): EventDifference {
  const [a, b] = [oneLine(recorded, field), oneLine(actual, field)];
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  from = Math.max(0, from - CONTEXT_CHARACTERS);
  const shown = (text: string): string => {
    const start = text.length <= SHOWN_CHARACTERS ? 0 : from;
    const end = start + SHOWN_CHARACTERS;
    return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
  };
  return { field, recorded: shown(a), actual: shown(b) };
}

function oneLine(value: unknown, field: string): string {
  if (value === undefined) return 'nothing';
  if (field.endsWith('audio') && typeof value === 'string' && !value.startsWith('<'))
    return describeAudio(value);
  return JSON.stringify(value);
}
