/** How a running meeting stands, put together from its events. Pure; every value can be cloned into another window. */
import type { Bot, Caption, Cost, Latency, LiveNote, LiveRoute, Person, RouteSpan } from '../api/types.js';

/** Captions that are kept: the oldest go first. The transcript has them all. */
export const MAX_CAPTIONS = 600;
const MAX_NOTICES = 5;
const MAX_NOTES = 500;
const MAX_TURNS = 20;

/** What became of one change of the settings. */
export type ChangeOutcome = {
  readonly revision: number;
  /** By field: `applied`, `unchanged`, or why it was refused. */
  readonly fields: Readonly<Record<string, FieldOutcome>>;
  /** Why nothing of it was done, in English, and its code. */
  readonly refused?: string;
  readonly code?: string;
};
/** What became of one field. */
export type FieldOutcome = 'applied' | 'unchanged' | Refusal;
/** Why something was not done: in English, and as a code. */
export type Refusal = { readonly refused: string; readonly code?: string };

/** Something that went wrong, or that is to be known. */
export type Notice = { readonly kind: string; readonly message: string; readonly number: number };

/** A call of the agent that waits for a yes. Untrusted: the model wrote it. */
export type WaitingCall = {
  readonly callId: string;
  readonly tool: string;
  /** JSON text. */
  readonly arguments: string;
  readonly askedBy?: string;
};

/** What the agent was asked, and what came of it. Texts are untrusted. */
export type AgentTurn = {
  readonly askId: string;
  readonly askedBy?: string;
  readonly question: string;
  readonly answer?: string;
  readonly state: 'asked' | 'answered' | 'passed' | 'failed';
};

/** A running meeting. */
export type FeedState = {
  readonly bot: Bot | undefined;
  readonly people: readonly Person[];
  readonly speaking: readonly string[];
  /** What is translated at present: only those that are not closed. */
  readonly routes: readonly LiveRoute[];
  /** The last ones, in the order in which they were first seen. */
  readonly captions: readonly Caption[];
  readonly latency: Latency | undefined;
  /** How far each route is behind its speaker. */
  readonly spans: readonly RouteSpan[];
  readonly cost: Cost | undefined;
  /** `connected`, `reconnecting`: the bot's connection to the meeting. */
  readonly roomState: string | undefined;
  readonly change: ChangeOutcome | undefined;
  readonly notices: readonly Notice[];
  /** Events were missed that are not kept any more. */
  readonly hasGap: boolean;
  /** What became of notes of the agent since this was opened, by note: the last of each. */
  readonly notes: readonly LiveNote[];
  /** What the agent was asked since this was opened, the last ones. */
  readonly agent: readonly AgentTurn[];
  readonly approvals: readonly WaitingCall[];
  /** How many events came: no two states have the same one. */
  readonly count: number;
};

/** Nothing is known yet. */
export const EMPTY: FeedState = {
  ...{ bot: undefined, people: [], speaking: [], routes: [], captions: [] },
  ...{ latency: undefined, spans: [], cost: undefined },
  ...{ roomState: undefined, change: undefined, notices: [], hasGap: false, notes: [], count: 0 },
  ...{ agent: [], approvals: [] },
};

/** Names of the events that the state is made of. */
export const FEED_EVENTS = [
  ...[
    'snapshot',
    'bot',
    'change',
    'state',
    'joined',
    'changed',
    'left',
    'speaking',
    'route',
    'caption',
    'status',
  ],
  ...['notice', 'note', 'agent', 'tool', 'started', 'ended', 'lost'],
] as const;

type Data = Readonly<Record<string, unknown>>;

/** The state after an event. An event that is not known changes nothing. */
export function reduce(state: FeedState, type: string, data: unknown): FeedState {
  if (typeof data !== 'object' || data === null) return state;
  const next = reduced(state, type, data as Data);
  return next === state ? state : { ...next, count: state.count + 1 };
}

function reduced(state: FeedState, type: string, data: Data): FeedState {
  switch (type) {
    case 'snapshot':
      return afterSnapshot(state, data);
    case 'bot':
      return { ...state, bot: { ...state.bot, ...(data as unknown as Bot) } };
    case 'change':
      return afterChange(state, data);
    case 'state':
      return { ...state, roomState: data['state'] as string };
    case 'joined':
    case 'changed':
      return withPerson(state, data['person'] as Person);
    case 'left': {
      const { id } = data['person'] as Person;
      return {
        ...state,
        people: state.people.filter((each) => each.id !== id),
        speaking: without(state.speaking, id),
      };
    }
    case 'speaking': {
      const id = data['participantId'] as string;
      const others = without(state.speaking, id);
      return { ...state, speaking: data['speaking'] === true ? [...others, id] : others };
    }
    case 'route':
      return { ...state, routes: withRoute(state.routes, data as unknown as LiveRoute) };
    case 'caption':
      return { ...state, captions: withCaption(state.captions, data as unknown as Caption) };
    case 'status':
      return {
        ...state,
        latency: data['latency'] as Latency,
        spans: (data['spans'] as readonly RouteSpan[] | undefined) ?? [],
        cost: (data['cost'] as Cost | undefined) ?? state.cost,
      };
    case 'notice':
      return withNotice(state, data);
    case 'note':
      return { ...state, notes: withNote(state.notes, data as unknown as LiveNote) };
    case 'agent':
      return { ...state, agent: withTurn(state.agent, data) };
    case 'tool': {
      const call = data as unknown as WaitingCall;
      const others = state.approvals.filter(({ callId }) => callId !== call.callId);
      return { ...state, approvals: data['what'] === 'asking' ? [...others, call] : others };
    }
    case 'started':
      // Another process carries the meeting on: everybody is told of anew, and what was open is never finished.
      return {
        ...state,
        people: [],
        speaking: [],
        routes: [],
        approvals: [],
        captions: state.captions.filter(({ final }) => final),
      };
    case 'ended':
      return {
        ...state,
        speaking: [],
        approvals: [],
        cost: (data['cost'] as Cost | undefined) ?? state.cost,
      };
    case 'lost':
      return { ...state, hasGap: true };
    default:
      return state;
  }
}

