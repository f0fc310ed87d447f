import { beforeEach, describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { EventEmitter } from '../../../src/events.js';
import type { GuardFinding } from '../../../src/interpreter/guard/guard.js';
import type { TurnRecord } from '../../../src/interpreter/route/turn-record.js';
import type { LanguageDetector, LanguageScore } from '../../../src/languages/language-detector.js';
import type { EngineName } from '../../../src/realtime/engines.js';
import type { MeetingNotice } from '../../../src/meeting/meeting-events.js';
import { TranslationGuard } from '../../../src/meeting/routes/translation-guard.js';
import type { SessionEvents } from '../../../src/realtime/session.js';
import { turns } from '../../realtime/session-fixture.js';
import { spanishRoute } from '../spanish-route.js';

const SAID = 'the meeting starts tomorrow at half past nine';

/** Takes everything for German. */
class Detector implements LanguageDetector {
  asked = 0;
  nameOf(tag: string): string {
    return tag;
  }
  tells(): boolean {
    return true;
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
  let notices: string[];
  let loaded: Promise<LanguageDetector>;
  beforeEach(() => {
    nowMs = 0;
    detector = new Detector();
    notices = [];
    loaded = Promise.resolve(detector);
    const clock = new VirtualClock();
    vi.spyOn(clock, 'nowMs').mockImplementation(() => nowMs);
    const meeting = { clock, notice: ({ message }: MeetingNotice) => notices.push(message) };
    guard = new TranslationGuard(meeting, () => loaded);
  });

  async function watched(speakerId: string, to: string, engine: EngineName = 'conversation') {
    const events = new EventEmitter<SessionEvents>((error) => {
      throw error;
    });
    const records = new Map<string, TurnRecord>();
    const found: string[] = [];
    const turn = (turnId: string, startMs = 0, endMs = 2_000): TurnRecord => {
      const known = records.get(turnId) ?? {
        turnId,
        startMs,
        endMs,
        sourceText: '',
        sourceFinal: false,
        translatedText: '',
        interrupted: false,
      };
      records.set(turnId, known);
      return known;
    };
    guard.session({
      engine,
      spec: { ...spanishRoute(speakerId, to, []), from: ['es'] },
      speakerName: speakerId,
      events,
      turn: (turnId) => records.get(turnId),
      attributionOf: () => undefined,
      turnOver: () => undefined,
      hold: () => undefined,
      release: () => undefined,
      drop: () => undefined,
      withhold: (turnId, finding: GuardFinding) => found.push(`${turnId} ${finding.kind}`),
    });
    await turns();
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
      sourceFinal: false,
      translatedText: text,
      interrupted: false,
      playedFromMs,
    },
    ...(playedToMs === undefined ? {} : { playedToMs }),
  });

  it('finds each turn once, whatever is told of it later', async () => {
    const ana = await watched('ana', 'en');
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn', true);
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn und mehr', true);
    ana.said('a', 'la reunión');
    expect(ana.found).toEqual(['a wrong_language']);
    expect(guard.counters).toEqual({ wrongLanguage: 1, answers: 0, ownVoice: 0 });
  });

  it('judges a text that grows every 24 characters, and once when it is whole', async () => {
    const ana = await watched('ana', 'de'); // nothing is wrong with it
    const text =
      'die besprechung beginnt morgen um halb zehn und dauert bis zum mittag, wie wir es besprochen haben';
    for (let chars = 1; chars <= text.length; chars++) ana.translated('a', text.slice(0, chars));
    ana.translated('a', text, true);
    ana.translated('a', text, true);
    expect(detector.asked).toBeLessThanOrEqual(text.length / 24 + 1);
    expect(ana.found).toEqual([]);
  });

  it('knows our voice in every route of whoever’s microphone picked it up, though one of them transcribes', async () => {
    const [toEs, toFr, other] = [
      await watched('bob', 'es'),
      await watched('bob', 'fr'),
      await watched('ana', 'es'),
    ];
    guard.played(spoken(SAID, 0, 2_000), 'heard');
    for (const route of [toEs, toFr, other]) {
      route.turn('t', 200, 2_300);
      route.translated('t', 'x');
    }
    toEs.said('t', SAID);
    expect([toEs.found, toFr.found, other.found]).toEqual([['t own_voice'], ['t own_voice'], []]);
  });

  it('forgets what was spoken a minute ago, and sessions that ended', async () => {
    const ana = await watched('ana', 'es');
    guard.played(spoken(SAID, 0, 2_000), 'heard');
    ana.end();
    const bob = await watched('ana', 'es');
    ana.turn('t', 200, 2_300);
    bob.said('other', 'nothing'); // would have looked at the turn of the session that ended
    expect(ana.found).toEqual([]);
    nowMs = 70_000;
    guard.played(spoken('something else altogether', 69_000, 69_900), 'heard');
    bob.turn('late', 200, 2_300);
    bob.said('late', SAID);
    expect(bob.found).toEqual([]);
  });

  it('judges no language before it can', async () => {
    loaded = new Promise(() => undefined);
    const ana = await watched('ana', 'en');
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn', true);
    expect(ana.found).toEqual([]);
  });

  it('says so where no language can be judged, and finds the rest', async () => {
    loaded = Promise.reject(new Error('no such file'));
    const ana = await watched('ana', 'en');
    ana.translated('a', 'die besprechung beginnt morgen um halb zehn', true);
    expect(ana.found).toEqual([]);
    expect(notices).toEqual(['translations are not checked for their language: no such file']);
    guard.played(spoken(SAID, 0, 2_000), 'heard');
    ana.turn('t', 200, 2_300);
    ana.translated('t', 'x');
    ana.said('t', SAID);
    expect(ana.found).toEqual(['t own_voice']);
  });

  it('lets an engine alone that takes no instructions, and takes what was said from its transcript', async () => {
    const continuous = await watched('bob', 'es', 'translate');
    const instructed = await watched('bob', 'fr');
    guard.played(spoken(SAID, 0, 2_000), 'heard');
    for (const route of [continuous, instructed]) {
      route.turn('t', 200, 2_300);
      route.translated('t', 'x');
    }
    continuous.said('t', SAID);
    expect([continuous.found, instructed.found]).toEqual([[], ['t own_voice']]);
  });
});
