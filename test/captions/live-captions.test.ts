import { describe, expect, it } from 'vitest';
import type { Caption } from '../../src/captions/caption.js';
import { type CaptionedTurn, LiveCaptions, type TurnStart } from '../../src/captions/live-captions.js';
import { VirtualClock } from '../../src/clock.js';

const SILENT_TURN_MS = 30_000;

const LATE_TRANSCRIPT_MS = 2_000;

type Writable = { -readonly [Field in keyof CaptionedTurn]: CaptionedTurn[Field] };

function open() {
  const clock = new VirtualClock();
  const emitted: Caption[] = [];
  const live = new LiveCaptions({
    clock,
    toMeetingMs: (atMs) => atMs,
    onCaption: (caption) => emitted.push(caption),
  });
  const turns = new Map<string, Writable>();
  const start = (turnId: string, change: Partial<Omit<TurnStart, 'turn'>> & { startMs?: number } = {}) => {
    const { startMs = 1_000, ...whose } = change;
    const turn = { turnId, startMs, endMs: startMs, sourceText: '', sourceFinal: false, translatedText: '' };
    turns.set(turnId, turn);
    live.started({
      turn,
      speakerId: 'ana',
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      transcribed: true,
      ...whose,
    });
  };
  /** A route that keeps its turns up to date, then says what has changed. */
  const captions = {
    bounds: (turnId: string, startMs: number, endMs: number) => {
      Object.assign(turns.get(turnId) ?? {}, { startMs, endMs });
    },
    source: (turnId: string, sourceText: string, final: boolean, language?: string) => {
      const turn = turns.get(turnId);
      if (turn !== undefined) Object.assign(turn, { sourceText, sourceFinal: turn.sourceFinal || final });
      live.sourceChanged(turnId, language);
    },
    translation: (turnId: string, translatedText: string) => {
      Object.assign(turns.get(turnId) ?? {}, { translatedText });
      live.translationChanged(turnId);
    },
    mark: live.mark.bind(live),
    withdraw: live.withdraw.bind(live),
    done: live.done.bind(live),
    close: live.close.bind(live),
  };
  const texts = () =>
    emitted.map(
      ({ turnId, sourceText, translatedText, final }) =>
        `${turnId} ${sourceText}|${translatedText}${final ? ' .' : ''}`,
    );
  return { clock, captions, emitted, start, texts };
}

