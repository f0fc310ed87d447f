import { folded } from '../../search/words.js';

/** A name as search sees it: without accents, in small letters, its spaces single. Pure. */
export function foldedName(name: string): string {
  return folded(name).replace(/\s+/g, ' ').trim();
}
