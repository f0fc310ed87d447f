/**
 * Every command, as far as `parley --help` shows it. What a command does, and the options that it has, are loaded when it is
 * the one that is asked for: loading all of them takes a second.
 */
import type { Command } from 'commander';
import type { CommandContext } from './io.js';

/** Adds a command to the program, with its options and what it does. */
type AddCommand = (program: Command, context: CommandContext) => void;

/** One command before it is loaded. */
type CommandEntry = {
  name: string;
  summary: string;
  /** As its usage names them, such as `<media> <out.wav>`. */
  arguments?: string;
  hasOptions: boolean;
  /** Further commands that come with it, and that no help shows. */
  hiddenNames?: readonly string[];
  load: () => Promise<AddCommand>;
};

/** In the order of `--help`. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'see a meeting interpreted, without keys or network',
    hasOptions: true,
    hiddenNames: ['demo-participant', 'demo-tools'],
    load: async () => (await import('./commands/demo.js')).addDemo,
  },
  {
    name: 'join',
    summary: 'interpret a meeting',
    arguments: '<meetingId>',
    hasOptions: true,
    load: async () => (await import('./commands/join.js')).addJoin,
  },
  {
    name: 'meet',
    summary: 'start a room with its page, and Parley in it',
    hasOptions: true,
    load: async () => (await import('./commands/meet.js')).addMeet,
  },
  {
    name: 'room',
    summary: 'start the embedded room; create and validate rooms',
    hasOptions: true,
    load: async () => (await import('./commands/room.js')).addRoom,
  },
  {
    name: 'serve',
    summary: 'start the service: an API and meetings by invitation',
    hasOptions: true,
    load: async () => (await import('./commands/serve.js')).addServe,
  },
  {
    name: 'worker',
    summary: 'run meetings of a service on a machine of its own',
    hasOptions: true,
    load: async () => (await import('./commands/worker.js')).addWorker,
  },
  {
    name: 'bots',
    summary: 'invite bots by a running service, and follow them',
    hasOptions: false,
    load: async () => (await import('./commands/bots.js')).addBots,
  },
  {
    name: 'token',
    summary: 'make an access token for one meeting and one participant',
    arguments: '<meetingId>',
    hasOptions: true,
    load: async () => (await import('./commands/token.js')).addToken,
  },
  {
    name: 'profile',
    summary: 'show what the interpreter knows of a person; register one',
    arguments: '<userId>',
    hasOptions: true,
    load: async () => (await import('./commands/profile.js')).addProfile,
  },
  {
    name: 'documents',
    summary: 'documents that the agent answers from: add, list, remove, search',
    hasOptions: false,
    load: async () => (await import('./commands/documents.js')).addDocuments,
  },
  {
    name: 'export',
    summary: 'write the transcript of a recorded meeting',
    arguments: '<record>',
    hasOptions: true,
    load: async () => (await import('./commands/export.js')).addExport,
  },
  {
    name: 'minutes',
    summary: 'write the minutes of a recorded meeting',
    arguments: '<record>',
    hasOptions: true,
    load: async () => (await import('./commands/minutes.js')).addMinutes,
  },
  {
    name: 'replay',
    summary: 'interpret recordings through the live path',
    arguments: '<media...>',
    hasOptions: true,
    load: async () => (await import('./commands/replay.js')).addReplay,
  },
  {
    name: 'compare',
    summary: 'compare engines on a recorded meeting',
    arguments: '<media...>',
    hasOptions: true,
    load: async () => (await import('./commands/compare.js')).addCompare,
  },
  {
    name: 'convert',
    summary: 'run a recording through the live audio path into a WAV',
    arguments: '<media> <out.wav>',
    hasOptions: true,
    load: async () => (await import('./commands/convert.js')).addConvert,
  },
  {
    name: 'realtime',
    summary: 'start the embedded Realtime server',
    hasOptions: true,
    load: async () => (await import('./commands/realtime.js')).addRealtime,
  },
  {
    name: 'fastino',
    summary: 'start the embedded Fastino',
    hasOptions: true,
    load: async () => (await import('./commands/fastino.js')).addFastino,
  },
  {
    name: 'db',
    summary: 'the database of the service: migrate, export, import, backup',
    hasOptions: false,
    load: async () => (await import('./commands/db.js')).addDb,
  },
  {
    name: 'config',
    summary: 'print every setting, its value, and how to set it',
    arguments: '[word]',
    hasOptions: true,
    load: async () => (await import('./commands/config.js')).addConfig,
  },
  {
    name: 'doctor',
    summary: 'check what a meeting needs',
    hasOptions: false,
    load: async () => (await import('./commands/doctor.js')).addDoctor,
  },
];

/** The command that a command line asks for, or asks for help with; undefined where it names none. */
export function commandOf(args: readonly string[]): CommandEntry | undefined {
  const name = args.find(
    (arg, at) => !arg.startsWith('-') && args[at - 1] !== '--config' && !(at === 0 && arg === 'help'),
  );
  if (name === undefined) return undefined;
  return COMMANDS.find((entry) => entry.name === name || entry.hiddenNames?.includes(name) === true);
}

/** Adds a command that is listed and suggested, and can do nothing. */
export function addListed(program: Command, entry: CommandEntry): void {
  const listed = program.command(entry.name).summary(entry.summary);
  if (entry.arguments !== undefined) listed.arguments(entry.arguments);
  if (entry.hasOptions) listed.option('--any'); // lists say no more of options than that there are some
}
