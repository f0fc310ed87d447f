import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { ParleyError } from '../../errors.js';
import { loadSecret } from '../../installation.js';
import { packageVersion } from '../../package-root.js';
import { parseOrigin } from '../../embedded/http/http-guard.js';
import { plain } from '../../text.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';
import type { CliIo, CommandContext } from '../io.js';
import { loggerOf } from '../logging.js';
import { peerAddressOption } from '../options/peer-address.js';
import { aborted, parsePort, parseWhole } from '../options/options.js';
import { databaseOptions, databasePlaceOf } from '../options/database-place.js';
import { oidcOf, oidcOptions } from '../options/oidc.js';
import { openAiAccessOf } from '../options/openai-access.js';
import { loadSettings } from '../options/settings-options.js';
import type { Service } from '../../service/service.js';
import { ownCommand } from '../own-command.js';
import { openBackend } from '../service/backend-spec.js';
import { dataFolderOf } from '../service/data-folder.js';
import { openPlaces, type OpenPlaces } from '../service/places.js';

const DEFAULT_PORT = 8710;
const MEETINGS_PER_CORE = 4;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;

const EXAMPLES = `
Examples:
  parley serve
  VIDEOSDK_API_KEY=... VIDEOSDK_SECRET_KEY=... OPENAI_API_KEY=... parley serve
  parley serve --database postgres://parley@db.example.com/parley --host 0.0.0.0 --public-url https://parley.example.com
  PARLEY_OIDC_CLIENT_SECRET=... parley serve --oidc-issuer https://accounts.example.com --oidc-client-id parley --oidc-allow example.com

Without keys, meetings are in the embedded room and a stand-in interprets, so that everything can be tried on one machine. With
keys the same service invites into VideoSDK meetings, and OpenAI interprets.`;

type ServeFlags = {
  port: number;
  host: string;
  data?: string;
  database?: string;
  publicUrl?: string;
  allowOrigin: readonly string[];
  maxMeetings: number;
  roomPort: number;
  embedded?: boolean;
  peerAddress?: string;
  insecure?: boolean;
  webhooksToPrivate?: boolean;
  signInLink?: boolean;
  oidcIssuer?: string;
  oidcClientId?: string;
  oidcName?: string;
  oidcAllow: readonly string[];
} & Readonly<Record<string, unknown>>;

/** `parley serve`: the API, and meetings by invitation, in one command. */
export function addServe(program: Command, context: CommandContext): void {
  const command = program
    .command('serve')
    .summary('start the service: an API and meetings by invitation')
    .description(
      'Starts the service on this machine: an HTTP API that invites bots into meetings, follows them live, changes them while\n' +
        'they run, and keeps what was said. It needs nothing installed: its database is embedded, unless --database names one.',
    );
  for (const option of [
    new Option('--port <n>', 'port to listen on, 0 for any free one')
      .default(DEFAULT_PORT)
      .argParser(parsePort),
    new Option('--host <address>', 'address to listen on').default('127.0.0.1'),
    ...databaseOptions(),
    new Option(
      '--public-url <url>',
      'where others reach the service, through a proxy that speaks https; also PARLEY_PUBLIC_URL',
    ),
    new Option('--allow-origin <url>', 'a site whose pages may call the API with a key (repeatable)')
      .argParser((url: string, before: readonly string[]) => [...before, url])
      .default([], 'none'),
    new Option('--max-meetings <n>', 'meetings at the same time on this machine; 0 leaves them to workers')
      .default(MEETINGS_PER_CORE * availableParallelism(), `${MEETINGS_PER_CORE} per core`)
      .argParser(parseWhole(0, 1_000)),
    new Option('--embedded', 'the embedded room and a stand-in, though there are keys'),
    new Option('--room-port <n>', 'port of the embedded room, 0 for any free one')
      .default(8443)
      .argParser(parsePort),
    peerAddressOption(),
    new Option('--insecure', 'allow ws:// to another machine'),
    new Option('--webhooks-to-private', 'let webhooks go to private addresses, and by http: to try them'),
    new Option('--sign-in-link', 'print a link that signs the owner in: once, within 15 minutes'),
    ...oidcOptions(),
  ])
    command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (flags: ServeFlags) => {
    await serve(flags, context);
  });
}

