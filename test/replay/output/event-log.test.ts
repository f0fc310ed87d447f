import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeAudio, parseWithoutAudio } from '../../../src/replay/cassette/elide-audio.js';
import { EventLog, eventLine } from '../../../src/replay/output/event-log.js';
import { replaceFile } from '../../../src/replay/output/safe-file.js';

const pcm = Buffer.from(Array.from({ length: 960 }, (_, index) => (index * 37) & 0xff));
const audio = pcm.toString('base64');
const placeholder = `<960 bytes sha256 ${createHash('sha256').update(pcm).digest('hex')}>`;

describe('audio in events', () => {
  it('is replaced by its decoded size and hash', () => {
    expect(describeAudio(audio)).toBe(placeholder);
    expect(parseWithoutAudio(JSON.stringify({ type: 'input_audio_buffer.append', audio }))).toEqual({
      type: 'input_audio_buffer.append',
      audio: placeholder,
    });
  });

  it('is replaced in deltas, whatever the order and spacing of fields', () => {
    const event = { delta: audio, type: 'response.output_audio.delta', item_id: 'item_1' };
    expect(parseWithoutAudio(JSON.stringify(event))).toEqual({ ...event, delta: placeholder });
    expect(parseWithoutAudio(JSON.stringify(event, null, 2))).toEqual({ ...event, delta: placeholder });
  });

  it('is replaced inside items, in every part', () => {
    const part = (value: string) => ({ type: 'input_audio', audio: value, transcript: 'hola' });
    const item = (value: string) => ({ id: 'item_1', content: [part(value), part(value), part('AAAA')] });
    const event = parseWithoutAudio(JSON.stringify({ type: 'conversation.item.create', item: item(audio) }));
    const small = describeAudio('AAAA');
    expect(event).toEqual({
      type: 'conversation.item.create',
      item: { id: 'item_1', content: [part(placeholder), part(placeholder), part(small)] },
    });
  });

  it('is not confused with text that looks like it', () => {
    const delta = 'Donaudampfschifffahrt'.repeat(20);
    const event = { type: 'response.output_audio_transcript.delta', delta };
    expect(parseWithoutAudio(JSON.stringify(event))).toEqual(event);
    const quoted = { type: 'response.output_text.delta', delta: `{"audio":"${audio}"}` };
    expect(parseWithoutAudio(JSON.stringify(quoted))).toEqual(quoted);
  });

  it('survives what is no event, and any depth', () => {
    for (const text of ['', '[]', '"x"', 'null', '{"type":', `{"audio":"${audio}"`]) {
      expect(parseWithoutAudio(text)).toBeUndefined();
    }
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    expect(parseWithoutAudio(deep)).toBeDefined();
  });
});

describe('a line of the log', () => {
  it('is the same for an append, which is not parsed, as for any other event', () => {
    for (const type of ['input_audio_buffer.append', 'session.input_audio_buffer.append']) {
      const line = eventLine(20.1234567, 'client', JSON.stringify({ type, audio }), 'ana');
      expect(line).toBe(
        `{"atMs":20.123,"session":"ana","direction":"client","event":{"type":"${type}","audio":"${placeholder}"}}`,
      );
      const reordered = eventLine(20.1234567, 'client', JSON.stringify({ audio, type }), 'ana');
      expect(JSON.parse(reordered)).toEqual(JSON.parse(line));
    }
  });

  it('of what only looks like an append is told as it is', () => {
    const start = '{"type":"input_audio_buffer.append","audio":"';
    const lineOf = (text: string): unknown => JSON.parse(eventLine(0, 'client', text));
    expect(lineOf(`${start}AAAA\n"}`)).toMatchObject({ malformed: `${start}AAAA\n"}` });
    expect(lineOf(`${start}AAAA","event_id":"e"}`)).toMatchObject({
      event: { event_id: 'e', audio: expect.stringMatching(/^<3 bytes /) as string },
    });
    expect(lineOf(`${start}AAAA"`)).toMatchObject({ malformed: `${start}AAAA"` });
  });
});

describe('events.jsonl', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-events-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('holds one line per message in the order of the wire', () => {
    let nowMs = 0;
    const log = new EventLog(join(dir, 'a.events.jsonl'), () => nowMs);
    const append = JSON.stringify({ type: 'input_audio_buffer.append', audio });
    for (let count = 0; count < 2000; count++) {
      nowMs = count * 20 + 0.1234567;
      log.record('client', append);
    }
    log.record('server', 'no\nJSON');
    log.close();
    log.close();
    const lines = readFileSync(join(dir, 'a.events.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2001);
    expect(JSON.parse(lines[1]!)).toEqual({
      atMs: 20.123,
      direction: 'client',
      event: { type: 'input_audio_buffer.append', audio: placeholder },
    });
    expect(JSON.parse(lines[2000]!)).toMatchObject({ direction: 'server', malformed: 'no\nJSON' });
  });

  it('never holds a line break of a pretty-printed message', () => {
    const line = eventLine(
      0,
      'server',
      JSON.stringify({ type: 'error', error: { message: 'a\nb' } }, null, 2),
    );
    expect(line).not.toContain('\n');
  });

  it('is not written through a symbolic link', () => {
    writeFileSync(join(dir, 'precious'), 'keep me');
    symlinkSync(join(dir, 'precious'), join(dir, 'log'));
    expect(() => new EventLog(join(dir, 'log'), () => 0)).toThrow(/cannot write/);
    expect(readFileSync(join(dir, 'precious'), 'utf8')).toBe('keep me');
    expect(existsSync(join(dir, 'log'))).toBe(true);
  });
});

describe('files that cannot be written', () => {
  it.runIf(existsSync('/dev/full'))('say so in one line', () => {
    const full = '/dev/full'; // a device on which every write fails for want of space
    const log = new EventLog(full, () => 0);
    log.record('client', '{"type":"x"}');
    expect(() => log.close()).toThrow(/^cannot write \/dev\/full: .*ENOSPC/);
    expect(() => replaceFile(full, 'x')).toThrow(/^cannot write \/dev\/full: .*ENOSPC/);
    expect(() => replaceFile('/nowhere/x', 'x')).toThrow(/^cannot write \/nowhere\/x: .*ENOENT/);
  });
});
