import { afterEach, describe, expect, it } from 'vitest';
import { pcm16OfBase64 } from '../../../audio/pcm.js';
import { scriptedReplies, type ScriptedRule } from '../../../src/embedded/phrasebook/scripted-replies.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../../src/realtime/conversation/conversation-session.js';
import { VirtualClock } from '../../../src/clock.js';
import { TOOLS, ToolsFixture } from './tools-fixture.js';

let fixture: ToolsFixture;
afterEach(() => fixture.stop());

const look = { name: 'look', arguments: { at: 'the sky' } };
const save = { name: 'save', arguments: {} };

async function open(rules: readonly ScriptedRule[], ...more: unknown[]): Promise<ToolsFixture> {
  fixture = await ToolsFixture.open(scriptedReplies(rules), ...(more as []));
  return fixture;
}

/** Both tools at once, then an answer. */
const BOTH: ScriptedRule[] = [
  { heard: 'both', calls: [look, save] },
  { after: 'look', say: 'It is blue.' },
];
const outcomes = (): unknown[] => fixture.recorded.emitted.turnDone.map(({ outcome }) => outcome);

describe('a session with tools', () => {
  it('says so when it connects, and takes others later', async () => {
    await open([]);
    expect(fixture.of('session.update')[0]!['session']).toMatchObject({
      tools: [
        { type: 'function', name: 'look', parameters: { type: 'object' } },
        { type: 'function', name: 'save', parameters: { type: 'object' } },
      ],
      tool_choice: 'auto',
    });
    fixture.tools.setTools([{ name: 'other', description: 'Another.', parameters: { type: 'object' } }]);
    await fixture.advance(100);
    expect(fixture.of('session.update').at(-1)!['session']).toEqual({
      type: 'realtime',
      tools: [{ type: 'function', name: 'other', description: 'Another.', parameters: { type: 'object' } }],
      tool_choice: 'auto',
    });
    expect(fixture.refused).toEqual([]);
  });

  it('goes on with the tools that it has where the server refuses others, and tells that', async () => {
    await open([{ heard: 'look', calls: [look] }]);
    fixture.tools.setTools([{ name: 'not.a.name', parameters: { type: 'object' } }]);
    await fixture.advance(100);
    expect(fixture.recorded.emitted.notice).toMatchObject([
      { kind: 'update_rejected', param: 'session.tools[0].name' },
    ]);
    await fixture.ask('look');
    expect(fixture.calls).toMatchObject([{ name: 'look' }]);
  });

  it('tells all calls of a response at once, sends each output, and asks once', async () => {
    await open(BOTH);
    await fixture.ask('both');
    expect(fixture.recorded.emitted.toolCalls).toEqual([
      {
        turnId: 'agent.1/message_1',
        step: 1,
        calls: [
          { callId: expect.any(String) as string, name: 'look', arguments: '{"at":"the sky"}' },
          { callId: expect.any(String) as string, name: 'save', arguments: '{}' },
        ],
      },
    ]);
    expect([outcomes(), fixture.session.idle]).toEqual([[], false]);
    const [first, second] = fixture.calls.map(({ callId }) => callId);
    expect(fixture.answer(1, 'saved')).toBe(true);
    await fixture.advance(1_000);
    expect([fixture.outputs, fixture.of('response.create').length]).toEqual([[], 1]);
    expect(fixture.answer(0, 'blue')).toBe(true);
    expect(fixture.of('response.create')).toHaveLength(2); // at once
    await fixture.advance(3_000);
    expect(fixture.outputs).toEqual([
      [first, 'blue'],
      [second, 'saved'],
    ]);
    expect(fixture.said).toEqual(['It is blue.']);
    expect([outcomes(), fixture.session.idle, fixture.refused]).toEqual([['completed'], true, []]);
  });

  it('takes one output for each call', async () => {
    await open(BOTH);
    await fixture.ask('both');
    expect(fixture.answer(0, 'blue')).toBe(true);
    expect(fixture.answer(0, 'red')).toBe(false);
    expect(fixture.tools.answerCall(fixture.turnId, 'call_of_nobody', '')).toBe(false);
    expect(fixture.tools.answerCall('agent.1/message_9', fixture.calls[1]!.callId, '')).toBe(false);
    expect(fixture.answer(1, 'saved')).toBe(true);
    expect(fixture.answer(1, 'saved')).toBe(false);
    await fixture.advance(3_000);
    expect(fixture.outputs).toHaveLength(2);
  });

  it('answers others while calls are made, and goes on when the response that runs is over', async () => {
    await open([...BOTH, { heard: 'hello', say: 'Hello to you too, and to everybody else who is here.' }]);
    await fixture.ask('both');
    fixture.tools.sendMessage({ text: 'hello' });
    await fixture.advance(400);
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(10_000);
    expect(fixture.said).toEqual(['Hello to you too, and to everybody else who is here.', 'It is blue.']);
    expect([fixture.refused, fixture.of('response.create').length]).toEqual([[], 3]);
  });

  it('makes five steps of calls, and then has to answer', async () => {
    await open([
      { heard: 'go', calls: [look] },
      { after: 'look', say: 'Once more.', calls: [look] },
    ]);
    await fixture.ask('go');
    for (let step = 1; step <= 5; step++) {
      expect(fixture.recorded.emitted.toolCalls.at(-1)!.step).toBe(step);
      fixture.answer(0, `answer ${step}`);
      await fixture.advance(5_000);
    }
    expect(fixture.recorded.emitted.toolCalls).toHaveLength(5);
    const choices = fixture
      .of('response.create')
      .map(({ response }) => (response as { tool_choice?: string }).tool_choice);
    expect(choices).toEqual([undefined, undefined, undefined, undefined, undefined, 'none']);
    expect([outcomes(), fixture.outputs.length]).toEqual([['completed'], 5]);
  });

  it('takes what is over out of the conversation together: what was asked, calls, outputs and answer', async () => {
    await open(BOTH);
    await fixture.ask('both');
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(3_000);
    const before = fixture.of('conversation.item.delete').length;
    await fixture.ask('anything else');
    const deleted = fixture.of('conversation.item.delete').slice(before);
    expect(deleted).toHaveLength(6); // the message, two calls, two outputs, the answer
    expect(deleted.map(({ item_id }) => item_id)).toEqual(
      expect.arrayContaining(['message_1', 'output_1', 'output_2']),
    );
    expect(fixture.added('message').slice(1, 3)).toMatchObject([
      { role: 'user', content: [{ text: 'both' }] },
      { role: 'assistant', content: [{ text: 'It is blue.' }] },
    ]);
    expect(fixture.refused).toEqual([]);
  });

  it('makes no call of a response that was interrupted, and answers those that had been written', async () => {
    await open([{ heard: 'both', calls: [look, { name: 'save', arguments: { text: 'x'.repeat(200) } }] }]);
    fixture.tools.sendMessage({ text: 'both' });
    await fixture.advance(400); // the first call is complete, the second one is being written
    fixture.session.cancelTurn('agent.1/message_1');
    await fixture.advance(3_000);
    expect(fixture.recorded.emitted.toolCalls).toEqual([]);
    expect(fixture.outputs).toEqual([
      [expect.any(String), 'The call was not made: the answer was interrupted.'],
    ]);
    expect([outcomes(), fixture.session.idle, fixture.refused]).toEqual([['cancelled'], true, []]);
  });

  it('takes the output of a turn that is not wanted any more, and says nothing to it', async () => {
    await open(BOTH);
    await fixture.ask('both');
    fixture.session.cancelTurn(fixture.turnId);
    await fixture.advance(1_000);
    expect(outcomes()).toEqual([]);
    expect([fixture.answer(0, 'blue'), fixture.answer(1, 'saved')]).toEqual([true, true]);
    await fixture.advance(3_000);
    expect([fixture.outputs.length, fixture.of('response.create').length]).toEqual([2, 1]);
    expect([outcomes(), fixture.said, fixture.session.idle]).toEqual([['cancelled'], [], true]);
  });

  it('speaks on after it was silenced before a call', async () => {
    await open([
      { heard: 'look', say: 'Let me see what there is to be seen.', calls: [look] },
      { after: 'look', say: 'It is blue.' },
    ]);
    fixture.tools.sendMessage({ text: 'look' });
    await fixture.advance(400);
    const { outputId } = fixture.recorded.emitted.audio.at(-1)!;
    fixture.session.cut([{ outputId, playedMs: 20, heardToEnd: false }]);
    await fixture.advance(3_000);
    const heard = fixture.recorded.emitted.audio.length;
    fixture.answer(0, 'blue');
    await fixture.advance(3_000);
    expect(fixture.recorded.emitted.audio.length).toBeGreaterThan(heard);
    expect(fixture.refused).toEqual([]);
  });

  it('has a message heard before it is read, once, and forgets the sound with the turn', async () => {
    await open([{ heard: 'hello', say: 'Hello.' }]);
    const sound = Int16Array.from({ length: 24_000 }, (_, n) => n % 1_000);
    fixture.tools.sendMessage({ text: 'hello', sound });
    await fixture.advance(3_000);
    const [message] = fixture.added('message');
    expect(message).toMatchObject({ role: 'user', content: [{ type: 'input_audio' }, { text: 'hello' }] });
    const [{ audio }] = message!['content'] as [{ audio: string }];
    expect(pcm16OfBase64(audio)).toEqual(sound);
    expect([fixture.said, fixture.refused]).toEqual([['Hello.'], []]);
    // Of a second of sound a server bills ten tokens.
    expect(fixture.recorded.emitted.usage.at(-1)).toMatchObject({ tokens: { audioIn: 10 } });
    await fixture.ask('and now?');
    expect(fixture.added('message').slice(1)).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'hello' }] }, // what is over goes on as text
      { role: 'assistant', content: [{ text: 'Hello.' }] },
      { role: 'user', content: [{ text: 'and now?' }] },
    ]);
  });

  it('sends the text alone where a server takes no sound, then and later', async () => {
    await open([{ heard: 'hello', say: 'Hello.' }], { faults: { refuseMessageAudio: {} } });
    const sound = new Int16Array(2_400);
    for (let n = 0; n < 2; n++) {
      fixture.tools.sendMessage({ text: 'hello', sound });
      await fixture.advance(3_000);
    }
    const asked = fixture
      .added('message')
      .filter(({ id }) => String(id).startsWith('message_'))
      .map(({ id, content }) => [id, (content as { type: string }[]).map(({ type }) => type)]);
    expect(asked).toEqual([
      ['message_1', ['input_audio', 'input_text']],
      ['message_1', ['input_text']],
      ['message_2', ['input_text']],
    ]);
    expect([fixture.said, outcomes()]).toEqual([
      ['Hello.', 'Hello.'],
      ['completed', 'completed'],
    ]);
    expect(fixture.recorded.emitted.notice).toMatchObject([
      { kind: 'server_error', message: expect.stringContaining('is sent the text alone') as string },
    ]);
  });

  it('a question whose connection is lost before it is answered is heard by the next one', async () => {
    await open([{ heard: 'hello', say: 'Hello.' }]);
    fixture.tools.sendMessage({ text: 'hello', sound: new Int16Array(2_400) });
    fixture.server.faults.dropAll();
    await fixture.advance(6_000);
    const kinds = fixture
      .of('conversation.item.create')
      .map(({ connection, item }) => [
        connection,
        (item as { content: { type: string }[] }).content.map(({ type }) => type),
      ]);
    expect(kinds.at(-1)).toEqual([2, ['input_audio', 'input_text']]);
    expect(fixture.said).toEqual(['Hello.']);
  });

  it('tells what would be called for a message alone, beside the conversation, and makes no such call', async () => {
    await open([...BOTH, { heard: 'nothing', say: 'Well.' }]);
    await fixture.ask('both');
    const aside = { instructions: 'only the rules', tools: TOOLS.slice(1) };
    const calls = fixture.tools.callsFor(fixture.turnId, aside);
    await fixture.advance(2_000);
    // The script calls both, whatever is offered.
    expect((await calls)?.map(({ name }) => name)).toEqual(['look', 'save']);
    expect(fixture.of('response.create').at(-1)!['response']).toMatchObject({
      ...{ conversation: 'none', instructions: 'only the rules', output_modalities: ['text'] },
      ...{
        input: [{ type: 'item_reference', id: 'message_1' }],
        tools: [{ type: 'function', name: 'save' }],
      },
    });
    expect(fixture.recorded.emitted.toolCalls).toHaveLength(1);
    expect(fixture.recorded.emitted.usage).toHaveLength(2); // it is paid for
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(3_000);
    expect([fixture.said, outcomes(), fixture.refused]).toEqual([['It is blue.'], ['completed'], []]);
    expect(await fixture.tools.callsFor(fixture.turnId, aside)).toBeUndefined(); // it is over
    expect(await fixture.tools.callsFor('agent.1/text_9', aside)).toBeUndefined();
  });

  it('does not know what would be called where no answer comes, or the connection is lost', async () => {
    await open(BOTH);
    await fixture.ask('both');
    fixture.server.faults.set({ stall: true });
    const asked = () => fixture.tools.callsFor(fixture.turnId, { instructions: '', tools: [] });
    const late = asked();
    await fixture.advance(5_000);
    expect(await late).toBeUndefined();
    const lost = asked();
    fixture.server.faults.dropAll();
    await fixture.advance(100);
    expect(await lost).toBeUndefined();
  });

  it('has no tools unless it was opened with some, and none where the server answers by itself', async () => {
    await open([]);
    const config = { ...DEFAULT_CONVERSATION_CONFIG };
    const made = (changes: object) =>
      new ConversationSession({
        open: fixture.server.conversation,
        clock: new VirtualClock(),
        name: 'plain',
        config: { ...config, ...changes },
        instructions: '',
      });
    expect(made({}).tools).toBeUndefined();
    expect(() => made({ tools: [], responses: 'server' })).toThrow(/tools need responses to be client/);
  });
});

