/** The room contract, on a fake of the members of Stream's client that the adapter uses. */
import type { Comeback } from './fake-stream.js';
import { roomContract } from '../../contract/room-contract.js';
import { makeWorld } from './world.js';

for (const comeback of ['fast', 'rejoin', 'migrate'] satisfies Comeback[])
  roomContract(
    `Stream over a fake of its client, which comes back by "${comeback}"`,
    async () => {
      const world = makeWorld(comeback);
      return Promise.resolve({ world, dispose: () => world.room.leave() });
    },
    { deadlineMs: 30_000 },
  );
