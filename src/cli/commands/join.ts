import type { Command } from 'commander';
import { systemClock } from '../../clock.js';
import {
  conversationOf,
  captionSettingsOf,
  termsOf,
  translateSettingsOf,
} from '../../bot/settings/derived.js';
import { ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import { engineSessions, metered } from '../../meeting/open-session.js';
import type { ConversationConfig } from '../../realtime/conversation/conversation-config.js';
import type { Provider } from '../../realtime/providers/providers.js';
import { createResponder } from '../../embedded/responder.js';
import {
  embeddedBackend,
  EMBEDDED_HOST,
  serverBackend,
  type ReplayBackend,
} from '../../replay/backend/replay-backend.js';
import { joinTokenFor } from '../../room/videosdk/tokens.js';
import { createVideoSdkRoom } from '../../room/videosdk/index.js';
import { budgetOf, pricesOf } from '../options/budget.js';
import { enginesOf } from '../options/engines.js';
import { meetingProfilesOf } from '../options/profile-sources.js';
import { openRecord, recordWords } from '../options/record.js';
import { JsonView } from '../views/json-view.js';
import { speakingOf } from '../options/channel-participants.js';
import { stayInMeeting } from '../../bot/run.js';
import { terminalView } from '../views/terminal-view.js';
import { plain, type CliIo, type CommandContext } from '../io.js';
import { loggerOf } from '../logging.js';
import { addressOf, cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import { conversationFor, identityOf, providerOf, providerWarnings } from '../options/provider.js';
import type { RecordFile } from '../../records/record-file.js';
import { RecordedView } from '../../records/recorded-view.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import type { LoadedSettings } from '../../settings/resolve-settings.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { checkId, newBotId } from './token.js';

/** Joining again after an outage takes the same token: it must outlast the meeting, within a day. */
const DEFAULT_TOKEN_SECONDS = 6 * 3_600;
const TOKEN_MARGIN_SECONDS = 300;

/** Options of one invocation; the others are settings. */
type JoinFlags = { live?: boolean; insecure?: boolean; explain?: boolean; json?: boolean };

const EXAMPLES = `
Examples:
  parley join abcd-efgh-ijkl --languages es,en
  OPENAI_API_KEY=... parley join abcd-efgh-ijkl --live --leave-when-empty 300
  parley join abcd-efgh-ijkl --json | jq 'select(.type == "caption" and .final)'

The meeting is looked for in the embedded room that runs here (parley room), then with VideoSDK, for which
VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, or VIDEOSDK_AUTH_TOKEN, are set. Without --live, --url or PARLEY_REALTIME_URL an
embedded server interprets: a stand-in that knows the phrases of its book.

A participant's language is their metaData.preferredLanguage: a tag, or a language's name. Ctrl+C leaves the meeting;
a second one ends at once.`;

/** `parley join`: interprets a meeting until it ends. */
export function addJoin(program: Command, context: CommandContext): void {
  const command = program
    .command('join')
    .summary('interpret a meeting')
    .description(
      'Joins a meeting as one more participant, hears everyone on their own track, and interprets.',
    )
    .argument('<meetingId>', 'the meeting')
    .option('--live', 'use the OpenAI API, with OPENAI_API_KEY, or Azure OpenAI (--provider)')
    .option('--insecure', 'allow ws:// to another machine')
    .option(
      '--explain',
      'print which engine interprets each route, why, at what cost, and what it is told, profiles included',
    )
    .option('--json', 'print one JSON document per line, and nothing else');
  addSettings(command);
  command
    .addHelpText('after', EXAMPLES)
    .action(async (meetingId: string, flags: JoinFlags & Record<string, unknown>) => {
      await join(checkId('<meetingId>', meetingId), flags, context);
    });
}

async function join(
  meetingId: string,
  flags: JoinFlags & Readonly<Record<string, unknown>>,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  if (flags.live === true && flags['url'] !== undefined)
    throw new ParleyError('usage', '--live is OpenAI or Azure: give --live or --url, not both');
  const loaded = settingsOf(flags, context);
  const { process: config, meeting: settings } = loaded;
  const { name, maxDurationMin } = settings;
  const network = namesServer(flags, config);
  const prices = pricesOf(config);
  const profiles = meetingProfilesOf(loaded, io, (message) => loggerOf(io, config.logLevel).warn(message));
  const place = await findLocationOf(meetingId, config, cacheFolderOf(io));
  const expiresInSeconds =
    maxDurationMin === undefined ? DEFAULT_TOKEN_SECONDS : maxDurationMin * 60 + TOKEN_MARGIN_SECONDS;
  const { token, participantId } = joinTokenFor({
    credentials: place.credentials,
    source: place.tokenSource,
    roomId: meetingId,
    participantId: newBotId(),
    epochMs: Date.now(),
    expiresInSeconds,
  });
  const log = loggerOf(io, config.logLevel, [token]);
  const { backend, interpreter, conversation, provider } = await openFarEnd(
    meetingId,
    flags,
    loaded,
    io,
    log,
  );
  const { engines, models } = enginesOf(settings, provider, { conversation, prices });
  const shown = flags.json === true ? new JsonView((text) => io.out(text)) : terminalView(io);
  const openSession = engineSessions({
    open: backend.connectionsFor,
    clock: systemClock,
    config: conversation,
    translate: translateSettingsOf(settings, conversation),
  });
  const budget = budgetOf(settings, prices, network);
  let record: RecordFile | undefined;
  try {
    record = await openRecord(config, { meetingId, clock: systemClock, log });
    await stayInMeeting({
      meetingId,
      name,
      room: await createVideoSdkRoom({
        meetingId,
        token,
        name,
        participantId,
        log,
        ...addressOf(place),
      }),
      openSession: budget === undefined ? openSession : metered(openSession, budget.meter, models),
      budget,
      place: place.description,
      interpreter,
      announcement: settings.announcement ? `${name} is interpreting this meeting.` : undefined,
      speaking: speakingOf(settings, { name, meetingId, place, log, expiresInSeconds }),
      languages: settings.languages,
      captions: captionSettingsOf(settings, record !== undefined),
      briefing: { ...termsOf(settings), profiles },
      engines,
      explain: flags.explain ?? false,
      maxSessions: settings.maxSessions,
      closeAfterSilenceMs: settings.sessionIdleS * 1_000,
      leaveWhenEmptyMs: inMs(settings.leaveWhenEmptyS, 1_000),
      maxDurationMs: inMs(maxDurationMin, 60_000),
      clock: systemClock,
      view: record === undefined ? shown : new RecordedView(shown, record),
      log,
      signal: io.signal,
    });
  } finally {
    shown.close();
    await record?.close();
    if (record !== undefined) io.err(`parley: ${recordWords(record)}\n`);
    await backend.close();
  }
}

async function openFarEnd(
  meetingId: string,
  flags: JoinFlags,
  loaded: LoadedSettings,
  io: CliIo,
  log: Logger,
): Promise<{
  backend: ReplayBackend;
  interpreter: string;
  conversation: ConversationConfig;
  /** Undefined: the embedded interpreter. */
  provider: Provider | undefined;
}> {
  if (!namesServer(flags, loaded.process)) {
    const responder = await createResponder('phrasebook');
    const backend = await embeddedBackend({ clock: systemClock, responder, fenced: false, log });
    const conversation = conversationOf(loaded.meeting, undefined);
    return { backend, interpreter: EMBEDDED_HOST, conversation, provider: undefined };
  }
  const provider = providerOf(loaded, io, flags);
  for (const warning of providerWarnings(provider, loaded, Date.now())) io.err(`parley: ${plain(warning)}\n`);
  return {
    backend: serverBackend(provider, await identityOf(provider, `meeting ${meetingId}`, io), log),
    interpreter: provider.conversation.describe,
    conversation: conversationFor(provider, loaded, undefined),
    provider,
  };
}

/** The settings of a join. Keys are looked at only where they are used. */
function settingsOf(
  flags: JoinFlags & Readonly<Record<string, unknown>>,
  context: CommandContext,
): LoadedSettings {
  const namesOne = flags.live === true || flags['url'] !== undefined || hasUrl(context.io.env);
  const reach = { realtime: namesOne, videoSdk: true, fastino: false, meeting: 'all' } as const;
  const loaded = loadSettings(flags, context, reach);
  return loaded.meeting.profiles === 'fastino'
    ? loadSettings(flags, context, { ...reach, fastino: true })
    : loaded;
}

function hasUrl(env: CliIo['env']): boolean {
  return (env['PARLEY_REALTIME_URL'] ?? '').trim() !== '';
}

/** Whether a Realtime server interprets; otherwise the embedded one does. */
function namesServer({ live }: JoinFlags, { url }: ProcessSettings): boolean {
  return live === true || url !== undefined;
}

function inMs(value: number | undefined, unitMs: number): number | undefined {
  return value === undefined ? undefined : value * unitMs;
}
