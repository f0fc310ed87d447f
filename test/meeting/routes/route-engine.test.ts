import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import type { EngineChoice } from '../../../src/interpreter/plan/engine.js';
import { RouteEngine } from '../../../src/meeting/routes/route-engine.js';
import { contentRefused } from '../../../src/realtime/connection/session-failures.js';
import { spanishRoute } from '../spanish-route.js';

const SPEC = spanishRoute('ana', 'en', ['bob']);
const failure = (retryable: boolean, code: 'service_unavailable' | 'key_refused' = 'service_unavailable') =>
  new ParleyError(code, 'the connection broke', { retryable });

function engineOf(asked: EngineChoice = 'translate') {
  const clock = new VirtualClock();
  const engine = new RouteEngine(clock, { asked, missing: new Map() });
  return { clock, engine, chosen: () => engine.decide(SPEC, []).engine };
}

describe('the engine of a route as it goes', () => {
  it('gives way to the other one after three failures in a row, for ten minutes', () => {
    const { clock, engine, chosen } = engineOf();
    engine.failed('translate', failure(true));
    engine.failed('translate', failure(true));
    expect(chosen()).toBe('translate');
    engine.failed('translate'); // of a translation
    expect(engine.decide(SPEC, [])).toEqual({
      engine: 'conversation',
      reason: 'the translate engine failed 3 times in a row',
      insteadOf: 'translate',
    });
    clock.advanceBy(599_990);
    expect(chosen()).toBe('conversation');
    clock.advanceBy(10);
    expect(chosen()).toBe('translate');
    engine.failed('translate', failure(true)); // it has not got better
    expect(chosen()).toBe('conversation');
  });

  it('a translation in between begins the count anew', () => {
    const { engine, chosen } = engineOf('conversation');
    for (let n = 0; n < 10; n++) {
      engine.failed('conversation', failure(true));
      engine.failed('conversation', failure(true));
      engine.worked('conversation');
    }
    expect(chosen()).toBe('conversation');
  });

  it('gives way at once where trying again cannot help, and says why', () => {
    const { engine } = engineOf();
    engine.failed('translate', failure(false));
    expect(engine.decide(SPEC, [])).toMatchObject({
      engine: 'conversation',
      reason: 'the translate engine does not work here: the connection broke',
    });
  });

  it('gives way at once where no session could be opened', () => {
    const { engine } = engineOf();
    engine.failed('translate', failure(true), true);
    expect(engine.decide(SPEC, []).reason).toBe(
      'the translate engine cannot be reached: the connection broke',
    );
    expect([engine.isLeftAlone('translate'), engine.isLeftAlone('conversation')]).toEqual([true, false]);
  });

  it('stays where the key is refused, which the other one would be told too', () => {
    const { engine, chosen } = engineOf();
    for (let n = 0; n < 5; n++) engine.failed('translate', failure(false, 'key_refused'));
    expect(chosen()).toBe('translate');
  });

  it.each([
    [
      'content that was refused twice in a row',
      contentRefused(true),
      false,
      /does not work here.*twice in a row/,
    ],
    [
      'an account whose sessions are all in use, for longer than speech can wait',
      failure(true),
      true,
      /cannot be reached/,
    ],
    ['a key that is for other sessions only', failure(false, 'key_refused'), true, /does not work here/],
  ])('live sessions give way to another engine: %s', (_, error, neverOpened, why) => {
    const { engine } = engineOf('live');
    expect(engine.decide(SPEC, []).engine).toBe('live');
    engine.failed('live', contentRefused(false)); // once alone, it is opened again
    expect(engine.decide(SPEC, []).engine).toBe('live');
    engine.failed('live', error, neverOpened);
    const decision = engine.decide(SPEC, []);
    expect(decision).toMatchObject({ engine: 'translate', insteadOf: 'live' });
    expect(decision.reason).toMatch(why);
  });

  it('stays where both fail', () => {
    const { engine, chosen } = engineOf();
    engine.failed('translate', failure(false));
    engine.failed('conversation', failure(false));
    expect(chosen()).toBe('translate');
  });
});
