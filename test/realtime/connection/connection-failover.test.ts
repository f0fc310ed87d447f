/** The failover alone, over connections that the test plays: which one is current, and what its engine hears of it. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { EventEmitter } from '../../../src/events.js';
import { ConnectionFailover } from '../../../src/realtime/connection/connection-failover.js';
import type {
  ConnectionEvents,
  FailoverConnection,
  FailoverPolicy,
} from '../../../src/realtime/connection/failover-policy.js';
import { closedWhileConnecting } from '../../../src/realtime/connection/session-failures.js';
import { newSessionCounters } from '../../../src/realtime/session-counters.js';
import type { SessionEvents } from '../../../src/realtime/session.js';
import { turns } from '../session-fixture.js';

const LOST = new ParleyError('service_unavailable', 'lost', { retryable: true });
const REFUSED = new ParleyError('key_refused', 'refused');

class PlayedConnection implements FailoverConnection {
  failure: ParleyError | undefined;
  lifetime: { leaveFromMs: number; leaveByMs: number } | undefined;
  finishedAs: 'last' | 'one of several' | undefined;
  closed = false;
  #connecting: { resolve: () => void; reject: (error: ParleyError) => void } | undefined;

  readonly events: ConnectionEvents;

  constructor(events: ConnectionEvents) {
    this.events = events;
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#connecting = { resolve, reject };
    });
  }

  async ready(): Promise<void> {
    this.#connecting?.resolve();
    await turns(1);
  }

  async refuse(error: ParleyError): Promise<void> {
    this.#connecting?.reject(error);
    await turns(1);
  }

  lose(error = LOST): void {
    this.failure = error;
    this.events.lost(error);
  }

  finish(last: boolean): void {
    this.finishedAs = last ? 'last' : 'one of several';
  }

  close(): void {
    this.closed = true;
    this.#connecting?.reject(closedWhileConnecting());
  }
}

function play(options: { patienceMs?: number; leaveFromMs?: number } = {}) {
  const clock = new VirtualClock();
  const events = new EventEmitter<SessionEvents>();
  const counters = newSessionCounters();
  const notices: string[] = [];
  const log: string[] = [];
  const made: PlayedConnection[] = [];
  const number = (connection: PlayedConnection): number => made.indexOf(connection) + 1;
  const mood = { moveInMs: Infinity, awaits: true };
  events.on('notice', ({ message }) => notices.push(message));
  const policy: FailoverPolicy<PlayedConnection> = {
    get awaitsConnection() {
      return mood.awaits;
    },
    create: (connectionEvents) => {
      const connection = new PlayedConnection(connectionEvents);
      const { leaveFromMs } = options;
      if (leaveFromMs !== undefined) {
        const nowMs = clock.nowMs();
        connection.lifetime = { leaveFromMs: nowMs + leaveFromMs, leaveByMs: nowMs + leaveFromMs + 10_000 };
      }
      made.push(connection);
      return connection;
    },
    moveInMs: () => mood.moveInMs,
    moved: (from, to, { expired }) =>
      log.push(`moved ${number(from)}>${number(to)}${expired ? ' expired' : ''}`),
    retired: (error) => log.push(`retired${error === undefined ? '' : ` ${error.message}`}`),
    lost: (connection) => log.push(`lost ${number(connection)}`),
    reconnecting: () => log.push('reconnecting'),
    recovered: (connection, { goneMs }) =>
      log.push(`recovered ${number(connection)} after ${Math.round(goneMs)}`),
    notReplaced: () => log.push('not replaced'),
    abandoned: () => log.push('abandoned'),
    failed: (error) => log.push(`failed ${error.message}`),
    finished: () => log.push('finished'),
  };
  const { patienceMs = 0 } = options;
  const failover = new ConnectionFailover({ clock, events, counters, patienceMs, policy });
  const connecting = failover.connect().then(
    () => 'connected',
    (error: unknown) => (error as Error).message,
  );
  return { clock, counters, notices, log, made, mood, failover, connecting };
}

async function ready(options: Parameters<typeof play>[0] = {}) {
  const played = play(options);
  await played.made[0]!.ready();
  return played;
}

describe('the first connection', () => {
  it('takes what is said from the beginning, and is not tried again without patience', async () => {
    const { failover, made, connecting, log, clock } = play();
    expect(failover.current).toBe(made[0]);
    await made[0]!.refuse(LOST);
    expect(await connecting).toBe('lost');
    expect(log).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('is tried again for as long as its session is patient', async () => {
    const { made, connecting, log, clock } = play({ patienceMs: 1_000 });
    await made[0]!.refuse(LOST);
    expect(log).toEqual(['lost 1', 'reconnecting']);
    clock.advanceBy(600);
    await made[1]!.ready();
    expect(await connecting).toBe('connected');
    expect(log.slice(2)).toEqual([expect.stringMatching(/^recovered 2 after \d+$/)]);
  });

  it('is given up where trying again does not help', async () => {
    const { made, connecting, log, clock } = play({ patienceMs: 60_000 });
    await made[0]!.refuse(LOST);
    clock.advanceBy(600);
    await made[1]!.refuse(REFUSED);
    expect(log.at(-1)).toBe('failed refused');
    expect(clock.nextDueMs()).toBeUndefined();
    void connecting;
  });
});

describe('a connection that is lost', () => {
  it('is replaced at once, or by the one on standby', async () => {
    const { made, failover, log, clock, counters } = await ready();
    made[0]!.lose();
    expect(failover.current).toBeUndefined();
    clock.advanceBy(0);
    await made[1]!.ready();
    failover.replace();
    await made[2]!.ready();
    expect([failover.current, failover.standby]).toEqual([made[1], made[2]]);
    made[1]!.lose();
    expect(failover.current).toBe(made[2]);
    expect(log.filter((line) => !line.startsWith('recovered'))).toEqual([
      'lost 1',
      'reconnecting',
      'lost 2',
      'reconnecting',
    ]);
    expect(counters.reconnects).toBe(2);
  });

  it('ends all of it where that cannot help', async () => {
    const { made, log, clock } = await ready();
    made[0]!.lose(REFUSED);
    expect(log).toEqual(['lost 1', 'failed refused']);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});

describe('a session that expires', () => {
  it('moves when its engine may, and the old connection completes what was said', async () => {
    const { made, mood, failover, log, clock, counters } = await ready({ leaveFromMs: 60_000 });
    clock.advanceBy(60_000);
    await made[1]!.ready();
    mood.moveInMs = 0;
    made[0]!.events.changed();
    expect([failover.current, failover.previous]).toEqual([made[1], made[0]]);
    expect(made[0]!.finishedAs).toBe('one of several');
    made[0]!.events.finished();
    expect(made[0]!.closed).toBe(true);
    expect(log).toEqual(['moved 1>2', 'retired']);
    expect(counters.rotations).toBe(1);
  });

  it('is asked again when its engine says so, and left wherever the speaker is when its time is over', async () => {
    const { made, mood, log, clock } = await ready({ leaveFromMs: 60_000 });
    mood.moveInMs = 300;
    clock.advanceBy(60_000);
    await made[1]!.ready();
    clock.advanceBy(9_999);
    expect(log).toEqual([]);
    clock.advanceBy(1);
    expect(log).toEqual(['moved 1>2 expired']);
  });

  it('that cannot be replaced says so once, and is tried again', async () => {
    const { made, notices, log, clock } = await ready({ leaveFromMs: 60_000 });
    clock.advanceBy(60_000);
    await made[1]!.refuse(LOST);
    clock.advanceBy(1_000);
    await made[2]!.refuse(LOST);
    clock.advanceBy(2_000);
    expect(made).toHaveLength(4);
    expect(log).toEqual(['not replaced', 'not replaced']);
    expect(notices).toEqual(['the session will expire, and no other could be opened: lost']);
  });
});

describe('finishing', () => {
  it('waits for the current connection and for the one before', async () => {
    const { made, mood, failover, log } = await ready();
    failover.replace();
    mood.moveInMs = 0;
    await made[1]!.ready();
    failover.finish();
    expect(made[1]!.finishedAs).toBe('last');
    made[1]!.events.finished();
    expect(log).not.toContain('finished');
    made[0]!.events.finished();
    expect(log.at(-1)).toBe('finished');
  });

  it('in an outage goes on until what was said is translated, although the connection before has finished', async () => {
    const { made, mood, failover, log, clock } = await ready();
    failover.replace();
    mood.moveInMs = 0;
    await made[1]!.ready();
    made[1]!.lose();
    failover.finish();
    made[0]!.events.finished();
    expect(log).not.toContain('finished');
    clock.advanceBy(0);
    await made[2]!.ready();
    expect(made[2]!.finishedAs).toBe('last');
    made[2]!.events.finished();
    expect(log.at(-1)).toBe('finished');
  });

  it('in an outage ends at once where nothing waits', async () => {
    const { made, mood, failover, log, clock } = await ready();
    made[0]!.lose();
    mood.awaits = false;
    failover.finish();
    expect(log.at(-1)).toBe('finished');
    failover.close();
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('abandons what is left when the last connection is lost', async () => {
    const { made, failover, log } = await ready();
    failover.finish();
    made[0]!.lose();
    expect(log).toEqual(['lost 1', 'abandoned', 'finished']);
  });
});
