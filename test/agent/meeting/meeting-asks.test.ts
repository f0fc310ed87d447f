import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { AskPace, writtenAsk } from '../../../src/agent/meeting/meeting-asks.js';

const message = (topic: string, text: string, payload: Readonly<Record<string, unknown>> = {}) => ({
  ...{ topic, text, payload, senderId: 'ana' },
});

describe('the chat', () => {
  it.each([
    ['@Parley what did Bob say?', 'Parley', 'what did Bob say?'],
    ['@parley, what did Bob say?', 'Parley', 'what did Bob say?'],
    ['  @ PARLEY: hello', 'Parley', 'hello'],
    ['＠パーリー、何時ですか', 'Parley', '何時ですか'],
    ['@Алба что сказал Боб?', 'Алба', 'что сказал Боб?'],
    ['@Parley', 'Parley', ''],
    ['@Parleys are talks', 'Parley', undefined],
    ['Parley what did Bob say?', 'Parley', undefined],
    ['@Bob what did Parley say?', 'Parley', undefined],
    ['', 'Parley', undefined],
  ])('%s', (text, name, asked) => {
    expect(writtenAsk(message('CHAT', text), name)?.text).toBe(asked);
  });
});

describe('the topic of its own', () => {
  it('takes the text, or a payload with a language; what is no language is left out', () => {
    expect(writtenAsk(message('PARLEY_ASK', 'when?'), 'Parley')).toEqual({
      ...{ senderId: 'ana', how: 'message', text: 'when?', language: undefined },
    });
    const asked = message('PARLEY_ASK', '', { text: 'when?', language: 'pt-BR' });
    expect(writtenAsk(asked, 'Parley')).toMatchObject({ text: 'when?', language: 'pt-BR' });
    const strange = message('PARLEY_ASK', 'x'.repeat(5_000), { language: '<script>' });
    expect(writtenAsk(strange, 'Parley')).toMatchObject({ text: 'x'.repeat(2_000), language: undefined });
  });
});

it('ten questions of one person in a minute', () => {
  const clock = new VirtualClock();
  const pace = new AskPace(clock);
  const allowed = Array.from({ length: 12 }, () => pace.allows('ana'));
  expect(allowed.filter(Boolean)).toHaveLength(10);
  expect(pace.allows('bob')).toBe(true);
  clock.advanceBy(60_000);
  expect(pace.allows('ana')).toBe(true);
});