describe('calls of a connection that is lost', () => {
  it.each([
    ['before any is answered', [] as number[]],
    ['between two answers', [0]],
  ])('%s, are answered on the next one, and asked for there', async (_when, first) => {
    await open(BOTH);
    await fixture.ask('both');
    const ids = fixture.calls.map(({ callId }) => callId);
    for (const index of first) fixture.answer(index, `answer ${index}`);
    fixture.server.faults.dropAll();
    await fixture.advance(3_000);
    expect(fixture.recorded.emitted.notice).toMatchObject([{ kind: 'reconnected' }]);
    const again = fixture.sent.filter(({ connection }) => connection === 2);
    const items = () => fixture.added('function_call').map(({ call_id, name }) => [call_id, name]);
    expect(items()).toEqual([
      [ids[0], 'look'],
      [ids[1], 'save'],
    ]);
    expect(again.some(({ type }) => type === 'response.create')).toBe(false);
    for (const index of [0, 1].filter((each) => !first.includes(each)))
      fixture.answer(index, `answer ${index}`);
    await fixture.advance(3_000);
    expect(fixture.outputs).toEqual([
      [ids[0], 'answer 0'],
      [ids[1], 'answer 1'],
    ]);
    expect(fixture.said.at(-1)).toBe('It is blue.');
    expect(fixture.recorded.emitted.toolCalls).toHaveLength(1); // made once
    expect([outcomes(), fixture.refused]).toEqual([['failed', 'completed'], []]);
  });

  it('are answered while there is none', async () => {
    await open(BOTH);
    await fixture.ask('both');
    fixture.server.faults.set({ refuseConnections: { status: 503, count: 2 } });
    fixture.server.faults.dropAll();
    await fixture.advance(100);
    expect(fixture.session.state.kind).toBe('reconnecting');
    expect([fixture.answer(0, 'blue'), fixture.answer(1, 'saved'), fixture.answer(1, 'x')]).toEqual([
      true,
      true,
      false,
    ]);
    await fixture.advance(10_000);
    expect(fixture.outputs.map((output) => (output as string[])[1])).toEqual(['blue', 'saved']);
    expect(fixture.said.at(-1)).toBe('It is blue.');
    expect(fixture.refused).toEqual([]);
  });

  it('are asked for anew when the answer to them had not been heard', async () => {
    await open(BOTH);
    await fixture.ask('both');
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(10);
    fixture.server.faults.dropAll();
    await fixture.advance(5_000);
    const second = fixture.sent.filter(({ connection }) => connection === 2);
    expect(second.filter(({ type }) => type === 'response.create')).toHaveLength(1);
    expect(fixture.recorded.emitted.toolCalls).toHaveLength(1);
    expect(fixture.said.at(-1)).toBe('It is blue.');
  });

  it('come to nothing when the session ends', async () => {
    await open(BOTH);
    await fixture.ask('both');
    await fixture.session.close(0);
    expect(fixture.answer(0, 'blue')).toBe(false);
    expect(outcomes()).toEqual(['failed']);
  });
});

