import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CutItem } from '../../../src/realtime/session.js';
import {
  FRAME_SAMPLES,
  OutputChannel,
  type ChannelClient,
} from '../../../src/interpreter/playback/output-channel.js';
import { talk } from '../interpreter-fixture.js';

function client(speakerId: string) {
  const calls: string[] = [];
  const cuts: CutItem[] = [];
  const self: ChannelClient = {
    speakerId,
    onStarted: (id, atMs) => calls.push(`started ${id} ${atMs}`),
    onAudible: (id, atMs) => calls.push(`audible ${id} ${atMs}`),
    onFinished: (id, atMs) => calls.push(`finished ${id} ${atMs}`),
    onCut: (items, untilMs, why) => {
      calls.push(`cut ${items.map(({ outputId }) => outputId).join('+')} ${untilMs} ${why}`);
      cuts.push(...items);
    },
    onHold: (hold) => calls.push(`hold ${hold}`),
    onHurry: (hurry) => calls.push(`hurry ${hurry}`),
  };
  return { ...self, calls, cuts };
}

/** A turn for each item. */
const turnOf = (outputId: string, endMs = 0) => ({ turnId: `turn of ${outputId}`, endMs });
const loud = (ms: number) => new Int16Array(ms * 48).fill(5_000);
const out = new Int16Array(FRAME_SAMPLES);

