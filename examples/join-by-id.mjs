// Interprets the VideoSDK meeting whose id is given. Keys come from VIDEOSDK_API_KEY, VIDEOSDK_SECRET_KEY and OPENAI_API_KEY;
// without an OpenAI key the embedded stand-in interprets.
// node examples/join-by-id.mjs abcd-efgh-ijkl es,en
import { interpret, openAi, videoSdk } from '@parley-interpreter/parley';
import { embedded } from '@parley-interpreter/parley/embedded';

const [meetingId, languages = 'es,en'] = process.argv.slice(2);
const { VIDEOSDK_API_KEY: apiKey, VIDEOSDK_SECRET_KEY: secret, OPENAI_API_KEY: openAiKey } = process.env;
const { VIDEOSDK_SIGNALING_BASE_URL: signalingBaseUrl } = process.env; // only where it is not VideoSDK's own

const bot = await interpret({
  platform: videoSdk({ apiKey, secret, signalingBaseUrl }),
  meetingId,
  backend: openAiKey === undefined ? await embedded() : openAi({ apiKey: openAiKey }),
  settings: { languages: languages.split(','), leaveWhenEmptyS: 60 },
});
process.once('SIGINT', () => bot.stop({ drainMs: 5_000 }));
console.log(`in the meeting as ${bot.participantId}`);
for await (const event of bot) {
  if (event.type === 'joined') console.log(`${event.person.name} is here`);
  if (event.type === 'notice') console.log(`note: ${event.message}`);
}
process.exit(); // WebRTC's threads do not survive a natural end of the process