describe('calls of a connection that will expire', () => {
  it('are answered there where that is soon, and the next one takes over behind them', async () => {
    await open(BOTH, { sessionDurationMs: 60_000 });
    await fixture.advance(40_000);
    await fixture.ask('both');
    await fixture.advance(5_000); // three quarters are over
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(5_000);
    const outputs = fixture.sent.filter(
      ({ type, item }) =>
        type === 'conversation.item.create' && (item as { type: string }).type === 'function_call_output',
    );
    expect(outputs.map(({ connection }) => connection)).toEqual([1, 1]);
    expect([fixture.session.counters.rotations, fixture.said]).toEqual([1, ['It is blue.']]);
  });

  it('are answered on the next one where it expires first', async () => {
    await open(BOTH, { sessionDurationMs: 60_000 });
    await fixture.advance(50_000);
    await fixture.ask('both');
    await fixture.advance(20_000);
    expect(fixture.session.state.kind).toBe('ready');
    fixture.answer(0, 'blue');
    fixture.answer(1, 'saved');
    await fixture.advance(5_000);
    const outputs = fixture.sent.filter(
      ({ type, item }) =>
        type === 'conversation.item.create' && (item as { type: string }).type === 'function_call_output',
    );
    expect(outputs.map(({ connection }) => connection)).toEqual([2, 2]);
    expect(fixture.said.at(-1)).toBe('It is blue.');
    expect(fixture.recorded.emitted.toolCalls).toHaveLength(1);
  });
});
