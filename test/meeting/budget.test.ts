/** Meetings that have a budget: what is spent is told, and what follows costs less, or nothing. */
import { afterEach, describe, expect, it } from 'vitest';
import { withOwnPrices } from '../../src/cost/prices.js';
import { budgetNotice, type BudgetPolicy } from '../../src/cost/spending.js';
import { MeetingWorld } from './meeting-world.js';

/** A dollar for every second that is spoken; the rest is free. */
const PRICES = withOwnPrices(
  {
    date: '2027-01-02',
    models: {
      'test-translate': { perAudioMinute: 0 },
      test: {
        perMillionTokens: {
          ...{ textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0 },
          audioOut: 1e6 / 20,
        },
      },
      'gpt-realtime-whisper': {
        perMillionTokens: {
          ...{ textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 0 },
        },
      },
    },
  },
  'prices of the test',
);

let world: MeetingWorld;
afterEach(async () => {
  await world.close();
  for (const id of world.hall.participants.keys()) world.hall.remove(id, { kind: 'asked', message: 'over' });
  expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
});

const read: Record<string, string[]> = {};
async function open(budgetUsd: number, policy: BudgetPolicy): Promise<void> {
  world = await MeetingWorld.open({ budgetUsd, budgetPolicy: policy }, { prices: PRICES });
  for (const [id, language] of [
    ['ana', 'es'],
    ['bob', 'en'],
  ] as const) {
    read[id] = [];
    world.join(id, language).subscribe(`PARLEY_CAPTIONS_${language}`, ({ text, payload }) => {
      if (payload['interruption'] !== undefined) read[id]!.push(text);
    });
  }
}
const cost = () => world.bot.status().cost!;
const notices = () => world.emitted.notice.map(({ kind, message }) => `${kind}: ${message}`);

describe('a budget', () => {
  it('is told at 80 %, and once it is spent translations are written only, in sessions that go on', async () => {
    await open(5, 'captions'); // these phrases are spoken for 2.2, 2.6 and 2.2 s
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(notices()).toEqual([]);
    await world.say('ana', 'es', 'can-you-hear-me');
    await world.pass(6_000);
    expect(notices()).toEqual([
      expect.stringMatching(
        /^budget: \$4\.\d\d of the budget of \$5\.00 are spent, by the prices of 2027-01-02: when all of it is, translations continue as captions only/,
      ),
    ]);
    await world.say('ana', 'es', 'see-you-next-week');
    await world.pass(6_000);
    expect(notices().slice(1)).toEqual([expect.stringMatching(/: translations continue as captions only/)]);
    expect(read).toEqual({
      ana: ['Desde ahora las traducciones se escriben y no se pronuncian.'],
      bob: ['From now on translations are written, not spoken.'],
    });
    const spent = cost();
    await world.say('ana', 'es', 'send-the-report');
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(8_000);
    expect(
      world
        .finals()
        .slice(-2)
        .map(({ translatedText, mark }) => [translatedText, mark]),
    ).toEqual([
      [world.rendering('en', 'send-the-report').text, undefined],
      [world.rendering('es', 'the-meeting-starts').text, undefined],
    ]);
    expect(world.heardTexts()).toEqual([
      'en:where-is-the-station',
      'en:can-you-hear-me',
      'en:see-you-next-week',
    ]);
    expect(cost().responses).toBe(spent.responses + 2);
    expect(cost().usd).toBe(spent.usd); // nothing more is spoken, nothing of it billed
    expect(world.sessions).toHaveLength(2); // Ana's session is the one that it was
    await expect(world.whilePassing(world.bot.say('Hello', ['en']))).resolves.toMatchObject([
      { fate: 'captions_only' },
    ]);
    expect(cost().usd).toBe(spent.usd);
  });

  it('ends the meeting where that is the policy: everyone is told, and what was being said is finished', async () => {
    await open(1, 'stop');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    expect(notices()).toEqual([
      expect.stringMatching(/^budget: \$2\.\d\d of the budget of \$1\.00 are spent, .*: interpreting ends$/),
    ]);
    expect(world.emitted.ending).toEqual(['the budget of $1.00 is spent']);
    expect(read['bob']).toEqual(['The interpretation of this meeting ends here.']);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
    expect(world.room.state.kind).toBe('left');
    expect(world.openSessions).toBe(0);
  });

  it('moves what the continuous engine interprets to written sessions of the other, in the next pause', async () => {
    world = await MeetingWorld.open(
      { budgetUsd: 0.01, engine: 'translate', announcement: true },
      { prices: PRICES },
    );
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    expect(world.sessions.filter(({ route }) => route !== undefined).map(({ engine }) => engine)).toEqual([
      'translate',
    ]);
    expect(world.metric('budget_state')).toBe(2); // spent, by what was announced
    await world.pass(20_000);
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(8_000);
    expect(world.sessions.at(-1)).toMatchObject({
      engine: 'conversation',
      route: { speakerId: 'ana', to: 'en' },
    });
    expect(world.finals().at(-1)?.translatedText).toBe(world.rendering('en', 'send-the-report').text);
    expect(world.heardTexts()).not.toContain('en:send-the-report');
  });

  it('says what it does not know', () => {
    const { message } = budgetNotice(
      'near',
      { usd: 0.016, unpriced: 3 },
      { budgetUsd: 0.02, pricesDate: '2027-01-02' },
      'stop',
    );
    expect(message).toBe(
      '$0.0160 of the budget of $0.0200 are spent, by the prices of 2027-01-02 (3 uses of models without a known price are not in it): when all of it is, interpreting ends',
    );
  });
});
