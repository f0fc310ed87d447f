import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { ParleyError } from '../../errors.js';
import { BOT_ID_PREFIX } from '../../room/room.js';
import { createAccessToken } from '../../room/videosdk/tokens.js';
import { cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { parseWhole } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const MAX_MINUTES = 24 * 60;

/** A new participant id of an interpreter: other interpreters know it by its beginning. */
export function newBotId(): string {
  return `${BOT_ID_PREFIX}${randomBytes(6).toString('hex')}`;
}

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
      const { config } = loadSettings({}, context, { realtime: false, videoSdk: true, fastino: false });
      checkId('--participant', options.participant ?? '-');
      const { credentials } = await findLocationOf(
        checkId('<meetingId>', meetingId),
        config,
        cacheFolderOf(context.io),
      );
      if (credentials.kind === 'token')
        throw new ParleyError(
          'key_refused',
          'a token makes no tokens: set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY',
        );
      const token = createAccessToken({
        ...credentials,
        roomId: meetingId,
        participantId: options.participant ?? newBotId(),
        expiresInSeconds: options.minutes * 60,
      });
      context.io.out(`${token}\n`);
    });
}

/** An id as VideoSDK's addresses can carry it. Throws ParleyError `usage` for any other. */
export function checkId(what: string, id: string): string {
  if (/^[\w.~-]{1,128}$/.test(id)) return id;
  throw new ParleyError('usage', `${what} is made of 1 to 128 letters, digits and . _ ~ -`);
}
