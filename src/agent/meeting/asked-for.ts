/**
 * Whether a call is what somebody asked for. The model that made it was also told what others wrote and said, which may have asked for it in
 * their place; so the same model is asked once more, told nothing but the request. Pure.
 */
import type { AsideCall } from '../../realtime/session-tools.js';
import { words } from '../../search/words.js';

/** A text of so many words is a name, a number, a choice: all of it has to be known. */
const MAX_SHORT_WORDS = 3;
/** Of a longer one this share: models word the same thing in more than one way. */
const KNOWN_SHARE = 0.6;

/**
 * Whether this call is among those that the model makes for the request alone, with arguments that stem from the request or from
 * those: every short one, and most words of each longer one.
 *
 * @param alone the calls that it makes for the request alone; undefined: nobody knows
 */
export function isAskedFor(
  call: AsideCall,
  request: string,
  alone: readonly AsideCall[] | undefined,
): boolean {
  return (alone ?? []).some((other) => {
    if (other.name !== call.name) return false;
    const leaves = leavesOf(call.arguments);
    const known = new Set([request, ...(leavesOf(other.arguments) ?? [])].flatMap(words));
    return leaves?.every((leaf) => stemsFrom(leaf, known)) === true;
  });
}

function stemsFrom(leaf: string, known: ReadonlySet<string>): boolean {
  const own = words(leaf);
  // Signs alone, such as another currency, are compared as they are.
  if (own.length === 0) return leaf.trim() === '' || known.has(leaf);
  const share = own.filter((word) => known.has(word)).length / own.length;
  return share >= (own.length <= MAX_SHORT_WORDS ? 1 : KNOWN_SHARE);
}

/** The texts, numbers and choices in arguments; undefined where they are no JSON. */
function leavesOf(text: string): string[] | undefined {
  try {
    return leaves(JSON.parse(text), 0);
  } catch {
    return undefined;
  }
}

function leaves(value: unknown, depth: number): string[] {
  if (depth > 16) throw new Error('too deep');
  if (typeof value === 'object' && value !== null)
    return Object.values(value).flatMap((each) => leaves(each, depth + 1));
  return [String(value)];
}
