/** The embedded Realtime server in a process of its own, with answers on order. */
import { join } from 'node:path';
import { readWav } from '../../../audio/index.js';
import { readFileSync } from 'node:fs';
import { startRealtimeServer } from '../../../src/embedded/realtime-server/index.js';
import type { Reply } from '../../../src/embedded/realtime-server/responses/responder.js';
import { packageRoot } from '../../../src/package-root.js';
import { NOISE_RATE_HZ, speechShapedNoise, tone } from '../signals.js';
import type { Answer, RealtimeOrder, RealtimeReport } from './messages.js';
import { followOrders, notify } from './orders.js';

const NOTHING: Reply = { sourceText: 'heard', text: '', pcm24k: new Int16Array(0) };
const SPEECH = readWav(
  readFileSync(join(packageRoot(), 'fixtures', 'phrasebook', 'en', 'the-meeting-starts.wav')),
).samples;

let answer: Answer = { what: 'nothing' };
let prepared: Reply = NOTHING;

function prepare(): Reply {
  switch (answer.what) {
    case 'nothing':
      return NOTHING;
    case 'tone':
      return { ...NOTHING, text: 'a tone', pcm24k: tone(1_000, answer.durationMs, NOISE_RATE_HZ) };
    case 'speech':
      return { ...NOTHING, text: 'the meeting starts', pcm24k: SPEECH };
    case 'signal':
      return { ...NOTHING, text: 'a signal', pcm24k: speechShapedNoise(answer.durationMs) };
  }
}

function reply(): Reply {
  const said = prepared;
  if (answer.what === 'signal') prepared = NOTHING;
  return said;
}

const server = await startRealtimeServer({
  responder: { name: 'bench', respondToAudio: reply, respondToText: reply },
  firstAudioDelayMs: 0,
});
followOrders((order: RealtimeOrder): RealtimeReport => {
  if (order.kind === 'count') {
    return { kind: 'counted', messages: server.receivedCount, audioMs: server.receivedAudioMs };
  }
  answer = order.answer;
  prepared = prepare();
  return { kind: 'answering' };
});
const { url, liveUrl } = server;
notify({
  kind: 'started',
  url,
  urls: { conversation: url, translate: `${url}/translations`, live: liveUrl },
} satisfies RealtimeReport);
