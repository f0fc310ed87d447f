/** Runs the Room contract (`room-cases.ts`) under vitest. */
import { describe, it } from 'vitest';
import { ROOM_CASES, type RoomCase, type RoomWorld } from './room-cases.js';

/** What a world must be able to do for a rule to be tested. */
export type Ability = NonNullable<RoomCase['needs']>[number];

/**
 * Runs the suite for one adapter. `makeWorld` makes a fresh meeting for each rule; rules that need an ability which is
 * `missing` are skipped by name. `deadlineMs` bounds each rule in real time.
 */
export function roomContract(
  name: string,
  makeWorld: () => Promise<{ world: RoomWorld; dispose: () => Promise<void> }>,
  options: { missing?: readonly Ability[]; deadlineMs?: number } = {},
): void {
  const { missing = [], deadlineMs = 10_000 } = options;
  describe(`room contract: ${name}`, () => {
    for (const { name: rule, needs = [], run } of ROOM_CASES) {
      const lacking = needs.some((ability) => missing.includes(ability));
      it.skipIf(lacking)(
        rule,
        async () => {
          const { world, dispose } = await makeWorld();
          try {
            await run(world);
          } finally {
            await dispose();
          }
        },
        deadlineMs,
      );
    }
  });
}