describe('LiveCaptions', () => {
  it('takes back what was shown of a turn that is no contribution, and shows nothing more of it', () => {
    const { captions, start, texts, clock } = open();
    start('a');
    captions.source('a', 'Mhm', false);
    captions.withdraw('a');
    captions.source('a', 'Mhm.', true);
    captions.translation('a', 'Ajá.');
    captions.done('a');
    start('b');
    captions.withdraw('b');
    captions.source('b', 'OK', true);
    captions.withdraw('unknown');
    clock.advanceBy(60_000);
    captions.close();
    expect(texts()).toEqual(['a Mhm|', 'a | .']);
  });

  it('tells each state of a turn once, and the final one when both sides are whole', () => {
    const { captions, emitted, start, texts, clock } = open();
    start('a');
    captions.source('a', 'Hola', false);
    captions.source('a', 'Hola', false);
    captions.bounds('a', 1_010.4, 2_000.6);
    captions.translation('a', 'Hel');
    captions.source('a', 'Hola a todos.', true);
    captions.translation('a', 'Hello everyone.');
    captions.done('a');
    expect(texts()).toEqual([
      'a Hola|',
      'a Hola|Hel',
      'a Hola a todos.|Hel',
      'a Hola a todos.|Hello everyone.',
      'a Hola a todos.|Hello everyone. .',
    ]);
    expect(emitted.at(-1)).toEqual({
      v: 2,
      kind: 'speech',
      segmentId: 'a#0',
      turnId: 'a',
      part: 0,
      speakerId: 'ana',
      speakerName: 'Ana',
      sourceLanguage: 'es',
      targetLanguage: 'en',
      sourceText: 'Hola a todos.',
      translatedText: 'Hello everyone.',
      original: true,
      final: true,
      startMs: 1_010,
      endMs: 2_001,
    });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('waits a little for a transcript that is late, and corrects what was final when it comes later still', () => {
    const { captions, start, texts, clock } = open();
    start('a');
    captions.translation('a', 'Hello.');
    captions.done('a');
    clock.advanceBy(LATE_TRANSCRIPT_MS - 1);
    expect(texts()).toEqual(['a |Hello.']);
    clock.advanceBy(1);
    captions.source('a', 'Hola.', true);
    expect(texts()).toEqual(['a |Hello.', 'a |Hello. .', 'a Hola.|Hello. .']);
  });

  it('a turn whose end never comes is final as it is', () => {
    const { captions, start, texts, clock } = open();
    start('a');
    captions.source('a', 'Hola', false);
    clock.advanceBy(SILENT_TURN_MS - 1);
    captions.source('a', 'Hola a', false);
    clock.advanceBy(SILENT_TURN_MS - 1);
    expect(texts().at(-1)).toBe('a Hola a|');
    clock.advanceBy(1);
    expect(texts().at(-1)).toBe('a Hola a| .');
  });

  it('says nothing of a turn without text, nor of one it never heard of', () => {
    const { captions, start, texts, clock } = open();
    start('a');
    captions.source('a', ' \n', true);
    captions.translation('a', '');
    captions.done('a');
    captions.source('b', 'Hola', true);
    captions.done('b');
    captions.bounds('b', 0, 1);
    clock.advanceBy(SILENT_TURN_MS);
    captions.close();
    expect(texts()).toEqual([]);
  });

  it('texts are single lines without halves of characters, control and bidi characters, and bounded', () => {
    const { captions, start, emitted } = open();
    start('a');
    captions.source('a', 'uno\u0007\n\u202edos\ufffd \ud83d', false);
    expect(emitted.at(-1)?.sourceText).toBe('uno dos');
    captions.translation('a', 'x'.repeat(50_000));
    expect(emitted.at(-1)?.translatedText).toHaveLength(4_000);
    expect(emitted.at(-1)?.translatedText.endsWith('x…')).toBe(true);
  });

  it('a turn that is not transcribed takes its words from the same speech of the same speaker that is', () => {
    const { captions, start, texts } = open();
    start('before', { startMs: 0 });
    captions.bounds('before', 0, 900);
    captions.source('before', 'Antes.', true);
    start('a');
    captions.bounds('a', 1_000, 2_000);
    start('other', { speakerId: 'bob', startMs: 1_000 });
    captions.bounds('other', 1_000, 2_000);
    captions.source('other', 'De otro.', true);
    start('a-fr', { transcribed: false, targetLanguage: 'fr', startMs: 1_005 });
    captions.bounds('a-fr', 1_005, 2_010);
    captions.translation('a-fr', 'Bonjour.');
    captions.done('a-fr'); // the transcript is still to come
    captions.source('a', 'Hola.', true);
    const own = texts().filter((text) => text.startsWith('a-fr'));
    expect(own).toEqual(['a-fr |Bonjour.', 'a-fr Hola.|Bonjour. .']);
  });

  it('where nothing transcribes the speaker, the translation alone is final at once', () => {
    const { captions, start, texts } = open();
    start('a', { transcribed: false });
    captions.translation('a', 'Hello.');
    captions.done('a');
    expect(texts()).toEqual(['a |Hello.', 'a |Hello. .']);
  });

  it('closing makes everything final and leaves no timer', () => {
    const { captions, start, texts, clock } = open();
    start('a');
    captions.source('a', 'Hola', false);
    start('b');
    captions.translation('b', 'Hello');
    captions.close();
    expect(texts().slice(-2)).toEqual(['a Hola| .', 'b |Hello .']);
    expect(clock.nextDueMs()).toBeUndefined();
    captions.source('a', 'zu spät', true);
    expect(texts()).toHaveLength(4);
  });

  it('remembers 256 turns: the oldest becomes final and is forgotten', () => {
    const { captions, start, texts, clock } = open();
    for (let n = 0; n < 1_000; n++) {
      start(`t${n}`);
      captions.source(`t${n}`, 'Hola', false);
    }
    expect(texts().filter((text) => text.endsWith(' .'))).toHaveLength(1_000 - 256);
    captions.source('t0', 'Hola otra vez', true);
    expect(texts().at(-1)).not.toContain('otra vez');
    clock.advanceBy(SILENT_TURN_MS);
    expect(texts().filter((text) => text.endsWith(' .'))).toHaveLength(1_000);
  });

  describe('segments of a long turn', () => {
    const SAID =
      'Hoy quiero hablar del informe de ventas, que es importante. El señor García lo terminó ayer por la noche.';
    const TRANSLATED =
      'Today I want to talk about the sales report, which is important. Mr. García finished it last night.';
    const segments = (emitted: readonly Caption[]) =>
      emitted.map(
        ({ segmentId, part, sourceText, translatedText, final }) =>
          `${segmentId}/${part} ${sourceText.slice(0, 14)}|${translatedText.slice(0, 14)}${final ? ' .' : ''}`,
      );

    it('each is told when it changes, and all are final with the turn', () => {
      const { captions, emitted, start } = open();
      start('a');
      captions.bounds('a', 1_000, 13_000);
      captions.source('a', SAID, true);
      captions.translation('a', TRANSLATED.slice(0, 20));
      captions.translation('a', TRANSLATED);
      captions.done('a');
      expect(segments(emitted)).toEqual([
        'a#0/0 Hoy quiero hab|',
        'a#1/1 El señor Garcí|',
        'a#0/0 Hoy quiero hab|Today I want t',
        'a#0/0 Hoy quiero hab|Today I want t',
        'a#1/1 El señor Garcí|Mr. García fin',
        'a#0/0 Hoy quiero hab|Today I want t .',
        'a#1/1 El señor Garcí|Mr. García fin .',
      ]);
      const [first, second] = emitted.slice(-2);
      expect(first!.endMs).toBe(second!.startMs);
      expect([first!.startMs, second!.endMs]).toEqual([1_000, 13_000]);
    });

    it('one that a correction leaves no words for is withdrawn, and may come back', () => {
      const { captions, emitted, start } = open();
      start('a');
      captions.bounds('a', 1_000, 13_000);
      captions.source('a', SAID, true);
      captions.source('a', 'Nada.', true);
      expect(segments(emitted).slice(-2)).toEqual(['a#0/0 Nada.|', 'a#1/1 | .']);
      captions.source('a', SAID, true);
      expect(segments(emitted).slice(-2)).toEqual(['a#0/0 Hoy quiero hab|', 'a#1/1 El señor Garcí|']);
    });
  });

  it('a mark is on every state after it, also where the caption was final already', () => {
    const { captions, emitted, start } = open();
    start('a');
    captions.source('a', 'Hola.', true);
    captions.translation('a', 'Hello.');
    captions.done('a');
    captions.mark('a', 'cut', 'gone');
    captions.mark('a', 'cut', 'gone');
    captions.mark('unknown', 'cut');
    expect(emitted.map(({ mark, cutReason, final }) => [mark, cutReason, final])).toEqual([
      [undefined, undefined, false],
      [undefined, undefined, false],
      [undefined, undefined, true],
      ['cut', 'gone', true],
    ]);
    captions.mark('a', 'doubtful');
    expect(emitted.at(-1)).toMatchObject({ mark: 'doubtful' });
    expect(emitted.at(-1)).not.toHaveProperty('cutReason');
  });

  it('a translation that did not end well is marked, unless its mark says more', () => {
    const { captions, emitted, start } = open();
    for (const turnId of ['a', 'b']) {
      start(turnId);
      captions.source(turnId, 'Hola.', true);
      if (turnId === 'b') captions.mark('b', 'captions_only');
      captions.done(turnId, 'failed');
    }
    expect(emitted.filter(({ final }) => final).map(({ turnId, mark }) => [turnId, mark])).toEqual([
      ['a', 'failed'],
      ['b', 'captions_only'],
    ]);
  });

  it.each([
    ['', 'pt', 'pt'],
    ['es-MX', 'es', 'es-MX'],
    ['es', 'en', 'en'],
    ['es', undefined, 'es'],
    ['', 'no language!', ''],
  ])('declared %j, reported %j: the source language is %j', (sourceLanguage, reported, expected) => {
    const { captions, emitted, start } = open();
    start('a', { sourceLanguage });
    captions.source('a', 'Hola.', true, reported);
    expect(emitted.at(-1)?.sourceLanguage).toBe(expected);
  });

  it('a turn that takes its words from another takes their language too', () => {
    const { captions, emitted, start } = open();
    start('a', { sourceLanguage: '' });
    captions.bounds('a', 1_000, 2_000);
    captions.source('a', 'Hola.', true, 'es');
    start('a-fr', { transcribed: false, sourceLanguage: '', targetLanguage: 'fr' });
    captions.bounds('a-fr', 1_000, 2_000);
    captions.translation('a-fr', 'Bonjour.');
    expect(emitted.at(-1)).toMatchObject({ sourceText: 'Hola.', sourceLanguage: 'es', original: false });
  });
});
