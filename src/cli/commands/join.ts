import { type Command, Option } from 'commander';
import { systemClock } from '../../clock.js';
import type { LoadedConfig } from '../../config.js';
import { ParleyError } from '../../errors.js';
import type { LanguageTag } from '../../languages/languages.js';
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
import { conversationOf, languageOption } from '../options/conversation-options.js';
import { enginesOf, translateSettingsOf } from '../options/engines.js';
import { addBriefingOptions, briefingOf, type BriefingFlags } from '../options/briefing-options.js';
import {
  addCaptionOptions,
  captionSettingsOf,
  openRecord,
  recordWords,
  type CaptionFlags,
} from '../options/caption-options.js';
import { JsonView } from '../views/json-view.js';
import { speakingOf } from '../options/channel-participants.js';
import { stayInMeeting } from '../../bot/run.js';
import { terminalView } from '../views/terminal-view.js';
import { loggerOf, plain, type CliIo, type CommandContext } from '../io.js';
import { addressOf, cacheFolderOf, findLocationOf } from '../embedded/meeting-location.js';
import { parseWhole } from '../options/options.js';
import { conversationFor, identityOf, providerOf, providerWarnings } from '../options/provider.js';
import type { RecordFile } from '../../records/record-file.js';
import { RecordedView } from '../../records/recorded-view.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { checkId, newBotId } from './token.js';

/** Joining again after an outage takes the same token: it must outlast the meeting, within a day. */
const DEFAULT_TOKEN_SECONDS = 6 * 3_600;
const TOKEN_MARGIN_SECONDS = 300;
const MAX_MINUTES = 24 * 60 - 5;

type JoinFlags = BriefingFlags &
  CaptionFlags & {
    name: string;
    languages?: string;
    live?: boolean;
    url?: string;
    model?: string;
    insecure?: boolean;
    leaveWhenEmpty?: number;
    maxDuration?: number;
    announcement: boolean;
    json?: boolean;
  };

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
    .option('--name <name>', 'how the interpreter is called in the meeting', 'Parley')
    .option('--languages <list>', 'languages of the meeting, such as es,en (default: what people prefer)')
    .option('--live', 'use the OpenAI API, with OPENAI_API_KEY, or Azure OpenAI (--provider)')
    .option('--insecure', 'allow ws:// to another machine')
    .addOption(
      new Option('--leave-when-empty <seconds>', 'leave when nobody has been there for so long').argParser(
        parseWhole(1, 86_400),
      ),
    )
    .addOption(
      new Option('--max-duration <minutes>', 'leave after so long').argParser(parseWhole(1, MAX_MINUTES)),
    )
    .option('--no-announcement', 'do not say on joining that the meeting is interpreted')
    .option('--json', 'print one JSON document per line, and nothing else');
  addCaptionOptions(command);
  addBriefingOptions(command);
  addSettings(command);
  command.addHelpText('after', EXAMPLES).action(async (meetingId: string, flags: JoinFlags) => {
    await join(checkId('<meetingId>', meetingId), flags, context);
  });
}

async function join(meetingId: string, flags: JoinFlags, context: CommandContext): Promise<void> {
  const { io } = context;
  if (flags.live === true && flags.url !== undefined)
    throw new ParleyError('usage', '--live is OpenAI or Azure: give --live or --url, not both');
  const network = flags.live === true || flags.url !== undefined || namesServer(io.env);
  const loaded = loadSettings({ ...flags }, context, {
    realtime: network,
    videoSdk: true,
    fastino: flags.profiles === 'fastino',
  });
  const { config } = loaded;
  const languages = languagesOf(flags.languages);
  const prices = await pricesOf(config);
  const briefing = await briefingOf(flags, config, io, (message) =>
    loggerOf(io, config.logLevel).warn(message),
  );
  const place = await findLocationOf(meetingId, config, cacheFolderOf(io));
  const expiresInSeconds =
    flags.maxDuration === undefined ? DEFAULT_TOKEN_SECONDS : flags.maxDuration * 60 + TOKEN_MARGIN_SECONDS;
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
  const { engines, models } = enginesOf(loaded, provider, { conversation, prices });
  const shown = flags.json === true ? new JsonView((text) => io.out(text)) : terminalView(io);
  const openSession = engineSessions({
    open: backend.connectionsFor,
    clock: systemClock,
    config: conversation,
    translate: translateSettingsOf(loaded, conversation),
  });
  const budget = budgetOf(config, prices, network);
  let record: RecordFile | undefined;
  try {
    record = await openRecord(flags, { meetingId, clock: systemClock, log });
    await stayInMeeting({
      meetingId,
      name: flags.name,
      room: await createVideoSdkRoom({
        meetingId,
        token,
        name: flags.name,
        participantId,
        log,
        ...addressOf(place),
      }),
      openSession: budget === undefined ? openSession : metered(openSession, budget.meter, models),
      budget,
      place: place.description,
      interpreter,
      announcement: flags.announcement ? `${flags.name} is interpreting this meeting.` : undefined,
      speaking: speakingOf(config, {
        name: flags.name,
        meetingId,
        place,
        log,
        expiresInSeconds,
      }),
      languages,
      captions: captionSettingsOf(flags),
      briefing,
      engines,
      explain: flags.explain ?? false,
      maxSessions: config.maxSessions,
      closeAfterSilenceMs: config.sessionIdleS * 1_000,
      leaveWhenEmptyMs: flags.leaveWhenEmpty === undefined ? undefined : flags.leaveWhenEmpty * 1_000,
      maxDurationMs: flags.maxDuration === undefined ? undefined : flags.maxDuration * 60_000,
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
  loaded: LoadedConfig,
  io: CliIo,
  log: Logger,
): Promise<{
  backend: ReplayBackend;
  interpreter: string;
  conversation: ConversationConfig;
  /** Undefined: the embedded interpreter. */
  provider: Provider | undefined;
}> {
  const { config } = loaded;
  if (flags.live !== true && config.url === undefined) {
    const responder = await createResponder('phrasebook');
    const backend = await embeddedBackend({ clock: systemClock, responder, fenced: false, log });
    const conversation = conversationOf(config, undefined);
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

/** Without `--live` and `--url` the environment may name a server; keys are read only where there is one. */
function namesServer(env: CliIo['env']): boolean {
  return (env['PARLEY_REALTIME_URL'] ?? '').trim() !== '';
}

/** A list of tags or names, at least two of them; none where none was given. */
function languagesOf(list: string | undefined): readonly LanguageTag[] {
  if (list === undefined) return [];
  const languages = [...new Set(list.split(',').map((each) => languageOption(each.trim(), '--languages')))];
  if (languages.length >= 2) return languages;
  throw new ParleyError(
    'usage',
    `--languages ${plain(list).slice(0, 40)} is one language: give at least two`,
  );
}
