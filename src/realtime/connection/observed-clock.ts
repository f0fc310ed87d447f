import type { Clock } from '../../clock.js';

/** The same clock, for parts whose timers change what can be seen from outside: calls `after` behind each timer that fires. */
export function observedClock(clock: Clock, after: () => void): Clock {
  return {
    nowMs: () => clock.nowMs(),
    epochMs: () => clock.epochMs(),
    random: () => clock.random(),
    setTimer: (callback, delayMs) =>
      clock.setTimer(() => {
        callback();
        after();
      }, delayMs),
  };
}
