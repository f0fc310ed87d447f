/** One realistic example of every event of `/v1/realtime`, checked by tsc against the types of the openai package. */
import type {
  RealtimeClientEvent,
  RealtimeConversationItemAssistantMessage,
  RealtimeConversationItemUserMessage,
  RealtimeResponse,
  RealtimeServerEvent,
  RealtimeSessionCreateRequest,
} from 'openai/resources/realtime/realtime';

type ByType<Event extends { type: string }> = { [Type in Event['type']]: Extract<Event, { type: Type }> };

const session: RealtimeSessionCreateRequest = {
  type: 'realtime',
  model: 'gpt-realtime-2.1',
  output_modalities: ['audio'],
  instructions: 'Translate from Spanish into English.',
  max_output_tokens: 'inf',
  include: ['item.input_audio_transcription.logprobs'],
  tool_choice: 'auto',
  tools: [
    {
      type: 'function',
      name: 'take_note',
      description: 'Writes a note.',
      parameters: { type: 'object', properties: { text: { type: 'string' } } },
    },
    {
      type: 'mcp',
      server_label: 'calendar',
      server_url: 'https://mcp.example.test',
      allowed_tools: { read_only: true, tool_names: ['list'] },
      headers: { 'x-team': 'a' },
      require_approval: { always: { tool_names: ['create'] }, never: { read_only: true } },
    },
  ],
  parallel_tool_calls: true,
  reasoning: { effort: 'low' },
  prompt: {
    id: 'pmpt_1',
    version: '2',
    variables: { city: 'Madrid', note: { type: 'input_text', text: 'hello' } },
  },
  tracing: { workflow_name: 'meeting', group_id: 'g1', metadata: { room: 'r1' } },
  truncation: { type: 'retention_ratio', retention_ratio: 0.8, token_limits: { post_instructions: 8_000 } },
  audio: {
    input: {
      format: { type: 'audio/pcm', rate: 24_000 },
      noise_reduction: { type: 'near_field', strength: 1 },
      transcription: { model: 'gpt-realtime-whisper', language: 'es', delay: 'low' },
      turn_detection: {
        type: 'server_vad',
        threshold: 0.5,
        prefix_padding_ms: 300,
        silence_duration_ms: 500,
        idle_timeout_ms: null,
        create_response: false,
        interrupt_response: false,
      },
    },
    output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin', speed: 1 },
  },
};

const userItem: RealtimeConversationItemUserMessage = {
  id: 'item_1',
  object: 'realtime.item',
  type: 'message',
  status: 'completed',
  role: 'user',
  content: [{ type: 'input_audio', transcript: '¿Dónde está la estación?' }],
};

const assistantItem: RealtimeConversationItemAssistantMessage = {
  id: 'item_2',
  object: 'realtime.item',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_audio', transcript: 'Where is the station?' }],
};

