/** README says of every option of `join` and `replay` that it is a setting, or belongs to one call. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addJoin } from '../../../src/cli/commands/join.js';
import { addReplay } from '../../../src/cli/commands/replay.js';
import type { CommandContext } from '../../../src/cli/io.js';
import { SETTINGS } from '../../../src/settings/setting-table.js';
import { cli } from '../run-cli.js';

const README = readFileSync(join(import.meta.dirname, '../../..', 'README.md'), 'utf8');
const OF_ONE_CALL: Readonly<Record<string, readonly string[]>> = {
  join: ['--live', '--stream', '--insecure', '--explain', '--json'],
  replay: [
    '--live',
    '--insecure',
    '--json',
    '--from',
    '--to',
    '--speaker',
    '--audio-track',
    '--channels',
    '--responder',
    '--pace',
    '--out',
    '--cassette',
    '--save-cassette',
  ],
};

/** The options of a command as it defines them; nothing is run. */
function optionsOf(name: string): string[] {
  const program = new Command();
  for (const add of [addJoin, addReplay]) add(program, {} as CommandContext);
  const command = program.commands.find((each) => each.name() === name)!;
  return command.options.map(({ long }) => long!).filter((long) => long !== '--help-all');
}

describe.each(['join', 'replay'])('every option of parley %s', (name) => {
  it('is a setting with a variable and a key of the file, or belongs to one call', () => {
    const options = optionsOf(name);
    expect(new Set(options).size).toBe(options.length);
    const ofOneCall = OF_ONE_CALL[name]!;
    for (const option of options.filter((each) => !ofOneCall.includes(each))) {
      const setting = SETTINGS.find(({ flag, otherFlag, form }) => {
        const opposite = form === 'switch' && option === `--no-${flag}`;
        return opposite || option === `--${flag}` || option === `--${otherFlag}`;
      });
      expect(setting, option).toBeDefined();
      expect(setting!.variable, option).toMatch(/^(?:PARLEY|VIDEOSDK|FASTINO)_[A-Z_]+$/);
      expect(setting!.file, option).not.toBe('no');
    }
    for (const option of ofOneCall) {
      expect(options, option).toContain(option);
      expect(README, option).toContain(`\`${option}\``);
    }
  });
});

it('parley join has a flag for every setting of a meeting', () => {
  const options = optionsOf('join');
  const missing = SETTINGS.filter(({ scope, flag }) => scope === 'meeting' && !options.includes(`--${flag}`));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

it('parley join --help lists the ten most used options, and says how to see the others', async () => {
  const { out } = await cli(['join', '--help'], {});
  const [, ...sections] = out.split(/\n(?=[A-Z][^\n]*:\n)/);
  const headings = sections.map((section) => section.split('\n', 1)[0]);
  expect(headings).toEqual(['Arguments:', 'Used most:', 'Options:', 'Examples:']);
  expect(out).toMatch(/--help-all +list the other \d+ options, too/);
  expect(out.split('\n').length).toBeLessThan(75);
});

it('parley join --help-all begins with the ten most used options, and lists the others under headings', async () => {
  const { out } = await cli(['join', '--help-all'], {});
  const [, ...sections] = out.split(/\n(?=[A-Z][^\n]*:\n)/);
  const headings = sections.map((section) => section.split('\n', 1)[0]);
  expect(headings).toEqual([
    'Arguments:',
    'Used most:',
    'The meeting:',
    'Sessions and costs:',
    'Engines and models:',
    'Voices and interruptions:',
    'Terms and people:',
    'Captions:',
    'The agent:',
    'Server, prices and log:',
    'Options:',
    'Examples:',
  ]);
  expect(sections[1]!.match(/^ {2}--[\w-]+/gm)).toEqual(
    [
      ...[
        '--live',
        '--json',
        '--languages',
        '--engine',
        '--glossary',
        '--budget-usd',
        '--leave-when-empty-s',
      ],
      ...['--max-duration-min', '--record', '--no-announcement'],
    ].map((flag) => `  ${flag}`),
  );
  expect(out).not.toMatch(/--budget </); // shorter flags are taken, and not listed
});

it('parley config lists every setting, and takes every flag of one', async () => {
  const { out } = await cli(
    ['config', '--json', '--languages', 'es,en', '--leave-when-empty', '300', '--no-announcement', '--learn'],
    { env: { PARLEY_MAX_DURATION_MIN: '90', PARLEY_CHAT_CAPTIONS: 'yes', PARLEY_RECORD: 'records' } },
  );
  const rows = JSON.parse(out) as { name: string; value: string; source: string }[];
  expect(rows.map(({ name }) => name)).toEqual(SETTINGS.map(({ name }) => name));
  const shown = Object.fromEntries(rows.map(({ name, value, source }) => [name, `${value} by ${source}`]));
  expect(shown).toMatchObject({
    languages: 'es,en by --languages',
    leaveWhenEmptyS: '300 by --leave-when-empty',
    announcement: 'false by --no-announcement',
    learn: 'true by --learn',
    maxDurationMin: '90 by PARLEY_MAX_DURATION_MIN',
    chatCaptions: 'true by PARLEY_CHAT_CAPTIONS',
    record: 'records by PARLEY_RECORD',
    name: 'Parley by default',
    voiceLanguages: '(not set) by default',
  });
});
