import fc from 'fast-check';
import type * as RealtimeAPI from 'openai/resources/realtime/realtime';
import { describe, expect, it } from 'vitest';
import {
  AudioDecoder,
  decodeBase64,
  encodeAudio,
} from '../../../src/embedded/realtime-server/input/audio-format.js';
import type { SessionUpdate } from '../../../src/embedded/realtime-server/config/config-checks.js';
import { Conversation } from '../../../src/embedded/realtime-server/items/conversation.js';
import { encodeG711, G711Decoder } from '../../../src/embedded/realtime-server/input/g711.js';
import { InputBuffer } from '../../../src/embedded/realtime-server/input/input-buffer.js';
import type { UserItem } from '../../../src/embedded/realtime-server/items/items.js';
import { fitSpeech, textPieces } from '../../../src/embedded/realtime-server/responses/reply-plan.js';
import { characterTokens, outputAudioTokens } from '../../../src/embedded/realtime-server/responses/usage.js';
import { babble, base64, noise, tone } from './harness.js';

const SEEDED = { seed: 11, numRuns: 200 };

describe('the documented fields of a session', () => {
  it('are all known, and no others', () => {
    type Same<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never] ? true : false;
    type Input = NonNullable<NonNullable<SessionUpdate['audio']>['input']>;
    type Output = NonNullable<NonNullable<SessionUpdate['audio']>['output']>;
    type TurnDetection = NonNullable<Input['turn_detection']>;
    const same: [
      Same<keyof RealtimeAPI.RealtimeSessionCreateRequest, keyof SessionUpdate>,
      Same<keyof RealtimeAPI.RealtimeAudioConfigInput, keyof Input>,
      Same<keyof RealtimeAPI.RealtimeAudioConfigOutput, keyof Output>,
      Same<keyof RealtimeAPI.AudioTranscription, keyof NonNullable<Input['transcription']>>,
      Same<
        keyof RealtimeAPI.RealtimeAudioInputTurnDetection.ServerVad,
        keyof Extract<TurnDetection, { type: 'server_vad' }>
      >,
      Same<
        keyof RealtimeAPI.RealtimeAudioInputTurnDetection.SemanticVad,
        keyof Extract<TurnDetection, { type: 'semantic_vad' }>
      >,
    ] = [true, true, true, true, true, true];
    expect(same).not.toContain(false); // the compiler has compared them
  });
});

describe('InputBuffer', () => {
  it('holds exactly what was written, wherever it is cut and whatever was dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3_000), fc.nat(4_000)), { maxLength: 60 }), (steps) => {
        const buffer = new InputBuffer(100); // 2,400 samples
        let written = 0;
        for (const [length, drop] of steps) {
          buffer.append(Int16Array.from({ length }, (_, index) => (written + index) % 30_000));
          written += length;
          buffer.dropBefore(written - drop);
          const { startSample, endSample } = buffer;
          expect(endSample).toBe(written);
          expect(endSample - startSample).toBeLessThanOrEqual(2_400);
          const held = buffer.slice(0, endSample);
          expect(held.length).toBe(endSample - startSample);
          expect(held.every((sample, index) => sample === (startSample + index) % 30_000)).toBe(true);
        }
        const kept = buffer.slice(0, written).length;
        expect(kept + buffer.droppedSamples).toBeLessThanOrEqual(written);
      }),
      SEEDED,
    );
  });
});

describe('audio on the wire', () => {
  it('puts a sample together that was cut in two', () => {
    const pcm = babble(50);
    const bytes = Buffer.from(base64(pcm), 'base64');
    const decoder = new AudioDecoder({ type: 'audio/pcm', rate: 24_000 });
    const parts = [bytes.subarray(0, 7), bytes.subarray(7, 8), bytes.subarray(8, 101), bytes.subarray(101)];
    expect(parts.flatMap((part) => [...decoder.process(part)])).toEqual([...pcm]);
    expect(encodeAudio(pcm, { type: 'audio/pcm', rate: 24_000 })).toBe(base64(pcm));
  });

  it('takes base64 and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(Buffer.from(decodeBase64(Buffer.from(bytes).toString('base64'), 'audio'))).toEqual(
          Buffer.from(bytes),
        );
      }),
      SEEDED,
    );
    for (const text of ['A', 'AA', '====', 'AA==AA==', 'AAA*', 'AA-_', 'AAAA\n', ' AAAA']) {
      expect(() => decodeBase64(text, 'audio'), text).toThrow();
    }
  });

  it.each(['mu', 'a'] as const)('carries a voice through G.711 (%s-law) at its level', (law) => {
    const speech = tone(500, 700, 8_000);
    const decoded = new G711Decoder(law).process(encodeG711(speech, law));
    expect(decoded.length).toBe(speech.length);
    const rms = (pcm: Int16Array): number =>
      Math.hypot(...pcm.slice(2_400, -2_400)) / Math.sqrt(pcm.length - 4_800);
    expect(Math.abs(20 * Math.log10(rms(decoded) / rms(speech)))).toBeLessThan(0.5);
    // Above 4 kHz nothing comes through, neither as alias nor as image.
    const high = new G711Decoder(law).process(encodeG711(tone(500, 6_000, 8_000), law));
    expect(20 * Math.log10(rms(high) / rms(speech))).toBeLessThan(-35);
  });

  it('decodes the same in pieces as at once', () => {
    const bytes = encodeG711(noise(100, 'white', -20), 'mu');
    const whole = new G711Decoder('mu').process(bytes);
    const pieces = new G711Decoder('mu');
    expect([...pieces.process(bytes.subarray(0, 13)), ...pieces.process(bytes.subarray(13))]).toEqual([
      ...whole,
    ]);
  });
});

