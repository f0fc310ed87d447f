/** What changes while a meeting runs: each field, and that routes that stay hear everything on the session that they have. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CostMeter } from '../../src/cost/cost-meter.js';
import { LIST_PRICES } from '../../src/cost/prices.js';
import { parseGlossary } from '../../src/interpreter/instructions/glossary.js';
import type { EngineChoice } from '../../src/interpreter/plan/engine.js';
import type { MeetingChange } from '../../src/meeting/meeting-change.js';
import { ScriptedMeeting, type ScriptedMeetingOptions } from './scripted-meeting.js';

const BOTH_ENGINES = (asked: EngineChoice) => ({ asked, missing: new Map() });
const DOLLAR = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 1e6 / 64 };

let world: ScriptedMeeting;
afterEach(async () => {
  await world.close();
  expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
  expect(world.errors).toEqual([]);
});

/** Ana speaks Spanish, Bob English, and Ana has spoken just now. */
async function open(options: ScriptedMeetingOptions = {}): Promise<void> {
  world = await ScriptedMeeting.open(options);
  world.join('ana', 'es');
  world.join('bob', 'en');
  await world.speak('ana');
}

/** Applies a change in the middle of Ana's speech; her session must go on, and hear every millisecond. */
async function changeWhileAnaSpeaks(change: MeetingChange) {
  const session = world.open.get('ana>en')!;
  world.say('ana');
  await world.pass(700);
  const heardMs = session.heardMs;
  const report = world.meeting.update(change);
  await world.pass(500);
  expect(session.heardMs - heardMs).toBeCloseTo(500, 6);
  expect(world.open.get('ana>en')).toBe(session);
  expect(session.endsOfSpeech).toBe(0);
  return { session, report };
}

