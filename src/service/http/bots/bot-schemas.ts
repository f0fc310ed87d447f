/** Bots as the API takes and shows them. The fields of an invitation are the settings of a meeting, and a few of the service. */
import { z } from 'zod';
import {
  MEETING_SETTING_NAMES,
  type MeetingSettingName,
  meetingSettings,
  metaOf,
} from '../../../bot/meeting-settings.js';
import { settingMeta } from '../../../bot/settings/setting.js';
import { isInheritedName } from '../../../inherited-names.js';
import { BOT_STATES } from '../../../records/store/bot-states.js';
import { meetingIdIn } from '../../../room/meeting-id.js';
import { pageOf, pageQuery } from '../cursors.js';

/** Events that a webhook can ask for; the last one only where it is named. */
export const WEBHOOK_EVENTS = [
  'bot.state_changed',
  'bot.joined',
  'bot.recovering',
  'bot.recovered',
  'bot.ended',
  'bot.failed',
  'participant.joined',
  'participant.left',
  'budget.warning',
  'budget.spent',
  'note.created',
  'tool.approval_needed',
  'transcript.ready',
  'minutes.ready',
  'webhook.test',
  'caption.final',
] as const;

const MAX_METADATA_KEYS = 16;
const META_KEY = /^[\w.-]{1,64}$/;

export const moment = z.iso.datetime({ offset: true });
/** Free text of whoever uses the API, at most 16 entries. */
export const metadata = z
  .record(z.string().regex(META_KEY), z.string().max(512))
  .refine(
    (entries) => Object.keys(entries).length <= MAX_METADATA_KEYS,
    `has at most ${MAX_METADATA_KEYS} entries`,
  )
  .refine(
    (entries) => !Object.keys(entries).some(isInheritedName),
    'has a name that every JavaScript object has',
  )
  .meta({ description: 'Yours: at most 16 texts of 512 characters, by name.' });
const retentionDays = z.int().min(1).max(3_650).meta({
  description: 'Days after its end that the words of the meeting are kept; by default as the workspace says.',
});
const meetingId = z
  .string()
  .max(2_048)
  .refine((text) => meetingIdIn(text) !== undefined, {
    error: 'is no meeting: give its id, made of letters, digits and . _ ~ -, or the link to it',
    params: { code: 'no_meeting' },
  })
  .overwrite((text) => meetingIdIn(text) ?? text)
  .meta({ description: 'The meeting: its id, or the link to its page.' });
