import { beforeEach, describe, expect, it } from 'vitest';
import { base64OfPcm16, pcm16OfBase64 } from '../../../audio/pcm.js';
import { VirtualClock } from '../../../src/clock.js';
import { AudioChunk, AudioMessage } from '../../../src/realtime/uplink/audio-chunk.js';
import { compatibleTransport } from '../../../src/realtime/providers/compatible-transport.js';
import type { ParsedMessage, RealtimeTransport, TransportHandlers } from '../../../src/realtime/transport.js';
import { DEFAULT_WIRE_FORM, type WireForm } from '../../../src/realtime/providers/wire-form.js';

let clock: VirtualClock;
let server: TransportHandlers;
let emitted: string[];
let connection: RealtimeTransport;
let parsed: { message: ParsedMessage; text: string }[];
let sent: string[];

/** A connection to a server of this form, whose owner takes messages as text, or as they were parsed. */
async function open(form: WireForm, takesParsed: boolean): Promise<RealtimeTransport> {
  const inner: RealtimeTransport = {
    bufferedAmountBytes: 0,
    sentCount: 0,
    receivedCount: 0,
    send: (text) => {
      sent.push(text);
    },
    sendAudio: ({ text }) => {
      sent.push(text);
    },
    close: () => undefined,
  };
  const opening = compatibleTransport(
    (handlers) => {
      server = handlers;
      return Promise.resolve(inner);
    },
    form,
    clock,
  );
  return opening({
    message: (text) => emitted.push(text),
    ...(takesParsed ? { parsed: (message, text) => parsed.push({ message, text }) } : {}),
    closed: ({ code }) => emitted.push(`closed ${code}`),
  });
}

beforeEach(async () => {
  clock = new VirtualClock();
  emitted = [];
  parsed = [];
  sent = [];
  connection = await open(DEFAULT_WIRE_FORM, false);
});

const say = (event: object): void => {
  server.message(JSON.stringify(event));
};
const types = (): string[] => emitted.map((text) => (JSON.parse(text) as { type: string }).type);

describe('what never comes', () => {
  it('is made up for after a while, once', () => {
    clock.advanceBy(1_999);
    expect(types()).toEqual([]);
    clock.advanceBy(1);
    connection.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime' } }));
    connection.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime' } }));
    clock.advanceBy(10_000);
    expect(types()).toEqual(['session.created', 'session.updated']);
  });

  it('is made up for before the event that shows it', () => {
    say({ type: 'conversation.created', conversation: {} });
    say({ type: 'input_audio_buffer.speech_stopped', item_id: 'a', audio_end_ms: 5 });
    say({ type: 'response.audio.delta', response_id: 'r', delta: 'AAAA' });
    say({ type: 'response.done', response: { id: 'r', status: 'completed' } });
    clock.advanceBy(10_000);
    expect(types()).toEqual([
      'session.created',
      'conversation.created',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'response.created',
      'response.output_audio.delta',
      'response.done',
    ]);
    expect(JSON.parse(emitted[5]!)).toMatchObject({ item_id: 'r.item', output_index: 0, content_index: 0 });
  });

  it('is not made up for where it comes, and a commit that comes late is no second turn', () => {
    say({ type: 'session.created', session: { id: 's', expires_at: 7, odd: true } });
    say({ type: 'input_audio_buffer.speech_stopped', item_id: 'a', audio_end_ms: 5 });
    clock.advanceBy(500);
    say({ type: 'input_audio_buffer.committed', item_id: 'a' });
    say({ type: 'input_audio_buffer.speech_stopped', item_id: 'b', audio_end_ms: 9 });
    say({ type: 'input_audio_buffer.committed', item_id: 'b' });
    clock.advanceBy(10_000);
    const commits = emitted.filter((text) => text.includes('committed')).map((text) => text.slice(-14));
    expect(types().filter((type) => type === 'session.created')).toHaveLength(1);
    expect(commits.map((text) => /"item_id":"(.)"/.exec(text)?.[1])).toEqual(['a', 'b']);
    expect(JSON.parse(emitted[0]!)).toMatchObject({
      session: { type: 'realtime', id: 's', expires_at: 7 },
    });
  });

  it('a transcript that may still change is left out, and what is no event is passed on', () => {
    const type = 'conversation.item.input_audio_transcription.completed';
    say({ type: 'session.created' });
    say({ type, item_id: 'a', transcript: 'uno', status: 'in_progress' });
    say({ type, item_id: 'a', transcript: 'uno dos', status: 'completed' });
    server.message('no JSON');
    server.message('[1]');
    expect(emitted.slice(1).map((text) => /uno[ a-z]*|no JSON|\[1\]/.exec(text)?.[0])).toEqual([
      'uno dos',
      'no JSON',
      '[1]',
    ]);
  });

  it('stays away once the connection is closed', () => {
    say({ type: 'input_audio_buffer.speech_stopped', item_id: 'a', audio_end_ms: 5 });
    server.closed({ code: 1006, reason: '' });
    const before = emitted.length;
    clock.advanceBy(60_000);
    expect(emitted).toHaveLength(before);
  });
});

