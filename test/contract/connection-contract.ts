/** What the connections of every engine promise the failover that replaces them (src/realtime/connection/failover-policy.ts). */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';
import { EventEmitter } from '../../src/events.js';
import type { ConnectionEvents, FailoverConnection } from '../../src/realtime/connection/failover-policy.js';
import { newSessionCounters } from '../../src/realtime/session-counters.js';
import type { SessionCounters, SessionEvents } from '../../src/realtime/session.js';
import type { OpenTransport, TransportHandlers } from '../../src/realtime/transport.js';

type ServerEvent = { type: string } & Record<string, unknown>;

/** One engine's connection, and the words of its server. */
export type ConnectionEngine = {
  make(options: {
    open: OpenTransport;
    clock: VirtualClock;
    events: EventEmitter<SessionEvents>;
    counters: SessionCounters;
    handlers: ConnectionEvents;
  }): FailoverConnection;
  /** The session is there, and expires then; undefined where a session begins with its configuration. */
  created: ((expiresAtS?: number) => ServerEvent) | undefined;
  /** It is configured as it was asked to be, and expires then. */
  updated(expiresAtS?: number): ServerEvent;
  /** Nothing more comes of what was said; undefined where the client knows that by itself. */
  closed: ServerEvent | undefined;
};

/** The server's end of one connection, played by the test. */
class ServerEnd {
  readonly sent: ServerEvent[] = [];
  closedByClient = 0;
  refusal: ParleyError | undefined;
  /** The transport opens when this has resolved. */
  gate: Promise<void> = Promise.resolve();
  #handlers: TransportHandlers | undefined;

  readonly open: OpenTransport = async (handlers) => {
    await this.gate;
    if (this.refusal !== undefined) throw this.refusal;
    this.#handlers = handlers;
    const send = (text: string): void => {
      if (this.closedByClient > 0) throw new Error('sent on a closed connection');
      this.sent.push(JSON.parse(text) as ServerEvent);
    };
    return {
      ...{ bufferedAmountBytes: 0, sentCount: 0, receivedCount: 0, send },
      sendAudio: ({ text }) => {
        send(text);
      },
      close: () => {
        this.closedByClient++;
      },
    };
  };

  say(event: ServerEvent): void {
    this.#handlers?.message(JSON.stringify({ event_id: 'e', ...event }));
  }

  sayText(text: string): void {
    this.#handlers?.message(text);
  }

