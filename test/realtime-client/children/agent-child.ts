/** An agent in an embedded room with the real SDK: prints its lines, and leaves when it is told to end. */
import { embedded } from '../../../src/embedded/index.js';
import { connectRealtime } from '../../../src/realtime-client/connect-realtime.js';
import { videoSdk } from '../../../src/room/videosdk/platform.js';
import { AGENT_SCRIPT, runAgent } from '../agent-program.js';

/** Where the meeting is. */
export type AgentOrder = {
  meetingId: string;
  apiKey: string;
  secret: string;
  signalingBaseUrl: string;
  apiUrl: string;
  ca: string;
};

const { meetingId, ...place } = JSON.parse(process.argv[2] ?? '') as AgentOrder;
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const client = await connectRealtime({
  platform: videoSdk(place),
  meetingId,
  backend: await embedded({ script: AGENT_SCRIPT }),
  agentUserId: 'nova',
});
runAgent(client, print);
print('ready');
process.once('SIGTERM', () => {
  void client.disconnect().then(() => process.exit(0));
});
