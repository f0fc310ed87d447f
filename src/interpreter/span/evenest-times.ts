/** So much of a text, from 0 to 1, had been said somewhere in this window. */
export type ShareWindow = { readonly share: number; readonly fromMs: number; readonly toMs: number };

type Point = { readonly share: number; readonly atMs: number };

/**
 * When each share of a text was said, where it was said from `fromMs` to `toMs`, as evenly as its windows let it: the shortest way
 * through all of them, which bends only at their edges. Windows whose ends are in the wrong order are brought into order.
 *
 * @param windows by rising shares between 0 and 1, none of them equal
 */
export function evenestTimes(windows: readonly ShareWindow[], fromMs: number, toMs: number): Point[] {
  const gates = [...inOrder(windows), { share: 1, fromMs: toMs, toMs }];
  const times: Point[] = [];
  let from: Point = { share: 0, atMs: fromMs };
  while (times.length < windows.length) {
    const { to, index } = straightFrom(from, gates, times.length);
    while (times.length <= Math.min(index, windows.length - 1)) {
      const { share } = gates[times.length]!;
      const part = (share - from.share) / (to.share - from.share);
      times.push({ share, atMs: from.atMs + part * (to.atMs - from.atMs) });
    }
    from = to;
  }
  return times;
}

/** Where the straight way from a point, through the gates from `first` on, has to bend, or ends. */
function straightFrom(
  from: Point,
  gates: readonly ShareWindow[],
  first: number,
): { to: Point; index: number } {
  let slowest = { slope: -Infinity, index: first };
  let fastest = { slope: Infinity, index: first };
  const bend = (index: number, edge: 'fromMs' | 'toMs'): { to: Point; index: number } => {
    const gate = gates[index]!;
    return { to: { share: gate.share, atMs: gate[edge] }, index };
  };
  for (let index = first; index < gates.length; index++) {
    const gate = gates[index]!;
    const width = gate.share - from.share;
    const [low, high] = [(gate.fromMs - from.atMs) / width, (gate.toMs - from.atMs) / width];
    if (low > fastest.slope) return bend(fastest.index, 'toMs');
    if (high < slowest.slope) return bend(slowest.index, 'fromMs');
    if (low > slowest.slope) slowest = { slope: low, index };
    if (high < fastest.slope) fastest = { slope: high, index };
  }
  return bend(gates.length - 1, 'toMs');
}

function inOrder(windows: readonly ShareWindow[]): ShareWindow[] {
  let [latestFromMs, latestToMs] = [-Infinity, -Infinity];
  return windows.map(({ share, fromMs, toMs }) => {
    latestFromMs = Math.max(latestFromMs, fromMs);
    latestToMs = Math.max(latestToMs, toMs, latestFromMs);
    return { share, fromMs: latestFromMs, toMs: latestToMs };
  });
}