/** A snapshot tells everything but what was said before: those captions stay. */
function afterSnapshot(state: FeedState, data: Data): FeedState {
  const { bot, people, speaking, routes, captions, latency, spans, cost, roomState, approvals } =
    data as Partial<FeedState>;
  const finished = state.captions.filter(({ final }) => final);
  return {
    ...state,
    bot: bot ?? state.bot,
    people: people ?? [],
    speaking: speaking ?? [],
    routes: routes ?? [],
    approvals: approvals ?? [],
    captions: (captions ?? []).reduce(withCaption, finished),
    latency: latency ?? state.latency,
    spans: spans ?? state.spans,
    cost: cost ?? state.cost,
    roomState: roomState ?? state.roomState,
  };
}

/** Either what became of each field, or why nothing was done; a text that was not said is a notice. */
function afterChange(state: FeedState, data: Data): FeedState {
  const { revision, changes, refused, code, say } = data as {
    revision?: number;
    changes?: ChangeOutcome['fields'];
    refused?: string;
    code?: string;
    say?: { refused: string };
  };
  if (say !== undefined) return withNotice(state, { kind: 'say', message: say.refused });
  const change = {
    revision: revision ?? state.bot?.revision ?? 0,
    fields: changes ?? {},
    ...(refused === undefined ? {} : { refused }),
    ...(code === undefined ? {} : { code }),
  };
  return { ...state, change };
}

function withPerson(state: FeedState, person: Person): FeedState {
  const isKnown = state.people.some(({ id }) => id === person.id);
  const people = isKnown
    ? state.people.map((each) => (each.id === person.id ? person : each))
    : [...state.people, person];
  return { ...state, people };
}

function withRoute(routes: readonly LiveRoute[], route: LiveRoute): readonly LiveRoute[] {
  const others = routes.filter(({ speakerId, to }) => speakerId !== route.speakerId || to !== route.to);
  return route.state === 'closed' ? others : [...others, route];
}

function withTurn(turns: readonly AgentTurn[], data: Data): readonly AgentTurn[] {
  const { what, askId, askedBy, text } = data as {
    what: string;
    askId?: string;
    askedBy?: string;
    text?: string;
  };
  if (askId === undefined) return turns;
  if (what === 'asked') {
    const by = askedBy === undefined ? {} : { askedBy };
    return [...turns, { askId, ...by, question: text ?? '', state: what } as const].slice(-MAX_TURNS);
  }
  if (what !== 'answered' && what !== 'passed' && what !== 'failed') return turns;
  const answer = what === 'answered' && text !== undefined ? { answer: text } : {};
  return turns.map((turn) => (turn.askId === askId ? { ...turn, ...answer, state: what } : turn));
}

function withNote(notes: readonly LiveNote[], note: LiveNote): readonly LiveNote[] {
  return [...notes.filter(({ id }) => id !== note.id), note].slice(-MAX_NOTES);
}

function withNotice(state: FeedState, data: Data): FeedState {
  const notice = { kind: String(data['kind']), message: String(data['message']), number: state.count };
  const others = state.notices.filter(({ message }) => message !== notice.message);
  return { ...state, notices: [...others, notice].slice(-MAX_NOTICES) };
}

/** A final caption is changed by another final one only; two empty texts withdraw it. */
function withCaption(captions: readonly Caption[], caption: Caption): readonly Caption[] {
  const at = captions.findLastIndex(({ segmentId }) => segmentId === caption.segmentId);
  const known = captions[at];
  if (known?.final === true && !caption.final) return captions;
  if (caption.final && caption.sourceText === '' && caption.translatedText === '')
    return known === undefined ? captions : captions.toSpliced(at, 1);
  if (known !== undefined) return captions.with(at, caption);
  const longer = [...captions, caption];
  return longer.length > MAX_CAPTIONS ? longer.slice(-MAX_CAPTIONS) : longer;
}

function without(ids: readonly string[], id: string): readonly string[] {
  return ids.filter((each) => each !== id);
}
