import { randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import { LOG_LEVELS } from '../../log-levels.js';
import { EMBEDDED_MODEL, startRealtimeServer } from '../../embedded/realtime-server/index.js';
import { createResponder } from '../../embedded/responder.js';
import type { ResponderName } from '../../embedded/responder.js';
import { roomAddresses } from '../../embedded/room-server/http/addresses.js';
import { parentGone } from '../embedded/child-server.js';
import { cacheFolderOf } from '../embedded/meeting-location.js';
import type { RealtimeStarted } from '../embedded/realtime-process.js';
import type { CommandContext } from '../io.js';
import { loggerOf } from '../logging.js';
import { aborted, parsePort } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

type RealtimeFlags = {
  port: number;
  host: string;
  responder: ResponderName;
  sessions: 'nested' | 'flat';
  rateHz: string;
  tls?: boolean;
  logLevel?: string;
  forParent?: boolean;
};

/** The certificate of this installation for loopback, and the file that holds it. */
async function loadIdentity(cacheFolder: string) {
  const { certificatePath, loadCertificate } = await import('../../embedded/room-server/http/certificate.js');
  const { certificateNames } = roomAddresses('127.0.0.1');
  const identity = await loadCertificate(cacheFolder, certificateNames, Date.now());
  return { ...identity, path: certificatePath(cacheFolder) };
}

/** `parley realtime`: the embedded server by itself. */
export function addRealtime(program: Command, context: CommandContext): void {
  const { io } = context;
  program
    .command('realtime')
    .summary('start the embedded Realtime server')
    .description(
      'Starts the embedded Realtime server on this machine. Any client of the OpenAI Realtime API can talk to it. It is a\n' +
        'stand-in, not a model: it knows the phrases of its book and echoes everything else.',
    )
    .addOption(
      new Option('--port <n>', 'port to listen on, 0 for any free one').default(8787).argParser(parsePort),
    )
    .addOption(new Option('--host <address>', 'loopback address to listen on').default('127.0.0.1'))
    .addOption(
      new Option('--responder <name>', 'what it says').choices(['phrasebook', 'echo']).default('phrasebook'),
    )
    .addOption(
      new Option('--sessions <shape>', 'how it takes sessions: as OpenAI does, or as OpenAI did in its beta')
        .choices(['nested', 'flat'])
        .default('nested'),
    )
    .addOption(
      new Option('--rate-hz <rate>', 'rate of the audio that it takes')
        .choices(['8000', '16000', '24000', '48000'])
        .default('24000'),
    )
    .option('--tls', "speak TLS with this installation's certificate, for clients that insist on wss://")
    .addOption(
      new Option('--log-level <level>', 'what is logged to stderr: info shows each session').choices(
        LOG_LEVELS,
      ),
    )
    .addOption(new Option('--for-parent').hideHelp()) // see realtime-process.ts
    .addHelpText(
      'after',
      '\nExample:\n  parley realtime --port 8787\n  PARLEY_REALTIME_KEY=any parley replay talk.wav --url ws://127.0.0.1:8787/v1/realtime',
    )
    .action(async (options: RealtimeFlags) => {
      const { process: config } = loadSettings(options, context, {
        realtime: false,
        videoSdk: false,
        fastino: false,
        meeting: 'none',
      });
      const responder = await createResponder(options.responder);
      const key = options.forParent === true ? randomBytes(24).toString('base64url') : undefined;
      const tls = options.tls === true ? await loadIdentity(cacheFolderOf(io)) : undefined;
      const server = await startRealtimeServer({
        host: options.host,
        port: options.port,
        responder,
        ...(tls === undefined ? {} : { tls }),
        ...(key === undefined ? {} : { key }),
        form: { sessionShape: options.sessions, inputRateHz: Number(options.rateHz) },
        log: loggerOf(io, config.logLevel),
      });
      if (key !== undefined) {
        const started: RealtimeStarted = { url: server.url, key };
        io.out(`${JSON.stringify(started)}\n`);
        await Promise.race([aborted(io.signal), parentGone()]);
        await server.close();
        return;
      }
      io.out(
        `Embedded Realtime server (a stand-in: ${EMBEDDED_MODEL}, responder ${responder.name})\n` +
          `  ${server.url}\n` +
          `  Point a client of the OpenAI Realtime API at ${server.url}?model=${EMBEDDED_MODEL}, with any key.\n` +
          (tls === undefined ? '' : `  A client in Node trusts it with NODE_EXTRA_CA_CERTS=${tls.path}\n`) +
          '  Only programs on this machine can reach it. Stop it with Ctrl+C.\n',
      );
      await aborted(io.signal);
      await server.close();
    });
}
