import { expect, it } from 'vitest';
import type { ClientSocket } from '../../../src/embedded/realtime-server/index.js';
import { MemoryConnections } from '../../../src/replay/backend/memory-connections.js';
import { transportContract, turns, type ScriptStep } from '../../contract/transport-contract.js';

/** A server whose every session follows the script. */
function scriptedHost(script: readonly ScriptStep[]) {
  return {
    open: (socket: ClientSocket) => {
      const steps = [...script];
      const act = (): void => {
        for (let step = steps[0]; step !== undefined && !('client' in step); step = steps[0]) {
          steps.shift();
          if ('server' in step) socket.send(step.server);
          else socket.close(step.close.code, step.close.reason);
        }
      };
      act();
      return {
        receive: () => {
          steps.shift();
          act();
        },
        closed: () => undefined,
      };
    },
  };
}

transportContract('MemoryConnections', (script) => {
  const connections = new MemoryConnections(scriptedHost(script), 'm');
  let running = true;
  const turn = (): void => {
    if (!running) return;
    connections.deliver();
    setImmediate(turn);
  };
  setImmediate(turn);
  return Promise.resolve({
    open: connections.open,
    dispose: () => {
      running = false;
      return Promise.resolve();
    },
  });
});

it('hands everything over in the order in which it was sent, over all lines', async () => {
  const heard: string[] = [];
  const closed: string[] = [];
  const host = {
    open: (socket: ClientSocket, model: string) => {
      socket.send(`hello ${model}`);
      return {
        receive: (text: string) => {
          heard.push(text);
          socket.send(`answer to ${text}`);
        },
        closed: (code: number) => closed.push(`server ${code}`),
      };
    },
  };
  const connections = new MemoryConnections(host, 'm');
  const open = (name: string) =>
    connections.open({
      message: (text) => heard.push(`${name}: ${text}`),
      closed: ({ code }) => closed.push(`${name} ${code}`),
    });
  const opening = [open('a'), open('b')];
  connections.deliver();
  const [a, b] = await Promise.all(opening);
  connections.deliver();
  b!.send('1');
  a!.send('2');
  b!.send('3');
  expect(heard.splice(0)).toEqual(['a: hello m', 'b: hello m']);
  connections.deliver();
  expect(heard.splice(0)).toEqual(['1', '2', '3']);
  connections.deliver();
  expect(heard.splice(0)).toEqual(['b: answer to 1', 'a: answer to 2', 'b: answer to 3']);
  a!.close();
  connections.deliver();
  expect(closed).toEqual(['server 1000', 'a 1000']);
  expect(connections.deliver()).toBe(false);
});

it('tells the first message that its receiver did not survive, and goes on', async () => {
  const connections = new MemoryConnections(scriptedHost([{ server: 'a' }, { server: 'b' }]), 'm');
  const heard: string[] = [];
  const message = (text: string): void => {
    heard.push(text);
    throw new Error(`no ${text}`);
  };
  void connections.open({ message, closed: () => undefined });
  connections.deliver();
  await turns(1);
  connections.deliver();
  expect(heard).toEqual(['a', 'b']);
  expect(connections.failure?.message).toContain('no a');
});