  drop(): void {
    this.#handlers?.closed({ code: 1006, reason: '' });
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const settled = async (promise: Promise<void>): Promise<unknown> => promise.catch((error: unknown) => error);

/** Runs the contract over the connections of an engine. */
export function connectionContract(name: string, engine: ConnectionEngine): void {
  const setUp = () => {
    const clock = new VirtualClock();
    const server = new ServerEnd();
    const counters = newSessionCounters();
    const lost: ParleyError[] = [];
    let finished = 0;
    const connection = engine.make({
      ...{ open: server.open, clock, counters, events: new EventEmitter<SessionEvents>() },
      handlers: {
        lost: (error) => lost.push(error),
        finished: () => finished++,
        changed: () => undefined,
      },
    });
    return { clock, server, counters, connection, lost, finished: () => finished };
  };
  const ready = async (expiresAtS?: number) => {
    const world = setUp();
    const connecting = world.connection.connect();
    await turn();
    if (engine.created !== undefined) world.server.say(engine.created(expiresAtS));
    world.server.say(engine.updated(expiresAtS));
    await connecting;
    return world;
  };

  describe(`the contract of connections: ${name}`, () => {
    it('configures once the session is there, and is ready when that is confirmed', async () => {
      const { server, connection } = setUp();
      let isReady = false;
      const connecting = connection.connect().then(() => (isReady = true));
      await turn();
      if (engine.created !== undefined) {
        expect(server.sent).toEqual([]);
        server.say(engine.created());
      }
      const configures = engine.created === undefined ? 'session.start' : 'session.update';
      expect(server.sent.map(({ type }) => type)).toEqual([configures]);
      await turn();
      expect(isReady).toBe(false);
      server.say(engine.updated());
      await connecting;
      expect(isReady).toBe(true);
      expect(connection.failure).toBeUndefined();
      connection.close();
    });

    it('knows when its session expires, once the server has said so', async () => {
      const before = setUp();
      expect(before.connection.lifetime).toBeUndefined();
      const { clock, connection } = await ready(before.clock.epochMs() / 1_000 + 1_800);
      expect(connection.lifetime).toBeDefined();
      expect(clock.nowMs()).toBe(0);
      connection.close();
    });

    it('rejects with what kept the transport from opening', async () => {
      const { server, connection, lost } = setUp();
      server.refusal = new ParleyError('key_refused', 'not this key');
      expect(await settled(connection.connect())).toBe(server.refusal);
      expect(lost).toEqual([]);
    });

    it('rejects where the server refuses the configuration, and is closed then', async () => {
      const { server, connection, lost } = setUp();
      const connecting = settled(connection.connect());
      await turn();
      if (engine.created !== undefined) server.say(engine.created());
      const error = { type: 'invalid_request_error', code: 'invalid_value', message: 'no such thing' };
      server.say({ type: 'error', error: { ...error, param: null, event_id: null } });
      expect(await connecting).toMatchObject({
        message: expect.stringContaining('no such thing') as string,
      });
      expect([server.closedByClient, lost.length]).toEqual([1, 0]);
    });

    it('rejects where the connection is lost before it is ready', async () => {
      const { server, connection, lost } = setUp();
      const connecting = settled(connection.connect());
      await turn();
      if (engine.created !== undefined) server.say(engine.created());
      server.drop();
      expect(await connecting).toBeInstanceOf(ParleyError);
      expect(lost).toEqual([]);
    });

    it('rejects where the server says nothing for a minute', async () => {
      const { clock, server, connection, lost } = setUp();
      const connecting = settled(connection.connect());
      await turn();
      clock.advanceBy(60_000);
      expect(await connecting).toMatchObject({ retryable: true });
      expect([server.closedByClient, lost.length]).toEqual([1, 0]);
      expect(clock.nextDueMs()).toBeUndefined();
    });

    it('is closed while it opens: it rejects, and the transport that opens after that is closed', async () => {
      const { clock, server, connection, lost } = setUp();
      let open: () => void = () => undefined;
      server.gate = new Promise((resolve) => (open = resolve));
      const connecting = settled(connection.connect());
      connection.close();
      expect(await connecting).toBeInstanceOf(ParleyError);
      open();
      await turn();
      expect([server.closedByClient, lost.length]).toEqual([1, 0]);
      expect(clock.nextDueMs()).toBeUndefined();
    });

    it('that is lost says so once, with why, and sends nothing more', async () => {
      const { clock, server, connection, lost } = await ready();
      const sent = server.sent.length;
      server.drop();
      server.drop();
      server.say(engine.updated());
      connection.finish(true);
      clock.advanceBy(60_000);
      expect(lost).toHaveLength(1);
      expect(connection.failure).toBe(lost[0]);
      expect(server.sent).toHaveLength(sent);
    });

    it('a fatal error of the server is a loss', async () => {
      const { server, connection, lost } = await ready();
      const error = {
        type: 'invalid_request_error',
        code: 'session_expired',
        message: 'the session is over',
      };
      server.say({ type: 'error', error: { ...error, param: null, event_id: null } });
      expect(lost).toHaveLength(1);
      expect(connection.failure).toBe(lost[0]);
      expect(server.closedByClient).toBe(1);
    });

    it('that is closed says nothing of it, and may be closed again', async () => {
      const { clock, server, connection, lost, finished } = await ready();
      connection.close();
      connection.close();
      server.drop();
      clock.advanceBy(60_000);
      expect([server.closedByClient, lost.length, finished()]).toEqual([1, 0, 0]);
      expect(connection.failure).toBeUndefined();
      expect(clock.nextDueMs()).toBeUndefined();
    });

    it('that has nothing open is finished soon, once', async () => {
      const { clock, server, connection, lost, finished } = await ready();
      connection.finish(true);
      if (engine.closed !== undefined) server.say(engine.closed);
      expect([finished(), lost.length]).toEqual([1, 0]);
      connection.close();
      clock.advanceBy(60_000);
      expect([finished(), lost.length]).toEqual([1, 0]);
    });

    it('what cannot be understood is counted, and harms nothing', async () => {
      const { server, counters, connection, lost } = await ready();
      server.sayText('{"type":');
      server.say({ type: 'session.something_new', value: 1 });
      expect([counters.malformedEvents, counters.unknownEvents]).toEqual([1, 1]);
      expect([lost.length, connection.failure]).toEqual([0, undefined]);
      connection.close();
    });
  });
}