describe('a change of a running meeting', () => {
  it('languages: routes to those that go close, others go on', async () => {
    await open();
    world.join('kim', 'de');
    await world.speak('ana');
    expect([...world.open.keys()]).toEqual(['ana>en', 'ana>de']);
    const { report } = await changeWhileAnaSpeaks({ languages: ['es', 'en', 'fr'] });
    expect(report).toEqual({ languages: 'applied' });
    expect(world.meeting.routes().map(({ speakerId, to }) => `${speakerId}>${to}`)).not.toContain('ana>de');
    expect(world.notices.map(({ message }) => message)).toContain(
      "kim wants Deutsch, which is not among the meeting's languages, and hears the original; they are asked in the meeting",
    );
    expect(world.meeting.update({ languages: ['es', 'en', 'fr'] })).toEqual({ languages: 'unchanged' });
    for (const { session } of world.opened) session.drained();
  });

  it('glossary: the session that is open is sent new instructions, and its needs are known', async () => {
    await open();
    const glossary = parseGlossary({ 'es>en': { acta: 'minutes' } }, 'x');
    const { session, report } = await changeWhileAnaSpeaks({ glossary });
    expect(report).toEqual({ glossary: 'applied' });
    expect(session.instructions).toHaveLength(1);
    expect(session.instructions[0]).toContain('"acta" is "minutes"');
    expect(world.meeting.update({ glossary })).toEqual({ glossary: 'unchanged' });
    expect(world.meeting.update({ glossary: undefined })).toEqual({ glossary: 'applied' });
    expect(session.instructions).toHaveLength(2);
    expect(session.instructions[1]).not.toContain('acta');
  });

  it('glossary, with either engine: routes that need it change over in a pause, and with one engine that is said', async () => {
    await open({ engines: BOTH_ENGINES('auto') });
    expect(world.opened.at(-1)!.request.engine).toBe('translate');
    const glossary = parseGlossary({ 'es>en': { acta: 'minutes' } }, 'x');
    expect(world.meeting.update({ glossary })).toEqual({
      glossary: { applied: '1 route changes over in the next pause of who speaks' },
    });
    await world.close();
    await open({ engines: BOTH_ENGINES('translate') });
    expect(world.meeting.update({ glossary })).toEqual({
      glossary: { applied: 'not for 1 route of the translate engine, which takes no glossary' },
    });
  });

  it('engine: only routes whose engine changes take another session, in a pause', async () => {
    await open({ engines: BOTH_ENGINES('conversation') });
    world.join('kim', 'is'); // the continuous engine speaks no Icelandic
    await world.speak('ana');
    const [en, is] = [world.open.get('ana>en')!, world.open.get('ana>is')!];
    expect(world.meeting.update({ engine: 'translate' })).toEqual({
      engine: { applied: '1 route changes over in the next pause of who speaks' },
    });
    await world.speak('ana');
    expect(world.open.get('ana>en')).toBe(en); // she speaks
    await world.pass(8_000);
    en.drained();
    await world.speak('ana');
    expect(world.open.get('ana>is')).toBe(is);
    expect(world.opened.at(-1)!.request).toMatchObject({ engine: 'translate', route: { to: 'en' } });
    expect(world.open.size).toBe(2);
    expect(world.meeting.update({ engine: 'translate' })).toEqual({ engine: 'unchanged' });
  });

  it('engine: one that there is none of is refused', async () => {
    await open({ engines: { asked: 'conversation', missing: new Map([['translate', 'is not deployed']]) } });
    const { report } = await changeWhileAnaSpeaks({ engine: 'translate' });
    expect(report).toEqual({
      engine: { refused: 'the translate engine is not deployed', code: 'engine_missing' },
    });
  });

  it('voice and speed: the session that is open is told, once, and the next one begins with them', async () => {
    await open({ styleOf: () => ({ voice: 'marin', speed: 1 }) });
    const { session, report } = await changeWhileAnaSpeaks({
      voiceOf: (to) => (to === 'en' ? 'cedar' : 'marin'),
      speedOf: () => 1.2,
    });
    expect(report).toEqual({ voiceOf: 'applied', speedOf: 'applied' });
    expect(session.voiceNames).toEqual(['marin', 'cedar']);
    expect(session.speeds).toEqual([1, 1.2]);
    world.meeting.update({ voiceOf: () => 'cedar' });
    expect(session.voiceNames).toEqual(['marin', 'cedar']);
    await world.speak('bob');
    const next = world.open.get('bob>es')!;
    expect([next.voiceNames, next.speeds]).toEqual([['cedar'], [1.2]]);
    expect(world.meeting.update({ speedOf: () => 3 })).toEqual({
      speedOf: { refused: 'a speed is a number from 0.25 to 1.5, not 3', code: 'out_of_range' },
    });
    expect(session.speeds).toEqual([1, 1.2]);
  });

  it('voice and speed: the continuous engine takes none, which is said', async () => {
    await open({ engines: BOTH_ENGINES('translate') });
    const { session, report } = await changeWhileAnaSpeaks({ voiceOf: () => 'cedar', speedOf: () => 1.2 });
    expect(report).toEqual({
      voiceOf: { applied: 'not for 1 route of the translate engine, which takes no voice' },
      speedOf: { applied: 'not for 1 route of the translate engine, which takes no speed' },
    });
    expect(session.voiceNames).toEqual([]);
  });

  it('output channels: one or one for each language, and which languages are spoken', async () => {
    await open({ channels: true, voices: 'one' });
    const participants = () => [...world.hall.participants.keys()].filter((id) => id.startsWith('parley-'));
    expect(participants()).toEqual(['parley-1']);
    const { report, session } = await changeWhileAnaSpeaks({ voices: 'per-language' });
    expect(report).toEqual({ voices: 'applied' });
    expect(participants()).toEqual(['parley-1', 'parley-en', 'parley-es']);
    expect(session.spokenOutputs.at(-1)).toBe(true);
    const second = await changeWhileAnaSpeaks({ voices: 'one', voiceLanguages: ['es'] });
    expect(second.report).toEqual({ voices: 'applied', voiceLanguages: 'applied' });
    expect(session.spokenOutputs.at(-1)).toBe(false); // English is read now
    const third = await changeWhileAnaSpeaks({ voiceLanguages: undefined });
    expect(third.report).toEqual({ voiceLanguages: 'applied' });
    expect(session.spokenOutputs.at(-1)).toBe(true);
    await world.pass(60_000);
    expect(participants()).toEqual(['parley-1']);
  });

  it('output channels: where no further one can join, that is refused', async () => {
    await open();
    const { report } = await changeWhileAnaSpeaks({ voices: 'per-language' });
    expect(report).toEqual({
      voices: { refused: 'no further output channels can join this meeting', code: 'no_more_voices' },
    });
  });

  it('barge-in: what was not silenced is from now on', async () => {
    await open({ bargeIn: 'off' });
    const { session } = await changeWhileAnaSpeaks({});
    const say = (turnId: string) => {
      const bounds = { turnId, startMs: world.clock.nowMs() - 500, endMs: world.clock.nowMs() };
      session.events.emit('speechStarted', bounds);
      session.events.emit('turnCommitted', bounds);
      const pcm = new Int16Array(24_000 * 4).fill(3_000);
      session.events.emit('audio', { turnId, outputId: turnId, pcm });
      session.events.emit('audioEnded', { turnId, outputId: turnId });
      session.events.emit('turnDone', { turnId, outcome: 'completed' });
    };
    await world.pass(6_000); // everybody is silent
    say('a');
    await world.pass(1_000);
    await world.speak('bob');
    expect(session.cuts).toEqual([]);
    await world.pass(6_000);
    const { report } = {
      report: world.meeting.update({ bargeIn: 'any', bargeInMinMs: 100, maxBacklogMs: 5_000 }),
    };
    expect(report).toEqual({ bargeIn: 'applied', bargeInMinMs: 'applied', maxBacklogMs: 'applied' });
    say('b');
    await world.pass(1_000);
    await world.speak('bob');
    expect(session.cuts.map(({ outputId }) => outputId)).toEqual(['b']);
    expect(world.meeting.update({ bargeInMinMs: -1 })).toEqual({
      bargeInMinMs: { refused: 'a number of milliseconds is 0 or more, not -1', code: 'out_of_range' },
    });
    expect(world.meeting.update({ bargeIn: 'any' })).toEqual({ bargeIn: 'unchanged' });
  });

  it('captions: kept and posted from now on', async () => {
    await open();
    const chat: string[] = [];
    world.join('eve', 'en').subscribe('CHAT', ({ text }) => chat.push(text));
    await world.pass(3_000);
    const { session, report } = await changeWhileAnaSpeaks({ persistCaptions: true, chatCaptions: true });
    expect(report).toEqual({ persistCaptions: 'applied', chatCaptions: 'applied' });
    const turn = { turnId: 't', startMs: world.clock.nowMs() - 500, endMs: world.clock.nowMs() };
    session.events.emit('speechStarted', turn);
    session.events.emit('turnCommitted', turn);
    session.events.emit('sourceTranscript', { turnId: 't', text: '¿Dónde está la estación?', final: true });
    session.events.emit('translationTranscript', { turnId: 't', text: 'Where is the station?', final: true });
    session.events.emit('turnDone', { turnId: 't', outcome: 'completed' });
    await world.pass(3_000);
    expect(chat).toEqual(['ana: Where is the station?']);
    const kept: string[] = [];
    world.join('zoe', 'en').subscribe('PARLEY_CAPTIONS_en', ({ text }) => kept.push(text));
    expect(kept).toEqual(['Where is the station?']);
    expect(world.meeting.update({ persistCaptions: true })).toEqual({ persistCaptions: 'unchanged' });
  });

  it('one session for the whole room takes neither the other engine nor other channels', async () => {
    await open({ topology: 'shared', engines: BOTH_ENGINES('conversation') });
    expect(world.meeting.update({ engine: 'translate', voices: 'per-language', bargeIn: 'off' })).toEqual({
      engine: {
        refused: 'one session for the whole room takes the conversation engine',
        code: 'one_session',
      },
      voices: { refused: 'one session for the whole room speaks by one output channel', code: 'one_session' },
      bargeIn: { refused: 'anybody silences one session for the whole room', code: 'one_session' },
    });
  });

  it('is refused while the meeting is being left', async () => {
    await open();
    const stopped = world.meeting.stop();
    expect(world.meeting.update({ languages: ['es', 'en'] })).toEqual({
      languages: { refused: 'the meeting is being left', code: 'leaving' },
    });
    await stopped;
  });
});

