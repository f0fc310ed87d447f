const MAX_COMPARED_CHARS = 40;

/** The name that takes the fewest edits to reach from `wrong`, in any case of letters; of several the first. */
export function nearestName<Name extends string>(wrong: string, names: readonly [Name, ...Name[]]): Name {
  return similarName(wrong, names, Infinity) ?? names[0];
}

/** As {@link nearestName}, but undefined where that takes more than `maxEdits`. */
export function similarName<Name extends string>(
  wrong: string,
  names: Iterable<Name>,
  maxEdits: number,
): Name | undefined {
  const wanted = wrong.slice(0, MAX_COMPARED_CHARS).toLowerCase();
  let best: { name: Name; edits: number } | undefined;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > (best?.edits ?? maxEdits)) continue;
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits <= maxEdits && edits < (best?.edits ?? Infinity)) best = { name, edits };
  }
  return best?.name;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
