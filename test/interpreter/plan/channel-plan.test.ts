import { describe, expect, it } from 'vitest';
import {
  MAX_CHANNELS,
  planChannels,
  type ChannelPlanInput,
} from '../../../src/interpreter/plan/channel-plan.js';

/** `es:2 en:1`. */
const needs = (text: string) =>
  text.split(' ').map((word) => {
    const [to = '', count] = word.split(':');
    return { to, listenerCount: Number(count) };
  });
const plan = (input: Partial<ChannelPlanInput>) =>
  planChannels({
    mode: 'auto',
    voiceLanguages: undefined,
    canPublish: true,
    needs: [],
    withoutChannels: [],
    failed: [],
    spoken: [],
    ...input,
  });

describe('how the interpreter speaks', () => {
  it('auto: a voice per language where every app plays one channel and tokens can be made', () => {
    expect(plan({ needs: needs('es:2 en:1 de:1') })).toEqual({
      kind: 'per_language',
      spoken: ['de', 'en', 'es'],
      unspoken: [],
    });
  });

  it.each<[string, Partial<ChannelPlanInput>, string]>([
    [
      'one app does not say that it can',
      { withoutChannels: ['Bob'] },
      'there is one shared voice, since Bob’s app does not declare per-language playback (metaData.parley.channels), and it speaks the two most needed languages',
    ],
    [
      'several do not',
      { withoutChannels: ['Bob', 'Eve'] },
      'there is one shared voice, since 2 participants’ apps do not declare per-language playback (metaData.parley.channels), and it speaks the two most needed languages',
    ],
    [
      'no tokens can be made',
      { canPublish: false },
      'there is one shared voice, since this token cannot make others, and it speaks the two most needed languages',
    ],
    [
      'a voice could not join',
      { failed: ['de'] },
      'there is one shared voice, since the voice of Deutsch could not join, and it speaks the two most needed languages',
    ],
    [
      'it is asked for',
      { mode: 'one' },
      'there is one shared voice, and it speaks the two most needed languages',
    ],
  ])('one voice where %s: the two most needed languages, and why', (_what, input, why) => {
    expect(plan({ needs: needs('es:2 en:1 de:3'), ...input })).toEqual({
      kind: 'one',
      spoken: ['de', 'es'],
      unspoken: ['en'],
      why,
    });
  });

  it('one voice with no more than two languages leaves nothing out and needs no reason', () => {
    expect(plan({ mode: 'one', needs: needs('es:1 en:1') })).toEqual({
      kind: 'one',
      spoken: ['en', 'es'],
      unspoken: [],
    });
  });

  it('of languages needed as much the one that is spoken already stays', () => {
    expect(plan({ mode: 'one', needs: needs('de:1 en:1 es:1'), spoken: ['en', 'es'] }).spoken).toEqual([
      'en',
      'es',
    ]);
    expect(plan({ mode: 'one', needs: needs('de:2 en:1 es:1'), spoken: ['en', 'es'] }).spoken).toEqual([
      'de',
      'en',
    ]);
  });

  it('the languages of the one voice can be named: as many as are named, by spoken language', () => {
    const named = plan({
      mode: 'one',
      needs: needs('de:1 en-GB:1 es:1 fr:9'),
      voiceLanguages: ['en', 'es', 'de'],
    });
    expect(named).toMatchObject({ spoken: ['de', 'en-GB', 'es'], unspoken: ['fr'] });
    expect(named.why).toBe('there is one shared voice, and it speaks English and español and Deutsch');
  });

  it('per-language is taken at its word, whatever apps say; what cannot join is read', () => {
    const apart = plan({
      mode: 'per-language',
      needs: needs('es:1 en:1'),
      withoutChannels: ['Bob'],
      failed: ['es'],
    });
    expect(apart).toEqual({
      kind: 'per_language',
      spoken: ['en'],
      unspoken: ['es'],
      why: 'the voice of español could not join',
    });
  });

  it('publishes a bounded number of voices', () => {
    const many = Array.from({ length: MAX_CHANNELS + 3 }, (_, n) => `a${String.fromCharCode(97 + n)}`);
    const apart = plan({ needs: many.map((to, n) => ({ to, listenerCount: 1 + n })) });
    expect(apart.spoken).toHaveLength(MAX_CHANNELS);
    expect(apart.unspoken).toEqual(many.slice(0, 3));
    expect(apart.why).toBe(`there are ${MAX_CHANNELS} voices at most`);
  });
});
