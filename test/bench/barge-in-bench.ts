/** From a `speech_started` message to the first silent frame of playout, on the real clock with 10 ms frames. */
import { loadResampler } from '../../audio/index.js';
import { systemClock } from '../../src/clock.js';
import { InterpreterRoute } from '../../src/interpreter/route/route.js';
import { OutputChannel } from '../../src/interpreter/playback/output-channel.js';
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
  }
  await route.close(0);
  const group = 'barge-in: speech_started to silence';
  return [
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
