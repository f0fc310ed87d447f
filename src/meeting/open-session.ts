/** How a meeting gets its sessions. */
import type { Clock } from '../clock.js';
import type { CostMeter } from '../cost/cost-meter.js';
import { ParleyError } from '../errors.js';
import { engineLanguageOf, type EngineName, type PerEngine } from '../realtime/engines.js';
import type { RouteSpec } from '../interpreter/plan/routes.js';
import type { Logger } from '../log.js';
import type { ConversationConfig } from '../realtime/conversation/conversation-config.js';
import type { InterpretingSession } from '../realtime/session.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import { DEFAULT_LIVE_SETTINGS, type LiveConfig } from '../realtime/live/live-config.js';
import type { TranslateConfig } from '../realtime/translate/translate-config.js';

/** Silence that ends a turn of a whole room. */
const ROOM_SILENCE_MS = 200;

/** What a session of a meeting is for. */
export type SessionRequest = {
  /** Unique in the process, and short: turn ids begin with it. */
  name: string;
  route: RouteSpec;
  /** Empty where the engine takes none. */
  instructions: string;
  /** `translate` and `live` only for a route one way, into one of that engine's languages. */
  engine: EngineName;
  /** It is given texts of ours to speak, and hears nobody. */
  speaks?: true;
  /** It answers what is written to it, in this voice of the model, and has tools; it hears nobody. */
  answers?: { voice: string | undefined };
  /** For how long its first connection is tried again where that may help; not at all by default. */
  patienceMs?: number;
};

/** Told when a listener of a session throws; the session goes on. */
export type OnListenerError = (error: unknown, eventName: string) => void;

/** Makes a session that is not connected yet. */
export type OpenSession = (request: SessionRequest) => InterpretingSession;

/** How translation sessions are configured, but for their language, which is the route's. */
export type TranslateSettings = Omit<TranslateConfig, 'language'>;

/** The same of live sessions. */
export type LiveSettings = Omit<LiveConfig, 'language'>;

/** How a meeting's sessions are opened. */
type SessionsOptions = {
  backend: SpeechBackend;
  meetingId: string;
  /** Of conversation sessions. */
  model: string;
  clock: Clock;
  conversation: ConversationConfig;
  translate: TranslateSettings;
  /** The defaults where this is absent. */
  live?: LiveSettings | undefined;
  log?: Logger | undefined;
  onListenerError?: OnListenerError | undefined;
};

/**
 * Sessions of a backend, as each request asks. Those of routes without a target never answer, and the one of a whole room
 * takes a short silence for the end of a turn. What is transcribed, and in which language, is for the route to say, unless the
 * configuration names a language or has no model for it.
 */
export function backendSessions(options: SessionsOptions): OpenSession {
  const { backend, meetingId, model, clock, conversation, translate, log, onListenerError } = options;
  const { live = DEFAULT_LIVE_SETTINGS } = options;
  const configOf = conversationConfigs(conversation);
  return (request) => {
    const common = {
      name: request.name,
      meetingId,
      model,
      clock,
      speakerId: heardOn(request),
      ...(request.patienceMs === undefined ? {} : { patienceMs: request.patienceMs }),
      ...(log === undefined ? {} : { log }),
      ...(onListenerError === undefined ? {} : { onListenerError }),
    };
    if (request.engine === 'conversation') {
      const { engine, instructions } = request;
      return backend.open({ ...common, engine, config: configOf(request), instructions });
    }
    const { to } = request.route;
    if (to === undefined)
      throw new ParleyError('internal', `the ${request.engine} engine was asked for, and no language`);
    const language = engineLanguageOf(to);
    if (request.engine === 'translate')
      return backend.open({ ...common, engine: 'translate', config: { ...translate, language } });
    const { instructions } = request;
    return backend.open({ ...common, engine: 'live', config: { ...live, language }, instructions });
  };
}

/** By what a conversation session is for, its configuration. */
function conversationConfigs(config: ConversationConfig): (request: SessionRequest) => ConversationConfig {
  const listening: ConversationConfig = { ...config, responses: 'none' };
  const speaking: ConversationConfig = { ...config, responses: 'client', transcription: undefined };
  const twoWay: ConversationConfig = {
    ...config,
    vad: { ...config.vad, silenceDurationMs: ROOM_SILENCE_MS },
  };
  return ({ route, speaks, answers }) => {
    if (answers !== undefined)
      return { ...speaking, tools: [], ...(answers.voice === undefined ? {} : { voice: answers.voice }) };
    if (speaks === true) return speaking;
    if (route.to === undefined) return listening;
    return route.back === undefined ? config : twoWay;
  };
}

/** Whose speech a session hears, where it is one person's. */
function heardOn({ route, speaks, answers }: SessionRequest): string | undefined {
  return speaks === true || answers !== undefined || route.back !== undefined ? undefined : route.speakerId;
}

/** The same sessions, each of which tells `meter` what it uses of its engine's model, by its route: `lucia > en`. */
export function metered(openSession: OpenSession, meter: CostMeter, models: PerEngine<string>): OpenSession {
  return (request) => {
    const session = openSession(request);
    const { speakerId, to } = request.route;
    const route =
      request.answers !== undefined ? 'agent' : to === undefined ? speakerId : `${speakerId} > ${to}`;
    session.events.on('usage', (usage) => {
      meter.add(route, models[request.engine] ?? '', usage);
    });
    return session;
  };
}
