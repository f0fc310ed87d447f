import { describe, expect, it } from 'vitest';
import { type JoinEvent, joinEventSchema } from '../../src/bot/events.js';
import { EventFeed } from '../../src/bot/event-feed.js';
import { VirtualClock } from '../../src/clock.js';
import { EventEmitter } from '../../src/events.js';
import type { MeetingInterpreter } from '../../src/meeting/meeting.js';
import type { MeetingEvents } from '../../src/meeting/meeting-events.js';

function notify(explain: boolean): JoinEvent[] {
  const shown: JoinEvent[] = [];
  const sink = {
    show: (event: JoinEvent) => shown.push(event),
    level: () => undefined,
  };
  const events = new EventEmitter<MeetingEvents>();
  new EventFeed({ clock: new VirtualClock(), sink, explain }).follow({
    events,
  } as unknown as MeetingInterpreter);
  events.emit('instructions', { speakerId: 'ana', to: 'en', text: 'About the speaker: "private"' });
  const choice = { speakerId: 'ana', to: 'en', engine: 'translate', reason: 'asked for' } as const;
  events.emit('engine', { ...choice, usdPerHour: 3.0601 });
  events.emit('engine', { ...choice, to: undefined, usdPerHour: undefined });
  events.emit('notice', { kind: 'room', message: 'hello' });
  return shown;
}

describe('what sessions are told', () => {
  it('is shown to whoever asks for it', () => {
    expect(notify(true)[0]).toEqual({
      type: 'instructions',
      v: 1,
      atMs: 0,
      speakerId: 'ana',
      to: 'en',
      text: 'About the speaker: "private"',
    });
  });

  it('and so is by which engine, at what cost', () => {
    const choice = {
      type: 'engine',
      v: 1,
      atMs: 0,
      speakerId: 'ana',
      engine: 'translate',
      reason: 'asked for',
    };
    expect(notify(true).slice(1, 3)).toEqual([{ ...choice, to: 'en', usdPerHour: 3.06 }, choice]);
  });

  it('is shown to nobody else', () => {
    expect(notify(false).map(({ type }) => type)).toEqual(['notice']);
    expect(JSON.stringify(notify(false))).not.toContain('private');
  });
});

describe('what a stand-in plays back', () => {
  it.each(['its text first', 'its sound first'])('is counted apart from translations: %s', (order) => {
    const shown: JoinEvent[] = [];
    const events = new EventEmitter<MeetingEvents>();
    const meeting = {
      events,
      counters: { sessions: {}, captions: { dropped: 0 }, guard: {}, captionsOnly: 0 },
    } as unknown as MeetingInterpreter;
    const sink = { show: (event: JoinEvent) => shown.push(event), level: () => undefined };
    const feed = new EventFeed({ clock: new VirtualClock(), sink });
    feed.follow(meeting);
    const hear = (turnId: string): void => {
      events.emit('playback', { turnId, speakerId: 'ana', to: 'en', what: 'heard', firstAudioDelayMs: 900 });
    };
    const say = (turnId: string, translatedText: string): void => {
      const caption = { turnId, translatedText, final: true } as unknown as MeetingEvents['caption'][0];
      events.emit('caption', caption);
      events.emit('caption', caption);
    };
    say('t1', 'Hello');
    hear('t1');
    const note = '[not in the phrasebook: 3.4 s played back]';
    if (order === 'its text first') say('t2', note);
    hear('t2');
    if (order === 'its sound first') say('t2', note);
    expect(feed.latency).toEqual({ turns: 1, lastMs: 900, medianMs: 900 });
    expect(feed.counters).toMatchObject({ playedBack: 1 });
    feed.ended({ kind: 'asked', message: 'over' }, undefined);
    expect(shown.at(-1)).toMatchObject({ type: 'ended', counters: { playedBack: 1 }, latency: { turns: 1 } });
  });
});

describe('levels', () => {
  it('are told of everybody, whatever they are called', () => {
    const clock = new VirtualClock();
    const shown: JoinEvent[] = [];
    const events = new EventEmitter<MeetingEvents>();
    const sink = { show: (event: JoinEvent) => shown.push(event), level: () => undefined };
    new EventFeed({ clock, sink }).follow({ events } as unknown as MeetingInterpreter);
    events.emit('level', { participantId: 'constructor', levelDbfs: -20.4 });
    events.emit('level', { participantId: 'toString', levelDbfs: -30 });
    events.emit('level', { participantId: 'constructor', levelDbfs: -40 });
    clock.advanceBy(5_000);
    const status = joinEventSchema.parse(shown.find(({ type }) => type === 'status'));
    expect(status).toMatchObject({ levelsDbfs: { constructor: -20, toString: -30 } });
  });
});
