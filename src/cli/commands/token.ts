import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { BOT_ID_PREFIX } from '../../room/room.js';
import { newBotId } from '../../room/new-bot-id.js';
import { cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { checkId, meetingIdOf, parseWhole } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const MAX_MINUTES = 24 * 60;

/** `parley token`: an access token on stdout, which is the one place where a token is ever shown. */
export function addToken(program: Command, context: CommandContext): void {
  program
    .command('token')
    .summary('make an access token for one meeting and one participant')
    .description(
      'Prints a token with which one participant may join one meeting, and nothing else. It is made with VIDEOSDK_API_KEY\n' +
        'and VIDEOSDK_SECRET_KEY, or with those of an embedded room that runs here and has the meeting. Anyone who has the\n' +
        'token can join as that participant.',
    )
    .argument('<meetingId>', 'the meeting: its id, or the link to its page')
    .option(
      '--participant <id>',
      `who joins with it (default: a new interpreter, ${BOT_ID_PREFIX}…; with --json a new person)`,
    )
    .option('--json', 'print what a page needs to join for a person: token, meetingId, participantId, name')
    .option('--name <name>', "the person's name, with --json", 'Guest')
    .addOption(
      new Option('--minutes <n>', 'how long it can be used')
        .default(60)
        .argParser(parseWhole(1, MAX_MINUTES)),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  VIDEOSDK_AUTH_TOKEN=$(parley token abcd-efgh-ijkl) parley join abcd-efgh-ijkl\n' +
        '  parley token abcd-efgh-ijkl --json --name Ana > my-meeting-token',
    )
    .action(async (given: string, flags: TokenFlags) => {
      await printToken(given, flags, context);
    });
}

type TokenFlags = { participant?: string; minutes: number; json?: boolean; name: string };

async function printToken(given: string, flags: TokenFlags, context: CommandContext): Promise<void> {
  const { io } = context;
  const { process: config } = loadSettings({}, context, {
    realtime: false,
    videoSdk: true,
    fastino: false,
    meeting: 'none',
  });
  const meetingId = meetingIdOf(given, config.platform);
  checkId('--participant', flags.participant ?? '-');
  const { platform, embedded } = await findLocationOf(meetingId, config, cacheFolderOf(io));
  const participantId = flags.participant ?? (flags.json === true ? newPersonId() : newBotId());
  const expiresInSeconds = flags.minutes * 60;
  const token = await platform.createToken({ meetingId, participantId, expiresInSeconds });
  const signalling = embedded === undefined ? {} : { signalingBaseUrl: embedded.signalingBaseUrl };
  const entry = { token, meetingId, participantId, name: flags.name, ...signalling };
  io.out(flags.json === true ? `${JSON.stringify(entry)}\n` : `${token}\n`);
}

/** A participant id that is nobody's yet, and no interpreter's. */
function newPersonId(): string {
  return `guest-${randomBytes(9).toString('hex')}`;
}
