import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAudioDelta, OutputItems } from '../../../../src/realtime/conversation/turns/output-items.js';
import { base64Of, tone } from '../../scripted-transport.js';
import { connected } from '../../session-fixture.js';

const turn = () => ({ turnId: 't', silenced: false });

describe('playback ledger', () => {
  it('truncates at what was played: clamped to what was received, whole, above 0, once (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.oneof(fc.double({ min: -10, max: 10_000, noNaN: true }), fc.constant(0)),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (receivedSamples, playedMs, ended, heardToEnd, atOnce) => {
          const ledger = new OutputItems();
          const item = ledger.open('item', 'out', turn());
          item.receivedSamples = receivedSamples;
          item.ended = ended;
          const now = ledger.cut('out', playedMs, heardToEnd, atOnce);
          const later = ledger.responseDone(item);
          expect(now === undefined || later === undefined).toBe(true);
          if (!atOnce) expect(now).toBeUndefined();
          const audioEndMs = now ?? later;
          if (audioEndMs !== undefined) {
            expect(Number.isInteger(audioEndMs)).toBe(true);
            expect(audioEndMs).toBeGreaterThan(0);
            expect(audioEndMs).toBeLessThanOrEqual(receivedSamples / 24);
            expect(Math.abs(audioEndMs - Math.min(playedMs, receivedSamples / 24))).toBeLessThanOrEqual(1);
            expect(heardToEnd).toBe(false);
          }
          expect(ledger.cut('out', playedMs, heardToEnd, true)).toBeUndefined();
          expect(ledger.responseDone(item)).toBeUndefined();
        },
      ),
      { seed: 11, numRuns: 1_000 },
    );
  });

  it('does not truncate an item that turns out to have been heard to its end', () => {
    const ledger = new OutputItems();
    const item = ledger.open('item', 'out', turn());
    item.receivedSamples = 2_400;
    expect(ledger.cut('out', 100, false, false)).toBeUndefined(); // playback had run dry: more might have come
    expect(ledger.responseDone(item)).toBeUndefined();
  });

  it('remembers a bounded number of items', () => {
    const ledger = new OutputItems();
    for (let n = 0; n < 5_000; n++) ledger.open(`i${n}`, `o${n}`, turn());
    expect(ledger.size).toBe(1_024);
    expect([ledger.byOutputId('o0'), ledger.get('i0')]).toEqual([undefined, undefined]);
    expect(ledger.byOutputId('o4999')?.itemId).toBe('i4999');
  });

  it('decodes deltas cut anywhere to the same samples (property)', () => {
    const bytes = Buffer.from(tone(20).buffer);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
        const item = new OutputItems().open('i', 'o', turn());
        const marks = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const samples = marks.slice(1).flatMap((end, index) => {
          return [...decodeAudioDelta(item, bytes.subarray(marks[index], end).toString('base64'))];
        });
        expect(samples).toEqual([...tone(20)]);
      }),
      { seed: 3, numRuns: 200 },
    );
    const item = new OutputItems().open('i', 'o', turn());
    expect([...decodeAudioDelta(item, base64Of(tone(5)))]).toEqual([...tone(5)]);
  });
});

