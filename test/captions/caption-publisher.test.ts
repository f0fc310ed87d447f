import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import {
  CaptionPublisher,
  MAX_WAITING_FINALS,
  PARTIAL_INTERVAL_MS,
  RETRY_MS,
  SEND_TIMEOUT_MS,
} from '../../src/captions/caption-publisher.js';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';

function caption(turnId: string, text: string, final = false): Caption {
  return {
    v: 1,
    turnId,
    speakerId: 'ana',
    speakerName: 'Ana',
    sourceLanguage: 'es',
    targetLanguage: 'en',
    sourceText: '',
    translatedText: text,
    final,
    startMs: 0,
    endMs: 0,
  };
}

function open() {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const troubles: string[] = [];
  const line: { answer: () => Promise<void> } = { answer: () => Promise.resolve() };
  const publisher = new CaptionPublisher({
    clock,
    send: (topic, text, { payload, persist }) => {
      const { turnId, final } = payload as Caption;
      expect([topic, persist]).toEqual(['PARLEY_CAPTIONS', undefined]);
      sent.push(`${clock.nowMs()} ${turnId} ${text}${final ? ' .' : ''}`);
      return line.answer();
    },
    onTrouble: (message) => troubles.push(message),
  });
  const pass = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      clock.advanceBy(10);
      await turn();
    }
  };
  return { clock, sent, troubles, line, publisher, pass };
}

describe('CaptionPublisher', () => {
  it('sends at most four partials a second, each the newest of its turn, all turns in their turn', async () => {
    const { publisher, sent, pass } = open();
    for (let n = 0; n < 100; n++) {
      publisher.publish(caption('a', `a${n}`));
      publisher.publish(caption('b', `b${n}`));
      await pass(10);
    }
    await pass(1_000);
    expect(sent).toEqual(['0 a a0', '250 b b24', '500 a a49', '750 b b74', '1000 a a99', '1250 b b99']);
    expect(publisher.counters).toEqual({ sent: 6, failed: 0, dropped: 0 });
  });

  it('sends finals at once and in order, and no partial of their turn after them', async () => {
    const { publisher, sent, pass } = open();
    publisher.publish(caption('a', 'part'));
    await turn();
    publisher.publish(caption('a', 'more'));
    publisher.publish(caption('a', 'whole', true));
    publisher.publish(caption('b', 'other', true));
    await turn();
    await pass(PARTIAL_INTERVAL_MS * 4);
    expect(sent).toEqual(['0 a part', '0 a whole .', '0 b other .']);
  });

  it('keeps finals while nothing can be sent, tells once, and tries until it works', async () => {
    const { publisher, sent, troubles, line, pass } = open();
    line.answer = () => Promise.reject(new ParleyError('service_unavailable', 'no line'));
    publisher.publish(caption('a', 'one', true));
    publisher.publish(caption('b', 'two', true));
    await pass(RETRY_MS * 3 + 100);
    expect(sent.every((text) => text.endsWith('a one .'))).toBe(true);
    expect(sent).toHaveLength(4);
    expect(troubles).toEqual(['captions cannot be sent to the meeting at present: no line']);
    line.answer = () => Promise.resolve();
    await pass(RETRY_MS);
    expect(sent.slice(-2).map((text) => text.replace(/^\d+ /, ''))).toEqual(['a one .', 'b two .']);
    line.answer = () => Promise.reject(new Error('again'));
    publisher.publish(caption('c', 'three', true));
    await pass(10);
    expect(troubles).toHaveLength(2);
    expect(publisher.counters).toEqual({ sent: 2, failed: 5, dropped: 0 });
  });

  it('gives up a partial that could not be sent', async () => {
    const { publisher, sent, line, pass } = open();
    line.answer = () => Promise.reject(new Error('no'));
    publisher.publish(caption('a', 'part'));
    await pass(5_000);
    expect(sent).toHaveLength(1);
  });

  it('a message that is never answered holds up the others for a while only', async () => {
    const { publisher, sent, troubles, line, pass } = open();
    line.answer = () => new Promise(() => undefined);
    publisher.publish(caption('a', 'one', true));
    await pass(SEND_TIMEOUT_MS - 10);
    expect(sent).toHaveLength(1);
    line.answer = () => Promise.resolve();
    await pass(RETRY_MS + 20);
    expect(sent).toHaveLength(2);
    expect(troubles).toEqual([
      'captions cannot be sent to the meeting at present: the meeting does not answer',
    ]);
  });

  it('drops the oldest of too many finals, and counts them', async () => {
    const { publisher, sent, line, pass } = open();
    line.answer = () => Promise.reject(new Error('no'));
    for (let n = 0; n < MAX_WAITING_FINALS + 50; n++) publisher.publish(caption(`t${n}`, 'x', true));
    for (let n = 0; n < 1_000; n++) publisher.publish(caption(`p${n}`, 'x'));
    await pass(20);
    line.answer = () => Promise.resolve();
    sent.length = 0;
    await pass(RETRY_MS * 10);
    const finals = sent.filter((text) => text.endsWith('.'));
    expect(finals.length + publisher.counters.dropped).toBe(MAX_WAITING_FINALS + 50);
    expect(finals.length).toBeGreaterThanOrEqual(MAX_WAITING_FINALS - 1);
    expect(sent.length - finals.length).toBeLessThanOrEqual(40); // of partials the newest turns only
    expect(sent.at(-1)).toContain('p999');
  });

  it('flushes: resolves when the finals are out, or when the time is over', async () => {
    const { publisher, line, pass } = open();
    await publisher.flush(1_000);
    publisher.publish(caption('a', 'one', true));
    let flushed = false;
    void publisher.flush(1_000).then(() => (flushed = true));
    await pass(10);
    expect(flushed).toBe(true);
    line.answer = () => Promise.reject(new Error('no'));
    publisher.publish(caption('b', 'two', true));
    flushed = false;
    void publisher.flush(500).then(() => (flushed = true));
    await pass(490);
    expect(flushed).toBe(false);
    await pass(20);
    expect(flushed).toBe(true);
  });

  it('once closed sends nothing, leaves no timer, and lets go of whoever waits', async () => {
    const { publisher, sent, line, pass, clock } = open();
    line.answer = () => Promise.reject(new Error('no'));
    publisher.publish(caption('a', 'one', true));
    await pass(20);
    let flushed = false;
    void publisher.flush(60_000).then(() => (flushed = true));
    publisher.close();
    await turn();
    expect(flushed).toBe(true);
    publisher.publish(caption('b', 'two', true));
    await pass(5_000);
    expect(sent).toHaveLength(1);
    expect(publisher.counters.dropped).toBe(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