describe('voice', () => {
  it('tells when each item starts, is audible and is over, in the meeting’s time', () => {
    const voice = new OutputChannel({ bargeIn: 'off' });
    const maria = client('maria');
    voice.join(maria);
    voice.say(maria, turnOf('a'), 'a', new Int16Array(480)); // 10 ms of silence, then sound
    voice.say(maria, turnOf('a'), 'a', loud(15));
    voice.end('a');
    voice.say(maria, turnOf('b'), 'b', loud(5));
    voice.end('b');
    expect([voice.idle, voice.pendingMs]).toEqual([false, 30]);
    for (let atMs = 1_000; atMs < 1_050; atMs += 10) voice.pull(out, atMs);
    expect(maria.calls).toEqual([
      'started a 1000',
      'audible a 1010',
      'finished a 1030',
      'started b 1030', // another phrase begins with a frame of its own
      'audible b 1030',
      'finished b 1040',
    ]);
    expect(voice.idle).toBe(true);
  });

  it('tells when an item was over, although that was known only later', () => {
    const voice = new OutputChannel({ bargeIn: 'off' });
    const maria = client('maria');
    voice.join(maria);
    voice.say(maria, turnOf('a'), 'a', loud(25));
    for (let atMs = 1_000; atMs < 1_700; atMs += 10) voice.pull(out, atMs);
    voice.end('a');
    voice.pull(out, 1_700);
    expect(maria.calls).toEqual(['started a 1000', 'audible a 1000', 'finished a 1030']);
  });

  it('wakes whoever pulls it when something is said to it while it is idle, and at no other time', () => {
    const voice = new OutputChannel({ bargeIn: 'off' });
    const maria = client('maria');
    let wakes = 0;
    const stop = voice.onWake(() => {
      expect(voice.idle).toBe(false);
      wakes++;
    });
    voice.expect(maria, turnOf('a'));
    voice.say(maria, turnOf('a'), 'a', new Int16Array(0));
    expect(wakes).toBe(0);
    voice.say(maria, turnOf('a'), 'a', loud(10));
    voice.say(maria, turnOf('a'), 'a', loud(10));
    voice.end('a');
    for (let atMs = 0; atMs < 100; atMs += 10) voice.pull(out, atMs);
    expect([voice.idle, wakes]).toEqual([true, 1]);
    // Nobody pulled it for an hour: what is said then is heard in the first frame.
    voice.say(maria, turnOf('b', 3_600_000), 'b', loud(10));
    expect(wakes).toBe(2);
    voice.pull(out, 3_600_000);
    expect(maria.calls.slice(-2)).toEqual(['started b 3600000', 'audible b 3600000']);
    stop();
    voice.end('b');
    voice.pull(out, 3_600_010);
    voice.say(maria, turnOf('c', 3_600_010), 'c', loud(10));
    expect(wakes).toBe(2);
  });

  it('is silent for 300 ms before another speaker’s words, for no longer, and not before the same speaker’s', () => {
    const voice = new OutputChannel({ bargeIn: 'off' });
    const [maria, noor] = [client('maria'), client('noor')];
    for (const [who, id, endMs] of [
      [maria, 'a', 1_000],
      [maria, 'b', 2_000],
      [noor, 'c', 3_000],
    ] as const) {
      voice.say(who, turnOf(id, endMs), id, loud(100));
      voice.end(id);
    }
    pullFor(voice, 0, 600);
    const starts = [...maria.calls, ...noor.calls].filter((call) => call.startsWith('started'));
    expect(starts).toEqual(['started a 0', 'started b 100', 'started c 500']);
    pullFor(voice, 600, 1_000);
    voice.say(maria, turnOf('d', 4_000), 'd', loud(100));
    pullFor(voice, 1_600, 10);
    expect(maria.calls).toContain('started d 1600'); // it has been silent for long
  });

  it('takes an item without any audio for nothing', () => {
    const voice = new OutputChannel({ bargeIn: 'any' });
    const maria = client('maria');
    voice.say(maria, turnOf('a'), 'a', new Int16Array(0));
    voice.end('a');
    expect(voice.idle).toBe(true);
    expect(voice.heard('noor', Infinity)).toBe(false);
  });

  it('clears by the speaker whose words are sounding, and tells every route its own items', () => {
    const voice = new OutputChannel({ bargeIn: 'others' });
    const maria = client('maria');
    const noor = client('noor');
    const eve = client('eve');
    voice.say(maria, turnOf('a'), 'a', loud(100));
    voice.say(noor, turnOf('b'), 'b', loud(100));
    voice.end('b');
    voice.say(eve, turnOf('c'), 'c', loud(100));
    voice.pull(out, 0);
    expect(voice.heard('maria', Infinity)).toBe(false);
    expect(voice.heard('noor', Infinity)).toBe(true);
    expect(maria.cuts).toEqual([{ outputId: 'a', playedMs: 20, heardToEnd: false }]); // the fade is heard
    expect(eve.cuts).toEqual([{ outputId: 'c', playedMs: 0, heardToEnd: false }]);
    expect(maria.calls.at(-1)).toBe('cut a 20 barge_in');
    expect(noor.cuts).toEqual([]); // her own words wait on
    voice.pull(out, 10); // the fade of a
    pullFor(voice, 20, 430);
    expect(noor.calls).toEqual(['started b 320', 'audible b 320', 'finished b 420']);
    expect(voice.idle).toBe(true);
    expect(out.every((sample) => sample === 0)).toBe(true);
  });

  it('is not idle while it fades', () => {
    const voice = new OutputChannel({ bargeIn: 'others' });
    voice.say(client('maria'), turnOf('a'), 'a', loud(100));
    voice.pull(out, 0);
    expect(voice.heard('noor', Infinity)).toBe(true);
    expect(voice.idle).toBe(false);
    voice.pull(out, 10);
    expect(out.some((sample) => sample !== 0)).toBe(true);
    expect(voice.idle).toBe(true);
    expect(voice.heard('noor', Infinity)).toBe(false);
  });

  it('plays what comes after a clear', () => {
    const voice = new OutputChannel({ bargeIn: 'any' });
    const maria = client('maria');
    voice.say(maria, turnOf('a'), 'a', loud(100));
    voice.pull(out, 0);
    voice.heard('maria', Infinity);
    voice.say(maria, turnOf('b'), 'b', loud(20));
    voice.end('b');
    for (let atMs = 10; atMs < 60; atMs += 10) voice.pull(out, atMs);
    expect(maria.calls.filter((call) => call.includes(' b '))).toEqual([
      'started b 20',
      'audible b 20',
      'finished b 40',
    ]);
  });

  it('asks all routes to hold while it is full, those that join later too, and lets go when there is room', () => {
    const voice = new OutputChannel({ bargeIn: 'off', capacityMs: 50 });
    const maria = client('maria');
    const noor = client('noor');
    const late = client('late');
    voice.join(maria);
    voice.join(noor);
    voice.say(maria, turnOf('a'), 'a', loud(49));
    expect(noor.calls).toEqual([]);
    voice.say(maria, turnOf('a'), 'a', loud(200)); // nothing inside an item is dropped
    voice.join(late);
    voice.leave(noor);
    expect([maria.calls, noor.calls, late.calls]).toEqual([['hold true'], ['hold true'], ['hold true']]);
    expect(voice.pendingMs).toBe(249);
    for (let n = 0; n < 20; n++) voice.pull(out, n * 10);
    expect(late.calls).toEqual(['hold true', 'hold false']);
    expect(noor.calls).toEqual(['hold true']);
  });

  it('lets go of a hold when it is cleared', () => {
    const voice = new OutputChannel({ bargeIn: 'any', capacityMs: 50 });
    const maria = client('maria');
    voice.join(maria);
    voice.say(maria, turnOf('a'), 'a', loud(100));
    voice.heard('noor', Infinity);
    expect(maria.calls).toEqual(['hold true', 'cut a 10 barge_in', 'hold false']);
  });

  const peak = () => out.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const pullFor = (voice: OutputChannel, fromMs: number, durationMs: number) => {
    for (let atMs = fromMs; atMs < fromMs + durationMs; atMs += 10) voice.pull(out, atMs);
  };

  it('turns down at once when somebody speaks, up again after a cough, and is cleared by speech that lasts', () => {
    const voice = new OutputChannel({ bargeIn: 'others', bargeInMinMs: 250 });
    const maria = client('maria');
    voice.say(maria, turnOf('a'), 'a', loud(3_000));
    pullFor(voice, 0, 100);
    expect(voice.heard('noor', 30)).toBe(false);
    voice.pull(out, 100);
    expect(out[0]).toBeGreaterThan(4_900); // no step
    expect(out[479]).toBeLessThan(900); // -15 dB within a frame
    expect(voice.heard('noor', 200)).toBe(false);
    voice.heard('noor', 0);
    pullFor(voice, 110, 200);
    expect(peak()).toBe(5_000);
    expect(maria.calls).toEqual(['started a 0', 'audible a 0']);
    voice.heard('noor', 30);
    pullFor(voice, 310, 220);
    expect(voice.heard('noor', 250)).toBe(true);
    expect(maria.calls.at(-1)).toBe('cut a 540 barge_in');
    voice.pull(out, 530);
    expect(peak()).toBeLessThan(900); // it fades from where it was turned down to
    voice.say(maria, turnOf('b'), 'b', loud(500));
    pullFor(voice, 540, 300);
    expect(peak()).toBe(5_000); // Noor goes on speaking; she did not begin over this
  });

  it('waits while a sound may be a backchannel, and goes on with the very next sample after it', () => {
    const voice = new OutputChannel({ bargeIn: 'others', bargeInMinMs: 500, backchannelMaxMs: 700 });
    const maria = client('maria');
    const rising = Int16Array.from({ length: 48_000 }, (_, n) => 1_000 + Math.floor(n / 48));
    voice.say(maria, turnOf('a'), 'a', rising);
    voice.end('a');
    pullFor(voice, 0, 100);
    voice.heard('noor', 500);
    voice.pull(out, 100); // fades
    expect([out[0]! > 1_000, out[479]]).toEqual([true, 0]);
    for (let atMs = 110; atMs < 400; atMs += 10) {
      voice.heard('noor', 600);
      voice.pull(out, atMs);
      expect(peak()).toBe(0);
    }
    expect([voice.holds, voice.idle]).toEqual([1, false]);
    voice.heard('noor', 0);
    pullFor(voice, 400, 200);
    expect(out[479]).toBe(1_000 + 309); // 100 ms before, 10 ms that faded, 200 ms after: nothing is left out
    pullFor(voice, 600, 1_000);
    expect(maria.calls).toEqual(['started a 0', 'audible a 0', 'finished a 1290']);
  });

  it('what waited is cut when the sound goes on, without another sound, from where it was silenced', () => {
    const voice = new OutputChannel({ bargeIn: 'others', bargeInMinMs: 500, backchannelMaxMs: 700 });
    const maria = client('maria');
    voice.say(maria, turnOf('a'), 'a', loud(3_000));
    pullFor(voice, 0, 100);
    voice.heard('noor', 500);
    pullFor(voice, 100, 290);
    expect(voice.heard('noor', 790)).toBe(true);
    expect(maria.calls.at(-1)).toBe('cut a 110 barge_in');
    expect(maria.cuts).toEqual([{ outputId: 'a', playedMs: 110, heardToEnd: false }]);
    voice.pull(out, 390);
    expect([peak(), voice.idle]).toEqual([0, true]);
  });

  it('is cleared by a short sound that turned out to be words, as the policy says', () => {
    for (const [bargeIn, speakerId, last] of [
      ['others', 'noor', 'cut a 190 barge_in'],
      ['others', 'maria', 'audible a 0'],
      ['off', 'noor', 'audible a 0'],
    ] as const) {
      const voice = new OutputChannel({ bargeIn, bargeInMinMs: 500, backchannelMaxMs: 700 });
      const maria = client('maria');
      voice.interrupt(speakerId); // it is silent: nothing gives way
      voice.say(maria, turnOf('a'), 'a', loud(3_000));
      pullFor(voice, 0, 100);
      expect(voice.heard(speakerId, 300)).toBe(false);
      voice.heard(speakerId, 0);
      pullFor(voice, 100, 80);
      voice.interrupt(speakerId);
      expect(maria.calls.at(-1)).toBe(last);
    }
  });

  it('leaves the oldest phrases to captions when the newest would wait too long, never the one being spoken', () => {
    const voice = new OutputChannel({ bargeIn: 'off', maxBacklogMs: 8_000 });
    const maria = client('maria');
    voice.say(maria, turnOf('a', 1), 'a', loud(7_000));
    voice.pull(out, 0);
    voice.say(maria, turnOf('b', 2), 'b', loud(2_000));
    expect(maria.cuts).toEqual([]);
    voice.say(maria, turnOf('c', 3), 'c', loud(3_000));
    expect(maria.calls.filter((call) => call.startsWith('cut'))).toEqual(['cut b 10 backlog']);
    expect(maria.cuts).toEqual([{ outputId: 'b', playedMs: 0, heardToEnd: false }]);
    for (const id of ['a', 'c']) voice.end(id);
    pullFor(voice, 10, 10_500);
    expect(maria.calls.filter((call) => call.startsWith('finished'))).toEqual([
      'finished a 7000',
      'finished c 10000',
    ]);
  });

  it('asks for haste while more than 4 s wait, also of those who come later', () => {
    const voice = new OutputChannel({ bargeIn: 'off', maxBacklogMs: 8_000 });
    const maria = client('maria');
    const late = client('late');
    voice.join(maria);
    voice.say(maria, turnOf('a'), 'a', loud(4_000));
    expect(maria.calls).toEqual([]);
    voice.say(maria, turnOf('a'), 'a', loud(1));
    voice.join(late);
    expect(late.calls).toEqual(['hurry true']);
    voice.pull(out, 0);
    expect(late.calls).toEqual(['hurry true', 'hurry false']);
    expect(maria.calls.filter((call) => call.startsWith('hurry'))).toEqual(['hurry true', 'hurry false']);
  });

  it('gives up a phrase whose audio stays away when another waits, and only then', () => {
    const voice = new OutputChannel({ bargeIn: 'off' });
    const maria = client('maria');
    const noor = client('noor');
    voice.say(maria, turnOf('a', 1), 'a', loud(100));
    pullFor(voice, 0, 5_000); // dry, and nobody waits
    expect(maria.cuts).toEqual([]);
    voice.say(noor, turnOf('b', 2), 'b', loud(100));
    pullFor(voice, 5_000, 1_990);
    expect([maria.cuts, noor.calls]).toEqual([[], []]);
    pullFor(voice, 6_990, 100);
    expect(maria.cuts).toEqual([{ outputId: 'a', playedMs: 100, heardToEnd: false }]);
    expect(maria.calls.at(-1)).toMatch(/^cut a \d+ stalled$/);
    expect(noor.calls[0]).toMatch(/^started b/);
  });

  it('time stands still for what waits while nobody can hear', () => {
    const voice = new OutputChannel({ bargeIn: 'off', maxBacklogMs: 8_000 });
    const maria = client('maria');
    voice.pull(out, 0);
    voice.say(maria, turnOf('a', 1), 'a', loud(100));
    voice.pull(out, 60_000); // the connection was down for a minute
    expect(maria.calls).toEqual(['started a 60000', 'audible a 60000']);
  });

  it('accounts for every item once: finished or cut, never both, never neither (property)', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('say'),
        item: fc.integer({ min: 0, max: 5 }),
        ms: fc.integer({ min: 0, max: 60 }),
      }),
      fc.record({ do: fc.constant('end'), item: fc.integer({ min: 0, max: 5 }), ms: fc.constant(0) }),
      fc.record({ do: fc.constant('pull'), item: fc.constant(0), ms: fc.integer({ min: 1, max: 8 }) }),
      fc.record({ do: fc.constant('clear'), item: fc.constant(0), ms: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const voice = new OutputChannel({ bargeIn: 'any' });
        const maria = client('maria');
        const begun = new Set<string>();
        const over = new Set<string>();
        const settle = () => {
          for (const call of maria.calls.splice(0)) {
            const [kind, ids = ''] = call.split(' ');
            if (kind !== 'finished' && kind !== 'cut') continue;
            for (const id of ids.split('+')) {
              expect(over.has(id)).toBe(false);
              over.add(id);
            }
          }
        };
        let atMs = 0;
        for (const { do: what, item, ms } of steps) {
          const id = `item_${item}`;
          if (what === 'say' && !over.has(id) && !begun.has(`ended ${id}`)) {
            voice.say(maria, turnOf(id), id, loud(ms));
            if (ms > 0) begun.add(id);
          }
          if (what === 'end' && begun.has(id)) {
            voice.end(id);
            begun.add(`ended ${id}`);
          }
          if (what === 'clear') {
            voice.heard('noor', Infinity);
            voice.heard('noor', 0);
          }
          for (let n = 0; what === 'pull' && n < ms; n++) voice.pull(out, (atMs += 10));
          settle();
        }
        for (const id of begun) voice.end(id);
        for (let n = 0; n < 1_000; n++) voice.pull(out, (atMs += 10));
        settle();
        expect(voice.idle).toBe(true);
        expect([...over].sort()).toEqual([...begun].filter((id) => id.startsWith('item')).sort());
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe('a full playout', () => {
  it('keeps further turns from being asked for, drops nothing, and goes on when there is room', async () => {
    const talking = await talk('off', ['maria'], { capacityMs: 1_000 });
    const { maria } = talking.people;
    const creates = () => maria!.connection.of('response.create').length;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.turn('b', 0, 0);
    maria!.connection.turn('c', 0, 0);
    maria!.connection.respond('r1', 'a', 'x', 3_000);
    expect(creates()).toBe(1);
    talking.play(199);
    expect(creates()).toBe(1);
    talking.play(4);
    expect(creates()).toBe(2);
    maria!.connection.respond('r2', 'b', 'y', 3_000);
    talking.play(300);
    maria!.connection.respond('r3', 'c', 'z', 500);
    talking.play(1_000);
    expect(talking.voice.idle).toBe(true);
    const soundMs = talking.heard().filter((sample) => Math.abs(sample) > 0).length / 48;
    expect(soundMs).toBeGreaterThan(6_400);
    await talking.close();
  });

  it('no longer concerns whoever speaks by another voice', async () => {
    const talking = await talk('off', ['maria'], { capacityMs: 1_000 });
    const { maria } = talking.people;
    const creates = () => maria!.connection.of('response.create').length;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.turn('b', 0, 0);
    maria!.connection.respond('r1', 'a', 'x', 3_000);
    talking.play(10);
    expect(creates()).toBe(1);
    maria!.route.useVoice(new OutputChannel({ bargeIn: 'off' }));
    talking.play(10);
    expect(creates()).toBe(2);
    await talking.close();
  });
});

describe('a voice that is gone', () => {
  it('tells everyone what was not heard, and what is said later is said by the next one', async () => {
    const talking = await talk('off', ['maria', 'noor']);
    const { maria, noor } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.turn('b', 1_000, 1_000);
    noor!.connection.turn('a', 2_000, 2_000);
    maria!.connection.respond('r1', 'a', 'x', 500);
    noor!.connection.respond('r', 'a', 'y', 500);
    talking.play(10);
    const next = new OutputChannel({ bargeIn: 'off' });
    talking.voice.silence();
    expect(talking.voice.idle).toBe(true);
    for (const { route } of [maria!, noor!]) route.useVoice(next);
    expect(maria!.route.turns[0]).toMatchObject({ interrupted: true });
    expect(maria!.route.turns[0]!.playedToMs).toBeDefined();
    expect(noor!.route.turns[0]).toMatchObject({ interrupted: true });
    expect(noor!.route.turns[0]!.playedToMs).toBeUndefined();
    maria!.connection.respond('r2', 'b', 'z', 500);
    expect(next.pendingMs).toBeGreaterThan(400);
    expect(talking.voice.idle).toBe(true);
    await talking.close();
  });
});
