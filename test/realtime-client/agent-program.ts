/** An agent with a tool and listeners, as a program writes it: the same in memory and in a meeting of the real SDK. */
import type { RealtimeClient } from '../../src/realtime-client/client.js';
import type { ReplyScript } from '../../src/embedded/realtime-server/index.js';

const TICKET = {
  name: 'submit_support_ticket',
  arguments: '{"customer_name":"Emma","email":"emma@example.com","issue":"where the station is"}',
};

/** When the stand-in for a model calls the tool: it understands nothing. */
export const AGENT_SCRIPT: ReplyScript = {
  onUserText: (text, toolNames) => {
    if (!text.includes('estación') || !toolNames.includes(TICKET.name)) return undefined;
    const reply = { ...TICKET, calls: [TICKET] };
    return reply;
  },
};

/** Tells what happens, a line each. */
export function runAgent(client: RealtimeClient, print: (line: string) => void): void {
  client.updateSession({
    instructions: 'You are Nova, of customer support. Translate what you hear into English.',
    input_audio_transcription: { model: 'gpt-realtime-whisper' },
  });
  client.addTool<{ customer_name: string; issue: string }>(
    {
      name: 'submit_support_ticket',
      description: 'Creates a support ticket in the customer service system',
      parameters: {
        type: 'object',
        properties: {
          customer_name: { type: 'string' },
          email: { type: 'string' },
          issue: { type: 'string' },
        },
        required: ['customer_name', 'email', 'issue'],
      },
    },
    async ({ customer_name: name, issue }) => {
      await Promise.resolve();
      print(`ticket of ${name}: ${issue}`);
      return 'I agree with you, but we need some more time.'; // what the stand-in can say
    },
  );
  const spoken = new Set<string>();
  client.on('conversation.updated', ({ item, delta }) => {
    if (item.role === 'user' && delta?.transcript !== undefined) print(`user: ${delta.transcript}`);
    if (delta?.audio === undefined || spoken.has(item.id)) return;
    spoken.add(item.id);
    print(`speaks ${spoken.size}`);
  });
  client.on('conversation.item.completed', ({ item }) => {
    if (item.role === 'assistant') print(`assistant: ${item.formatted.transcript}`);
    if (item.formatted.output !== undefined) print(`output: ${item.formatted.output}`);
  });
  client.on('conversation.interrupted', () => print('interrupted'));
  client.realtime.on('server.conversation.item.truncated', () => print('truncated'));
  client.on('error', (error) => print(`error: ${JSON.stringify(error)}`));
  client.on('call.session_participant_joined', ({ participant }) => print(`joined: ${participant.user_id}`));
  client.on('call.session_participant_left', ({ participant }) => print(`left: ${participant.user_id}`));
  client.on('call.ended', ({ reason }) => print(`ended: ${reason}`));
  client.on('close', ({ error }) => print(`closed: ${String(error)}`));
}
