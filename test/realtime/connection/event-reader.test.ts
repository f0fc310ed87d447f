import { describe, expect, it } from 'vitest';
import { EventEmitter } from '../../../src/events.js';
import { EventReader } from '../../../src/realtime/connection/event-reader.js';
import { parseTranslateEvent } from '../../../src/realtime/protocol/translate-server-events.js';
import type { SessionEvents } from '../../../src/realtime/session.js';
import { newSessionCounters } from '../../../src/realtime/session-counters.js';
import { keptMemory } from '../../kept-memory.js';

function newReader() {
  const counters = newSessionCounters();
  const events = new EventEmitter<SessionEvents>();
  return { counters, reader: new EventReader({ parse: parseTranslateEvent, events, counters }) };
}

/** A delta of so many characters of audio, told apart by what stands at its end. */
function delta(eventId: string, audioChars: number, elapsedMs: number): string {
  const audio = 'A'.repeat(audioChars);
  return `{"type":"session.output_audio.delta","event_id":"${eventId}","delta":"${audio}","elapsed_ms":${elapsedMs}}`;
}

describe('EventReader', () => {
  it('leaves out an event that comes a second time, and no other one of the same id', () => {
    const { reader } = newReader();
    const first = delta('same', 400, 200);
    expect(reader.take(first)).toMatchObject({ kind: 'event' });
    expect(reader.take(delta('same', 400, 400))).toMatchObject({ kind: 'event' });
    expect(reader.take(delta('same', 404, 200))).toMatchObject({ kind: 'event' });
    expect(reader.take(first)).toBeUndefined();
  });

  it('tells events of one id from each other by characters beyond Latin-1', () => {
    const { reader } = newReader();
    const text = (word: string): string =>
      `{"type":"session.output_transcript.delta","event_id":"same","delta":"${word}"}`;
    // Their last eight bits are the same, as UTF-16.
    expect(reader.take(text('\u0142'))).toMatchObject({ kind: 'event' });
    expect(reader.take(text('\u0242'))).toMatchObject({ kind: 'event' });
    expect(reader.take(text('\u0142'))).toBeUndefined();
  });

  it('keeps nothing of the messages themselves', () => {
    const { reader } = newReader();
    const before = keptMemory().heapBytes;
    // As the server wrote it: in one piece, as a message of a socket is.
    for (let count = 0; count < 64; count++)
      reader.take(Buffer.from(delta(`event${count}`, 1_000_000, count * 200)).toString('utf8'));
    expect(keptMemory().heapBytes - before).toBeLessThan(16e6);
    expect(reader.take(delta('event0', 1_000_000, 0))).toBeUndefined(); // it is remembered until here
  });
});
