import { describe, expect, it } from 'vitest';
import { BargeIn, type BargeInPolicy, clearsPlayback } from '../../../src/interpreter/playback/barge-in.js';
import { talk } from '../interpreter-fixture.js';

describe('barge-in policy', () => {
  it.each<[BargeInPolicy, string, string, boolean]>([
    ['others', 'maria', 'maria', false],
    ['others', 'noor', 'maria', true],
    ['any', 'maria', 'maria', true],
    ['any', 'noor', 'maria', true],
    ['off', 'maria', 'maria', false],
    ['off', 'noor', 'maria', false],
  ])('%s: %s starts while words of %s are spoken: %s', (policy, startedBy, spokenFor, clears) => {
    expect(clearsPlayback(policy, startedBy, spokenFor)).toBe(clears);
  });
});

describe('talking over a voice', () => {
  it('turns it down at once and clears it when it has lasted', () => {
    const bargeIn = new BargeIn({ policy: 'others', minMs: 250, backchannelMaxMs: 0 });
    expect(bargeIn.heard('noor', 30, 'maria')).toBe(false);
    expect(bargeIn.ducks('maria')).toBe(true);
    expect(bargeIn.heard('noor', 240, 'maria')).toBe(false);
    expect(bargeIn.heard('noor', 250, 'maria')).toBe(true);
  });

  it('a cough turns it down and does not clear it, nor do ten of them', () => {
    const bargeIn = new BargeIn({ policy: 'others', minMs: 250, backchannelMaxMs: 0 });
    for (let n = 0; n < 10; n++) {
      expect(bargeIn.heard('noor', 40, 'maria')).toBe(false);
      expect(bargeIn.heard('noor', 200, 'maria')).toBe(false);
      expect(bargeIn.ducks('maria')).toBe(true);
      bargeIn.heard('noor', 0, 'maria');
      expect(bargeIn.ducks('maria')).toBe(false);
    }
  });

  it('whoever was speaking before the voice began does neither', () => {
    const bargeIn = new BargeIn({ policy: 'others', minMs: 250, backchannelMaxMs: 0 });
    bargeIn.heard('noor', 30, undefined);
    expect(bargeIn.heard('noor', 5_000, 'maria')).toBe(false);
    expect(bargeIn.ducks('maria')).toBe(false);
    bargeIn.heard('noor', 0, 'maria');
    bargeIn.heard('noor', 30, 'maria');
    expect(bargeIn.ducks('maria')).toBe(true);
  });

  it('speech over one phrase goes on over the next, unless that is the speaker’s own or silence was between', () => {
    const bargeIn = new BargeIn({ policy: 'others', minMs: 250, backchannelMaxMs: 0 });
    bargeIn.heard('noor', 200, 'maria');
    expect(bargeIn.ducks('noor')).toBe(false);
    expect(bargeIn.heard('noor', 300, 'noor')).toBe(false);
    expect(bargeIn.heard('noor', 310, 'eve')).toBe(true);
    bargeIn.silent();
    expect(bargeIn.heard('noor', 900, 'eve')).toBe(false);
  });

  it('off: nobody turns anything down', () => {
    const bargeIn = new BargeIn({ policy: 'off', minMs: 0, backchannelMaxMs: 0 });
    expect(bargeIn.heard('noor', 900, 'maria')).toBe(false);
    expect(bargeIn.ducks('maria')).toBe(false);
  });

  it('any: the speaker’s own next words clear it, too', () => {
    const bargeIn = new BargeIn({ policy: 'any', minMs: 250, backchannelMaxMs: 0 });
    expect(bargeIn.heard('maria', 250, 'maria')).toBe(true);
  });
});

describe('a sound that may be a backchannel', () => {
  const open = () => new BargeIn({ policy: 'others', minMs: 500, backchannelMaxMs: 700 });

  it('of 400 ms turns the voice down, and silences nothing', () => {
    const bargeIn = open();
    for (const lastedMs of [30, 250, 490]) expect(bargeIn.heard('noor', lastedMs, 'maria')).toBe(false);
    expect([bargeIn.ducks('maria'), bargeIn.holds('maria')]).toEqual([true, false]);
    bargeIn.heard('noor', 0, 'maria');
    expect(bargeIn.ducks('maria')).toBe(false);
  });

  it('of 700 ms has the voice wait from 500 ms on, and go on when it is over', () => {
    const bargeIn = open();
    expect(bargeIn.heard('noor', 500, 'maria')).toBe(false);
    expect([bargeIn.holds('maria'), bargeIn.holds('noor')]).toEqual([true, false]);
    expect(bargeIn.heard('noor', 780, 'maria')).toBe(false); // a detector goes on for 90 ms
    bargeIn.heard('noor', 0, 'maria');
    expect(bargeIn.holds('maria')).toBe(false);
  });

  it('that goes on is an interruption', () => {
    const bargeIn = open();
    bargeIn.heard('noor', 30, 'maria');
    expect(bargeIn.heard('noor', 790, 'maria')).toBe(true);
  });
});

