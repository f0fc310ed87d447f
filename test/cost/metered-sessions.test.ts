import { expect, it } from 'vitest';
import { phraseOf } from '../../src/cli/views/phrases.js';
import { EventFeed } from '../../src/bot/event-feed.js';
import { type JoinEvent, joinEventSchema } from '../../src/bot/events.js';
import { VirtualClock } from '../../src/clock.js';
import { CostMeter } from '../../src/cost/cost-meter.js';
import { LIST_PRICES } from '../../src/cost/prices.js';
import type { RouteSpec } from '../../src/interpreter/plan/routes.js';
import { metered } from '../../src/meeting/open-session.js';
import { ScriptedSession } from '../meeting/scripted-session.js';
import { makeSession } from '../realtime/session-fixture.js';

const MODELS = { conversation: 'gpt-realtime-2.1', translate: 'gpt-realtime-translate' };

it('a session of the translate engine is billed by its own model', () => {
  const session = new ScriptedSession();
  const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: undefined });
  const route = { speakerId: 'lucia', to: 'en' } as RouteSpec;
  metered(() => session, meter, MODELS)({ name: 'l', route, instructions: '', engine: 'translate' });
  session.events.emit('usage', { kind: 'translation', audioMs: 600_000 });
  expect(meter.total).toMatchObject({ audioMs: 600_000, unpriced: 0 });
  expect(meter.total.usd).toBeCloseTo(0.34);
});

it('a session tells its meter what it uses by its route, and the end of a meeting says what it cost', async () => {
  const { session, server } = makeSession();
  const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: undefined });
  const open = metered(() => session, meter, MODELS);
  const route = { speakerId: 'lucia', to: 'en' } as RouteSpec;
  await open({ name: 'maria', route, instructions: '', engine: 'conversation' }).connect();
  const { connection } = server;
  connection.turn('in_1');
  connection.responseCreated('r_1', 'in_1');
  const usage = { output_tokens: 31_250, output_token_details: { audio_tokens: 31_250 } };
  const done = { type: 'response.done', response: { id: 'r_1', status: 'completed', usage } };
  connection.say(done);
  connection.say(done); // told twice, billed once
  connection.say({
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: 'in_1',
    content_index: 0,
    transcript: 'hola',
    usage: { type: 'duration', seconds: 60 },
  });
  expect([...meter.routes.keys()]).toEqual(['lucia > en']);
  expect(meter.total.usd).toBeCloseTo(2.017);

  const events: JoinEvent[] = [];
  const sink = {
    show: (event: JoinEvent) => events.push(joinEventSchema.parse(event)),
    level: () => undefined,
  };
  const teller = new EventFeed({ clock: new VirtualClock(), sink, meter });
  teller.ended({ kind: 'asked', message: 'stopped' }, undefined);
  expect(events[0]).toMatchObject({ cost: { usd: 2.017, responses: 1, audioMs: 60_000, unpriced: 0 } });
  expect(phraseOf(events[0]!, String)).toMatch(/; about \$2\.02, by list prices$/);
});
