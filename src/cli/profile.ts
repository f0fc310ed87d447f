import type { Command } from 'commander';
import { systemClock } from '../clock.js';
import { FastinoClient } from '../profiles/fastino/client.js';
import type { Config } from '../settings.js';
import { plain, type CliIo, type CommandContext } from './io.js';
import { loadSettings } from './settings-options.js';

const FASTINO_ONLY = { realtime: false, videoSdk: false, fastino: true };
/** What Fastino is to look for in what it finds out. */
const PURPOSE =
  'Live interpretation of meetings: the names and terms that the user speaks of, and their tone and register';

/** What `parley profile register` says of a person, by its flags. */
type RegisterFlags = {
  email: string;
  name?: string;
  locale?: string;
  timezone?: string;
  notes?: string;
  linkedin?: string;
  twitter?: string;
  website?: string;
};

/** `parley profile`: what the interpreter knows of a person, and registering one. */
export function addProfile(program: Command, context: CommandContext): void {
  const profile = program
    .command('profile')
    .summary('show what the interpreter knows of a person; register one')
    .description(
      'Profiles come from Fastino: FASTINO_API_KEY, and FASTINO_BASE_URL for another address than https://api.fastino.ai.\n' +
        'In a meeting a person is known by metaData.fastinoUserId.',
    );
  profile
    .command('register')
    .summary('register a person with Fastino and print their user id')
    .description(
      'Registers a person, or adds to what is known of the one with this address, and prints their user id: the value for\n' +
        'metaData.fastinoUserId. What you say here is sent to Fastino.',
    )
    .requiredOption('--email <address>', 'their e-mail address, by which Fastino knows them')
    .option('--name <name>', 'their name')
    .option('--locale <tag>', 'their language and region, such as es-ES')
    .option('--timezone <name>', 'such as Europe/Madrid')
    .option('--notes <text>', 'what an interpreter should know: names, terms, how they speak')
    .option('--linkedin <url>', 'their LinkedIn profile')
    .option('--twitter <url>', 'their Twitter profile')
    .option('--website <url>', 'their website')
    .addHelpText(
      'after',
      '\nExample:\n  parley profile register --email ana@example.com --name "Ana Ruiz" --locale es-ES',
    )
    .action(async (flags: RegisterFlags) => {
      const { config } = loadSettings({}, context, FASTINO_ONLY);
      await register(flags, config, context.io);
    });
}

async function register(flags: RegisterFlags, config: Config, io: CliIo): Promise<void> {
  const { email, name, locale, timezone, notes, linkedin, twitter, website } = flags;
  const traits = {
    ...(name === undefined ? {} : { name }),
    ...(locale === undefined ? {} : { locale }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(notes === undefined ? {} : { notes }),
    ...(linkedin === undefined ? {} : { linkedin_url: linkedin }),
    ...(twitter === undefined ? {} : { twitter_url: twitter }),
    ...(website === undefined ? {} : { website }),
  };
  const fastino = fastinoClientOf(config, io);
  const { user_id: userId } = await fastino.register(
    { email, purpose: PURPOSE, traits },
    { signal: io.signal },
  );
  io.err(`parley: registered with ${fastino.description}\n`);
  io.out(`${plain(userId)}\n`);
}

/** Throws ParleyError `key_refused` without a key. */
function fastinoClientOf(config: Config, io: CliIo): FastinoClient {
  return new FastinoClient({
    apiKey: config.fastinoApiKey ?? '',
    baseUrl: config.fastinoBaseUrl,
    clock: systemClock,
    onNotice: (message) => io.err(`parley: ${plain(message)}\n`),
  });
}
