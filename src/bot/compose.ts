/** A meeting's parts, by its settings and whoever interprets it. */
import { toolsOfSettings } from '../agent/tools/configured/configured-tools.js';
import { mcpConnections } from '../agent/tools/mcp/open-mcp-connection.js';
import { notesExtension } from '../agent/notes/notes-extension.js';
import type { Note } from '../agent/notes/note.js';
import { meetingTools } from '../agent/built-in/meeting-tools.js';
import type { AgentOptions } from '../agent/meeting/agent-options.js';
import { MeetingAgent } from '../agent/meeting/meeting-agent.js';
import type { Clock } from '../clock.js';
import { CostMeter } from '../cost/cost-meter.js';
import { LIST_PRICES } from '../cost/prices.js';
import { ParleyError } from '../errors.js';
import { textsFor } from '../interpreter/notices/notice-texts.js';
import type { Logger } from '../log.js';
import type { MeetingProfiles } from '../meeting/briefing/briefing.js';
import type { MeetingOptions } from '../meeting/meeting-options.js';
import type { MeetingPart } from '../meeting/meeting-part.js';
import { backendSessions, metered } from '../meeting/open-session.js';
import type { OpenChannel } from '../meeting/speaking/channel-rooms.js';
import type { ProfileSource } from '../profiles/profile-source.js';
import { profilesOf, staticProfiles } from '../profiles/static-profiles.js';
import type { SpeechBackend, SpeechOffer } from '../realtime/speech-backend.js';
import type { Room } from '../room/room.js';
import { engineSettingsOf, modelsOf } from './engine-settings.js';
import type { MeetingSettings } from './meeting-settings.js';
import {
  captionSettingsOf,
  agentSettingsOf,
  conversationOf,
  liveSettingsOf,
  speakingSettingsOf,
  termsOf,
  translateSettingsOf,
} from './settings/derived.js';

/** What the meeting's agent has beside its settings. Tools and servers are the operator's: they run as part of this program. */
export type AgentParts = Pick<AgentOptions, 'tools' | 'mcpServers' | 'openMcp' | 'extensions' | 'told'> & {
  /** Notes that it took in an earlier stay in the same meeting: it goes on with them. */
  readonly notes?: readonly Note[];
  /** Values of the secrets that `agentTools` and `agentServers` of the settings name; without it there are none. */
  readonly secretOf?: (name: string) => string | undefined;
  /** Those may be at any address, and speak plain http; by default at public ones, by https. */
  readonly toolsAtPrivateAddresses?: boolean;
};

/** What a meeting is composed of. */
type Composition = {
  settings: MeetingSettings;
  backend: SpeechBackend;
  meetingId: string;
  room: Room;
  /** Absent where no further participant of ours can join. */
  openChannel?: OpenChannel | undefined;
  profiles: ProfileSource | undefined;
  parts: readonly MeetingPart[];
  /** What the agent can do beside what it always can. */
  agent: AgentParts | undefined;
  /** Which stay of the same participant this is, from 1. */
  incarnation: number;
  /** A record is kept: everyone is told so. */
  recorded: boolean;
  clock: Clock;
  log: Logger;
};

/**
 * Everything that a meeting is made of, and what meters it. Throws a ParleyError for settings that do not go together, or with
 * this backend.
 */
