import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TurnDetector } from '../../../src/embedded/realtime-server/input/turn-detector.js';
import {
  DEFAULT_SEMANTIC_VAD,
  DEFAULT_SERVER_VAD,
} from '../../../src/embedded/realtime-server/config/session-config.js';
import {
  at,
  babble,
  base64,
  detection,
  Harness,
  join,
  mix,
  noise,
  silence,
  type TestClient,
  update,
} from './harness.js';

type Vad = typeof DEFAULT_SERVER_VAD | typeof DEFAULT_SEMANTIC_VAD;
type Bounds = { onsetMs: number; endMs: number };

/** Bounds of every stretch of speech found, in ms. */
function bounds(pcm: Int16Array, vad: Partial<typeof DEFAULT_SERVER_VAD> = {}): Bounds[] {
  const detector = new TurnDetector();
  const found: Bounds[] = [];
  let onsetMs = 0;
  for (let from = 0; from + 240 <= pcm.length; from += 240) {
    const boundary = detector.push(pcm.subarray(from, from + 240), { ...DEFAULT_SERVER_VAD, ...vad });
    if (boundary?.kind === 'started') onsetMs = boundary.onsetSample / 24;
    if (boundary?.kind === 'stopped') found.push({ onsetMs, endMs: boundary.endSample / 24 });
  }
  return found;
}

function silenceToStop(vad: Vad, speechMs: number): number {
  const detector = new TurnDetector();
  const pcm = join(silence(300), babble(speechMs), silence(9_000));
  for (let from = 0; from + 240 <= pcm.length; from += 240) {
    const boundary = detector.push(pcm.subarray(from, from + 240), vad);
    if (boundary?.kind === 'stopped') return boundary.silenceMs;
  }
  return Number.NaN;
}

