import { readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { packageRoot } from '../../package-root.js';
import { type RoomProcess, startRoomProcess } from '../embedded/room-process.js';
import type { CliIo, CommandContext } from '../io.js';
import { parsePort } from '../options/options.js';
import { ownCommand } from '../own-command.js';
import { addJoinOptions, join, type JoinFlags, joinSettings } from './join.js';
import { CERTIFICATE_NOTE, DEFAULT_PORT, isOnLoopback, reachOf } from './room.js';

type MeetFlags = JoinFlags & { port: number; host: string; id?: string };

const ROOM_GROUP = 'The room:';
const EXAMPLES = `
Examples:
  parley meet
  parley meet --languages es,en --record minutes
  OPENAI_API_KEY=... parley meet --live

Open the page that it prints, twice, and talk. Ctrl+C ends the meeting.`;

/** `parley meet`: a room on this machine, its page, and Parley in it, in one command. */
export function addMeet(program: Command, context: CommandContext): void {
  const command = program
    .command('meet')
    .summary('start a room with its page, and Parley in it')
    .description(
      'Starts a meeting on this machine and interprets it: the embedded room with its page, as parley room does, and Parley\n' +
        'in it, as parley join does. Nothing leaves this machine without --live or --url.',
    );
  addJoinOptions(command);
  for (const option of [
    new Option('--port <n>', 'port to listen on, 0 for any free one')
      .default(DEFAULT_PORT)
      .argParser(parsePort),
    new Option('--host <address>', 'address to listen on').default('127.0.0.1'),
    new Option('--id <customRoomId>', 'an id of your own for the meeting: its link is the same every time'),
  ])
    command.addOption(option.helpGroup(ROOM_GROUP));
  command.addHelpText('after', EXAMPLES).action(async (flags: MeetFlags) => {
    const { io } = context;
    const { port, host, id } = flags;
    joinSettings(flags, context); // what is wrong with them is said before anything starts
    const args = ['--port', String(port), '--host', host, ...(id === undefined ? [] : ['--id', id])];
    const room = await startRoomProcess(args, io.env);
    try {
      await join(room.meetingId, { ...flags, platform: 'videosdk' }, context, () => greet(room, flags, io));
    } finally {
      await room.end();
    }
  });
}

function greet({ page }: RoomProcess, { json, live, host, ...flags }: MeetFlags, io: CliIo): void {
  const hasServer =
    live === true || [flags['url'], io.env['PARLEY_URL'], io.env['PARLEY_REALTIME_URL']].some(Boolean);
  const lines = [
    isOnLoopback(host)
      ? 'A meeting on this machine. Open its page in two tabs, and talk:'
      : 'A meeting on this machine. Open its page, send others the link, and talk:',
    `  ${page}`,
    `  ${CERTIFICATE_NOTE} ${reachOf(host)}`,
    ...(hasServer ? [] : standInLines(ownCommand(io.env))),
    '  Ctrl+C ends the meeting.',
  ];
  const text = `${lines.join('\n')}\n\n`;
  if (json === true) io.err(text);
  else io.out(text);
}

const bookSchema = z.object({
  phrases: z.array(z.object({ renderings: z.record(z.string(), z.object({ text: z.string() })) })),
});

/** What to expect of whoever interprets without a key. */
function standInLines(parley: string): string[] {
  const path = joinPath(packageRoot(), 'fixtures', 'phrasebook.json');
  const { phrases } = bookSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const examples = phrases.flatMap(({ renderings }) => renderings['en']?.text ?? []).slice(0, 2);
  return [
    `  Without a key a stand-in interprets: it knows ${phrases.length} phrases, such as "${examples.join('" or "')}",`,
    '  best in the voices of its recordings. It plays back everything else. For all that is said:',
    `    OPENAI_API_KEY=... ${parley} meet --live`,
  ];
}
