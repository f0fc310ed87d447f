/**
 * What OpenAI's beta client (`openai/openai-realtime-api-beta`, a5cb948) makes of events. The events are those of today's API; the
 * beta client was given each under the name that it had then, and what it dispatched is written down here.
 */
import { base64Of } from '../realtime/scripted-transport.js';
import type { Told } from './fixture.js';

type ServerEvent = { type: string } & Record<string, unknown>;

export type VendorRow = { name: string; events: readonly ServerEvent[]; told: readonly Told[] };

const PART = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };
const added = (item: object): ServerEvent => ({
  type: 'conversation.item.added',
  previous_item_id: null,
  item,
});
const assistant = (fields: object = {}): object => ({
  id: 'item_1',
  object: 'realtime.item',
  type: 'message',
  role: 'assistant',
  status: 'in_progress',
  content: [],
  ...fields,
});
const functionCall = (fields: object = {}): object => ({
  id: 'call_item',
  type: 'function_call',
  call_id: 'call_1',
  name: 'unknown_here',
  arguments: '',
  status: 'in_progress',
  ...fields,
});
const responseCreated: ServerEvent = {
  type: 'response.created',
  response: { id: 'resp_1', status: 'in_progress', output: [] },
};
const partAdded = (part: object): ServerEvent => ({ type: 'response.content_part.added', ...PART, part });
const outputDone = (item: object): ServerEvent => ({
  type: 'response.output_item.done',
  response_id: 'resp_1',
  output_index: 0,
  item,
});
const NOTHING = { audio: 0, text: '', transcript: '' };

/** An assistant's item as told; `sound` in samples. */
const said = (status: string, formatted: object = {}): object => ({
  id: 'item_1',
  type: 'message',
  status,
  formatted: { ...NOTHING, ...formatted },
});
const began: readonly Told[] = [
  ['conversation.updated', { ...said('in_progress'), delta: null }],
  ['conversation.item.appended', said('in_progress')],
];
const audioOf = (samples: number): string => base64Of(new Int16Array(samples).fill(7));

