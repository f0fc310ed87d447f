import type { Cassette } from '../../src/replay/cassette/cassette-file.js';
import { CassettePlayer } from '../../src/replay/cassette/cassette-player.js';
import { transportContract, type ScriptStep } from '../contract/transport-contract.js';

function entryOf(step: ScriptStep): Cassette['entries'][number] {
  if ('close' in step) return { atMs: 0, closed: step.close };
  return 'server' in step
    ? { atMs: 0, direction: 'server', text: step.server }
    : { atMs: 0, direction: 'client', text: step.client };
}

transportContract('CassettePlayer', (script) => {
  const cassette: Cassette = {
    header: { recordedFrom: 'a script', input: 'none', options: {} },
    entries: script.map(entryOf),
  };
  const players: CassettePlayer[] = [];
  let running = true;
  const turn = (): void => {
    if (!running) return;
    for (const player of players) player.releaseDue();
    setImmediate(turn);
  };
  setImmediate(turn);
  return Promise.resolve({
    open: (handlers) => {
      const player = new CassettePlayer(cassette, {
        nowMs: () => 0,
        stepMs: 10,
        onHandlerError: () => undefined,
      });
      players.push(player);
      return player.open(handlers);
    },
    dispose: () => {
      running = false;
      return Promise.resolve();
    },
  });
});