describe('a budget that changes', () => {
  let meter: CostMeter;
  const spend = () => {
    meter.add('ana > en', 'gpt-realtime-2.1', { kind: 'response', tokens: DOLLAR });
  };
  beforeEach(() => {
    meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: 1 });
  });

  it('more of it: what was captions only is spoken again, on the same session', async () => {
    await open({ budget: { meter, policy: 'captions' } });
    const { session } = await changeWhileAnaSpeaks({});
    spend();
    expect(session.spokenOutputs.at(-1)).toBe(false);
    expect(world.metric('budget_state')).toBe(2);
    expect(world.meeting.update({ voiceOf: () => 'cedar' })).toEqual({
      voiceOf: { applied: 'heard only when the budget allows: translations are captions only now' },
    });
    const { report } = await changeWhileAnaSpeaks({ budgetUsd: 10 });
    expect(report).toEqual({ budgetUsd: 'applied' });
    expect(session.spokenOutputs.at(-1)).toBe(true);
    expect(world.metric('budget_state')).toBe(0);
    expect(world.meeting.update({ budgetUsd: 10 })).toEqual({ budgetUsd: 'unchanged' });
  });

  it('less than was spent already: what follows does so at once, and is said', async () => {
    await open({ budget: { meter, policy: 'captions' } });
    meter.setBudget(undefined);
    spend();
    const { session, report } = await changeWhileAnaSpeaks({ budgetUsd: 0.5 });
    expect(report).toEqual({
      budgetUsd: { applied: 'the budget is spent already: translations are captions only' },
    });
    expect(session.spokenOutputs.at(-1)).toBe(false);
    expect(world.meeting.update({ budgetUsd: 0 })).toEqual({
      budgetUsd: { refused: 'a budget is a number of dollars above 0, not 0', code: 'out_of_range' },
    });
    const endings: string[] = [];
    world.meeting.events.on('ending', (why) => endings.push(why));
    expect(world.meeting.update({ budgetPolicy: 'stop' })).toEqual({
      budgetPolicy: { applied: 'the budget is spent already: the meeting is left' },
    });
    expect(endings).toEqual(['the budget of $0.50 is spent']);
    session.drained();
    await world.pass(6_000);
    expect(world.room.state.kind).toBe('left');
  });

  it('policy and limit in one change: the new policy follows', async () => {
    await open({ budget: { meter, policy: 'stop' } });
    meter.setBudget(undefined);
    spend();
    expect(world.meeting.update({ budgetUsd: 0.5, budgetPolicy: 'captions' })).toEqual({
      budgetPolicy: 'applied',
      budgetUsd: { applied: 'the budget is spent already: translations are captions only' },
    });
    expect(world.room.state.kind).toBe('connected');
  });

  it('is refused where nothing is billed', async () => {
    await open();
    expect(world.meeting.update({ budgetUsd: 5, budgetPolicy: 'stop' })).toEqual({
      budgetUsd: { refused: 'nothing is billed in this meeting', code: 'not_billed' },
      budgetPolicy: { refused: 'nothing is billed in this meeting', code: 'not_billed' },
    });
  });
});
