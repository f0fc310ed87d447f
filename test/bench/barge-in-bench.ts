/** From speech that is told, as `speech_started` is in a replay, to the first silent frame of playout, on the real clock. */
import { loadResampler } from '../../audio/index.js';
import { systemClock } from '../../src/clock.js';
import { InterpreterRoute } from '../../src/interpreter/route/route.js';
import {
  type ChannelClient,
  OutputChannel,
  type OutputChannelOptions,
} from '../../src/interpreter/playback/output-channel.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { ConversationSession } from '../../src/realtime/conversation/conversation-session.js';
import type { TransportHandlers } from '../../src/realtime/transport.js';
import { median, quantile, type Row } from './measure.js';

const ROUNDS = 200;

/** One session with a scripted server; each round fills playback, lets it sound, and interrupts it at a random moment. */
export async function benchBargeIn(): Promise<Row[]> {
  await loadResampler();
  let server: TransportHandlers | undefined;
  let eventNumber = 0;
  const say = (event: object): void => {
    server?.message(JSON.stringify({ event_id: `e${++eventNumber}`, ...event }));
  };
  const session = new ConversationSession({
    open: (handlers) => {
      server = handlers;
      setImmediate(() => {
        say({ type: 'session.created', session: { type: 'realtime' } });
        say({ type: 'session.updated', session: { type: 'realtime' } });
      });
      return Promise.resolve({
        bufferedAmountBytes: 0,
        sentCount: 0,
        receivedCount: 0,
        send: () => undefined,
        sendAudio: () => undefined,
        close: () => undefined,
      });
    },
    clock: systemClock,
    name: 'bench',
    config: DEFAULT_CONVERSATION_CONFIG,
    instructions: '',
  });
  const voice = new OutputChannel({ bargeIn: 'any' });
  const route = new InterpreterRoute({ speakerId: 'speaker', session, voice });
  session.events.on('speechStarted', () => voice.heard('listener', Infinity));
  await session.connect();

  const out = new Int16Array(480);
  const delta = Buffer.from(Int16Array.from({ length: 24_000 }, () => 8_000).buffer).toString('base64');
  const framesMs: number[] = [];
  const handlingMicroseconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const item = `item_${round}`;
    say({ type: 'input_audio_buffer.committed', item_id: item, previous_item_id: null });
    say({ type: 'response.created', response: { id: `resp_${round}`, metadata: { turn: item } } });
    say({
      type: 'response.output_audio.delta',
      response_id: `resp_${round}`,
      item_id: `spoken_${round}`,
      output_index: 0,
      content_index: 0,
      delta,
    });
    for (let frame = 0; frame < 3; frame++) voice.pull(out, round * 1000 + frame * 10);
    const startedMs = performance.now();
    say({
      type: 'input_audio_buffer.speech_started',
      item_id: `barge_${round}`,
      audio_start_ms: round * 1000,
    });
    handlingMicroseconds.push((performance.now() - startedMs) * 1000);
    let frames = 0;
    do {
      voice.pull(out, round * 1000 + 30 + frames * 10);
      frames++;
    } while (out.some((sample) => sample !== 0));
    framesMs.push((frames - 1) * 10);
    say({ type: 'response.done', response: { id: `resp_${round}`, status: 'completed' } });
    say({ type: 'input_audio_buffer.committed', item_id: `barge_${round}`, previous_item_id: null });
    say({
      type: 'response.created',
      response: { id: `none_${round}`, metadata: { turn: `barge_${round}` } },
    });
    say({ type: 'response.done', response: { id: `none_${round}`, status: 'completed' } });
    voice.heard('listener', 0);
  }
  await route.close(0);
  const group = 'barge-in: speech_started to silence';
  const price = { group: 'barge-in: from the first word of an interruption to silence', unit: 'ms' };
  const now = silencedAfterMs({ bargeInMinMs: 500, backchannelMaxMs: 700 });
  const before = silencedAfterMs({ bargeInMinMs: 250, backchannelMaxMs: 0 });
  return [
    { ...price, name: 'with backchannels', value: now, note: 'the default' },
    { ...price, name: 'without', value: before, note: 'all that lasts 250 ms interrupts' },
    { ...price, name: 'their price', value: now - before, note: 'wanted: at most 300 ms' },
    {
      group,
      name: 'playout until the first silent frame, worst',
      value: Math.max(...framesMs),
      unit: 'ms',
      note: `${ROUNDS} interruptions; the one frame holds the fade-out`,
    },
    {
      group,
      name: 'message handled, median',
      value: median(handlingMicroseconds) / 1000,
      unit: 'ms',
      note: 'from the message received to playback cleared',
    },
    {
      group,
      name: 'message handled, p99',
      value: quantile(handlingMicroseconds, 0.99) / 1000,
      unit: 'ms',
      note: '',
    },
  ];
}

/** Milliseconds of speech over a translation until that is silent. */
function silencedAfterMs(options: Omit<OutputChannelOptions, 'bargeIn'>): number {
  const voice = new OutputChannel({ bargeIn: 'others', ...options });
  const ignore = (): void => undefined;
  const client: ChannelClient = {
    ...{ speakerId: 'speaker', onStarted: ignore, onAudible: ignore, onFinished: ignore },
    ...{ onCut: ignore, onHold: ignore, onHurry: ignore },
  };
  voice.say(client, { turnId: 'turn', endMs: 0 }, 'item', new Int16Array(240_000).fill(8_000));
  const out = new Int16Array(480);
  for (let atMs = 0; atMs < 100; atMs += 10) voice.pull(out, atMs);
  for (let lastedMs = 10; ; lastedMs += 10) {
    voice.heard('listener', lastedMs);
    voice.pull(out, 90 + lastedMs);
    if (out.every((sample) => sample === 0)) return lastedMs - 10;
  }
}