describe('barge-in, from a speech_started to silence', () => {
  it('takes one 10 ms frame at most, and the truncation carries the milliseconds played', async () => {
    for (const playedFrames of [1, 2, 7, 50, 123]) {
      const talking = await talk('others', ['maria', 'noor']);
      const { maria, noor } = talking.people;
      maria!.connection.turn('a', 0, 0);
      maria!.connection.responseCreated('r', 'a');
      maria!.say('r', 'out', 3_000);
      talking.play(playedFrames);
      expect(talking.isSilent()).toBe(false);
      noor!.connection.speechStarted('b');
      let frames = 0;
      talking.play(1);
      while (!talking.isSilent()) {
        frames++;
        talking.play(1);
      }
      expect(frames).toBeLessThanOrEqual(1);
      talking.play(300);
      expect(talking.isSilent()).toBe(true);
      maria!.connection.responseDone('r');
      const [truncate, ...more] = maria!.connection.of('conversation.item.truncate');
      expect(more).toEqual([]);
      expect(Math.abs(Number(truncate?.['audio_end_ms']) - playedFrames * 10)).toBeLessThanOrEqual(10);
      expect(noor!.connection.of('conversation.item.truncate')).toEqual([]);
      expect(maria!.connection.of('response.cancel')).toEqual([]);
      expect(maria!.route.turns[0]).toMatchObject({ interrupted: true, outcome: 'completed' });
      await talking.close();
    }
  });

  it('fades without a click: no step larger than the sound itself makes', async () => {
    const talking = await talk('any', ['maria']);
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r', 'a');
    maria!.say('r', 'out', 1_000);
    talking.play(20);
    const stepOf = (samples: Int16Array) =>
      samples.reduce((largest, sample, n) => {
        return n === 0 ? largest : Math.max(largest, Math.abs(sample - samples[n - 1]!));
      }, 0);
    const own = stepOf(talking.heard());
    maria!.connection.speechStarted('b');
    talking.play(5);
    expect(stepOf(talking.heard())).toBeLessThanOrEqual(own);
    await talking.close();
  });

  it('does not cut a monologue with pauses under the default policy: it is spoken whole', async () => {
    const talking = await talk('others', ['maria']);
    const { maria } = talking.people;
    for (let n = 0; n < 5; n++) {
      maria!.connection.turn(`item_${n}`, n * 1_000, n * 1_000 + 900);
      maria!.connection.respond(`resp_${n}`, `item_${n}`, `out_${n}`, 1_500);
      talking.play(60);
      maria!.connection.speechStarted(`item_${n + 1}`, (n + 1) * 1_000); // before the one before was spoken
    }
    talking.play(1_000);
    expect(talking.voice.idle).toBe(true);
    expect(maria!.connection.of('conversation.item.truncate')).toEqual([]);
    expect(maria!.route.turns.slice(0, 5).every(({ interrupted }) => !interrupted)).toBe(true);
    expect(talking.heard().filter((sample) => sample !== 0).length / 48).toBeGreaterThan(7_400);
    await talking.close();
  });

  it('never truncates what was heard to its end, nor what nothing was heard of', async () => {
    const talking = await talk('any', ['maria']);
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.turn('b', 0, 0);
    maria!.connection.respond('r1', 'a', 'out_a', 200);
    maria!.connection.respond('r2', 'b', 'out_b', 200);
    talking.play(20); // all of the first but the filter's tail
    maria!.connection.speechStarted('c');
    talking.play(30);
    expect(maria!.connection.of('conversation.item.truncate')).toEqual([]);
    expect(maria!.route.turns.map(({ playedToMs }) => playedToMs !== undefined)).toEqual([
      true,
      false,
      false,
    ]);
    await talking.close();
  });

  it('keeps captions whole', async () => {
    const talking = await talk('any', ['maria']);
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r', 'a');
    maria!.say('r', 'out', 1_000);
    maria!.connection.text('r', 'out', 'The train ');
    talking.play(10);
    maria!.connection.speechStarted('b');
    maria!.say('r', 'out', 1_000);
    maria!.connection.text('r', 'out', 'leaves at nine.');
    maria!.connection.responseDone('r');
    talking.play(200);
    expect(talking.voice.idle).toBe(true);
    expect(maria!.route.turns[0]).toMatchObject({
      translatedText: 'The train leaves at nine.',
      interrupted: true,
      outcome: 'completed',
    });
    await talking.close();
  });
});
