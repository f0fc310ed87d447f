/**
 * One side of a conversation between two processes: joins, says a tone and then a phrase once the other one is there, and
 * says on stdout how it heard the other's.
 */
import { readFile } from 'node:fs/promises';
import { InputAdapter, loadResampler, readWav, StreamingResampler } from '../../../../audio/index.js';
import { createLogger } from '../../../../src/log.js';
import { createVideoSdkRoom } from '../../../../src/room/videosdk/index.js';
import { findSpeech } from '../../../browser/speech-match.js';
import { Person, type ServerAddress, tokenFor } from './person.js';
import { tone, ToneMeter } from './tones.js';
import { sleep, until } from './world.js';

type Utterance = { toneHz: number; phrase: string };
export type TalkerOrder = {
  server: ServerAddress;
  roomId: string;
  id: string;
  otherId: string;
  says: Utterance;
  expects: Utterance;
};
export type TalkerReport = { toneMs: number; correlation: number; rmsDbfs: number; ratesHz: number[] };

const TONE_MS = 1_500;
const PAUSE_MS = 500;
const order = JSON.parse(process.argv[2] ?? '') as TalkerOrder;
const { server, roomId, id, otherId } = order;

await loadResampler();
const phrase48k = await readPhrase(order.says.phrase, 48_000);
const expected24k = await readPhrase(order.expects.phrase, 24_000);
const speech = new Int16Array((TONE_MS + PAUSE_MS) * 48 + phrase48k.length);
speech.set(tone(order.says.toneHz, TONE_MS));
speech.set(phrase48k, (TONE_MS + PAUSE_MS) * 48);

/** Everything heard of the other one, 48 kHz mono, whatever rate its frames had. */
const heard: Int16Array[] = [];
const ratesHz = new Set<number>();
const meter = new ToneMeter([order.expects.toneHz]);

if (id.startsWith('parley-')) await talkAsBot();
else await talkAsPerson();

const heard48k = join(heard);
const down = new StreamingResampler(48_000, 24_000);
const { correlation, rmsDbfs } = findSpeech(down.process(heard48k).slice(), expected24k);
const toneMs = meter.heardMs(order.expects.toneHz).reduce((sum, ms) => sum + ms, 0);
const report: TalkerReport = { toneMs, correlation, rmsDbfs, ratesHz: [...ratesHz] };
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);

/** The adapter under test. */
async function talkAsBot(): Promise<void> {
  const room = await createVideoSdkRoom({
    meetingId: roomId,
    token: tokenFor(server, roomId, id),
    name: 'Parley',
    participantId: id,
    signalingBaseUrl: server.signalingBaseUrl,
    ca: server.ca,
    log: createLogger({ level: 'warn' }),
  });
  const adapter = new InputAdapter();
  const audible = new Set<string>();
  room.events.on('audioStarted', (participantId) => audible.add(participantId));
  room.listen((participantId, frame, atMs) => {
    if (participantId !== otherId) return;
    ratesHz.add(frame.sampleRateHz);
    meter.hear(frame, atMs);
    heard.push(adapter.process(frame).slice());
  });
  let saidSamples = Number.NEGATIVE_INFINITY;
  room.publish({
    pull: (out) => {
      out.fill(0);
      if (saidSamples < 0) return;
      out.set(speech.subarray(saidSamples, saidSamples + out.length));
      saidSamples += out.length;
    },
  });
  await room.join();
  await until('the other one is audible', () => audible.has(otherId), 30_000);
  await sleep(1_000); // the other one hears us by now
  saidSamples = 0;
  await sleep(speech.length / 48 + 2_500);
  await room.leave();
}

async function talkAsPerson(): Promise<void> {
  const person = await Person.enter({ server, roomId, id, name: 'Ana' });
  await until('the other one is audible', () => person.heard(otherId).length > 0, 30_000);
  await sleep(1_000);
  person.say(speech);
  await sleep(speech.length / 48 + 2_500);
  const pcm = person.heard(otherId);
  ratesHz.add(48_000);
  heard.push(pcm);
  for (let n = 0; n + 480 <= pcm.length; n += 480) {
    meter.hear({ samples: pcm.subarray(n, n + 480), sampleRateHz: 48_000, channelCount: 1 }, n / 48);
  }
  await person.leave();
}

async function readPhrase(path: string, rateHz: number): Promise<Int16Array> {
  const wav = readWav(await readFile(new URL(`../../../../fixtures/phrasebook/${path}`, import.meta.url)));
  if (wav.sampleRateHz === rateHz) return wav.samples;
  return new StreamingResampler(wav.sampleRateHz, rateHz).process(wav.samples).slice();
}

function join(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
