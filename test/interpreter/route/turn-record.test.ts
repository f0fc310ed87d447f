/** The record of a turn is up to date before anybody hears of it, in whatever order they listen. */
import { expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { InterpreterRoute } from '../../../src/interpreter/route/route.js';
import { TurnRecords } from '../../../src/interpreter/route/turn-record.js';
import { connected } from '../../realtime/session-fixture.js';

await loadResampler();

it('is written before it is emitted, and so is the same for every listener', async () => {
  const { session, server } = await connected();
  const route = new InterpreterRoute({ speakerId: 'ana', session, voice: undefined });
  const seen: string[] = [];
  for (const listener of ['first', 'second']) {
    route.events.on('translationTranscript', ({ turnId, text }) => {
      seen.push(`${listener} ${text}: ${route.turn(turnId)?.translatedText}`);
    });
    route.events.on('turnDone', ({ turnId, outcome }) => {
      seen.push(`${listener} ${outcome}: ${route.turn(turnId)?.outcome}`);
    });
  }
  server.connection.turn('a');
  server.connection.respond('r', 'a', 'out', 20, 'good morning');
  expect(seen.slice(0, 2)).toEqual(['first good morning: good morning', 'second good morning: good morning']);
  expect(seen.slice(-2)).toEqual(['first completed: completed', 'second completed: completed']);
});

it('is written although a listener throws, which the session reports', async () => {
  const reported: string[] = [];
  const { session, server } = await connected({}, {}, 'maria', (error) => reported.push(String(error)));
  const route = new InterpreterRoute({ speakerId: 'ana', session, voice: undefined });
  for (const name of ['one', 'two']) {
    route.events.on('turnDone', () => {
      throw new Error(name);
    });
  }
  server.connection.turn('a');
  server.connection.respond('r', 'a', 'out', 20, 'good morning');
  expect(route.turns).toMatchObject([{ translatedText: 'good morning', outcome: 'completed' }]);
  expect(reported).toEqual(['AggregateError: listeners of a route threw']);
});

it('is forgotten once ten thousand others have begun', () => {
  const records = new TurnRecords();
  for (let n = 0; n <= 10_000; n++) records.bounded(`t${n}`, n, n);
  expect(records.all).toHaveLength(10_000);
  expect(records.get('t0')).toBeUndefined();
  expect(records.get('t1')).toMatchObject({ turnId: 't1', startMs: 1, sourceText: '', sourceFinal: false });
});