const webhookOfBot = z.strictObject({
  url: z.string().max(2_048).meta({ description: 'https, and public.' }),
  events: z.array(z.enum(WEBHOOK_EVENTS)).max(WEBHOOK_EVENTS.length).default([]),
  secret: z
    .string()
    .regex(/^whsec_(?:[A-Za-z\d+/]{4}){8,21}(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/)
    .meta({ description: 'Yours, to check signatures with: whsec_ and the base64 of 24 to 64 bytes.' }),
});

const ownFields = {
  record: z.boolean().meta({
    description: 'Keep who said what, for transcript and search; everyone in the meeting is told.',
  }),
  metadata,
  retentionDays,
  joinAt: moment.meta({ description: 'When to join; absent: now.' }),
};

/** The body of an invitation. */
export const inviteBody = z
  .strictObject({
    meetingId,
    place: z.exactOptional(z.enum(['videosdk', 'embedded'])).meta({
      description:
        'Where the meeting is; absent: the embedded room where it knows the meeting, else VideoSDK.',
    }),
    joinAt: z.exactOptional(ownFields.joinAt),
    record: ownFields.record.default(true),
    retentionDays: z.exactOptional(retentionDays),
    metadata: z.exactOptional(metadata),
    deduplicationKey: z.exactOptional(z.string().min(1).max(255)).meta({
      description: 'While a bot with this key is not over, another invitation with it answers with that bot.',
    }),
    webhooks: z.exactOptional(z.array(webhookOfBot).max(5)).meta({
      description: 'Webhooks for this bot alone.',
    }),
    ...meetingSettings.shape,
  })
  .meta({ id: 'Invite', description: 'A meeting, and how it is interpreted. Only meetingId is needed.' });

type PatchFields = Record<MeetingSettingName, z.ZodOptional<z.ZodNullable<z.ZodType>>>;

/** Settings without their defaults: null stands for the default, and what is absent stays. */
const patchedSettings = Object.fromEntries(
  MEETING_SETTING_NAMES.map((name) => {
    const schema = meetingSettings.shape[name] as z.ZodType;
    const inner = 'unwrap' in schema ? (schema.unwrap as () => z.ZodType)() : schema;
    const field = inner.nullable().optional();
    field.register(settingMeta, metaOf(name));
    return [name, field];
  }),
) as PatchFields;

/** The body of a change. */
export const patchBody = z
  .strictObject({
    joinAt: ownFields.joinAt.optional(),
    record: ownFields.record.optional(),
    metadata: metadata.optional(),
    retentionDays: retentionDays.nullable().optional(),
    ...patchedSettings,
  })
  .refine((patch) => Object.keys(patch).length > 0, 'changes nothing: name at least one field')
  .meta({
    id: 'BotPatch',
    description:
      'What is to change; null stands for the default. Before the bot joins, anything; then what is `x-live`.',
  });

/** What a list shows of a bot. */
export const botSummary = z
  .object({
    id: z.string(),
    place: z.string(),
    meetingId: z.string(),
    name: z.string(),
    state: z.enum(BOT_STATES),
    reason: z.string().optional().meta({ description: 'Why it is over, such as asked, empty, key_refused.' }),
    waitingFor: z
      .string()
      .optional()
      .meta({ description: 'Of `joining`: line, or admission by somebody in the meeting.' }),
    joinAt: z.string().optional(),
    createdAt: z.string(),
    joinedAt: z.string().optional(),
    endedAt: z.string().optional(),
    erasedAt: z.string().optional(),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'BotSummary' });

/** A call of the agent that waits for a person's yes. */
export const waitingCall = z
  .object({
    callId: z.string(),
    tool: z.string(),
    arguments: z.string().meta({
      description: 'JSON text as the model wrote it: untrusted, to be shown in full to whoever decides.',
    }),
    level: z.enum(['read', 'write', 'confirm', 'host']).optional(),
    askedBy: z.string().optional().meta({ description: 'The participant who asked for it.' }),
    atMs: z.number().meta({ description: 'When, in milliseconds since the bot joined.' }),
  })
  .meta({ id: 'WaitingCall' });

const personNow = z.looseObject({ id: z.string(), name: z.string(), speaks: z.array(z.string()) });

/** A bot. */
export const bot = botSummary
  .extend({
    revision: z.int().meta({ description: 'Counts changes of the settings; it is the ETag too.' }),
    epoch: z.int().meta({ description: 'Counts the processes that carried the meeting.' }),
    participantId: z.string(),
    worker: z.string().optional(),
    record: z.boolean(),
    retentionDays: z.int().optional(),
    eraseAfter: z.string().optional(),
    deduplicationKey: z.string().optional(),
    message: z
      .string()
      .optional()
      .meta({ description: 'Of a bot that failed: what happened and what to do.' }),
    settings: z.record(z.string(), z.unknown()),
    muted: z
      .union([z.literal('all'), z.array(z.string())])
      .optional()
      .meta({ description: 'Languages whose voice was silenced, or all of them; absent: none.' }),
    live: z
      .object({
        people: z.array(personNow),
        speaking: z.array(z.string()),
        routes: z.array(z.looseObject({ speakerId: z.string(), state: z.string() })),
        latency: z.unknown().optional(),
        spans: z.unknown().optional().meta({ description: 'How far each route is behind its speaker.' }),
        cost: z.unknown().optional(),
        approvals: z.array(waitingCall).meta({ description: 'Calls of the agent that wait for a yes.' }),
        lastId: z.string(),
      })
      .optional()
      .meta({ description: 'How the meeting stands, while it runs.' }),
  })
  .meta({ id: 'Bot' });

export const botList = pageOf(botSummary).meta({ id: 'BotList' });
export const botPath = z.strictObject({ botId: z.string().regex(/^bot_[\w-]{1,64}$/) });

const states = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(BOT_STATES)));

export const listQuery = z.strictObject({
  ...pageQuery,
  state: z.exactOptional(states).meta({ description: 'States, such as `active,joining`.' }),
  meetingId: z.exactOptional(z.string().min(1).max(128)),
  from: z.exactOptional(moment).meta({ description: 'Made at this time or later.' }),
  to: z.exactOptional(moment).meta({ description: 'Made before this time.' }),
  q: z.exactOptional(z.string().min(1).max(128)).meta({ description: 'Part of the meeting id or name.' }),
});

export const changeAnswer = z
  .object({
    revision: z.int(),
    changes: z.record(z.string(), z.unknown()).meta({
      description:
        'What becomes of each field. What the running meeting makes of it comes as the event `change`.',
    }),
  })
  .meta({ id: 'ChangeAccepted' });
