import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type JoinEvent, joinEventSchema } from '../../bot/events.js';
import { MEETING_SETTING_NAMES } from '../../bot/meeting-settings.js';
import { ParleyError } from '../../errors.js';
import { plain } from '../../text.js';
import type { CliIo, CommandContext } from '../io.js';
import { meetingIdOf, parseWhole } from '../options/options.js';
import { addSettings, loadSettings } from '../options/settings-options.js';
import { ApiClient, DEFAULT_SERVICE_URL } from '../service/api-client.js';
import { NO_LINES } from '../text/turn-table.js';
import { JsonView } from '../views/json-view.js';
import { terminalView } from '../views/terminal-view.js';

const EXAMPLES = `
Examples:
  PARLEY_API_KEY=pk_... parley bots invite abcd-efgh-ijkl --languages es,en
  parley bots list --state active
  parley bots watch bot_0199...
  parley bots leave bot_0199...

The service is the one at PARLEY_SERVICE_URL, by default ${DEFAULT_SERVICE_URL}, as parley serve starts it.`;
const ONLY_KEYS = { realtime: false, videoSdk: false, fastino: false } as const;

const botSchema = z.object({
  id: z.string(),
  meetingId: z.string(),
  state: z.string(),
  reason: z.string().optional(),
  createdAt: z.string(),
  joinAt: z.string().optional(),
});
type Bot = z.infer<typeof botSchema>;
type JsonFlag = { json?: boolean };

/** `parley bots`: a client of the service's API. */
export function addBots(program: Command, context: CommandContext): void {
  const bots = program
    .command('bots')
    .summary('invite bots by a running service, and follow them')
    .description(
      'Talks to a Parley service: invites its bots into meetings, lists them, follows one live, and sends it away.',
    )
    .addHelpText('after', EXAMPLES);
  const invite = bots
    .command('invite')
    .summary('invite a bot into a meeting, and print its id')
    .argument('<meetingId>', 'the meeting: its id, or the link to its page')
    .option('--join-at <time>', 'when to join, such as 2026-12-01T14:00:00Z; now by default')
    .option('--no-keep', 'keep nothing of what is said')
    .option('--json', 'print the bot as JSON');
  addSettings(invite, 'all');
  invite.action(async (meetingId: string, flags: InviteFlags) => {
    const { io } = context;
    const bot = await clientOf(context).request(
      'POST',
      '/v1/bots',
      z.looseObject(botSchema.shape),
      bodyOf(meetingIdOf(meetingId), flags, context),
    );
    io.out(flags.json === true ? `${JSON.stringify(bot)}\n` : `${plain(bot.id)}\n`);
  });
  bots
    .command('list')
    .summary('list bots, the newest first')
    .option('--state <list>', 'states, such as active,joining')
    .option('--meeting <id>', 'of one meeting')
    .addOption(new Option('--limit <n>', 'how many').default(25).argParser(parseWhole(1, 100)))
    .option('--json', 'print one JSON document per line')
    .action(async (flags: JsonFlag & { state?: string; meeting?: string; limit: number }) => {
      const query = new URLSearchParams({ limit: String(flags.limit) });
      if (flags.state !== undefined) query.set('state', flags.state);
      if (flags.meeting !== undefined) query.set('meetingId', flags.meeting);
      const list = z.object({ data: z.array(z.looseObject(botSchema.shape)) });
      const { data } = await clientOf(context).request('GET', `/v1/bots?${query.toString()}`, list);
      const { io } = context;
      if (flags.json === true) for (const bot of data) io.out(`${JSON.stringify(bot)}\n`);
      else io.out(listText(data));
    });
  bots
    .command('watch')
    .summary('follow a bot live, until its meeting is over')
    .argument('<botId>', 'the bot')
    .option('--json', 'print one JSON document per line, and nothing else')
    .action(async (botId: string, flags: JsonFlag) => {
      await watch(botId, flags, context);
    });
  bots
    .command('leave')
    .summary('send a bot out of its meeting')
    .argument('<botId>', 'the bot')
    .option('--say <text>', 'what it says before it leaves')
    .action(async (botId: string, { say }: { say?: string }) => {
      const body = say === undefined ? {} : { say };
      const bot = await clientOf(context).request(
        'POST',
        `/v1/bots/${pathPart(botId)}/leave`,
        botSchema,
        body,
      );
      // Where it says something first, it is still in the meeting when that is answered.
      const isOver = ['ended', 'failed', 'cancelled'].includes(bot.state);
      context.io.out(`${plain(bot.id)} ${isOver ? stateWords(bot) : 'leaves'}\n`);
    });
}

type InviteFlags = JsonFlag & { joinAt?: string; keep: boolean } & Readonly<Record<string, unknown>>;

