// An agent in the VideoSDK meeting whose id is given: it hears everybody, answers, and uses a tool. Keys come from
// VIDEOSDK_API_KEY, VIDEOSDK_SECRET_KEY and OPENAI_API_KEY; without an OpenAI key the embedded stand-in answers.
// node examples/meeting-agent.mjs abcd-efgh-ijkl
import { connectRealtime, openAi, videoSdk } from '@parley-interpreter/parley';
import { embedded } from '@parley-interpreter/parley/embedded';

const [meetingId] = process.argv.slice(2);
const { VIDEOSDK_API_KEY: apiKey, VIDEOSDK_SECRET_KEY: secret, OPENAI_API_KEY: openAiKey } = process.env;
const { VIDEOSDK_SIGNALING_BASE_URL: signalingBaseUrl } = process.env; // only where it is not VideoSDK's own

const client = await connectRealtime({
  platform: videoSdk({ apiKey, secret, signalingBaseUrl }),
  meetingId,
  backend: openAiKey === undefined ? await embedded() : openAi({ apiKey: openAiKey }),
  agentUserId: 'nova',
});
client.updateSession({ voice: 'marin', instructions: 'You are Nova. Help people to file support tickets.' });
client.addTool(
  {
    name: 'submit_support_ticket',
    description: 'Creates a support ticket',
    parameters: { type: 'object', properties: { issue: { type: 'string' } }, required: ['issue'] },
  },
  ({ issue }) => {
    console.log(`a ticket: ${issue}`);
    return { ticket_id: 'T-1' };
  },
);
client.on('call.session_participant_joined', ({ participant }) =>
  console.log(`${participant.user.name} is here`),
);
client.on('conversation.item.completed', ({ item: { role, formatted } }) => {
  if (role === 'assistant') console.log(`Nova: ${formatted.transcript}`);
});
client.on('error', (error) => console.error(error));
client.on('close', () => process.exit()); // WebRTC's threads do not survive a natural end of the process
process.once('SIGINT', () => client.disconnect());
console.log('in the meeting');
client.sendUserMessageContent([{ type: 'input_text', text: 'Please introduce yourself.' }]);