describe('whoever takes messages as they were parsed', () => {
  beforeEach(async () => {
    connection = await open(DEFAULT_WIRE_FORM, true);
  });

  it('is given them in the words of the API, with the text as it travelled', () => {
    const text = '{"type":"response.audio.delta","response_id":"r","delta":"AAAA"}';
    server.message(text);
    expect(emitted).toEqual([]);
    expect(parsed.map(({ message, text: travelled }) => [message['type'], travelled])).toEqual([
      ['session.created', ''],
      ['response.created', ''],
      ['response.output_audio.delta', text],
    ]);
    expect(parsed[2]!.message).toMatchObject({ response_id: 'r', item_id: 'r.item', delta: 'AAAA' });
  });

  it('is given the text of what is no event', () => {
    server.message('no JSON');
    expect([emitted, parsed]).toEqual([['no JSON'], []]);
  });
});

describe('audio', () => {
  const tone = Int16Array.from({ length: 480 }, (_, n) => Math.round(8_000 * Math.sin(n * 0.1)));
  const message = () =>
    new AudioMessage('input_audio_buffer.append', [
      new AudioChunk(tone.slice(0, 240), 0, true, 0),
      new AudioChunk(tone.slice(240), 10, true, 0),
    ]);
  const samplesOf = (text: string) => {
    const { audio } = JSON.parse(text) as { audio: string };
    return Buffer.from(audio, 'base64').length / 2;
  };

  it('goes out as it is to a server of the API’s own rate', () => {
    connection.sendAudio(message());
    expect(sent).toEqual([message().text]);
  });

  it.each([
    [8_000, 160],
    [16_000, 320],
    [48_000, 960],
  ] as const)('is resampled for a server that takes %i Hz', async (inputRateHz, samples) => {
    const connection = await open({ sessionShape: 'nested', inputRateHz }, false);
    connection.sendAudio(message());
    connection.sendAudio(message());
    expect(sent.map(samplesOf)).toEqual([samples, samples]);
    expect(JSON.parse(sent[1]!)).toMatchObject({ type: 'input_audio_buffer.append' });
    server.closed({ code: 1000, reason: '' });
    connection.sendAudio(message());
    expect(sent).toHaveLength(2);
  });

  it('in messages is resampled too, each on its own', async () => {
    const connection = await open({ sessionShape: 'flat', inputRateHz: 16_000 }, false);
    const said = (audio: string) => ({
      type: 'conversation.item.create',
      item: {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_audio', audio },
          { type: 'input_text', text: 'x' },
        ],
      },
    });
    for (let n = 0; n < 2; n++) connection.send(JSON.stringify(said(base64OfPcm16(tone))));
    const parts = sent.map((text) => (JSON.parse(text) as ReturnType<typeof said>).item.content);
    expect(parts[0]).toEqual(parts[1]);
    expect(parts[0]![1]).toEqual({ type: 'input_text', text: 'x' });
    const sound = pcm16OfBase64((parts[0]![0] as { audio: string }).audio);
    expect(sound.length).toBeGreaterThanOrEqual(320);
    expect(sound.length).toBeLessThan(400);
    const loudest = sound.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    expect(loudest).toBeGreaterThan(7_500);
  });
});
