import { type Command, Option } from 'commander';
import { BOT_ID_PREFIX } from '../../room/room.js';
import { newBotId } from '../../room/new-bot-id.js';
import { cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { checkId, parseWhole } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const MAX_MINUTES = 24 * 60;

/** `parley token`: an access token on stdout, which is the one place where a token is ever shown. */
export function addToken(program: Command, context: CommandContext): void {
  program
    .command('token')
    .summary('make an access token for one meeting and one participant')
    .description(
      'Prints a token with which one participant may join one meeting, and nothing else. It is made with VIDEOSDK_API_KEY\n' +
        'and VIDEOSDK_SECRET_KEY, or with those of an embedded room that runs here and has the meeting. Whoever has the\n' +
        'token can join as that participant.',
    )
    .argument('<meetingId>', 'the meeting')
    .option('--participant <id>', `who joins with it (default: a new interpreter, ${BOT_ID_PREFIX}…)`)
    .addOption(
      new Option('--minutes <n>', 'how long it can be used')
        .default(60)
        .argParser(parseWhole(1, MAX_MINUTES)),
    )
    .addHelpText(
      'after',
      '\nExample:\n  VIDEOSDK_AUTH_TOKEN=$(parley token abcd-efgh-ijkl) parley join abcd-efgh-ijkl',
    )
    .action(async (meetingId: string, options: { participant?: string; minutes: number }) => {
      const { process: config } = loadSettings({}, context, {
        realtime: false,
        videoSdk: true,
        fastino: false,
        meeting: 'none',
      });
      checkId('--participant', options.participant ?? '-');
      const platform = await findLocationOf(
        checkId('<meetingId>', meetingId),
        config,
        cacheFolderOf(context.io),
      );
      const token = await platform.createToken({
        meetingId,
        participantId: options.participant ?? newBotId(),
        expiresInSeconds: options.minutes * 60,
      });
      context.io.out(`${token}\n`);
    });
}
