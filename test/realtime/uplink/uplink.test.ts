import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { type AppendType, AudioChunk, AudioMessage } from '../../../src/realtime/uplink/audio-chunk.js';
import { MAX_HELD_MS, Uplink } from '../../../src/realtime/uplink/uplink.js';
import { MessagePacing } from '../../../src/realtime/uplink/message-pacing.js';
import { FakeVad } from '../fake-vad.js';
import { base64Of, tone } from '../scripted-transport.js';
import { connected, speak } from '../session-fixture.js';
import { append, chunkOf } from '../chunks.js';

const CONGESTED_BYTES = 32_768;

const SILENCE = new Int16Array(240);

function makeUplink(messageMs = 20, leadMs = 0, pacing?: MessagePacing) {
  const clock = new VirtualClock();
  const counters = { audioSentMs: 0, audioDroppedMs: 0 };
  let drops = 0;
  const uplink = new Uplink({
    messageMs,
    ...(pacing === undefined ? {} : { pacing }),
    leadMs,
    clock,
    counters,
    onDropped: () => {
      drops++;
    },
  });
  const sent: Int16Array[] = [];
  const connection = {
    bufferedAmountBytes: 0,
    sendAudio: (message: AudioMessage) => {
      const { type, audio } = JSON.parse(message.text) as { type: string; audio: string };
      expect(type).toBe('input_audio_buffer.append');
      sent.push(new Int16Array(new Uint8Array(Buffer.from(audio, 'base64')).buffer));
    },
  };
  const append = (pcm: Int16Array, atMs: number) => {
    uplink.append(chunkOf(pcm, atMs));
  };
  return { uplink, append, clock, counters, sent, connection, drops: () => drops };
}

/** Speaks to an uplink in chunks of 20 ms, and makes pauses, which begin at `fromMs` of no voice. */
function speaker(uplink: Uplink) {
  let atMs = 0;
  const append = (voiced: boolean, pauseMs: number): void => {
    uplink.append(new AudioChunk(ramp(480), atMs, voiced, pauseMs));
    atMs += 20;
  };
  return {
    say: (durationMs: number) => {
      for (let lasted = 20; lasted <= durationMs; lasted += 20) append(true, 0);
    },
    pause: (durationMs: number, fromMs = 0) => {
      for (let lasted = 20; lasted <= durationMs; lasted += 20) append(false, fromMs + lasted);
    },
  };
}

const ramp = (length: number, from = 0) => Int16Array.from({ length }, (_, n) => from + n);

describe('append message', () => {
  it('is what JSON.stringify would make of it', () => {
    const types: AppendType[] = ['input_audio_buffer.append', 'session.input_audio_buffer.append'];
    for (const pcm of [new Int16Array(0), ramp(1), ramp(7, -3), tone(20), tone(20).subarray(3, 77)]) {
      for (const type of types) {
        const text = JSON.stringify({ type, audio: base64Of(pcm) });
        const message = new AudioMessage(type, [chunkOf(pcm, 0)]);
        expect(message.text).toBe(text);
        expect(message.bytes.toString('utf8')).toBe(text);
      }
    }
  });

  it('holds its chunks one behind the other, whatever their lengths (property)', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 8 }), (lengths) => {
        let samples = 0;
        const chunks = lengths.map((length) => chunkOf(ramp(length, (samples += length)), 0));
        const pcm = Int16Array.from(chunks.flatMap((chunk) => [...chunk.pcm]));
        const message = new AudioMessage('input_audio_buffer.append', chunks);
        expect(JSON.parse(message.text)).toEqual({ type: 'input_audio_buffer.append', audio: base64Of(pcm) });
        expect(message.pcm).toEqual(pcm);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it.each([1, 3])('of %i chunks is made once, for all who send it', (count) => {
    const chunks = Array.from({ length: count }, (_, at) => chunkOf(tone(20), at * 20));
    const chunk = chunks.at(-1)!;
    const [first, second] = [0, 1].map(() => new AudioMessage('input_audio_buffer.append', [...chunks]));
    expect(first!.bytes).toBe(second!.bytes);
    const before = second!.bytes;
    chunk.forgetEvent();
    expect(second!.bytes).not.toBe(before);
    expect(second!.bytes).toEqual(before);
  });

  it('holds samples where they lie, unless they lie apart', () => {
    const ring = ramp(1_000);
    const [a, b] = [ring.subarray(100, 400), ring.subarray(400, 900)].map(
      (pcm, at) => new AudioChunk(pcm, at, true, 0),
    );
    const whole = new AudioMessage('input_audio_buffer.append', [a!, b!]).pcm;
    expect(whole.buffer).toBe(ring.buffer);
    expect(whole).toEqual(ring.subarray(100, 900));
    const apart = new AudioMessage('input_audio_buffer.append', [b!, a!]).pcm;
    expect([...apart]).toEqual([...ring.subarray(400, 900), ...ring.subarray(100, 400)]);
  });

  it('with other samples in place of its own is of the same type', () => {
    const message = new AudioMessage('session.input_audio_buffer.append', [chunkOf(ramp(4), 0)]);
    const half = message.map((pcm) => pcm.subarray(0, 2));
    expect(JSON.parse(half.text)).toEqual({
      type: 'session.input_audio_buffer.append',
      audio: base64Of(ramp(2)),
    });
  });
});

