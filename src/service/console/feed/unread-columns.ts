/** Columns that stay without translations, since nobody in the meeting reads their language. Pure. */
import type { LiveRoute, Person } from '../api/types.js';
import { closeness } from '../languages.js';

/**
 * Those of the columns whose language nobody there has chosen, and into which nothing is translated. What costs money is done for
 * somebody: a language of the meeting is what people can choose, not what is translated in any case.
 */
export function unreadColumns(
  columns: readonly string[],
  { people, routes }: { readonly people: readonly Person[]; readonly routes: readonly LiveRoute[] },
): readonly string[] {
  const here = people.filter(({ isBot }) => isBot !== true);
  if (here.length === 0) return [];
  return [...new Set(columns)].filter(
    (column) =>
      !here.some(({ prefers = '' }) => closeness(prefers, column) > 0) &&
      !routes.some(({ to = '' }) => closeness(to, column) > 0),
  );
}
