import { beforeEach, describe, expect, it } from 'vitest';
import { EventEmitter } from '../../../src/events.js';
import type { GuardFinding } from '../../../src/interpreter/guard/guard.js';
import type { TurnRecord } from '../../../src/interpreter/route/route.js';
import type { LanguageDetector, LanguageScore } from '../../../src/languages/language-detector.js';
import { TranslationGuard } from '../../../src/meeting/routes/translation-guard.js';
import type { SessionEvents } from '../../../src/realtime/session.js';

const SAID = 'the meeting starts tomorrow at half past nine';

/** Takes everything for German. */
class Detector implements LanguageDetector {
  asked = 0;
  nameOf(tag: string): string {
    return tag;
  }
  scoresOf(): readonly LanguageScore[] {
    this.asked++;
    return [{ language: 'de', score: 0.8 }];
  }
}

describe('the guard of a meeting', () => {
  let guard: TranslationGuard;
  let detector: Detector;
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
    guard = new TranslationGuard(() => nowMs);
    detector = new Detector();
    guard.detector = detector;
  });

  function watched(speakerId: string, to: string, sourceOf: (turnId: string) => string = () => '') {
    const events = new EventEmitter<SessionEvents>((error) => {
      throw error;
    });
    const turns = new Map<string, TurnRecord>();
    const found: string[] = [];
    const turn = (turnId: string, startMs = 0, endMs = 2_000): TurnRecord => {
      const known = turns.get(turnId) ?? {
        turnId,
        startMs,
        endMs,
        sourceText: '',
        translatedText: '',
        interrupted: false,
      };
      turns.set(turnId, known);
      return known;
    };
    guard.watch(events, {
      speakerId,
      from: ['es'],
      targets: [to],
      turn: (turnId) => turns.get(turnId),
      sourceOf: (turnId) => {
        const { sourceText = '' } = turns.get(turnId) ?? {};
        return sourceText === '' ? sourceOf(turnId) : sourceText;
      },
      found: (turnId, finding: GuardFinding) => found.push(`${turnId} ${finding.kind}`),
    });
    return {
      found,
      turn,
      translated: (turnId: string, text: string, final = false) => {
        turn(turnId).translatedText = text;
        events.emit('translationTranscript', { turnId, text, final });
      },
      said: (turnId: string, text: string) => {
        turn(turnId).sourceText = text;
        events.emit('sourceTranscript', { turnId, text, final: true });
      },
      end: () => {
        events.emit('state', { kind: 'ended' });
      },
    };
  }
  const spoken = (text: string, playedFromMs: number, playedToMs?: number): TurnRecord => ({
    ...{
      turnId: 'x',
      startMs: 0,
      endMs: 0,
      sourceText: '',
      translatedText: text,
      interrupted: false,
      playedFromMs,
    },
    ...(playedToMs === undefined ? {} : { playedToMs }),
  });

  it('finds each turn once, whatever is told of it later', () => {
    const ana = watched('ana', 'en');
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn', true);
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn und mehr', true);
    ana.said('a', 'la reunión');
    expect(ana.found).toEqual(['a wrong_language']);
    expect(guard.counters).toEqual({ wrongLanguage: 1, answers: 0, ownVoice: 0 });
  });

  it('judges a text that grows every 24 characters, and once when it is whole', () => {
    const ana = watched('ana', 'de'); // nothing is wrong with it
    const text =
      'die besprechung beginnt morgen um halb zehn und dauert bis zum mittag, wie wir es besprochen haben';
    for (let chars = 1; chars <= text.length; chars++) ana.translated('a', text.slice(0, chars));
    ana.translated('a', text, true);
    ana.translated('a', text, true);
    expect(detector.asked).toBeLessThanOrEqual(text.length / 24 + 1);
    expect(ana.found).toEqual([]);
  });

  it('knows our voice in every route of whoever’s microphone picked it up, though one of them transcribes', () => {
    const [toEs, toFr, other] = [
      watched('bob', 'es'),
      watched('bob', 'fr', () => SAID),
      watched('ana', 'es', () => SAID),
    ];
    guard.spoke(spoken(SAID, 0, 2_000));
    for (const route of [toEs, toFr, other]) {
      route.turn('t', 200, 2_300);
      route.translated('t', 'x');
    }
    toEs.said('t', SAID);
    expect([toEs.found, toFr.found, other.found]).toEqual([['t own_voice'], ['t own_voice'], []]);
  });

  it('forgets what was spoken a minute ago, and sessions that ended', () => {
    const ana = watched('ana', 'es');
    guard.spoke(spoken(SAID, 0, 2_000));
    ana.end();
    const bob = watched('ana', 'es');
    ana.turn('t', 200, 2_300);
    bob.said('other', 'nothing'); // would have looked at the turn of the session that ended
    expect(ana.found).toEqual([]);
    nowMs = 70_000;
    guard.spoke(spoken('something else altogether', 69_000, 69_900));
    bob.turn('late', 200, 2_300);
    bob.said('late', SAID);
    expect(bob.found).toEqual([]);
  });

  it('judges no language before it can', () => {
    guard.detector = undefined;
    const ana = watched('ana', 'en');
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn', true);
    expect(ana.found).toEqual([]);
  });
});
