import { expect, it } from 'vitest';
import { SessionLifecycle } from '../../../src/realtime/connection/session-lifecycle.js';

it('a listener of a session that throws is counted and told, and the session goes on', () => {
  const errors: string[] = [];
  const life = new SessionLifecycle((error, event) => errors.push(`${event}: ${String(error)}`));
  const seen: string[] = [];
  life.events.on('state', () => {
    throw new Error('broken');
  });
  life.events.on('state', ({ kind }) => seen.push(kind));
  life.become({ kind: 'ready' });
  expect(life.counters.listenerErrors).toBe(1);
  expect(errors).toEqual(['state: Error: broken']);
  expect([seen, life.state.kind]).toEqual([['ready'], 'ready']);
});