export function compose(composition: Composition): {
  options: MeetingOptions;
  meter: CostMeter;
  /** Undefined where the backend has no model that can be one. */
  agent: MeetingAgent | undefined;
} {
  const { settings, backend, meetingId, room, openChannel, profiles, recorded, clock, log } = composition;
  const { parts, incarnation } = composition;
  const { name, model, transcriptionModel, liveModel, budgetUsd, budgetPolicy } = settings;
  if (settings.topology === 'shared' && settings.languages.length > 2)
    throw new ParleyError(
      'usage',
      `topology shared interprets between two languages, and there are ${settings.languages.length}: name two, or leave topology out`,
    );
  const offer = backend.offer({ model, transcriptionModel, liveModel });
  const meter = new CostMeter({ prices: backend.prices ?? LIST_PRICES, budgetUsd });
  const agent = agentOf(composition, offer);
  const conversation = conversationOf(settings, offer);
  const onListenerError = (error: unknown, event: string): void => {
    log.error({ err: error, event }, 'a listener of the meeting failed');
  };
  const openSession = backendSessions({
    ...{ backend, meetingId, model, clock, conversation, log, onListenerError },
    translate: translateSettingsOf(settings, conversation),
    live: liveSettingsOf(settings, offer),
  });
  const options: MeetingOptions = {
    ...speakingSettingsOf(settings),
    room,
    clock,
    name,
    openSession: metered(openSession, meter, modelsOf(offer)),
    ...(openChannel === undefined ? {} : { openChannel }),
    ...(settings.announcement ? announcementOf(settings, agent, recorded) : {}),
    languages: settings.languages,
    captions: captionSettingsOf(settings, recorded),
    engines: engineSettingsOf(settings.engine, offer, backend.prices),
    budget: { meter, policy: budgetPolicy },
    maxSessions: settings.maxSessions,
    closeAfterSilenceMs: settings.sessionIdleS * 1_000,
    briefing: { ...termsOf(settings), profiles: meetingProfilesOf(settings, profiles) },
    parts: agent === undefined ? parts : [...parts, agent],
    ...(agent === undefined ? {} : { writesDown: agent.follows }),
    ...(incarnation === 1 ? {} : { sessionPrefix: `${room.participantId}-${incarnation}` }),
    onListenerError,
  };
  return { options, meter, agent };
}

/** What people are told as they come: aloud in English, which is interpreted, or in writing. */
function announcementOf(
  settings: MeetingSettings,
  agent: MeetingAgent | undefined,
  recorded: boolean,
): Pick<MeetingOptions, 'announcement' | 'company'> {
  const { name } = settings;
  const minutes = settings.minutes && recorded;
  const called = agent === undefined || settings.agent === 'off' ? undefined : agent.settings.wakeName;
  const { texts } = textsFor('en');
  const sentences = [
    `${name} is interpreting this meeting.`,
    ...(called === undefined ? [] : [texts.agent.replace('{}', () => called)]),
    ...(minutes ? [texts.minutes] : []),
  ];
  return { announcement: sentences.join(' '), company: { agent: called, minutes } };
}

/** The agent, switched on or not. Throws ParleyError `usage` where it is asked for and no model can be one. */
function agentOf({ settings, meetingId, agent }: Composition, offer: SpeechOffer): MeetingAgent | undefined {
  const { conversation } = offer.engines;
  if (conversation.kind === 'available') {
    const { tools = [], mcpServers = [], openMcp = mcpConnections(), extensions = [] } = agent ?? {};
    const access = {
      secretOf: agent?.secretOf ?? (() => undefined),
      guard: { allowsPrivate: agent?.toolsAtPrivateAddresses === true },
    };
    const named = toolsOfSettings(settings, access, openMcp);
    return new MeetingAgent({
      ...{ meetingId, settings: agentSettingsOf(settings), tools, openMcp: named.openMcp },
      settingsTools: named.tools,
      mcpServers: [...mcpServers, ...named.mcpServers],
      extensions: [meetingTools, notesExtension(agent?.notes), ...extensions],
      ...(agent?.told === undefined ? {} : { told: agent.told }),
    });
  }
  if (settings.agent === 'off') return undefined;
  throw new ParleyError(
    'usage',
    `agent is ${settings.agent}, and no model answers: ${conversation.error.message}`,
  );
}

/** Whose profiles are used, and how; undefined for none. Throws ParleyError `usage` for settings that do not go together. */
function meetingProfilesOf(
  { profiles, profileIds, refineProfiles: refine, learn }: MeetingSettings,
  given: ProfileSource | undefined,
): MeetingProfiles | undefined {
  const source =
    given ??
    (typeof profiles === 'object' ? staticProfiles(profilesOf(profiles), 'the settings') : undefined);
  if (source === undefined && profiles === 'fastino')
    throw new ParleyError('usage', 'profiles is fastino: give the source of profiles that has its key');
  if (source === undefined && (profileIds !== undefined || refine || learn))
    throw new ParleyError('usage', 'profileIds, refineProfiles and learn need profiles');
  if (source === undefined) return undefined;
  return {
    source,
    ...(profileIds === undefined ? {} : { ids: new Map(Object.entries(profileIds)) }),
    refine,
    learn,
  };
}