export const VENDOR_TABLE: readonly VendorRow[] = [
  {
    name: 'a text of the user',
    events: [
      added({
        id: 'item_1',
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_text', text: 'How are you?' }],
      }),
    ],
    told: [
      ['conversation.updated', { ...said('completed', { text: 'How are you?' }), delta: null }],
      ['conversation.item.appended', said('completed', { text: 'How are you?' })],
      ['conversation.item.completed', said('completed', { text: 'How are you?' })],
    ],
  },
  {
    name: 'a spoken answer',
    events: [
      responseCreated,
      { type: 'response.output_item.added', response_id: 'resp_1', output_index: 0, item: assistant() },
      added(assistant()),
      partAdded({ type: 'audio', transcript: '' }),
      { type: 'response.output_audio_transcript.delta', ...PART, delta: 'I am ' },
      { type: 'response.output_audio.delta', ...PART, delta: audioOf(240) },
      { type: 'response.output_audio_transcript.delta', ...PART, delta: 'well.' },
      { type: 'response.output_audio.delta', ...PART, delta: audioOf(120) },
      outputDone(
        assistant({ status: 'completed', content: [{ type: 'output_audio', transcript: 'I am well.' }] }),
      ),
    ],
    told: [
      ...began,
      [
        'conversation.updated',
        { ...said('in_progress', { transcript: 'I am ' }), delta: { transcript: 'I am ' } },
      ],
      [
        'conversation.updated',
        { ...said('in_progress', { transcript: 'I am ', audio: 240 }), delta: { audio: 240 } },
      ],
      [
        'conversation.updated',
        { ...said('in_progress', { transcript: 'I am well.', audio: 240 }), delta: { transcript: 'well.' } },
      ],
      [
        'conversation.updated',
        { ...said('in_progress', { transcript: 'I am well.', audio: 360 }), delta: { audio: 120 } },
      ],
      [
        'conversation.updated',
        { ...said('completed', { transcript: 'I am well.', audio: 360 }), delta: null },
      ],
      ['conversation.item.completed', said('completed', { transcript: 'I am well.', audio: 360 })],
    ],
  },
  {
    name: 'a written answer',
    events: [
      responseCreated,
      added(assistant()),
      partAdded({ type: 'text', text: '' }),
      { type: 'response.output_text.delta', ...PART, delta: 'Fine' },
      { type: 'response.output_text.delta', ...PART, delta: '.' },
      outputDone(assistant({ status: 'completed' })),
    ],
    told: [
      ...began,
      ['conversation.updated', { ...said('in_progress', { text: 'Fine' }), delta: { text: 'Fine' } }],
      ['conversation.updated', { ...said('in_progress', { text: 'Fine.' }), delta: { text: '.' } }],
      ['conversation.updated', { ...said('completed', { text: 'Fine.' }), delta: null }],
      ['conversation.item.completed', said('completed', { text: 'Fine.' })],
    ],
  },
  {
    name: 'an answer that was cancelled is never completed',
    events: [
      responseCreated,
      added(assistant()),
      partAdded({ type: 'audio', transcript: '' }),
      { type: 'response.output_audio.delta', ...PART, delta: audioOf(480) },
      outputDone(assistant({ status: 'incomplete' })),
    ],
    told: [
      ...began,
      ['conversation.updated', { ...said('in_progress', { audio: 480 }), delta: { audio: 480 } }],
      ['conversation.updated', { ...said('incomplete', { audio: 480 }), delta: null }],
    ],
  },
  {
    name: 'an answer that was truncated loses its transcript and the rest of its sound',
    events: [
      added(assistant()),
      partAdded({ type: 'audio', transcript: '' }),
      { type: 'response.output_audio_transcript.delta', ...PART, delta: 'Once upon a time' },
      { type: 'response.output_audio.delta', ...PART, delta: audioOf(480) },
      { type: 'conversation.item.truncated', item_id: 'item_1', content_index: 0, audio_end_ms: 10 },
    ],
    told: [
      ...began,
      [
        'conversation.updated',
        {
          ...said('in_progress', { transcript: 'Once upon a time' }),
          delta: { transcript: 'Once upon a time' },
        },
      ],
      [
        'conversation.updated',
        { ...said('in_progress', { transcript: 'Once upon a time', audio: 480 }), delta: { audio: 480 } },
      ],
      ['conversation.updated', { ...said('in_progress', { audio: 240 }), delta: null }],
    ],
  },
  {
    name: 'an item that is deleted',
    events: [added(assistant()), { type: 'conversation.item.deleted', item_id: 'item_1' }],
    told: [...began, ['conversation.updated', { ...said('in_progress'), delta: null }]],
  },
  {
    name: 'somebody starts to speak, and what they said is transcribed',
    events: [
      { type: 'input_audio_buffer.speech_started', item_id: 'item_1', audio_start_ms: 0 },
      { type: 'input_audio_buffer.speech_stopped', item_id: 'item_1', audio_end_ms: 0 },
      { type: 'input_audio_buffer.committed', item_id: 'item_1', previous_item_id: null },
      added({
        id: 'item_1',
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_audio', transcript: null }],
      }),
      {
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: 'item_1',
        content_index: 0,
        transcript: 'Good morning',
        usage: { type: 'duration', seconds: 1 },
      },
    ],
    told: [
      ['conversation.interrupted', undefined],
      ['conversation.updated', { ...said('completed'), delta: null }],
      ['conversation.item.appended', said('completed')],
      ['conversation.item.completed', said('completed')],
      [
        'conversation.updated',
        { ...said('completed', { transcript: 'Good morning' }), delta: { transcript: 'Good morning' } },
      ],
    ],
  },
  {
    name: 'an empty transcription is a space',
    events: [
      added({
        id: 'item_1',
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_audio', transcript: null }],
      }),
      {
        type: 'conversation.item.input_audio_transcription.completed',
        item_id: 'item_1',
        content_index: 0,
        transcript: '',
        usage: { type: 'duration', seconds: 1 },
      },
    ],
    told: [
      ['conversation.updated', { ...said('completed'), delta: null }],
      ['conversation.item.appended', said('completed')],
      ['conversation.item.completed', said('completed')],
      ['conversation.updated', { ...said('completed', { transcript: ' ' }), delta: { transcript: '' } }],
    ],
  },
  {
    name: 'a function call gathers its arguments',
    events: [
      responseCreated,
      added(functionCall()),
      {
        type: 'response.function_call_arguments.delta',
        ...PART,
        item_id: 'call_item',
        call_id: 'call_1',
        delta: '{"a"',
      },
      {
        type: 'response.function_call_arguments.delta',
        ...PART,
        item_id: 'call_item',
        call_id: 'call_1',
        delta: ':1}',
      },
      outputDone(functionCall({ status: 'completed', arguments: '{"a":1}' })),
    ],
    told: [
      ['conversation.updated', { ...called('in_progress', ''), delta: null }],
      ['conversation.item.appended', called('in_progress', '')],
      ['conversation.updated', { ...called('in_progress', '{"a"'), delta: { arguments: '{"a"' } }],
      ['conversation.updated', { ...called('in_progress', '{"a":1}'), delta: { arguments: ':1}' } }],
      ['conversation.updated', { ...called('completed', '{"a":1}'), delta: null }],
      ['conversation.item.completed', called('completed', '{"a":1}')],
    ],
  },
  {
    name: 'the output of a function',
    events: [added({ id: 'item_1', type: 'function_call_output', call_id: 'call_1', output: '{"ok":true}' })],
    told: [
      ['conversation.updated', { ...output(), delta: null }],
      ['conversation.item.appended', output()],
      ['conversation.item.completed', output()],
    ],
  },
];

function called(status: string, args: string): object {
  const tool = { type: 'function', name: 'unknown_here', call_id: 'call_1', arguments: args };
  return { id: 'call_item', type: 'function_call', status, formatted: { ...NOTHING, tool } };
}

function output(): object {
  return {
    id: 'item_1',
    type: 'function_call_output',
    status: 'completed',
    formatted: { ...NOTHING, output: '{"ok":true}' },
  };
}