describe('TurnDetector', () => {
  it.each([
    [0, 1_000],
    [500, 1_237],
    [1_003, 700],
    [3_333, 2_345],
  ])('finds speech at %i ms for %i ms to ±20 ms', (lead, length) => {
    const found = bounds(join(silence(lead), babble(length), silence(600)));
    expect(found).toHaveLength(1);
    expect(Math.abs(found[0]!.onsetMs - lead)).toBeLessThanOrEqual(20);
    // The synthetic voice ends in a dip when it stops between two syllables.
    const dip = (length % 220) - 180;
    expect(Math.abs(found[0]!.endMs - (lead + length))).toBeLessThanOrEqual(20 + Math.max(0, dip));
  });

  it('finds the consonant before the first vowel', () => {
    const hiss = noise(90, 'white', -38);
    const found = bounds(join(silence(500), hiss, silence(50), babble(800), silence(600)));
    expect(Math.abs(found[0]!.onsetMs - 500)).toBeLessThanOrEqual(20);
  });

  it.each([80, 120, 220, 320])('hears a voice of %i Hz at -40 dBFS', (pitchHz) => {
    const found = bounds(join(silence(500), babble(1_000, { pitchHz, rmsDbfs: -40 }), silence(600)));
    expect(found).toHaveLength(1);
    expect(Math.abs(found[0]!.onsetMs - 500)).toBeLessThanOrEqual(20);
  });

  it('hears speech in noise, and its bounds', () => {
    const pcm = join(silence(3_000), babble(1_500, { rmsDbfs: -25 }), silence(1_500));
    for (const kind of ['white', 'pink'] as const) {
      const found = bounds(mix(pcm, noise(6_000, kind, -45)), { silence_duration_ms: 300 });
      expect(found).toHaveLength(1);
      expect(Math.abs(found[0]!.onsetMs - 3_000)).toBeLessThanOrEqual(30);
      expect(Math.abs(found[0]!.endMs - 4_500)).toBeLessThanOrEqual(30);
    }
  });

  it.each(['white', 'pink'] as const)('never takes %s noise for speech, steady or sudden', (kind) => {
    for (const level of [-60, -45, -30]) {
      const steady = noise(30_000, kind, level, 3);
      const sudden = join(silence(5_000), noise(5_000, kind, level, 4), silence(1_000));
      for (const pcm of [steady, sudden]) {
        expect(bounds(pcm)).toEqual([]);
        expect(bounds(pcm, { threshold: 0.1 })).toEqual([]);
      }
    }
  });

  it('takes nothing for speech in digital silence, a DC offset, a click or a threshold of 0', () => {
    const clicks = silence(3_000).map((_, index) => (index % 24_000 === 12_000 ? 20_000 : 0));
    for (const pcm of [silence(3_000), silence(3_000).fill(8_000), clicks]) {
      expect(bounds(pcm, { threshold: 0 })).toEqual([]);
    }
  });

  it('is less sensitive the higher the threshold', () => {
    const heardFrom = [0.1, 0.3, 0.5, 0.7, 0.9].map((threshold) => {
      for (let level = -70; level <= -20; level += 2) {
        const pcm = join(silence(400), babble(700, { rmsDbfs: level }), silence(400));
        if (bounds(pcm, { threshold }).length > 0) return level;
      }
      return 0;
    });
    expect(heardFrom).toEqual([...heardFrom].sort((a, b) => a - b));
    expect(new Set(heardFrom).size).toBe(5);
    expect(heardFrom[2]).toBeLessThanOrEqual(-40);
  });

  it('joins what is closer than the silence duration and parts what is not', () => {
    const pcm = join(babble(800), silence(400), babble(800), silence(900));
    expect(bounds(pcm, { silence_duration_ms: 500 })).toHaveLength(1);
    expect(bounds(pcm, { silence_duration_ms: 300 })).toHaveLength(2);
  });

  it('stops after the noise of a fan has started, though the noise goes on', () => {
    const pcm = join(silence(500), babble(1_000), noise(6_000, 'white', -30));
    const found = bounds(pcm);
    expect(found).toHaveLength(1);
    expect(found[0]!.endMs).toBeLessThan(2_000);
  });

  it('ends semantic turns by eagerness: soon after a phrase, late after a word', () => {
    const semantic = (eagerness: 'low' | 'medium' | 'high' | 'auto'): Vad => ({
      ...DEFAULT_SEMANTIC_VAD,
      eagerness,
    });
    expect(silenceToStop(semantic('low'), 1_200)).toBe(1_600);
    expect(silenceToStop(semantic('medium'), 1_200)).toBe(800);
    expect(silenceToStop(semantic('auto'), 1_200)).toBe(800);
    expect(silenceToStop(semantic('high'), 1_200)).toBe(400);
    expect(silenceToStop(semantic('low'), 300)).toBe(8_000);
    expect(silenceToStop(semantic('medium'), 300)).toBe(4_000);
    expect(silenceToStop(semantic('high'), 300)).toBe(2_000);
  });
});