async function serve(flags: ServeFlags, context: CommandContext): Promise<void> {
  const { io } = context;
  const { host, embedded = false } = flags;
  const loaded = loadSettings({}, context, {
    realtime: true,
    videoSdk: true,
    fastino: false,
    meeting: 'all',
  });
  const { process: config } = loaded;
  const publicUrl = flags.publicUrl ?? config.publicUrl;
  checkReach(host, publicUrl);
  const oidc = oidcOf(flags, config);
  const log = loggerOf(io, config.logLevel);
  const dataFolder = flags.data ?? dataFolderOf(io);
  // Many packages that no other command needs.
  const { isPostgresUrl, openDatabase } = await import('../../database/open.js');
  const { startService } = await import('../../service/service.js');
  // Beside a server's address the folder is still where running meetings are kept.
  const databasePlace = flags.database ?? config.database ?? databasePlaceOf({ data: dataFolder }, io);
  const database = await openDatabase(databasePlace, {
    schema: 'apply',
    onCreate: () => {
      io.err(`parley: making the database in ${plain(databasePlace)}: a few seconds, this first time only\n`);
    },
    onProblem: (message) => log.warn(message),
  });
  const closing: (() => Promise<void>)[] = [() => database.close()];
  try {
    const places = await openPlaces({
      config,
      cacheFolder: cacheFolderOf(io),
      env: io.env,
      embedded,
      roomPort: flags.roomPort,
    });
    closing.unshift(() => places.close());
    const backend = await openBackend(loaded, io, { embedded, insecure: flags.insecure === true });
    closing.unshift(() => backend.close());
    const service = await startService({
      ...{ version: packageVersion(), database, log, host, publicUrl, port: flags.port },
      places: { all: places.all, backend: backend.spec, interpreter: backend.interpreter },
      ...(isPostgresUrl(databasePlace) ? { databaseUrl: databasePlace } : {}),
      peerAddress: flags.peerAddress,
      runFolder: join(dataFolder, 'run'),
      serviceSecret: config.serviceSecret ?? (await loadSecret(dataFolder)),
      allowedOrigins: flags.allowOrigin.map(checkedOrigin),
      slots: flags.maxMeetings,
      webhooksToPrivate: flags.webhooksToPrivate === true,
      signInLink: flags.signInLink,
      openAi: embedded ? undefined : openAiAccessOf(config),
      oidc,
    });
    closing.unshift(() => service.close());
    io.out(greeting(service, { places, oidcName: oidc?.name, interpreter: backend.interpreter }, io));
    await aborted(io.signal);
    io.err('parley: leaving meetings and closing the service\n');
  } finally {
    for (const close of closing) await close();
  }
}

function greeting(
  service: Pick<Service, 'url' | 'setupLink' | 'signInLink' | 'redirectUri'>,
  about: { places: OpenPlaces; oidcName: string | undefined; interpreter: string },
  io: CliIo,
): string {
  const parley = ownCommand(io.env);
  const { places, oidcName, interpreter } = about;
  const { firstMeeting } = places;
  return [
    `Parley serves at ${service.url}`,
    ...(service.setupLink === undefined
      ? []
      : [
          `  set up         ${service.setupLink}`,
          '                 (once, within 15 minutes; it makes you the owner)',
        ]),
    ...(service.signInLink === undefined
      ? []
      : [
          `  sign in        ${service.signInLink}`,
          '                 (once, within 15 minutes; it signs the owner in)',
        ]),
    ...(oidcName === undefined
      ? []
      : [`  sign-in        by ${plain(oidcName)}, which sends people back to ${service.redirectUri}`]),
    `  API            ${service.url}/docs`,
    `  meetings       ${places.all.map(({ description }) => plain(description)).join(', ')}`,
    ...(firstMeeting === undefined ? [] : [`  a meeting      ${firstMeeting.page}`]),
    `  interpreter    ${plain(interpreter)}`,
    `  invite         PARLEY_API_KEY=pk_… ${parley} bots invite ${firstMeeting?.meetingId ?? '<meetingId>'}`,
    '  Ctrl+C leaves all meetings and ends it.',
    '',
  ].join('\n');
}

function checkReach(host: string, publicUrl: string | undefined): void {
  if (publicUrl !== undefined && (!URL.canParse(publicUrl) || new URL(publicUrl).protocol !== 'https:'))
    throw new ParleyError('usage', '--public-url is an https address, such as https://parley.example.com');
  if (!LOOPBACK.test(host) && publicUrl === undefined)
    throw new ParleyError(
      'usage',
      '--host opens the service to other machines: put a proxy that speaks https before it, and name its address by --public-url',
    );
}

function checkedOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (origin !== undefined) return origin;
  throw new ParleyError(
    'usage',
    '--allow-origin is a scheme, a host and a port, such as https://app.example.com: no path, and no *',
  );
}
