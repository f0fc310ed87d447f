import type { BotEvent } from '../../bot/event-log.js';
import type { JoinEventOf, JoinPerson } from '../../bot/events.js';
import { People } from '../../bot/people.js';

type CaptionEvent = JoinEventOf<'caption'>;

/** A call of the agent that waits for a person's yes. Arguments are JSON text, and untrusted. */
export type WaitingCall = Pick<
  JoinEventOf<'tool'>,
  'callId' | 'tool' | 'arguments' | 'level' | 'askedBy' | 'atMs'
>;

/** More than wait at once. */
const MAX_WAITING_CALLS = 50;

/** Captions that are not final: those of people who speak right now. */
const MAX_OPEN_CAPTIONS = 50;
/** The last ones that are final, for whoever opens the page in mid-meeting. */
const MAX_RECENT_CAPTIONS = 100;

/** How a running meeting stands, as its events tell it. */
export type MeetingSnapshot = {
  readonly people: readonly JoinPerson[];
  readonly speaking: readonly string[];
  /** What is said right now, and the last that was said; each in its last wording. */
  readonly captions: readonly CaptionEvent[];
  readonly routes: readonly { speakerId: string; to?: string; state: string }[];
  readonly latency: JoinEventOf<'status'>['latency'] | undefined;
  readonly spans: JoinEventOf<'status'>['spans'];
  readonly cost: JoinEventOf<'status'>['cost'];
  readonly roomState: string | undefined;
  /** Missing in what a machine of an earlier version tells. */
  readonly approvals?: readonly WaitingCall[];
};

/** Follows the events of a meeting, so that a reader who comes later begins with how things are. */
export class MeetingPicture {
  readonly #people = new People();
  readonly #speaking = new Set<string>();
  readonly #open = new Map<string, CaptionEvent>();
  readonly #recent = new Map<string, CaptionEvent>();
  readonly #routes = new Map<string, { speakerId: string; to?: string; state: string }>();
  readonly #approvals = new Map<string, WaitingCall>();
  #status: JoinEventOf<'status'> | undefined;
  #roomState: string | undefined;

  /** Of a meeting that stands like this: another machine tells of it, or the database. */
  static of({
    people,
    speaking,
    captions,
    routes,
    latency,
    spans,
    cost,
    roomState,
    approvals = [],
  }: MeetingSnapshot): MeetingPicture {
    const picture = new MeetingPicture();
    for (const person of people) picture.#people.follow({ type: 'joined', v: 1, atMs: 0, person });
    for (const id of speaking) picture.#speaking.add(id);
    for (const caption of captions) picture.#caption(caption);
    for (const route of routes) picture.#routes.set(routeKey(route), route);
    for (const call of approvals) picture.#approvals.set(call.callId, call);
    if (latency !== undefined)
      picture.#status = {
        ...{ type: 'status', v: 1, atMs: 0, levelsDbfs: {}, latency },
        ...(spans === undefined ? {} : { spans }),
        ...(cost === undefined ? {} : { cost }),
      };
    picture.#roomState = roomState;
    return picture;
  }

  follow(event: BotEvent): void {
    this.#people.follow(event);
    switch (event.type) {
      case 'left':
        this.#speaking.delete(event.person.id);
        break;
      case 'speaking':
        if (event.speaking) this.#speaking.add(event.participantId);
        else this.#speaking.delete(event.participantId);
        break;
      case 'caption':
        this.#caption(event);
        break;
      case 'route':
        this.#route(event);
        break;
      case 'status':
        this.#status = event;
        break;
      case 'state':
        this.#roomState = event.state;
        break;
      case 'tool':
        this.#tool(event);
        break;
      case 'started':
        // Another process carries the meeting on: everybody is told of anew.
        for (const { id } of this.#people.present) this.#forget(id);
        this.#speaking.clear();
        this.#open.clear();
        this.#routes.clear();
        this.#approvals.clear();
        break;
      default:
        break;
    }
  }

  get snapshot(): MeetingSnapshot {
    return {
      people: this.#people.present,
      speaking: [...this.#speaking],
      captions: [...this.#recent.values(), ...this.#open.values()],
      routes: [...this.#routes.values()],
      latency: this.#status?.latency,
      spans: this.#status?.spans,
      cost: this.#status?.cost,
      roomState: this.#roomState,
      approvals: [...this.#approvals.values()],
    };
  }

  #tool({ what, callId, tool, arguments: args, level, askedBy, atMs }: JoinEventOf<'tool'>): void {
    if (what !== 'asking') {
      this.#approvals.delete(callId);
      return;
    }
    this.#approvals.set(callId, {
      ...{ callId, tool, arguments: args, atMs },
      ...(level === undefined ? {} : { level }),
      ...(askedBy === undefined ? {} : { askedBy }),
    });
    dropOldest(this.#approvals, MAX_WAITING_CALLS);
  }

  #forget(id: string): void {
    const person: JoinPerson = { id, name: '', isBot: false, speaks: [] };
    this.#people.follow({ type: 'left', v: 1, atMs: 0, person });
  }

  #caption(event: CaptionEvent): void {
    const { segmentId } = event;
    this.#open.delete(segmentId);
    if (!event.final) {
      this.#open.set(segmentId, event);
      dropOldest(this.#open, MAX_OPEN_CAPTIONS);
      return;
    }
    if (event.sourceText === '' && event.translatedText === '') {
      this.#recent.delete(segmentId); // it was withdrawn
      return;
    }
    this.#recent.set(segmentId, event);
    dropOldest(this.#recent, MAX_RECENT_CAPTIONS);
  }

  #route({ speakerId, to, state }: JoinEventOf<'route'>): void {
    const key = routeKey({ speakerId, to });
    if (state === 'closed') this.#routes.delete(key);
    else this.#routes.set(key, { speakerId, ...(to === undefined ? {} : { to }), state });
    dropOldest(this.#routes, 1_000);
  }
}

function routeKey({ speakerId, to }: { speakerId: string; to?: string | undefined }): string {
  return `${speakerId} ${to ?? ''}`;
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