describe('uplink', () => {
  it.each([10, 20, 30, 50, 100])('sends messages of exactly %i ms, losing nothing', (chunkMs) => {
    const { uplink, append, connection, sent, counters } = makeUplink(chunkMs);
    uplink.open(connection);
    for (let n = 0; n < 30; n++) append(ramp(240, n * 240), n * 10);
    expect(sent.every((pcm) => pcm.length === chunkMs * 24)).toBe(true);
    expect(sent).toHaveLength(300 / chunkMs);
    expect(sent.flatMap((pcm) => [...pcm])).toEqual([...ramp(7_200)]);
    expect(counters.audioSentMs).toBe(300);
  });

  it('sends the same for any pieces, and the timeline agrees (property)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 30 }),
        fc.integer({ min: 10, max: 100 }),
        (pieces, chunkMs) => {
          const { uplink, append, connection, sent } = makeUplink(chunkMs);
          uplink.open(connection);
          let at = 0;
          for (const length of pieces) {
            append(ramp(length, at), 1_000 + at / 24);
            at += length;
          }
          uplink.flush();
          expect(sent.flatMap((pcm) => [...pcm])).toEqual([...Int16Array.from(ramp(at))]);
          expect(uplink.timeline.bufferMs).toBeCloseTo(at / 24, 6);
          if (at > 0) expect(uplink.timeline.toMeetingMs(at / 48)).toBeCloseTo(1_000 + at / 48, 6);
        },
      ),
      { seed: 7, numRuns: 150 },
    );
  });

  it('sends what is urgent at once, and what waited before it with it', () => {
    const { uplink, connection, sent } = makeUplink(100, 0, new MessagePacing(500));
    uplink.open(connection);
    const { say, pause } = speaker(uplink);
    const lengths = (): number[] => sent.splice(0).map(({ length }) => length / 24);
    pause(60, 9_000);
    say(300);
    expect(lengths()).toEqual([80, 20, 20, 20, 20, 40, 100]); // the silence goes out with the first of the voice
    pause(1_000);
    expect(lengths()).toEqual([100, 100, 100, 100, 60, ...Array<number>(20).fill(20), 40, 100]);
    say(100);
    expect(lengths()).toEqual([80, 20, 20, 20, 20]);
  });

  it('sends a pause in whole messages again once the server has ended the turn', () => {
    let turnOpen = false;
    const { uplink, connection, sent } = makeUplink(100, 0, new MessagePacing(500, () => turnOpen));
    uplink.open(connection);
    const { say, pause } = speaker(uplink);
    const lengths = (): number[] => sent.splice(0).map(({ length }) => length / 24);
    const onset = [20, 20, 20, 20, 20];
    say(200);
    turnOpen = true;
    pause(500);
    expect(lengths()).toEqual([...onset, 100, 100, 100, 100, 100, 20, 20, 20, 20, 20]);
    turnOpen = false;
    pause(300, 500);
    expect(lengths()).toEqual([100, 100, 100]);
    say(80); // of this the server has told nothing yet: its end is as urgent as any
    pause(460);
    expect(lengths()).toEqual([...onset, 100, 100, 100, 80, 20, 20, 20]);
  });

  it('gets back into step with another session of the speaker: both send the same bytes', () => {
    const one = makeUplink(100);
    const other = makeUplink(100);
    const bytes: Buffer[][] = [];
    for (const { uplink, connection } of [one, other]) {
      const own: Buffer[] = [];
      bytes.push(own);
      uplink.open({ ...connection, sendAudio: (message) => own.push(message.bytes) });
    }
    for (let n = 0; n < 25; n++) {
      const chunk = chunkOf(ramp(480, n), 1_008 + n * 20);
      for (const { uplink } of [one, other]) uplink.append(chunk);
      if (n === 1) other.uplink.flush();
    }
    expect(bytes.map(({ length }) => length)).toEqual([5, 6]);
    expect(bytes[0]!.slice(-4).every((message, n) => message === bytes[1]!.slice(-4)[n])).toBe(true);
  });

  it('begins with the lead, in messages of its usual size, on the right side of the first sample', () => {
    const { uplink, append, connection, sent } = makeUplink(20, 50);
    append(ramp(480), 1_000);
    uplink.open(connection);
    expect(sent.map(({ length }) => length)).toEqual([480, 480, 240, 480]);
    expect(uplink.timeline.toMeetingMs(0)).toBe(950);
    expect(uplink.timeline.toMeetingMs(50)).toBe(1_000);
  });

  it('closes a message at a gap: no message holds audio of two moments', () => {
    const { uplink, append, connection, sent } = makeUplink(20);
    uplink.open(connection);
    append(ramp(240), 0);
    append(ramp(480), 500);
    expect(sent.map(({ length }) => length)).toEqual([240, 480]);
    expect([0, 10].map((ms) => uplink.timeline.toMeetingMs(ms))).toEqual([0, 500]);
  });

  it('does not queue into a congested line, and goes on by itself when it clears', () => {
    const { uplink, append, connection, sent, clock } = makeUplink(20);
    uplink.open(connection);
    connection.bufferedAmountBytes = CONGESTED_BYTES + 1;
    for (let n = 0; n < 10; n++) append(SILENCE, n * 10);
    expect([sent.length, uplink.heldMs, uplink.flowing]).toEqual([0, 100, false]);
    clock.advanceBy(100);
    expect(sent).toHaveLength(0);
    connection.bufferedAmountBytes = CONGESTED_BYTES;
    clock.advanceBy(20); // no further audio comes
    expect([sent.length, uplink.heldMs, uplink.flowing]).toEqual([5, 0, true]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('drops the oldest beyond what is of use, counts it, and never holds more', () => {
    const { uplink, append, connection, sent, counters, drops } = makeUplink(20);
    uplink.open(connection);
    connection.bufferedAmountBytes = 1e9;
    for (let n = 0; n < 6_000; n++) {
      append(new Int16Array(240).fill(n), n * 10);
      expect(uplink.heldMs).toBeLessThanOrEqual(MAX_HELD_MS);
    }
    expect(counters.audioDroppedMs).toBe(60_000 - MAX_HELD_MS);
    expect(drops()).toBe((60_000 - MAX_HELD_MS) / 20);
    connection.bufferedAmountBytes = 0;
    uplink.flush();
    expect(sent[0]?.[0]).toBe((60_000 - MAX_HELD_MS) / 10);
    expect(uplink.timeline.toMeetingMs(0)).toBe(60_000 - MAX_HELD_MS);
    expect(counters.audioSentMs).toBe(MAX_HELD_MS);
  });

  it('leaves no timer behind when it is paused or closed', () => {
    for (const end of ['pause', 'close'] as const) {
      const { uplink, append, connection, clock, sent } = makeUplink(20);
      uplink.open(connection);
      connection.bufferedAmountBytes = 1e9;
      append(ramp(480), 0);
      expect(clock.nextDueMs()).toBeDefined();
      uplink[end]();
      connection.bufferedAmountBytes = 0;
      clock.advanceBy(1_000);
      expect(clock.nextDueMs()).toBeUndefined();
      expect(sent).toHaveLength(0);
      expect(uplink.heldMs).toBe(end === 'pause' ? 20 : 0);
    }
  });
});

describe('times after losses', () => {
  const cases = ['no frames at all', 'nearly no frames', 'a connection that was congested'] as const;
  it.each(cases)('stay right to 20 ms after 2 s of %s', async (loss) => {
    const vad = new FakeVad();
    const fixture = await connected({ responses: 'none' }, { onEvent: vad.onEvent });
    const { server, clock, emitted, session } = fixture;
    clock.advanceBy(1_237); // the meeting has been going on
    speak(fixture, 400, () => SILENCE);
    speak(fixture, 1_000, () => tone(10)); // 1637 to 2637
    speak(fixture, 1_000, () => SILENCE);
    if (loss === 'no frames at all') {
      clock.advanceBy(2_000); // silence is fed for a part of it
    } else if (loss === 'nearly no frames') {
      // Never a stall, so nothing is fed in place of what is lost.
      for (let n = 0; n < 20; n++) {
        clock.advanceBy(90);
        append(session, SILENCE.subarray(0, 24), clock.nowMs() - 1);
      }
      clock.advanceBy(200);
    } else {
      server.connection.bufferedAmountBytes = 1e9;
      speak(fixture, MAX_HELD_MS + 2_000, () => SILENCE);
      server.connection.bufferedAmountBytes = 0;
      expect(session.counters.audioDroppedMs).toBeGreaterThanOrEqual(2_000);
    }
    const startMs = clock.nowMs();
    speak(fixture, 800, () => tone(10));
    speak(fixture, 1_000, () => SILENCE);
    expect(emitted.turnCommitted).toHaveLength(2);
    const [first, second] = emitted.turnCommitted;
    expect(Math.abs(first!.startMs - 1_637)).toBeLessThanOrEqual(20);
    expect(Math.abs(first!.endMs - 2_637)).toBeLessThanOrEqual(20);
    expect(Math.abs(second!.startMs - startMs)).toBeLessThanOrEqual(20);
    expect(Math.abs(second!.endMs - startMs - 800)).toBeLessThanOrEqual(20);
  });

  it('are right for speech from the very first sample on, even when the start of the wait was dropped', async () => {
    const vad = new FakeVad();
    const fixture = await connected({}, { onEvent: vad.onEvent });
    const { server, emitted } = fixture;
    server.connection.bufferedAmountBytes = 1e9;
    speak(fixture, 12_000, () => tone(10));
    server.connection.bufferedAmountBytes = 0;
    speak(fixture, 1_000, () => SILENCE);
    const [turn] = emitted.turnCommitted;
    expect(Math.abs(turn!.startMs - 2_000)).toBeLessThanOrEqual(20);
    expect(Math.abs(turn!.endMs - 12_000)).toBeLessThanOrEqual(20);
  });
});
