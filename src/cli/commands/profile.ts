import type { Command } from 'commander';
import { ParleyError } from '../../errors.js';
import { aboutSpeaker } from '../../interpreter/instructions/instructions.js';
import { MAX_CHUNKS, SESSION_START } from '../../meeting/briefing/profile-collection.js';
import { profileDigest } from '../../profiles/profile-digest.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import type { CliIo, CommandContext } from '../io.js';
import { plain } from '../../text.js';
import {
  fastinoClientOf,
  fileProfiles,
  fastinoProfilesOf,
  profileCopiesOf,
} from '../options/profile-sources.js';
import { loadSettings } from '../options/settings-options.js';

const FASTINO_ONLY = { realtime: false, videoSdk: false, fastino: true, meeting: 'none' } as const;
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
      'Shows what sessions are told of a person when they speak. Profiles come from Fastino: FASTINO_API_KEY, and\n' +
        'FASTINO_BASE_URL for another address than https://api.fastino.ai. In a meeting a person is known by\n' +
        'metaData.fastinoUserId. Exit code 1 when there is no such profile.',
    )
    .argument('<userId>', 'whose, such as usr_42af7c')
    .option('--profiles <source>', 'fastino, or a JSON file of profiles', 'fastino')
    .addHelpText(
      'after',
      '\nExamples:\n  parley profile usr_42af7c\n  parley profile usr_1 --profiles people.json',
    )
    .action(async (userId: string, { profiles }: { profiles: string }) => {
      const { process: config } = loadSettings({}, context, FASTINO_ONLY);
      await show(userId, profiles, config, context);
    });
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
      const { process: config } = loadSettings({}, context, FASTINO_ONLY);
      await register(flags, config, context.io);
    });
}

/** Asks as a meeting does when somebody joins. */
async function show(
  userId: string,
  profiles: string,
  config: ProcessSettings,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  if (profiles === 'none') throw new ParleyError('usage', '--profiles is fastino or a file');
  const source =
    profiles === 'fastino' ? fastinoProfilesOf(config, io, noticesOf(io)) : fileProfiles(profiles);
  const profile = await source.profileOf(userId, { signal: io.signal });
  if (profile === undefined) {
    io.err(`parley: ${plain(source.description)} knows no ${plain(userId)}\n`);
    context.answerNo();
    return;
  }
  const { summary, terms, fetchedAtMs } = profile;
  const query = { recentTexts: [SESSION_START], excludeIds: [], maxChunks: MAX_CHUNKS };
  let notes: string[] = [];
  try {
    const chunks = (await source.chunks?.(userId, query, { signal: io.signal })) ?? [];
    notes = chunks.map(({ text }) => text);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    context.fail(error); // as in a meeting, the summary is used without them
  }
  const since = fetchedAtMs === 0 ? '' : `, as of ${new Date(fetchedAtMs).toISOString()}`;
  io.err(`parley: ${plain(source.description)}${since}: ${profileDigest([summary, ...terms].join('\n'))}\n`);
  const lines = aboutSpeaker({ summary, terms, notes });
  io.out(lines.length === 0 ? 'Nothing is known.\n' : `${lines.map(plain).join('\n')}\n`);
}

async function register(flags: RegisterFlags, config: ProcessSettings, io: CliIo): Promise<void> {
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
  const fastino = fastinoClientOf(config, noticesOf(io));
  const { user_id: userId } = await fastino.register(
    { email, purpose: PURPOSE, traits },
    { signal: io.signal },
  );
  await profileCopiesOf(config, io, fastino).remove(userId); // it says less than is known now
  io.err(`parley: registered with ${fastino.description}\n`);
  io.out(`${plain(userId)}\n`);
}

function noticesOf(io: CliIo): (message: string) => void {
  return (message) => {
    io.err(`parley: ${plain(message)}\n`);
  };
}