const response: RealtimeResponse = {
  id: 'resp_1',
  object: 'realtime.response',
  status: 'completed',
  conversation_id: 'conv_1',
  output: [
    assistantItem,
    { id: 'item_3', type: 'function_call', name: 'take_note', call_id: 'call_1', arguments: '{"text":"x"}' },
  ],
  output_modalities: ['audio'],
  audio: { output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin' } },
  max_output_tokens: 'inf',
  metadata: { turn: 'item_1' },
  status_details: { type: 'completed' },
  usage: {
    total_tokens: 120,
    input_tokens: 90,
    output_tokens: 30,
    input_token_details: {
      text_tokens: 60,
      audio_tokens: 30,
      image_tokens: 0,
      cached_tokens: 64,
      cached_tokens_details: { text_tokens: 64, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: 10, audio_tokens: 20 },
  },
};

const inItem = { event_id: 'event_1', response_id: 'resp_1', item_id: 'item_2', output_index: 0 };
const inPart = { ...inItem, content_index: 0 };
const mcp = { event_id: 'event_1', item_id: 'item_4' };

/** One example of every server event. */
export const SERVER_EXAMPLES: ByType<RealtimeServerEvent> = {
  error: {
    type: 'error',
    event_id: 'event_1',
    error: {
      type: 'invalid_request_error',
      code: 'unknown_parameter',
      message: "Unknown parameter: 'session.voice'.",
      param: 'session.voice',
      event_id: 'client_1',
    },
  },
  'session.created': { type: 'session.created', event_id: 'event_1', session },
  'session.updated': { type: 'session.updated', event_id: 'event_2', session },
  'conversation.created': {
    type: 'conversation.created',
    event_id: 'event_1',
    conversation: { id: 'conv_1', object: 'realtime.conversation' },
  },
  'conversation.item.created': {
    type: 'conversation.item.created',
    event_id: 'event_1',
    previous_item_id: 'item_0',
    item: {
      id: 'item_5',
      type: 'message',
      role: 'system',
      content: [{ type: 'input_text', text: 'Be brief.' }],
    },
  },
  'conversation.item.added': {
    type: 'conversation.item.added',
    event_id: 'event_1',
    previous_item_id: null,
    item: userItem,
  },
  'conversation.item.done': {
    type: 'conversation.item.done',
    event_id: 'event_1',
    previous_item_id: 'item_1',
    item: assistantItem,
  },
  'conversation.item.retrieved': {
    type: 'conversation.item.retrieved',
    event_id: 'event_1',
    item: { id: 'item_6', type: 'function_call_output', call_id: 'call_1', output: '{"ok":true}' },
  },
  'conversation.item.truncated': {
    type: 'conversation.item.truncated',
    event_id: 'event_1',
    item_id: 'item_2',
    content_index: 0,
    audio_end_ms: 1_500,
  },
  'conversation.item.deleted': {
    type: 'conversation.item.deleted',
    event_id: 'event_1',
    item_id: 'item_2',
  },
  'conversation.item.input_audio_transcription.delta': {
    type: 'conversation.item.input_audio_transcription.delta',
    event_id: 'event_1',
    item_id: 'item_1',
    content_index: 0,
    delta: '¿Dónde',
    logprobs: [{ token: '¿', logprob: -0.1, bytes: [194, 191] }],
  },
  'conversation.item.input_audio_transcription.completed': {
    type: 'conversation.item.input_audio_transcription.completed',
    event_id: 'event_1',
    item_id: 'item_1',
    content_index: 0,
    transcript: '¿Dónde está la estación?',
    usage: {
      type: 'tokens',
      total_tokens: 22,
      input_tokens: 14,
      output_tokens: 8,
      input_token_details: { audio_tokens: 14, text_tokens: 0 },
    },
    languages: [{ code: 'es' }],
    logprobs: null,
  },
  'conversation.item.input_audio_transcription.failed': {
    type: 'conversation.item.input_audio_transcription.failed',
    event_id: 'event_1',
    item_id: 'item_1',
    content_index: 0,
    error: {
      type: 'transcription_error',
      code: 'audio_unintelligible',
      message: 'Could not be transcribed.',
    },
  },
  'conversation.item.input_audio_transcription.segment': {
    type: 'conversation.item.input_audio_transcription.segment',
    event_id: 'event_1',
    item_id: 'item_1',
    content_index: 0,
    id: 'seg_1',
    text: 'hola',
    speaker: 'speaker_1',
    start: 0.2,
    end: 0.8,
  },
  'input_audio_buffer.speech_started': {
    type: 'input_audio_buffer.speech_started',
    event_id: 'event_1',
    audio_start_ms: 1_000,
    item_id: 'item_1',
  },
  'input_audio_buffer.speech_stopped': {
    type: 'input_audio_buffer.speech_stopped',
    event_id: 'event_1',
    audio_end_ms: 2_500,
    item_id: 'item_1',
  },
  'input_audio_buffer.committed': {
    type: 'input_audio_buffer.committed',
    event_id: 'event_1',
    previous_item_id: null,
    item_id: 'item_1',
  },
  'input_audio_buffer.cleared': { type: 'input_audio_buffer.cleared', event_id: 'event_1' },
  'input_audio_buffer.timeout_triggered': {
    type: 'input_audio_buffer.timeout_triggered',
    event_id: 'event_1',
    item_id: 'item_1',
    audio_start_ms: 8_000,
    audio_end_ms: 13_000,
  },
  'input_audio_buffer.dtmf_event_received': {
    type: 'input_audio_buffer.dtmf_event_received',
    event: '9',
    received_at: 1_763_605_109,
  },
  'output_audio_buffer.started': {
    type: 'output_audio_buffer.started',
    event_id: 'event_1',
    response_id: 'resp_1',
  },
  'output_audio_buffer.stopped': {
    type: 'output_audio_buffer.stopped',
    event_id: 'event_1',
    response_id: 'resp_1',
  },
  'output_audio_buffer.cleared': {
    type: 'output_audio_buffer.cleared',
    event_id: 'event_1',
    response_id: 'resp_1',
  },
  'response.created': {
    type: 'response.created',
    event_id: 'event_1',
    response: {
      id: 'resp_1',
      object: 'realtime.response',
      status: 'in_progress',
      output: [],
      metadata: null,
    },
  },
  'response.done': { type: 'response.done', event_id: 'event_1', response },
  'response.output_item.added': {
    type: 'response.output_item.added',
    event_id: 'event_1',
    response_id: 'resp_1',
    output_index: 0,
    item: { ...assistantItem, status: 'in_progress', content: [] },
  },
  'response.output_item.done': {
    type: 'response.output_item.done',
    event_id: 'event_1',
    response_id: 'resp_1',
    output_index: 0,
    item: assistantItem,
  },
  'response.content_part.added': {
    type: 'response.content_part.added',
    ...inPart,
    part: { type: 'audio', transcript: '' },
  },
  'response.content_part.done': {
    type: 'response.content_part.done',
    ...inPart,
    part: { type: 'audio', transcript: 'Where is the station?' },
  },
  'response.output_audio.delta': { type: 'response.output_audio.delta', ...inPart, delta: 'AAABAAIAAwA=' },
  'response.output_audio.done': { type: 'response.output_audio.done', ...inPart },
  'response.output_audio_transcript.delta': {
    type: 'response.output_audio_transcript.delta',
    ...inPart,
    delta: 'Where',
  },
  'response.output_audio_transcript.done': {
    type: 'response.output_audio_transcript.done',
    ...inPart,
    transcript: 'Where is the station?',
  },
  'response.output_text.delta': { type: 'response.output_text.delta', ...inPart, delta: 'Where' },
  'response.output_text.done': { type: 'response.output_text.done', ...inPart, text: 'Where?' },
  'response.function_call_arguments.delta': {
    type: 'response.function_call_arguments.delta',
    ...inItem,
    call_id: 'call_1',
    delta: '{"te',
  },
  'response.function_call_arguments.done': {
    type: 'response.function_call_arguments.done',
    ...inItem,
    call_id: 'call_1',
    name: 'take_note',
    arguments: '{"text":"x"}',
  },
  'response.mcp_call_arguments.delta': {
    type: 'response.mcp_call_arguments.delta',
    ...inItem,
    delta: '{',
    obfuscation: 'x8s',
  },
  'response.mcp_call_arguments.done': {
    type: 'response.mcp_call_arguments.done',
    ...inItem,
    arguments: '{}',
  },
  'response.mcp_call.in_progress': { type: 'response.mcp_call.in_progress', ...mcp, output_index: 0 },
  'response.mcp_call.completed': { type: 'response.mcp_call.completed', ...mcp, output_index: 0 },
  'response.mcp_call.failed': { type: 'response.mcp_call.failed', ...mcp, output_index: 0 },
  'mcp_list_tools.in_progress': { type: 'mcp_list_tools.in_progress', ...mcp },
  'mcp_list_tools.completed': { type: 'mcp_list_tools.completed', ...mcp },
  'mcp_list_tools.failed': { type: 'mcp_list_tools.failed', ...mcp },
  'rate_limits.updated': {
    type: 'rate_limits.updated',
    event_id: 'event_1',
    rate_limits: [
      { name: 'requests', limit: 1_000, remaining: 999, reset_seconds: 60 },
      { name: 'tokens', limit: 50_000, remaining: 49_880, reset_seconds: 0.144 },
    ],
  },
};

/** One example of every client event. */
export const CLIENT_EXAMPLES: ByType<RealtimeClientEvent> = {
  'session.update': { type: 'session.update', event_id: 'client_1', session },
  'input_audio_buffer.append': { type: 'input_audio_buffer.append', audio: 'AAABAAIAAwA=' },
  'input_audio_buffer.commit': { type: 'input_audio_buffer.commit', event_id: 'client_2' },
  'input_audio_buffer.clear': { type: 'input_audio_buffer.clear' },
  'conversation.item.create': {
    type: 'conversation.item.create',
    previous_item_id: 'root',
    item: { type: 'function_call_output', call_id: 'call_1', output: '{"ok":true}' },
  },
  'conversation.item.retrieve': { type: 'conversation.item.retrieve', item_id: 'item_1' },
  'conversation.item.delete': { type: 'conversation.item.delete', item_id: 'item_1' },
  'conversation.item.truncate': {
    type: 'conversation.item.truncate',
    item_id: 'item_2',
    content_index: 0,
    audio_end_ms: 1_500,
  },
  'response.create': {
    type: 'response.create',
    event_id: 'client_3',
    response: {
      conversation: 'none',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Summarize.' }] }],
      instructions: 'Summarize in one sentence.',
      output_modalities: ['text'],
      audio: { output: { format: { type: 'audio/pcmu' }, voice: { id: 'voice_1' } } },
      max_output_tokens: 500,
      tools: [{ type: 'function', name: 'take_note' }],
      tool_choice: { type: 'function', name: 'take_note' },
      parallel_tool_calls: false,
      reasoning: { effort: 'minimal' },
      prompt: null,
      metadata: { purpose: 'summary' },
    },
  },
  'response.cancel': { type: 'response.cancel', response_id: 'resp_1' },
  'output_audio_buffer.clear': { type: 'output_audio_buffer.clear' },
};

/** Fields of events that may be absent; every other one must be there. */
export const OPTIONAL_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'conversation.item.created': ['previous_item_id'],
  'conversation.item.added': ['previous_item_id'],
  'conversation.item.done': ['previous_item_id'],
  'input_audio_buffer.committed': ['previous_item_id'],
  'conversation.item.input_audio_transcription.delta': ['content_index', 'delta', 'logprobs'],
  'conversation.item.input_audio_transcription.completed': ['languages', 'logprobs'],
  'response.mcp_call_arguments.delta': ['obfuscation'],
  'conversation.item.create': ['previous_item_id'],
  'response.create': ['response'],
  'response.cancel': ['response_id'],
};
