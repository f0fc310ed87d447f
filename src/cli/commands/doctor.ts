import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { type LoadedSettings, resolveSettings } from '../../settings/resolve-settings.js';
import { ParleyError } from '../../errors.js';
import { packageRoot } from '../../package-root.js';
import { FASTINO_BASE_URL } from '../../profiles/fastino/wire.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import type { VideoSdkCredentials } from '../../room/videosdk/tokens.js';
import { checkModels, checkProxies } from '../doctor/network.js';
import {
  askTheTime,
  attempt,
  checkCertificate,
  checkFastino,
  checkLive,
  checkRealtime,
  checkSignIn,
  checkStream,
  checkToken,
  checkTranslation,
  checkVideoSdk,
  checkWebRtc,
  VIDEOSDK_API_URL,
} from '../doctor/checks.js';
import { clockFinding, nodeFinding, note, ok, problem, type Finding } from '../doctor/finding.js';
import { cacheFolderOf, credentialsOf } from '../embedded/meeting-location.js';
import type { CommandContext } from '../io.js';
import { plain } from '../../text.js';
import { providerOf, providerWarnings } from '../options/provider.js';
import { loadSettings } from '../options/settings-options.js';

const LABELS = { ok: 'ok', note: '-', problem: 'PROBLEM' } as const;

/** `parley doctor`: whether everything that a meeting needs is there. */
export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .summary('check what a meeting needs')
    .description(
      'Checks Node, WebRTC, certificates, tokens, VideoSDK, Stream, the Realtime server and its models, Fastino, the OpenID\n' +
        'provider, proxies and the clock, a line each, with what to do. Services are asked only where a key or an address for them is set. Exit code 1\n' +
        'when there is a problem.',
    )
    .addHelpText('after', '\nExample:\n  parley doctor')
    .action(async () => {
      const { io } = context;
      for (const [what, finding] of checks(context)) {
        const { kind, text } = await finding;
        io.out(`${LABELS[kind].padEnd(8)} ${what.padEnd(12)} ${plain(text)}\n`);
        if (kind === 'problem') context.answerNo();
      }
    });
}

/** All checks, running side by side. */
function checks(context: CommandContext): readonly (readonly [what: string, finding: Promise<Finding>])[] {
  const { io } = context;
  const { loaded, credentials, finding } = readSettings(context);
  const { process: config } = loaded;
  const cacheFolder = cacheFolderOf(io);
  const asked = [
    ...(credentials === undefined ? [] : [config.videoSdkApiUrl ?? VIDEOSDK_API_URL]),
    ...(config.url === undefined && config.openaiApiKey === undefined
      ? []
      : [(config.url ?? config.openaiBaseUrl ?? 'https://api.openai.com').replace(/^ws/, 'http')]),
  ];
  return [
    ['Node', Promise.resolve(nodeFinding(process.versions.node, nodeEngine()))],
    ['Settings', Promise.resolve(finding)],
    ['WebRTC', checkWebRtc()],
    ['Certificate', checkCertificate(cacheFolder, Date.now())],
    ['Token', Promise.resolve(checkToken(credentials, Date.now()))],
    ['VideoSDK', checkVideoSdk(credentials, config)],
    ['Stream', checkStream(config)],
    ['Realtime', checkRealtime(config, () => providerOf(loaded, io))],
    ['Translation', checkTranslation(config, () => providerOf(loaded, io))],
    ...liveCheck(loaded, io),
    ['Models', models(context, loaded)],
    ['Fastino', checkFastino(config)],
    ['OpenID', checkSignIn(config)],
    ['Proxy', checkProxies([...asked, ...fastinoAddress(config)])],
    ['Clock', askTheTime(asked).then((answer) => clockFinding(answer, Date.now()))],
  ];
}

/** A live session is billed from its start: it is tried only where meetings are set to use it. */
function liveCheck(
  loaded: LoadedSettings,
  io: CommandContext['io'],
): readonly (readonly [what: string, finding: Promise<Finding>])[] {
  const { engine, liveModel } = loaded.meeting;
  if (engine !== 'live') return [];
  return [['Live', checkLive(loaded.process, () => providerOf(loaded, io), liveModel)]];
}

/** Whether an end is announced of the models that are set; nothing is asked where no provider is set up. */
async function models({ io }: CommandContext, loaded: LoadedSettings): Promise<Finding> {
  const { url, openaiApiKey, azureOpenaiEndpoint } = loaded.process;
  if (url === undefined && openaiApiKey === undefined && azureOpenaiEndpoint === undefined)
    return note('not asked: no provider is set up');
  return attempt(async () => {
    const provider = providerOf(loaded, io);
    const { model, transcriptionModel } = loaded.meeting;
    const epochMs = Date.now();
    const inUse = [
      new URL(provider.conversation.url).searchParams.get('model') ?? model,
      ...(provider.name === 'openai' ? ['gpt-realtime-translate'] : []),
      transcriptionModel,
    ];
    const fallback = providerWarnings(provider, loaded, epochMs);
    return checkModels(provider, inUse, { epochMs, fallback });
  });
}

function fastinoAddress({ fastinoApiKey, fastinoBaseUrl }: ProcessSettings): readonly string[] {
  return fastinoApiKey === undefined ? [] : [fastinoBaseUrl ?? FASTINO_BASE_URL];
}

/** The settings; where they cannot be read, that is the finding and the defaults stand in for them. */
function readSettings(context: CommandContext): {
  loaded: LoadedSettings;
  credentials: VideoSdkCredentials | undefined;
  finding: Finding;
} {
  try {
    const loaded = loadSettings({}, context, {
      realtime: true,
      videoSdk: true,
      fastino: true,
      meeting: 'all',
    });
    return {
      loaded,
      credentials: credentialsOf(loaded.process),
      finding: ok('can be read; see parley config'),
    };
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    return {
      loaded: resolveSettings({ flags: {}, environment: {} }),
      credentials: undefined,
      finding: problem(error.message),
    };
  }
}

const packageSchema = z.object({ engines: z.object({ node: z.string() }) });

function nodeEngine(): string {
  return packageSchema.parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))).engines
    .node;
}
