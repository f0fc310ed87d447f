import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { ParleyError } from '../../errors.js';
import { packageVersion } from '../../package-root.js';
import { plain } from '../../text.js';
import { letEndTake } from '../ending.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { loggerOf } from '../logging.js';
import { openAiAccessOf } from '../options/openai-access.js';
import { peerAddressOption } from '../options/peer-address.js';
import { aborted, parseWhole } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';
import { openBackend } from '../service/backend-spec.js';
import { dataFolderOf } from '../service/data-folder.js';
import { findPlaces } from '../service/places.js';

const MEETINGS_PER_CORE = 4;
const DEFAULT_DRAIN_S = 3_600;
/** What is left in the end. */
const LEAVING_MS = 60_000;

const EXAMPLES = `
Examples:
  PARLEY_DATABASE=postgres://parley:...@db.example.com/parley PARLEY_SERVICE_SECRET=... parley worker
  parley worker --database postgres://parley@db.example.com/parley --max-meetings 8 --drain handover

It takes bots that parley serve has invited, on as many machines as you like. PARLEY_SERVICE_SECRET and the keys for VideoSDK and
OpenAI are the same on each. SIGTERM drains it: it takes nothing more, and ends when nothing runs any more.`;

type WorkerFlags = {
  database?: string;
  data?: string;
  maxMeetings: number;
  drain: 'wait' | 'handover';
  drainTimeoutS: number;
  peerAddress?: string;
  insecure?: boolean;
};

/** `parley worker`: a machine that runs meetings of a service. */
export function addWorker(program: Command, context: CommandContext): void {
  const command = program
    .command('worker')
    .summary('run meetings of a service on a machine of its own')
    .description(
      'Runs meetings that a service with a PostgreSQL database invites: one worker on each machine.',
    );
  for (const option of [
    new Option('--database <url>', 'the database of the service: postgres://…; or PARLEY_DATABASE'),
    new Option('--data <folder>', 'where running meetings are kept (default: ~/.local/share/parley)'),
    new Option('--max-meetings <n>', 'meetings at the same time')
      .default(MEETINGS_PER_CORE * availableParallelism(), `${MEETINGS_PER_CORE} per core`)
      .argParser(parseWhole(1, 1_000)),
    new Option('--drain <how>', 'wait until meetings end, or hand them over to other workers')
      .choices(['wait', 'handover'])
      .default('wait'),
    new Option('--drain-timeout-s <s>', 'what still runs then is left')
      .default(DEFAULT_DRAIN_S)
      .argParser(parseWhole(1, 86_400)),
    peerAddressOption(),
    new Option('--insecure', 'allow ws:// to another machine'),
  ])
    command.addOption(option);
  command.addHelpText('after', EXAMPLES).action(async (flags: WorkerFlags) => {
    await work(flags, context);
  });
}

async function work(flags: WorkerFlags, context: CommandContext): Promise<void> {
  const { io } = context;
  const reach = { realtime: true, videoSdk: true, fastino: false, meeting: 'all' } as const;
  const loaded = loadSettings({}, context, reach);
  const { process: config } = loaded;
  const log = loggerOf(io, config.logLevel);
  // Many packages that no other command needs.
  const { isPostgresUrl, openDatabase } = await import('../../database/open.js');
  const databaseUrl = flags.database ?? config.database;
  if (databaseUrl === undefined || !isPostgresUrl(databaseUrl))
    throw new ParleyError('usage', 'a worker needs the database of its service: --database postgres://…');
  const { serviceSecret } = config;
  if (serviceSecret === undefined)
    throw new ParleyError('config', 'set PARLEY_SERVICE_SECRET: it is the same on each machine of a service');
  const { startWorker } = await import('../../service/worker.js');
  const database = await openDatabase(databaseUrl, { onProblem: (message) => log.warn(message) });
  const closing: (() => Promise<void>)[] = [() => database.close()];
  try {
    const all = await findPlaces({ config, cacheFolder: cacheFolderOf(io) });
    const backend = await openBackend(loaded, io, { embedded: false, insecure: flags.insecure === true });
    closing.unshift(() => backend.close());
    const worker = await startWorker({
      ...{ version: packageVersion(), database, databaseUrl, serviceSecret, log, slots: flags.maxMeetings },
      places: { all, backend: backend.spec, interpreter: backend.interpreter },
      peerAddress: flags.peerAddress,
      openAi: openAiAccessOf(config),
      runFolder: join(flags.data ?? dataFolderOf(io), 'worker'),
    });
    closing.unshift(() => worker.close({ meetings: 'leave' }));
    io.out(
      `Parley works as ${worker.id}\n` +
        `  meetings       ${all.map(({ description }) => plain(description)).join(', ')}\n` +
        `  interpreter    ${plain(backend.interpreter)}\n` +
        `  at a time      ${flags.maxMeetings}\n`,
    );
    const { drain: mode, drainTimeoutS } = flags;
    letEndTake(drainTimeoutS * 1_000 + LEAVING_MS);
    await aborted(io.signal);
    io.err(`parley: ${mode === 'wait' ? 'waiting until meetings end' : 'handing meetings over'}\n`);
    await worker.drain({ mode, timeoutMs: drainTimeoutS * 1_000 });
  } finally {
    for (const close of closing) await close();
  }
}