/** What the flags say, and nothing of the defaults of this machine: the service has its own. */
function bodyOf(meetingId: string, flags: InviteFlags, context: CommandContext): Record<string, unknown> {
  const { meeting, sources } = loadSettings(flags, context, { ...ONLY_KEYS, meeting: 'all' });
  const settings = MEETING_SETTING_NAMES.filter((name) => sources[name] !== 'default').map((name) => [
    name,
    meeting[name],
  ]);
  return {
    meetingId,
    ...(Object.fromEntries(settings) as Record<string, unknown>),
    ...(flags.joinAt === undefined ? {} : { joinAt: timeOf(flags.joinAt) }),
    ...(flags.keep ? {} : { record: false }),
  };
}

function timeOf(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new ParleyError('usage', '--join-at is a time such as 2026-12-01T14:00:00Z');
  return time.toISOString();
}

async function watch(botId: string, flags: JsonFlag, context: CommandContext): Promise<void> {
  const { io } = context;
  const view = flags.json === true ? jsonWatch(io) : peopleWatch(io);
  let failure: string | undefined;
  try {
    for await (const { type, data } of clientOf(context).events(`/v1/bots/${pathPart(botId)}/events`)) {
      const json: unknown = JSON.parse(data);
      if (type === 'bot') failure = failureIn(json) ?? failure;
      if (OWN_EVENTS.includes(type)) view.tell(type, json);
      else {
        const event = joinEventSchema.safeParse(json).data;
        if (event !== undefined) view.show(event);
      }
    }
  } finally {
    view.close();
  }
  if (failure !== undefined) throw new ParleyError('service_unavailable', `the bot failed: ${failure}`);
}

/** Events of the service, beside those of the meeting. */
const OWN_EVENTS = ['snapshot', 'bot', 'change', 'lost', 'slow'];
type WatchView = {
  tell(type: string, json: unknown): void;
  show(event: JoinEvent): void;
  close(): void;
};

function jsonWatch(io: CliIo): WatchView {
  const view = new JsonView((text) => io.out(text));
  return {
    tell: (type, json) => io.out(`${JSON.stringify({ type, ...(json as object) })}\n`),
    show: (event) => view.show(event),
    close: () => view.close(),
  };
}

function peopleWatch(io: CliIo): WatchView {
  const view = terminalView(io);
  let told = '';
  return {
    tell: (type, json) => {
      if (type === 'lost') view.note('some of what happened is not kept any more');
      const { data } = (type === 'snapshot' ? snapshotSchema : stateSchema).safeParse(json);
      if (data === undefined) return;
      const words = `the bot is ${stateWords('bot' in data ? data.bot : data)}`;
      if (words !== told) view.note(words);
      told = words;
      const people = 'bot' in data ? data.people.filter(({ isBot }) => isBot !== true) : [];
      if (people.length > 0) view.note(`here: ${people.map(({ name }) => plain(name)).join(', ')}`);
    },
    show: (event) => view.show(event),
    close: () => view.close(),
  };
}

const stateSchema = z.object({ state: z.string(), reason: z.string().optional() });
const snapshotSchema = z.object({
  bot: stateSchema,
  people: z.array(z.object({ name: z.string(), isBot: z.boolean().optional() })).default([]),
});

const failedSchema = z.object({
  state: z.literal('failed'),
  reason: z.string().optional(),
  message: z.string().optional(),
});

function failureIn(json: unknown): string | undefined {
  const { data } = failedSchema.safeParse(json);
  return data === undefined ? undefined : plain(data.message ?? data.reason ?? 'no reason was given');
}

function clientOf(context: CommandContext): ApiClient {
  const { process: config } = loadSettings({}, context, { ...ONLY_KEYS, meeting: 'none' });
  return new ApiClient({ url: config.serviceUrl, key: config.parleyApiKey, signal: context.io.signal });
}

function pathPart(id: string): string {
  return encodeURIComponent(id);
}

/** `active`; `ended (asked)`. */
function stateWords({ state, reason }: { state: string; reason?: string | undefined }): string {
  return plain(reason === undefined ? state : `${state} (${reason})`);
}

function listText(bots: readonly Bot[]): string {
  if (bots.length === 0) return 'no bots\n';
  const rows = bots.map(({ id, meetingId, state, reason, createdAt, joinAt }) => [
    plain(id),
    stateWords({ state, reason }),
    plain(meetingId),
    plain(joinAt === undefined ? createdAt : `at ${joinAt}`),
  ]);
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };
  const table = new Table({ head: ['bot', 'state', 'meeting', 'made'], chars: NO_LINES, style });
  table.push(...rows);
  return `${table.toString()}\n`;
}
