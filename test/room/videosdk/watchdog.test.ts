import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { NOTICE_MS, Watchdog } from '../../../src/room/videosdk/watchdog.js';

function setUp(): { clock: VirtualClock; dead: string[]; watchdog: Watchdog } {
  const clock = new VirtualClock();
  const dead: string[] = [];
  const watchdog = new Watchdog({ clock, rejoinMs: 30_000, onDead: (why) => dead.push(why) });
  watchdog.socketOpened();
  watchdog.joined();
  return { clock, dead, watchdog };
}

describe('Watchdog', () => {
  it('barks when the socket closes and the SDK says nothing', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.socketClosed();
    clock.advanceBy(NOTICE_MS - 1);
    expect(dead).toEqual([]);
    clock.advanceBy(1);
    expect(dead).toEqual(['the socket was closed without a word']);
    clock.advanceBy(1_000_000);
    expect(dead).toHaveLength(1);
  });

  it('leaves the SDK alone that noticed, however long it takes to find a socket', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.socketClosed();
    watchdog.reconnecting();
    clock.advanceBy(1_000_000);
    expect(dead).toEqual([]);
  });

  it('notices in either order: the SDK may speak before its socket is closed', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.reconnecting();
    watchdog.socketClosed();
    clock.advanceBy(1_000_000);
    expect(dead).toEqual([]);
  });

  it('barks when the socket is back and the meeting is not joined on it', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.socketClosed();
    watchdog.reconnecting();
    clock.advanceBy(20_000);
    watchdog.socketOpened();
    clock.advanceBy(29_999);
    expect(dead).toEqual([]);
    clock.advanceBy(1);
    expect(dead).toEqual(['the socket is back, but the meeting was not joined again']);
  });

  it('is content when the meeting is joined again, and watches on', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.socketClosed();
    watchdog.reconnecting();
    watchdog.socketOpened();
    watchdog.joined();
    clock.advanceBy(1_000_000);
    expect(dead).toEqual([]);
    watchdog.socketClosed();
    clock.advanceBy(NOTICE_MS);
    expect(dead).toHaveLength(1);
  });

  it('does not mind an old socket that closes after the new one opened', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.reconnecting();
    watchdog.socketOpened();
    watchdog.joined();
    watchdog.socketClosed();
    clock.advanceBy(1_000_000);
    expect(dead).toEqual([]);
  });

  it('is silent once stopped', () => {
    const { clock, dead, watchdog } = setUp();
    watchdog.socketClosed();
    watchdog.stop();
    watchdog.socketOpened();
    watchdog.socketClosed();
    clock.advanceBy(1_000_000);
    expect(dead).toEqual([]);
  });
});
