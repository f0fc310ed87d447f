import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { EventEmitter } from '../../../src/events.js';
import { type TurnRecord, TurnRecords } from '../../../src/interpreter/route/turn-record.js';
import type { RouteSessionView } from '../../../src/meeting/meeting-part.js';
import { Interjections } from '../../../src/meeting/listening/interjections.js';
import type { MeetingAudioInput } from '../../../src/meeting/listening/meeting-audio-input.js';
import { TurnScreening } from '../../../src/meeting/routes/turn-screening.js';
import type { SessionEvents } from '../../../src/realtime/session.js';
import { spanishRoute } from '../spanish-route.js';

/** Ben's "sound" over somebody else's words, from 1000 to 1400 ms, and sessions that hear him. */
function setUp({ maxMs = 700, over = true } = {}) {
  const clock = new VirtualClock();
  const interjections = new Interjections();
  interjections.began('ben', { startMs: 1_000, endMs: 1_030 }, over);
  interjections.ended('ben', { startMs: 1_000, endMs: 1_400 });
  const copyEvents = new EventEmitter<{ copied: [participantId: string] }>();
  let copiedShare = 0;
  const copies = {
    events: copyEvents as unknown as MeetingAudioInput['events'],
    copiedShareOf: () => copiedShare,
  };
  const interrupted: string[] = [];
  const screening = new TurnScreening({
    ...{ clock, interjections, copies, backchannelMaxMs: () => maxMs },
    interrupt: (speakerId) => interrupted.push(speakerId),
  });
  const copied = (share: number): void => {
    copiedShare = share;
    copyEvents.emit('copied', 'ben');
  };
  const told: string[] = [];
  const open = (name: string, transcribes: boolean) => {
    const events = new EventEmitter<SessionEvents>();
    const records = new TurnRecords();
    const view: RouteSessionView = {
      engine: 'conversation',
      spec: { ...spanishRoute('ben', name, []), from: ['en'], transcribes },
      speakerName: 'Ben',
      events,
      turn: (turnId) => records.get(turnId),
      turnOver: (speech) => records.over(speech),
      attributionOf: () => undefined,
      withhold: () => undefined,
      hold: (turnId) => told.push(`hold ${turnId}`),
      release: (turnId) => told.push(`release ${turnId}`),
      drop: (turnId) => {
        told.push(`drop ${turnId}`);
        records.get(turnId)!.dropped = true;
      },
    };
    screening.session(view);
    return {
      end: () => {
        events.emit('state', { kind: 'ended' });
      },
      said: (turnId: string): TurnRecord => {
        const record = records.bounded(turnId, 1_000, 1_420);
        events.emit('speechStopped', { turnId, startMs: 1_000, endMs: 1_420 });
        return record;
      },
      transcribed: (record: TurnRecord, text: string) => {
        record.sourceText = text;
        record.sourceFinal = true;
        events.emit('sourceTranscript', { turnId: record.turnId, text, final: true });
      },
      translated: (record: TurnRecord, text: string) => {
        record.translatedText = text;
        events.emit('translationTranscript', { turnId: record.turnId, text, final: true });
      },
    };
  };
  const dropped = () => screening.metrics()[0]!.value;
  return { clock, interjections, screening, told, interrupted, open, dropped, copied };
}

describe('a short sound over the words of others', () => {
  it('is held until its words are known, and dropped where they only say that somebody listens', () => {
    const { told, open, dropped, clock } = setUp();
    const session = open('es', true);
    const turn = session.said('a');
    expect(told).toEqual(['hold a']);
    session.transcribed(turn, 'Mhm.');
    clock.advanceBy(10_000);
    expect(told).toEqual(['hold a', 'drop a']);
    expect(dropped()).toBe(1);
  });

  it('is dropped where it holds no word, and interpreted where it says something', () => {
    const { told, interrupted, open, dropped } = setUp();
    const session = open('es', true);
    session.transcribed(session.said('a'), '');
    expect(interrupted).toEqual([]);
    session.transcribed(session.said('b'), 'Stop!');
    expect(told).toEqual(['hold a', 'drop a', 'hold b', 'release b']);
    expect(interrupted).toEqual(['ben']); // however short it was
    expect(dropped()).toBe(1);
  });

  it('other sessions of the same speaker go by the words of the one that transcribes', () => {
    const { told, open } = setUp();
    const [written, other] = [open('es', true), open('de', false)];
    other.said('x');
    const turn = written.said('a');
    other.translated(other.said('y'), 'Halt');
    written.transcribed(turn, 'OK');
    expect(told).toEqual(['hold x', 'hold a', 'hold y', 'drop x', 'drop a', 'drop y']);
  });

  it('without a transcript it goes by its translation', () => {
    const { told, interrupted, open } = setUp();
    const session = open('de', false);
    session.translated(session.said('a'), 'Ja.');
    expect(interrupted).toEqual([]);
    session.translated(session.said('b'), 'Warten Sie!');
    expect(told).toEqual(['hold a', 'drop a', 'hold b', 'release b']);
    expect(interrupted).toEqual(['ben']);
  });

  it('is interpreted when its words do not come, when its session ends, and when the meeting is left', () => {
    const { told, interrupted, open, clock, screening } = setUp();
    const session = open('es', true);
    session.said('a');
    clock.advanceBy(2_499);
    expect(told).toEqual(['hold a']);
    clock.advanceBy(1);
    expect(interrupted).toEqual([]); // nobody knows whether it was words
    session.said('b');
    session.end();
    open('es', true).said('c');
    screening.closing();
    expect(told).toEqual(['hold a', 'release a', 'hold b', 'release b', 'hold c', 'release c']);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('a server that ends turns sooner than our own detector hears the end is waited with', () => {
    for (const goesOn of [false, true]) {
      const { told, open, clock, interjections } = setUp();
      interjections.began('ben', { startMs: 1_000, endMs: 1_030 }, true);
      const session = open('es', true);
      clock.advanceTo(1_620);
      const turn = session.said('a');
      expect(told).toEqual(['hold a']);
      if (!goesOn) interjections.ended('ben', { startMs: 1_000, endMs: 1_400 });
      clock.advanceTo(1_920);
      expect(told).toEqual(goesOn ? ['hold a', 'release a'] : ['hold a']);
      session.transcribed(turn, 'Mhm.');
      expect(told).toEqual(goesOn ? ['hold a', 'release a'] : ['hold a', 'drop a']);
    }
  });

  it('in a silence it is an answer, and with 0 everything is interpreted', () => {
    for (const options of [{ over: false }, { maxMs: 0 }]) {
      const { told, open } = setUp(options);
      const session = open('es', true);
      session.transcribed(session.said('a'), 'Yes.');
      expect(told).toEqual([]);
    }
  });
});

describe('a turn that is another person’s voice in the same room', () => {
  it('is dropped at its end, and when that is found out later', () => {
    const { told, open, copied, clock } = setUp({ over: false });
    const session = open('es', true);
    copied(0.9);
    session.said('a');
    expect(told).toEqual(['drop a']);
    copied(0);
    session.said('b');
    clock.advanceTo(2_500);
    expect(told).toEqual(['drop a']);
    copied(0.9);
    copied(0.9);
    expect(told).toEqual(['drop a', 'drop b']);
  });

  it('is interpreted where most of it was their own', () => {
    const { told, open, copied } = setUp({ over: false });
    copied(0.5);
    open('es', true).said('a');
    expect(told).toEqual([]);
  });
});