describe('Conversation', () => {
  const spoken = (id: string, minutes: number): UserItem => ({
    kind: 'user',
    id,
    status: 'completed',
    seen: false,
    answered: false,
    parts: [
      {
        type: 'input_audio',
        pcm24k: new Int16Array(minutes * 60 * 24_000),
        durationMs: minutes * 60_000,
        transcript: '',
      },
    ],
  });

  it('lets the oldest audio go beyond ten minutes, never the item', () => {
    const conversation = new Conversation('conv_1');
    for (const id of ['a', 'b', 'c']) conversation.insert(spoken(id, 4));
    const held = conversation.items.map(
      (item) =>
        item.kind === 'user' && item.parts[0]?.type === 'input_audio' && item.parts[0].pcm24k !== undefined,
    );
    expect(held).toEqual([false, true, true]);
    conversation.delete('b');
    conversation.insert(spoken('d', 4));
    const left = conversation.items.map(
      (item) =>
        item.kind === 'user' && item.parts[0]?.type === 'input_audio' && item.parts[0].pcm24k !== undefined,
    );
    expect(left).toEqual([false, true, true]);
  });

  it('keeps order and predecessors under any inserts and deletes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(15), fc.option(fc.nat(16)), fc.boolean()), { maxLength: 60 }),
        (steps) => {
          const conversation = new Conversation('conv_1');
          let model: string[] = [];
          for (const [name, after, remove] of steps) {
            const id = `i${name}`;
            if (remove) {
              expect(conversation.delete(id)).toBe(model.includes(id));
              model = model.filter((other) => other !== id);
              continue;
            }
            const previous = after === null ? undefined : after === 16 ? 'root' : `i${after}`;
            const known = previous === undefined || previous === 'root' || model.includes(previous);
            if (model.includes(id) || !known) {
              expect(() => conversation.insert(spoken(id, 0), previous)).toThrow();
              continue;
            }
            const at =
              previous === undefined ? model.length : previous === 'root' ? 0 : model.indexOf(previous) + 1;
            model.splice(at, 0, id);
            expect(conversation.insert(spoken(id, 0), previous)).toBe(model[at - 1] ?? null);
          }
          expect(conversation.items.map((item) => item.id)).toEqual(model);
          expect(model.map((id) => conversation.previousId(id))).toEqual(
            [null, ...model].slice(0, model.length),
          );
        },
      ),
      SEEDED,
    );
  });
});

describe('what fits into max_output_tokens', () => {
  it('never costs more, and loses nothing', () => {
    const speech = fc.record({ text: fc.string({ maxLength: 200 }), ms: fc.nat(4_000) });
    fc.assert(
      fc.property(speech, fc.integer({ min: 1, max: 120 }), ({ text, ms }, limit) => {
        const pcm24k = tone(ms, 200, 1_000);
        const { part, rest } = fitSpeech({ text, pcm24k }, 'audio', limit);
        const cost = outputAudioTokens(part.pcm24k.length / 24) + characterTokens(part.text.length);
        if (rest === undefined) {
          expect(part.text).toBe(text);
          expect(part.pcm24k).toBe(pcm24k);
          return;
        }
        expect(cost).toBeLessThanOrEqual(limit);
        expect(part.pcm24k.length + rest.pcm24k.length).toBe(pcm24k.length);
        expect((part.text + rest.text).replace(/\s/gu, '')).toBe(text.replace(/\s/gu, ''));
      }),
      SEEDED,
    );
  });

  it('text pieces join to the text, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        expect(textPieces(text).join('')).toBe(text);
      }),
      SEEDED,
    );
    expect(textPieces('会議は明日の午後三時に始まります。')).toHaveLength(5);
    expect(textPieces('one two  three')).toEqual(['one', ' two', '  three']);
  });
});
