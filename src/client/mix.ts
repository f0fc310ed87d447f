/** What a listener hears of whom, and how loud. While a translation sounds, the originals step back. Pure. */
import type { Role } from './api.js';
import { isSameLanguage } from './languages.js';

/** Participant ids of interpreters begin with this. */
const INTERPRETER_PREFIX = 'parley-';

/**
 * What a participant is for a listener who wants the output channel `chosen`, a BCP 47 tag or `off`. The interpreter speaks
 * through a participant of its own for each language, its `channel`, or through one for all, whose `channel` is empty.
 * Whoever bears an interpreter's id and is not confirmed to be one is unheard.
 */
export function roleOf(
  { id, isInterpreter, channel }: { id: string; isInterpreter: boolean; channel: string },
  chosen: string,
): Role {
  if (!isInterpreter) return id.startsWith(INTERPRETER_PREFIX) ? 'unheard' : 'original';
  if (chosen === 'off') return 'unheard';
  return channel === '' || isSameLanguage(channel, chosen) ? 'translation' : 'unheard';
}

/**
 * Volumes from 0 to 1 for a balance from 0, the original alone, to 1, the translation alone. Up to the middle the
 * translation grows, from there on the originals step back.
 */
export function volumesOf(balance: number, isTranslating: boolean): Readonly<Record<Role, number>> {
  return {
    original: isTranslating ? Math.min(1, 2 * (1 - balance)) ** 2 : 1,
    translation: Math.min(1, 2 * balance),
    unheard: 0,
  };
}
