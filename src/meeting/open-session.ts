/** How a meeting gets its sessions. */
import type { Clock } from '../clock.js';
import type { CostMeter } from '../cost/cost-meter.js';
import { ParleyError } from '../errors.js';
import type { EngineName } from '../realtime/engines.js';
import type { RouteSpec } from '../interpreter/plan/routes.js';
import type { ConversationConfig } from '../realtime/conversation/conversation-config.js';
import { ConversationSession } from '../realtime/conversation/conversation-session.js';
import type { ConnectionsFor } from '../realtime/providers/provider-connections.js';
import type { InterpretingSession } from '../realtime/session.js';
import { type TranslateConfig, translateLanguageOf } from '../realtime/translate/translate-config.js';
import { TranslateSession } from '../realtime/translate/translate-session.js';

/** Silence that ends a turn of a whole room. */
const ROOM_SILENCE_MS = 200;

/** What a session of a meeting is for. */
export type SessionRequest = {
  /** Unique in the process, and short: turn ids begin with it. */
  name: string;
  route: RouteSpec;
  /** Empty where the engine takes none. */
  instructions: string;
  /** `translate` only for a route one way, into one of that engine's languages. */
  engine: EngineName;
  /** It is given texts of ours to speak, and hears nobody. */
  speaks?: true;
  /** For how long its first connection is tried again where that may help; not at all by default. */
  patienceMs?: number;
};

/** Told when a listener of a session throws; the session goes on. */
export type OnListenerError = (error: unknown, eventName: string) => void;

/** Makes a session that is not connected yet. */
export type OpenSession = (request: SessionRequest) => InterpretingSession;

/**
 * Conversation sessions of one server; those of routes without a target never answer, and the one of a whole room answers
 * by itself, after a short silence. What is transcribed, and in which language, is for the route to say, unless `config`
 * names a language or has no model for it.
 */
export function conversationSessions(options: {
  open: ConnectionsFor;
  clock: Clock;
  config: ConversationConfig;
  onListenerError?: OnListenerError;
}): OpenSession {
  const { open, clock, config, onListenerError } = options;
  const listening: ConversationConfig = { ...config, responses: 'none' };
  const speaking: ConversationConfig = { ...config, responses: 'client', transcription: undefined };
  const twoWay: ConversationConfig = {
    ...config,
    responses: 'server',
    vad: { ...config.vad, silenceDurationMs: ROOM_SILENCE_MS },
  };
  const configOf = ({ route, speaks }: SessionRequest): ConversationConfig => {
    if (speaks === true) return speaking;
    if (route.to === undefined) return listening;
    return route.back === undefined ? config : twoWay;
  };
  return (request) =>
    new ConversationSession({
      open: open({ sessions: 'conversation', speakerId: heardOn(request) }),
      clock,
      name: request.name,
      config: configOf(request),
      instructions: request.instructions,
      ...patienceOf(request),
      ...(onListenerError === undefined ? {} : { onListenerError }),
    });
}

/** How translation sessions are configured, but for their language, which is the route's. */
export type TranslateSettings = Omit<TranslateConfig, 'language'>;

/** Sessions of both engines, as each request asks. What is transcribed is for the route to say, as far as there is a model. */
export function engineSessions(options: {
  open: ConnectionsFor;
  clock: Clock;
  config: ConversationConfig;
  translate: TranslateSettings;
  onListenerError?: OnListenerError;
}): OpenSession {
  const { open, clock, translate, onListenerError } = options;
  const conversation = conversationSessions(options);
  return (request) => {
    if (request.engine === 'conversation') return conversation(request);
    const { to } = request.route;
    const language = to === undefined ? undefined : translateLanguageOf(to);
    if (language === undefined)
      throw new ParleyError('internal', `the translate engine was asked for "${to ?? ''}"`);
    return new TranslateSession({
      open: open({ sessions: 'translation', speakerId: heardOn(request) }),
      clock,
      name: request.name,
      config: { ...translate, language },
      ...patienceOf(request),
      ...(onListenerError === undefined ? {} : { onListenerError }),
    });
  };
}

function patienceOf({ patienceMs }: SessionRequest): { patienceMs?: number } {
  return patienceMs === undefined ? {} : { patienceMs };
}

/** Whose speech a session hears, where it is one person's. */
function heardOn({ route, speaks }: SessionRequest): string | undefined {
  return speaks === true || route.back !== undefined ? undefined : route.speakerId;
}

/** The same sessions, each of which tells `meter` what it uses of its engine's model, by its route: `lucia > en`. */
export function metered(
  openSession: OpenSession,
  meter: CostMeter,
  models: Readonly<Record<EngineName, string>>,
): OpenSession {
  return (request) => {
    const session = openSession(request);
    const { speakerId, to } = request.route;
    const route = to === undefined ? speakerId : `${speakerId} > ${to}`;
    session.events.on('usage', (usage) => {
      meter.add(route, models[request.engine], usage);
    });
    return session;
  };
}
