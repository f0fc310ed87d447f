import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addListed, commandOf, COMMANDS } from '../../src/cli/commands.js';
import type { CommandContext } from '../../src/cli/io.js';

const context = { io: {}, global: () => ({}), fail: () => undefined, answerNo: () => undefined };

describe('the list of commands', () => {
  it.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
    '%s is listed as it says of itself when it is loaded',
    async (name, entry) => {
      const [listed, loaded] = [new Command('parley'), new Command('parley')];
      addListed(listed, entry);
      (await entry.load())(loaded, context as unknown as CommandContext);
      expect(listed.helpInformation()).toBe(loaded.helpInformation());
      expect(loaded.commands.map((command) => command.name())).toEqual([name, ...(entry.hiddenNames ?? [])]);
    },
  );

  it.each([
    [['join', 'abcd'], 'join'],
    [['--config', 'doctor', 'join', 'abcd'], 'join'],
    [['--config=x.json', '--verbose', 'room', 'create'], 'room'],
    [['help', 'replay'], 'replay'],
    [['demo-participant'], 'demo'],
    [['join', '--help'], 'join'],
    [['--version'], undefined],
    [['help'], undefined],
    [[], undefined],
    [['jion'], undefined],
  ])('of %j it is %s', (args, name) => {
    expect(commandOf(args)?.name).toBe(name);
  });
});
