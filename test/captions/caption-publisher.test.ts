import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CaptionPublisher } from '../../src/captions/caption-publisher.js';
import { VirtualClock } from '../../src/clock.js';
import type { PublishOptions } from '../../src/room/room.js';
import { captionOf } from './captions-of.js';

function open({ persistFinals = false, chat = false } = {}) {
  const clock = new VirtualClock();
  const sent: { topic: string; text: string; options: PublishOptions }[] = [];
  const troubles: string[] = [];
  const refused = new Set<string>();
  const publisher = new CaptionPublisher({
    clock,
    send: (topic, text, options) => {
      sent.push({ topic, text, options });
      return refused.has(topic) ? Promise.reject(new Error(`no ${topic}`)) : Promise.resolve();
    },
    settings: { persistFinals, chat },
    onTrouble: (message) => troubles.push(message),
  });
  const pass = async (durationMs: number) => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      clock.advanceBy(10);
      await turn();
    }
  };
  return { sent, troubles, refused, publisher, pass, clock };
}

const to = (topic: string, text = 'x') => ({ topic, text });

describe('CaptionPublisher', () => {
  it('sends a caption as the payload of each of its topics, with the text for it', async () => {
    const { sent, publisher, pass } = open();
    const caption = captionOf();
    publisher.publish(caption, [to('ES', 'Hola.'), to('EN', 'Hello.')]);
    await pass(10);
    expect(sent).toEqual([
      { topic: 'ES', text: 'Hola.', options: { payload: caption } },
      { topic: 'EN', text: 'Hello.', options: { payload: caption } },
    ]);
    expect(publisher.counters).toEqual({ sent: 2, failed: 0, dropped: 0 });
  });

  it('sends nothing after it was closed, counts what was final, and leaves no timer', async () => {
    const { sent, publisher, pass, clock } = open();
    publisher.close();
    publisher.publish(captionOf(), [to('ES'), to('EN')]);
    publisher.publish(captionOf({ final: false }), [to('ES')]);
    await pass(10);
    expect(sent).toEqual([]);
    expect(publisher.counters).toEqual({ sent: 0, failed: 0, dropped: 2 });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('asks the meeting to keep finals where wanted, and partials and notices never', async () => {
    const { sent, publisher, pass } = open({ persistFinals: true });
    publisher.publish(captionOf({ final: false }), [to('ES')]);
    await pass(10);
    publisher.publish(captionOf(), [to('ES')]);
    await pass(10);
    publisher.publish(captionOf({ kind: 'notice' }), [{ ...to('ES'), sendOnly: ['ana'] }]);
    await pass(10);
    expect(sent.map(({ options }) => options.persist)).toEqual([undefined, true, undefined]);
  });

  it('sends to some only where asked to', async () => {
    const { sent, publisher, pass } = open();
    publisher.publish(captionOf(), [{ ...to('ES'), sendOnly: ['ana'] }]);
    await pass(10);
    expect(sent[0]!.options.sendOnly).toEqual(['ana']);
  });

  it('four partials a second for each topic, whatever the others get', async () => {
    const { sent, publisher, pass } = open();
    for (let n = 0; n < 99; n++) {
      publisher.publish(captionOf({ turnId: 'a', final: false }), [to('ES')]);
      publisher.publish(captionOf({ turnId: 'b', final: false }), [to('EN'), to('FR')]);
      await pass(10);
    }
    const count = (topic: string) => sent.filter((message) => message.topic === topic).length;
    expect([count('ES'), count('EN'), count('FR')]).toEqual([4, 4, 4]);
  });

  it('a topic that cannot be sent to holds up no other, and the trouble is told once until all is well', async () => {
    const { sent, troubles, refused, publisher, pass } = open();
    refused.add('ES').add('FR');
    for (const part of [0, 1]) publisher.publish(captionOf({ part }), [to('ES'), to('EN'), to('FR')]);
    await pass(5_000);
    expect(sent.filter(({ topic }) => topic === 'EN')).toHaveLength(2);
    expect(troubles).toEqual(['captions cannot be sent to the meeting at present: no ES']);
    refused.clear();
    await pass(1_000);
    refused.add('EN');
    publisher.publish(captionOf({ part: 2 }), [to('EN')]);
    await pass(10);
    expect(troubles).toHaveLength(2);
  });

  it('flushes all topics, and drops and counts what is left when it closes', async () => {
    const { refused, publisher, pass } = open();
    refused.add('ES');
    publisher.publish(captionOf(), [to('ES'), to('EN')]);
    let flushed = false;
    void publisher.flush(500).then(() => (flushed = true));
    await pass(490);
    expect(flushed).toBe(false);
    await pass(20);
    expect(flushed).toBe(true);
    publisher.close();
    expect(publisher.counters).toMatchObject({ sent: 1, dropped: 1 });
  });

  it('goes on with any number of topics', async () => {
    const { sent, publisher, pass } = open();
    for (let n = 0; n < 500; n++) {
      publisher.publish(captionOf({ turnId: `t${n}` }), [to(`topic-${n}`)]);
      await pass(10);
    }
    expect(sent).toHaveLength(500);
  });

  describe('in the chat', () => {
    const chat = (sent: ReturnType<typeof open>['sent']) =>
      sent
        .filter(({ topic }) => topic === 'CHAT')
        .map(({ text, options }) => `${(options.sendOnly ?? []).join()} ← ${text}`);

    it('each reads what was said in their language once, and nobody their own words', async () => {
      const { sent, publisher, pass } = open({ chat: true });
      const editions = [
        { topic: 'ES', text: 'Hola.', readerIds: ['ana', 'luis'] },
        { topic: 'EN', text: 'Hello.', readerIds: ['bob'] },
        { topic: 'FR', text: 'Bonjour.', readerIds: [] },
      ];
      publisher.publish(captionOf({ final: false }), editions);
      publisher.publish(captionOf(), editions);
      publisher.publish(captionOf({ mark: 'cut' }), editions);
      await pass(10);
      expect(chat(sent)).toEqual(['luis ← Ana: Hola.', 'bob ← Ana: Hello.']);
      expect(sent.filter(({ topic }) => topic === 'CHAT').map(({ options }) => options)).toEqual([
        { sendOnly: ['luis'] },
        { sendOnly: ['bob'] },
      ]);
    });

    it('a notice comes without a name, to whom it is for, and what is withdrawn does not come', async () => {
      const { sent, publisher, pass } = open({ chat: true });
      const notice = captionOf({ kind: 'notice', speakerId: 'parley-1', turnId: 'n' });
      publisher.publish(notice, [{ topic: 'ES', text: 'Parley escucha.', sendOnly: ['ana'] }]);
      publisher.publish(captionOf({ sourceText: '', translatedText: '' }), [
        { topic: 'ES', text: '', readerIds: ['luis'] },
      ]);
      await pass(10);
      expect(chat(sent)).toEqual(['ana ← Parley escucha.']);
    });

    it('is kept where finals are, and empty unless asked for', async () => {
      const kept = open({ chat: true, persistFinals: true });
      kept.publisher.publish(captionOf(), [{ topic: 'EN', text: 'Hello.', readerIds: ['bob'] }]);
      await kept.pass(10);
      expect(kept.sent.map(({ options }) => options.persist)).toEqual([true, true]);
      const without = open();
      without.publisher.publish(captionOf(), [{ topic: 'EN', text: 'Hello.', readerIds: ['bob'] }]);
      await without.pass(10);
      expect(chat(without.sent)).toEqual([]);
    });
  });
});