describe('turn detection of a session', () => {
  let harness: Harness;
  let client: TestClient;

  beforeAll(async () => {
    harness = await Harness.start();
  });
  afterAll(() => harness.stop());
  beforeEach(async () => {
    client = await harness.connect();
    harness.responder.heard.length = 0;
  });

  it('does not depend on how the audio is cut', async () => {
    const pcm = join(silence(700), babble(900), silence(400), babble(700), silence(300));
    const runs: unknown[] = [];
    for (const chunkMs of [1, 7, 20, 100, 3_000]) {
      const other = await harness.connect();
      await harness.speak(other, pcm, chunkMs);
      const times = other.events.map((event) => [event.type, event['audio_start_ms'], event['audio_end_ms']]);
      runs.push(times.filter(([type]) => String(type).includes('speech_')));
    }
    expect(runs[0]).toHaveLength(4);
    for (const run of runs) expect(run).toEqual(runs[0]);
  });

  it('obeys padding and silence, clamping the padding at the start of the session', async () => {
    await harness.ask(
      client,
      detection({ type: 'server_vad', prefix_padding_ms: 100, silence_duration_ms: 500 }),
    );
    await harness.speak(client, join(silence(50), babble(1_000), silence(700), babble(1_000), silence(490)));
    const starts = client.of('input_audio_buffer.speech_started').map((event) => event['audio_start_ms']);
    expect(starts).toEqual([0, 1_650]);
    expect(client.of('input_audio_buffer.speech_stopped').map((event) => event['audio_end_ms'])).toEqual([
      1_550,
    ]);
    await harness.speak(client, silence(10));
    expect(client.last('input_audio_buffer.speech_stopped')['audio_end_ms']).toBe(3_250);
    expect(harness.responder.heard[0]!.pcm24k.length).toBe(1_550 * 24);
  });

  it('reaches the padding back over the turn before', async () => {
    await harness.speak(client, join(silence(500), babble(800), silence(220), babble(800), silence(300)));
    const starts = client.of('input_audio_buffer.speech_started').map((event) => event['audio_start_ms']);
    expect(starts).toEqual([200, 1_220]);
    const end = Number(client.last('input_audio_buffer.speech_stopped')['audio_end_ms']);
    expect(harness.responder.heard[1]?.pcm24k.length).toBe((end - 1_220) * 24);
  });

  it('leaves everything to the client without turn detection', async () => {
    await harness.ask(client, detection(null));
    await harness.speak(client, join(babble(1_000), silence(1_000)));
    expect(client.types()).toEqual(['session.created', 'session.updated']);
    const from = client.events.length;
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    expect(client.types(from)).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    await harness.ask(client, { type: 'input_audio_buffer.commit', event_id: 'c2' });
    expect(client.error).toEqual({
      type: 'invalid_request_error',
      code: 'input_audio_buffer_commit_empty',
      message:
        'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 0.00ms of audio.',
      param: null,
      event_id: 'c2',
    });
    await harness.speak(client, silence(99));
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    expect(client.error['message']).toContain('99.00ms');
    await harness.speak(client, silence(1));
    expect((await harness.ask(client, { type: 'input_audio_buffer.commit' })).type).toBe(
      'conversation.item.done',
    );
    const itemId = String(client.last('input_audio_buffer.committed')['item_id']);
    await harness.ask(client, { type: 'conversation.item.retrieve', item_id: itemId });
    expect(at(client.last(), 'item.content.0.audio')).toBe(base64(silence(100)));
  });

  it('clears the buffer, and the turn in it', async () => {
    await harness.speak(client, join(silence(500), babble(600)));
    expect(client.last().type).toBe('input_audio_buffer.speech_started');
    expect((await harness.ask(client, { type: 'input_audio_buffer.clear' })).type).toBe(
      'input_audio_buffer.cleared',
    );
    await harness.speak(client, silence(1_000));
    expect(client.last().type).toBe('input_audio_buffer.cleared');
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    await harness.speak(client, join(silence(100), babble(600), silence(300)));
    const started = client.last('input_audio_buffer.speech_started');
    expect(started['audio_start_ms']).toBe(2_100); // not 1,900: what was committed is not sent again
  });

  it('takes what was said so far for a turn when told to, and what follows for the next', async () => {
    const speech = babble(3_000);
    await harness.speak(client, join(silence(500), speech.subarray(0, 24_000 + 7)));
    const first = client.last('input_audio_buffer.speech_started')['item_id'];
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    expect(client.last('input_audio_buffer.committed')['item_id']).toBe(first);
    await harness.speak(client, speech.subarray(24_000 + 7, 48_000));
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    const second = client.last('input_audio_buffer.committed')['item_id'];
    await harness.speak(client, join(speech.subarray(48_000), silence(1_000)));
    const third = client.last('input_audio_buffer.committed')['item_id'];
    expect(new Set([first, second, third]).size).toBe(3);
    // VAD never stopped to hear speech, and promises the item of the rest only when it stops.
    expect(client.of('input_audio_buffer.speech_started')).toHaveLength(1);
    expect(client.of('input_audio_buffer.speech_stopped').map((event) => event['item_id'])).toEqual([third]);
    // Nothing is lost between two items, and nothing is in both.
    const items: string[] = [];
    for (const item_id of [first, second, third]) {
      const { item } = (await harness.ask(client, {
        type: 'conversation.item.retrieve',
        item_id,
      })) as unknown as {
        item: { content: { audio: string }[] };
      };
      items.push(item.content[0]!.audio);
    }
    const heard = Buffer.concat(items.map((audio) => Buffer.from(audio, 'base64')));
    const startMs = Number(client.last('input_audio_buffer.speech_started')['audio_start_ms']);
    const endMs = Number(client.last('input_audio_buffer.speech_stopped')['audio_end_ms']);
    const whole = join(silence(500), speech, silence(1_000)).subarray(startMs * 24, endMs * 24);
    expect(heard.toString('base64')).toBe(base64(whole));
    await harness.advance(5_000);
    expect(client.of('response.created')).toHaveLength(1); // a commit by the client asks for none
  });

  it('stops after the silence that had begun before a commit', async () => {
    await harness.speak(client, join(silence(500), babble(840), silence(120)));
    await harness.ask(client, { type: 'input_audio_buffer.commit' });
    await harness.speak(client, silence(1_000));
    const stopped = client.last('input_audio_buffer.speech_stopped');
    expect(Math.abs(Number(stopped['audio_end_ms']) - 1_540)).toBeLessThanOrEqual(20); // 200 ms after the last word
    expect(client.last('input_audio_buffer.committed')['item_id']).toBe(stopped['item_id']);
  });

  it('finds speech in G.711 too', async () => {
    for (const type of ['audio/pcmu', 'audio/pcma']) {
      const other = await harness.connect();
      const format = { type };
      await harness.ask(other, update({ audio: { input: { format }, output: { format } } }));
      const law = await import('../../../src/embedded/realtime-server/input/g711.js');
      const pcm = join(silence(800), babble(1_000), silence(400));
      const bytes = Buffer.from(law.encodeG711(pcm, type === 'audio/pcmu' ? 'mu' : 'a'));
      for (let from = 0; from < bytes.length; from += 160) {
        const audio = bytes.subarray(from, from + 160).toString('base64');
        other.send({ type: 'input_audio_buffer.append', audio });
      }
      await harness.settle();
      expect(
        Math.abs(Number(other.last('input_audio_buffer.speech_started')['audio_start_ms']) - 500),
      ).toBeLessThan(20);
      await harness.advance(3_000);
      const spoken = other
        .of('response.output_audio.delta')
        .map((event) => Buffer.from(String(event['delta']), 'base64'));
      expect(Buffer.concat(spoken).length).toBe(8_000);
    }
  });

  it('speaks up when nobody does', async () => {
    await harness.ask(client, detection({ type: 'server_vad', idle_timeout_ms: 5_000 }));
    await harness.speak(client, join(babble(800), silence(400)));
    await harness.advance(525); // the response of one second of audio is done: its playback ends a second later
    await harness.advance(1_000);
    await harness.speak(client, silence(2_000));
    await harness.advance(4_999);
    expect(client.of('input_audio_buffer.timeout_triggered')).toHaveLength(0);
    const from = client.events.length;
    await harness.advance(1);
    expect(client.types(from)).toEqual([
      'input_audio_buffer.timeout_triggered',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'response.created',
    ]);
    expect(client.last('input_audio_buffer.timeout_triggered')).toMatchObject({
      audio_start_ms: 1_200,
      audio_end_ms: 3_200,
    });
    await harness.speak(client, join(babble(600), silence(400)));
    await harness.advance(2_000);
  });

  it('costs little: less than 3 ms of CPU for a second of idle audio', () => {
    const detector = new TurnDetector();
    const frame = noise(10, 'white', -60);
    for (let index = 0; index < 2_000; index++) detector.push(frame, DEFAULT_SERVER_VAD);
    const before = process.cpuUsage();
    for (let index = 0; index < 6_000; index++) detector.push(frame, DEFAULT_SERVER_VAD);
    const used = process.cpuUsage(before);
    expect((used.user + used.system) / 1_000 / 60).toBeLessThan(3);
  });
});
