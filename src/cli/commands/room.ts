import { type Command, Option } from 'commander';
import type { RoomServer } from '../../embedded/room-server/index.js';
import { messageOf, ParleyError } from '../../errors.js';
import { cacheFolderOf, findLocation } from '../embedded/meeting-location.js';
import type { CliIo, CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { aborted, checkId, meetingIdOf, parsePort } from '../options/options.js';
import { announceRoom, findRunningRooms } from '../embedded/running-rooms.js';
import { parentGone } from '../embedded/child-server.js';
import type { RoomStarted } from '../embedded/room-process.js';
import { ownCommand } from '../own-command.js';
import { loadSettings } from '../options/settings-options.js';

export const DEFAULT_PORT = 8443;
export const CERTIFICATE_NOTE =
  "The certificate is this machine's own: a browser asks once whether to trust it.";
const NO_REALTIME = { realtime: false, videoSdk: true, fastino: false, meeting: 'none' } as const;

/** `parley room`: the embedded room, and rooms of either service. */
export function addRoom(program: Command, context: CommandContext): void {
  const room = program
    .command('room')
    .summary('start the embedded room; create and validate rooms')
    .description(
      'Starts the embedded room on this machine: meetings with a page that a browser can join, without VideoSDK, keys or\n' +
        'network. Other parley commands find it while it runs.',
    )
    .addOption(
      new Option('--port <n>', 'port to listen on, 0 for any free one')
        .default(DEFAULT_PORT)
        .argParser(parsePort),
    )
    .addOption(new Option('--host <address>', 'address to listen on').default('127.0.0.1'))
    .addOption(
      new Option(
        '--allow-origin <url>',
        'an app of yours that may use the rooms from its own address, such as http://localhost:5173 (repeatable)',
      )
        .argParser((url: string, before: readonly string[]) => [...before, url])
        .default([], 'none'),
    )
    .option('--id <customRoomId>', 'an id of your own for the first meeting: its link is the same every time')
    .addOption(new Option('--for-parent').hideHelp()) // see room-process.ts
    .addHelpText(
      'after',
      '\nExamples:\n  parley room\n  parley room --id weekly-sync\n  parley room create\n  parley room validate abcd-efgh-ijkl',
    )
    .action(async (options: ServeFlags) => {
      await serve(options, context);
    });
  room
    .command('create')
    .summary('make a room and print its meeting id')
    .description(
      'Makes a room in the embedded room that runs here, or with VideoSDK, and prints its meeting id; on stderr, where it\n' +
        'is and, of an embedded room, the address of its page.',
    )
    .option('--id <customRoomId>', 'an id of your own, which leads to the same room every time')
    .action(async (_own: object, command: Command) => {
      const options = command.optsWithGlobals<{ id?: string }>(); // `room` itself takes --id, wherever it stands
      const { process: config } = loadSettings({}, context, NO_REALTIME);
      const { platform, embedded } = await findLocation(config, cacheFolderOf(context.io));
      if (options.id !== undefined) checkId('--id', options.id);
      const { roomId, customRoomId } = await platform.createRoom(options.id);
      const meetingId = plain(customRoomId ?? roomId);
      const page = embedded === undefined ? '' : `; its page is ${embedded.origin}/${meetingId}`;
      context.io.err(`parley: made in ${platform.description}${page}\n`);
      context.io.out(`${meetingId}\n`);
    });
  room
    .command('validate')
    .summary('ask whether a room exists')
    .description(
      'Says whether the embedded room that runs here, or VideoSDK, has this room. Exit code 1 when not.',
    )
    .argument('<meetingId>', 'the meeting: its id, or the link to its page')
    .action(async (given: string) => {
      const meetingId = meetingIdOf(given);
      const { process: config } = loadSettings({}, context, NO_REALTIME);
      const { platform } = await findLocation(config, cacheFolderOf(context.io));
      const found = await platform.findRoom(meetingId);
      if (found === undefined) context.answerNo();
      const verdict = found === undefined ? 'has no such room' : 'has this room';
      context.io.out(`${plain(meetingId)}: ${platform.description} ${verdict}\n`);
    });
}

type ServeFlags = {
  port: number;
  host: string;
  id?: string;
  forParent?: boolean;
  allowOrigin: readonly string[];
};

async function serve(
  { id, forParent = false, allowOrigin, ...options }: ServeFlags,
  { io }: CommandContext,
): Promise<void> {
  const cacheDir = cacheFolderOf(io);
  const { isRoomId, startRoomServer } = await import('../../embedded/room-server/index.js'); // many packages that no other command needs
  if (id !== undefined && !isRoomId(id))
    throw new ParleyError('usage', '--id is made of 3 to 64 letters, digits, - and _');
  let server: RoomServer;
  try {
    server = await startRoomServer({ ...options, allowedOrigins: allowOrigin, cacheDir });
  } catch (error) {
    const occupied = messageOf(error).includes('EADDRINUSE')
      ? await occupiedBy(options.port, cacheDir, io)
      : undefined;
    if (occupied !== undefined) throw occupied;
    throw error;
  }
  const { origin, signalingBaseUrl, apiUrl, apiKey, ca } = server;
  const withdraw = await announceRoom(cacheDir, { origin, signalingBaseUrl, apiUrl, apiKey, ca });
  const roomId = server.createRoom(id);
  const meetingId = id ?? roomId;
  const parley = ownCommand(io.env);
  const page = `${origin}/${meetingId}`;
  if (forParent) {
    const started: RoomStarted = { meetingId, page };
    io.out(`${JSON.stringify(started)}\n`);
    await Promise.race([aborted(io.signal), parentGone()]);
    await withdraw();
    await server.close();
    return;
  }
  io.out(
    `Embedded room (a stand-in for VideoSDK)\n` +
      `  meeting page   ${page}\n` +
      `  invite Parley  ${parley} join ${meetingId} --languages es,en\n` +
      `  more meetings  ${parley} room create\n` +
      `  ${CERTIFICATE_NOTE} ${reachOf(options.host)}\n` +
      '  Stop it with Ctrl+C.\n',
  );
  await aborted(io.signal);
  await withdraw();
  await server.close();
}

/** Where a port is taken by a room of this user's, that is what they are told; undefined otherwise. */
async function occupiedBy(port: number, cacheDir: string, io: CliIo): Promise<ParleyError | undefined> {
  const rooms = await findRunningRooms(cacheDir);
  const room = rooms.find(({ origin }) => new URL(origin).port === String(port));
  if (room === undefined) return undefined;
  const parley = ownCommand(io.env);
  return new ParleyError(
    'service_unavailable',
    `an embedded room of yours runs at ${room.origin} already, as process ${room.pid}: use it ("${parley} room create" makes ` +
      'a meeting there), stop it, or start another one with --port 0',
  );
}

/** Whether only this machine reaches what listens there. */
export function isOnLoopback(host: string): boolean {
  return /^(?:localhost|127\.|::1$)/.test(host);
}

/** Who can open the page of a room that listens there, in a sentence or two. */
export function reachOf(host: string): string {
  return isOnLoopback(host)
    ? 'Only programs on this machine can reach it. With --host 0.0.0.0 others in your network can.'
    : `Everyone who can reach ${host === '0.0.0.0' || host === '::' ? 'this machine' : host} can open the page and join its meetings.`;
}
