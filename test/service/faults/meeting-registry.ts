/**
 * A meeting service for meetings that are each in the memory of a process: whoever joins under an id puts out who was there under
 * it, as VideoSDK's does, and it is known who was in which meeting, from when to when, and which words were said there.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One process in a meeting. Times are of `Date.now()`. */
export type Presence = {
  readonly meetingId: string;
  readonly participantId: string;
  readonly pid: number;
  readonly enteredMs: number;
  /** Undefined while it is there. */
  leftMs: number | undefined;
  /** Somebody joined with its id. */
  wasPutOut: boolean;
  /** Numbers of the words that were said, and when. */
  readonly words: { readonly number: number; readonly atMs: number }[];
};

/** See the head of this file. It answers VideoSDK's question for a room, too: it knows every one. */
export class MeetingRegistry {
  readonly #server: Server;
  readonly #presences: Presence[] = [];
  readonly #out = new Map<Presence, ServerResponse>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
      if (pathname.startsWith('/v2/rooms/validate/')) {
        const roomId = decodeURIComponent(pathname.split('/').at(-1)!);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ roomId }));
      } else this.#enter(searchParams, request, response);
    });
    this.#server.requestTimeout = 0;
  }

  /** Listens on the loopback, or everywhere. */
  static async start(host = '127.0.0.1'): Promise<MeetingRegistry> {
    const registry = new MeetingRegistry();
    await new Promise<void>((resolve) => registry.#server.listen(0, host, resolve));
    return registry;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Everybody who was in a meeting, in the order of joining; of all meetings without an id. */
  presences(meetingId?: string): readonly Presence[] {
    return this.#presences.filter((each) => meetingId === undefined || each.meetingId === meetingId);
  }

  /** Who is in a meeting. */
  present(meetingId: string): readonly Presence[] {
    return this.presences(meetingId).filter(({ leftMs }) => leftMs === undefined);
  }

  /** Between each two who were in a meeting one after the other: how long nobody was there, and how long no word was said. */
  gaps(meetingId: string): { absentMs: number; silentMs: number }[] {
    const all = this.presences(meetingId);
    return all.slice(1).map((next, index) => {
      const { leftMs = next.enteredMs, words } = all[index]!;
      const lastWordMs = words.findLast(({ atMs }) => atMs <= leftMs)?.atMs ?? leftMs;
      const firstWordMs = next.words[0]?.atMs ?? Infinity;
      return {
        absentMs: Math.max(0, next.enteredMs - leftMs),
        silentMs: Math.max(0, firstWordMs - lastWordMs),
      };
    });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** The request lasts as long as the stay, and tells the words; the answer ends where its process is put out. */
  #enter(about: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const presence: Presence = {
      ...{ meetingId: about.get('meeting')!, participantId: about.get('participant')! },
      ...{
        pid: Number(about.get('pid')),
        enteredMs: Date.now(),
        leftMs: undefined,
        wasPutOut: false,
        words: [],
      },
    };
    for (const before of this.present(presence.meetingId)) {
      if (before.participantId !== presence.participantId) continue;
      before.wasPutOut = true;
      this.#left(before);
    }
    this.#presences.push(presence);
    this.#out.set(presence, response);
    response.writeHead(200);
    response.flushHeaders();
    let rest = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      if (presence.leftMs !== undefined) return;
      for (const word of lines) presence.words.push({ number: Number(word), atMs: Date.now() });
    });
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.once('close', () => this.#left(presence));
    response.once('close', () => this.#left(presence));
  }

  #left(presence: Presence): void {
    presence.leftMs ??= Date.now();
    this.#out.get(presence)?.end();
    this.#out.delete(presence);
  }
}
