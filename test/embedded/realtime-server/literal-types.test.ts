import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  base64,
  babble,
  Harness,
  join,
  silence,
  stringAt,
  type TestClient,
  update,
  type WireEvent,
} from './harness.js';
import { parseServerEvent } from '../../../src/realtime/protocol/server-events.js';
import { literalTypeErrors } from '../../openai-literals.js';

describe('everything the server sends', () => {
  let harness: Harness;
  let client: TestClient;

  beforeEach(async () => {
    harness = await Harness.start({
      script: {
        onUserText: (text) =>
          text.split('\n').includes('uno')
            ? { calls: [{ name: 'lookup', arguments: '{"q":1}' }] }
            : undefined,
      },
    });
    client = await harness.connect();
  });
  afterEach(() => harness.stop());

  /** One delta of each type; the others differ in text only. */
  function firstDeltas(): WireEvent[] {
    const deltas = client.events.filter((event) => event.type.endsWith('.delta'));
    return deltas.filter((event) => client.of(event.type)[0] === event);
  }

  /** Drives the session through every event type it can send on a WebSocket. */
  async function exerciseEverything(): Promise<void> {
    await harness.ask(
      client,
      update({
        instructions: 'Translate into English.',
        include: ['item.input_audio_transcription.logprobs'],
        max_output_tokens: 4096,
        tools: [
          { type: 'function', name: 'lookup', description: 'Looks up', parameters: { type: 'object' } },
          { type: 'mcp', server_label: 'docs', server_url: 'https://example.com', require_approval: 'never' },
        ],
        tool_choice: 'auto',
        tracing: { workflow_name: 'w', group_id: 'g', metadata: { a: 1 } },
        truncation: { type: 'retention_ratio', retention_ratio: 0.5, token_limits: { post_instructions: 9 } },
        prompt: { id: 'p', version: '1', variables: { name: 'x' } },
        reasoning: { effort: 'low' },
        parallel_tool_calls: true,
        audio: {
          input: {
            transcription: { model: 'gpt-transcribe', languages: ['es'], keywords: ['Parley'] },
            noise_reduction: { type: 'near_field' },
            turn_detection: { type: 'server_vad', idle_timeout_ms: 2_000 },
          },
        },
      }),
    );
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(600);
    await harness.speak(client, join(babble(600), silence(400)));
    await harness.advance(6_000);
    await harness.ask(client, update({ audio: { input: { turn_detection: { type: 'semantic_vad' } } } }));
    await harness.ask(
      client,
      update({ audio: { input: { turn_detection: null, transcription: { model: 'whisper-1' } } } }),
    );
    const output = client.last('response.output_item.done');
    const item_id = stringAt(output, 'item.id');
    await harness.ask(client, {
      type: 'conversation.item.truncate',
      item_id,
      content_index: 0,
      audio_end_ms: 50,
    });
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id });
    await harness.ask(client, { type: 'conversation.item.delete', item_id });
    await harness.ask(client, { type: 'input_audio_buffer.clear' });
    client.send({ type: 'input_audio_buffer.append', audio: base64(babble(300)) });
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    const item = {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_text', text: 'uno' },
        { type: 'input_audio', audio: base64(babble(100)) },
        { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
      ],
    };
    for (const entry of [
      item,
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 's' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
      { type: 'mcp_approval_response', approval_request_id: 'x', approve: true },
      { type: 'mcp_approval_request', id: 'mar_1', name: 'n', arguments: '{}', server_label: 'docs' },
      { type: 'mcp_list_tools', server_label: 'docs', tools: [] },
      {
        type: 'mcp_call',
        id: 'mc_1',
        name: 'n',
        arguments: '{}',
        server_label: 'docs',
        error: null,
        output: null,
      },
    ]) {
      await harness.ask(client, { type: 'conversation.item.create', item: entry });
    }
    await harness.ask(client, { type: 'response.create', response: { metadata: { a: 'b' } } });
    await harness.advance(5_000);
    const call_id = stringAt(client.last('response.function_call_arguments.done'), 'call_id');
    const reply = { type: 'function_call_output', call_id, output: 'forty two' };
    await harness.ask(client, { type: 'conversation.item.create', item: reply });
    await harness.ask(client, {
      type: 'response.create',
      response: { output_modalities: ['text'], max_output_tokens: 2 },
    });
    await harness.advance(5_000);
    harness.server.faults.set({
      failResponses: {
        count: 1,
        error: { type: 'rate_limit_error', code: 'rate_limit_exceeded', message: 'm' },
      },
      failTranscriptions: { count: 1 },
    });
    await harness.ask(client, { type: 'response.create', response: { conversation: 'none', input: [item] } });
    client.send({ type: 'input_audio_buffer.append', audio: base64(babble(300)) });
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    await harness.advance(5_000);
    await harness.ask(client, { type: 'response.create' });
    await harness.ask(client, { type: 'response.cancel' });
    await harness.ask(client, { type: 'response.cancel', event_id: 'mine' });
  }

  it(
    'compiles as literals against RealtimeServerEvent, and a renamed field does not',
    { timeout: 300_000 },
    async () => {
      await exerciseEverything();
      expect([...new Set(client.events.map((event) => event.type))].sort()).toEqual([
        'conversation.item.added',
        'conversation.item.deleted',
        'conversation.item.done',
        'conversation.item.input_audio_transcription.completed',
        'conversation.item.input_audio_transcription.delta',
        'conversation.item.input_audio_transcription.failed',
        'conversation.item.retrieved',
        'conversation.item.truncated',
        'error',
        'input_audio_buffer.cleared',
        'input_audio_buffer.committed',
        'input_audio_buffer.speech_started',
        'input_audio_buffer.speech_stopped',
        'input_audio_buffer.timeout_triggered',
        'rate_limits.updated',
        'response.content_part.added',
        'response.content_part.done',
        'response.created',
        'response.done',
        'response.function_call_arguments.delta',
        'response.function_call_arguments.done',
        'response.output_audio.delta',
        'response.output_audio.done',
        'response.output_audio_transcript.delta',
        'response.output_audio_transcript.done',
        'response.output_item.added',
        'response.output_item.done',
        'response.output_text.delta',
        'response.output_text.done',
        'session.created',
        'session.updated',
      ]);
      expect(client.of('error').map((event) => event['error'])).toMatchObject([
        { code: 'response_cancel_not_active', event_id: 'mine' },
      ]);
      for (const text of client.texts) expect(parseServerEvent(text)).toMatchObject({ kind: 'event' });
      const events = client.events.filter((event) => !event.type.endsWith('.delta')).concat(firstDeltas());
      const sent = (event: unknown) => ({ direction: 'server', event }) as const;
      expect(literalTypeErrors(events.map(sent))).toEqual([]);

      const renamed = JSON.stringify(client.last('response.output_item.done')).replace(
        '"output_index"',
        '"index"',
      );
      expect(literalTypeErrors([sent(JSON.parse(renamed))])).not.toEqual([]);
    },
  );
});
