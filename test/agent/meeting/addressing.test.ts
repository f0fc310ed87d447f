/** Who asks the agent for something, by what people say: on a virtual clock, without a model. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { Addressing } from '../../../src/agent/meeting/addressing.js';
import type { AgentMode } from '../../../src/agent/meeting/agent-options.js';
import { Silence } from '../../../src/agent/meeting/silence.js';

let clock: VirtualClock;
let silence: Silence;
let log: unknown[];
let mode: AgentMode;
let isSpeaking: boolean;
let addressing: Addressing;
beforeEach(() => {
  clock = new VirtualClock();
  silence = new Silence(clock);
  log = [];
  mode = 'addressed';
  isSpeaking = false;
  addressing = new Addressing({
    ...{ clock, silence },
    settings: () => ({ mode, wakeName: 'Parley', voice: undefined, instructions: '', hosts: [] }),
    isSpeaking: () => isSpeaking,
    handlers: {
      asked: ({ speakerId, text, how, mayPass }) =>
        log.push(`${speakerId} ${how}${mayPass ? '?' : ''}: ${text}`),
      called: (speakerId) => log.push(`${speakerId} calls`),
      hushed: (speakerId) => log.push(`${speakerId} hushes`),
    },
  });
});
const say = (speakerId: string, text: string) => {
  addressing.heard({ speakerId, text, languages: ['en'], sound: () => undefined, isMixed: false });
};

describe('by name', () => {
  it('asks what stands beside the name', () => {
    say('ana', 'Parley, what did Bob say?');
    say('bob', 'I think Parley is great.');
    expect(log).toEqual(['ana voice: what did Bob say?']);
  });

  it('who only says the name goes on in their next words, within four seconds', () => {
    say('ana', 'Parley?');
    say('bob', 'I agree.');
    clock.advanceBy(3_900);
    say('ana', 'What did Bob say');
    clock.advanceBy(10_000);
    expect(log).toEqual(['ana calls', 'ana voice: What did Bob say']);
  });

  it('or is asked what they want', () => {
    say('ana', 'Parley?');
    clock.advanceBy(4_000);
    say('ana', 'Never mind.');
    expect(log).toEqual(['ana calls', 'ana voice: ']);
  });

  it('a mention that may be a call is asked about, and may be passed over', () => {
    say('ana', 'We could do that, Parley says hello?');
    expect(log.every((line) => String(line).startsWith('ana voice?'))).toBe(true);
  });

  it('somebody whom the agent asked back need not say it, for ten seconds, and nobody else may', () => {
    addressing.answered('ana', 'Which day do you mean?');
    say('bob', 'Lunch is at one.');
    expect(log).toEqual([]);
    addressing.answered('ana', 'Which day do you mean?');
    say('ana', 'Tuesday');
    expect(log).toEqual(['ana voice?: Tuesday']);
    addressing.answered('ana', 'Which day do you mean?');
    clock.advanceBy(10_001);
    say('ana', 'Lunch is at one.');
    expect(log).toHaveLength(1);
  });
});

describe('quiet', () => {
  it('is asked for by name in any language, and by anybody’s "stop" while the agent speaks', () => {
    for (const text of ['Parley, be quiet', 'Parley, silencio', 'Parley, sei still', 'Parley、静かにして'])
      say('ana', text);
    expect(log).toEqual(Array(4).fill('ana hushes'));
    say('bob', 'Stop!');
    expect(log).toHaveLength(4);
    isSpeaking = true;
    say('bob', 'Stop!');
    say('bob', 'The next stop is Munich.');
    expect(log.slice(4)).toEqual(['bob hushes']);
  });
});

describe('open questions', () => {
  it('are asked after six seconds of silence, by default not at all', () => {
    say('ana', 'What is the budget for next year?');
    clock.advanceBy(60_000);
    expect(log).toEqual([]);
    mode = 'open-questions';
    say('ana', 'What is the budget for next year?');
    clock.advanceBy(5_999);
    expect(log).toEqual([]);
    clock.advanceBy(1);
    expect(log).toEqual(['ana open_question?: What is the budget for next year?']);
  });

  it('are not open when somebody answers, or goes on to speak', () => {
    mode = 'open-questions';
    say('ana', 'What is the budget?');
    clock.advanceBy(3_000);
    silence.heard('bob', true);
    clock.advanceBy(8_000);
    say('bob', 'Ten thousand.');
    silence.heard('bob', false);
    clock.advanceBy(60_000);
    expect(log).toEqual([]);
  });

  it('are left alone for ten minutes by an agent that was told to be quiet', () => {
    mode = 'open-questions';
    say('ana', 'Parley, be quiet.');
    say('ana', 'What is the budget?');
    clock.advanceBy(599_999);
    say('ana', 'What is the budget?');
    clock.advanceBy(10_000);
    expect(log).toEqual(['ana hushes']);
    say('ana', 'What is the budget?');
    clock.advanceBy(10_000);
    expect(log).toHaveLength(2);
  });
});

it('hears nothing while it is silent or off', () => {
  for (mode of ['silent', 'off'] as const) say('ana', 'Parley, what did Bob say?');
  expect(log).toEqual([]);
});