describe('truncation', () => {
  const cutAt = (playedMs: number, outputId = 'maria.1/out', heardToEnd = false) => [
    { outputId, playedMs, heardToEnd },
  ];

  it('goes out after response.done, once, and the captions stay whole', async () => {
    const { server, session, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r', 'a');
    connection.audio('r', 'out', tone(1_000));
    connection.text('r', 'out', 'the first ');
    session.cut(cutAt(412.6));
    session.cut(cutAt(700));
    connection.audio('r', 'out', tone(1_000));
    connection.text('r', 'out', 'and the rest');
    connection.audioDone('r', 'out');
    expect(connection.of('conversation.item.truncate')).toEqual([]);
    expect(connection.of('response.cancel')).toEqual([]);
    connection.responseDone('r');
    connection.responseDone('r');
    session.cut(cutAt(800));
    expect(connection.of('conversation.item.truncate')).toMatchObject([
      { item_id: 'out', content_index: 0, audio_end_ms: 413 },
    ]);
    expect(session.counters.truncations).toBe(1);
    expect(emitted.audio).toHaveLength(1); // nothing comes for an item after it was cut
    expect(emitted.audioEnded).toEqual([]);
    expect(emitted.translationTranscript.at(-1)).toMatchObject({
      text: 'the first and the rest',
      final: true,
    });
    expect(emitted.turnDone[0]?.outcome).toBe('completed');
    const types = connection.sent.map(({ type }) => type);
    expect(types).toEqual(['session.update', 'response.create', 'conversation.item.truncate']);
  });

  it('silences the rest of the same translation, in whatever item it comes', async () => {
    const { server, session, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r', 'a');
    connection.audio('r', 'out', tone(100));
    session.cut(cutAt(50));
    connection.audio('r', 'out_2', tone(100));
    connection.responseDone('r', 'incomplete', { reason: 'max_output_tokens' });
    connection.responseCreated('r2', 'a');
    connection.audio('r2', 'out_3', tone(100));
    connection.textDone('r2', 'out_3', 'and the rest');
    connection.responseDone('r2');
    expect(emitted.audio).toHaveLength(1);
    expect(emitted.audioEnded).toEqual([]);
    expect(emitted.translationTranscript.at(-1)).toMatchObject({ text: 'and the rest', final: true });
    expect(connection.of('conversation.item.truncate')).toMatchObject([{ item_id: 'out', audio_end_ms: 50 }]);
    connection.turn('b');
    connection.respond('r3', 'b', 'out_b', 50);
    expect(emitted.audio).toHaveLength(2);
  });

  it('is at once where the server cancels the response itself', async () => {
    const { server, session } = await connected({ responses: 'server' });
    server.connection.turn('a');
    server.connection.responseCreated('r');
    server.connection.audio('r', 'out', tone(1_000));
    session.cut(cutAt(300));
    expect(server.connection.of('conversation.item.truncate')).toMatchObject([{ audio_end_ms: 300 }]);
    server.connection.responseDone('r', 'cancelled', { reason: 'turn_detected' });
    expect(server.connection.of('conversation.item.truncate')).toHaveLength(1);
  });

  it('is never for nothing played, an item heard to its end, or one of another session', async () => {
    const maria = await connected({}, {}, 'maria');
    const noor = await connected({}, {}, 'noor');
    for (const { server } of [maria, noor]) {
      server.connection.turn('item_1');
      server.connection.respond('resp_1', 'item_1', 'item_2', 500); // both servers count their ids from 1
      server.connection.turn('item_3');
      server.connection.respond('resp_2', 'item_3', 'item_4', 500);
    }
    const items = [
      ...cutAt(500, 'maria.1/item_2', true),
      ...cutAt(0, 'maria.1/item_4'),
      ...cutAt(100, 'nobody.1/item_2'),
    ];
    maria.session.cut(items);
    noor.session.cut(items);
    noor.session.cut(cutAt(120, 'noor.1/item_4'));
    maria.session.cut(cutAt(120, 'noor.1/item_4'));
    expect(maria.server.connection.of('conversation.item.truncate')).toEqual([]);
    expect(noor.server.connection.of('conversation.item.truncate')).toMatchObject([
      { item_id: 'item_4', audio_end_ms: 120 },
    ]);
  });

  it('says no more than was received, though the clock of playback says otherwise', async () => {
    const { server, session } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r', 'a');
    server.connection.audio('r', 'out', tone(300));
    session.cut(cutAt(55_960));
    server.connection.audio('r', 'out', tone(300));
    server.connection.responseDone('r');
    expect(server.connection.of('conversation.item.truncate')).toMatchObject([{ audio_end_ms: 300 }]);
  });
});
