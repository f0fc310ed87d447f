import { describe, expect, it } from 'vitest';
import { joinEventSchema } from '../../../src/bot/events.js';
import { JsonView } from '../../../src/cli/views/json-view.js';
import { LineView } from '../../../src/cli/views/line-view.js';
import { LiveView } from '../../../src/cli/views/live-view.js';
import { VirtualClock } from '../../../src/clock.js';
import { caption, EMMA, LUCIA, MEETING } from './samples.js';
import { Screen } from './screen.js';

const HOSTILE = 'Eve\u001b[2J\u0007\r\n\u202emallory';

describe('JsonView', () => {
  it('writes one document per line that the schema takes back whole', () => {
    let text = '';
    const view = new JsonView((piece) => (text += piece));
    for (const event of MEETING) view.show(event);
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => joinEventSchema.parse(JSON.parse(line)))).toEqual(MEETING);
  });

  it('knows every type of event by an example', () => {
    const types = joinEventSchema.options.map((option) => option.shape.type.value);
    expect(new Set(MEETING.map(({ type }) => type))).toEqual(new Set(types));
  });
});

describe('LineView', () => {
  const lines = (events: typeof MEETING): string[] => {
    let text = '';
    const view = new LineView((piece) => (text += piece));
    for (const event of events) view.show(event);
    return text.trimEnd().split('\n');
  };

  it('tells a meeting, a line per event that matters to a person', () => {
    expect(lines(MEETING)).toEqual([
      ' 0:00.0  joining abcd-efgh-ijkl as Parley, in the embedded room at https://localhost:8443, interpreted by a stand-in',
      ' 0:00.5  in the meeting',
      ' 0:00.6  Lucía (español) is here',
      ' 0:00.7  Emma (English) is here',
      ' 0:01.9  Lucía in English: the translate engine (asked for), about $3.06 per hour of its session',
      ' 0:02.0  Lucía in English: the model is told:',
      '         | Translate.',
      '         | - Speaker: "Lucía "',
      ' 0:02.0  Lucía speaks',
      ' 0:03.9  Lucía is heard in English, 0.90 s after speaking',
      ' 0:04.0  Lucía [es]: Hola  →  [en] Hello',
      ' 0:04.1  Lucía’s translation into English was cut short: somebody else spoke',
      ' 0:04.5  Emma is now: Deutsch',
      ' 0:06.0  note: something happened',
      ' 0:06.1  Lucía asks the agent: ¿Qué sala?',
      ' 0:06.2  the agent calls find_room {"floor":2} for Lucía',
      ' 0:06.5  the agent notes: Book the room.',
      ' 0:07.0  Lucía left: by the host',
      ' 0:08.0  the connection to the meeting is down; reconnecting',
      ' 0:09.0  Parley left the meeting: it was stopped here; 1 translation heard, the last 0.90 s after speaking, the median 0.90 s after speaking',
    ]);
  });

  it('says what a caption’s mark means, leaves interruptions to notices, and adds up what was lost at the end', () => {
    const [end] = MEETING.filter((event) => event.type === 'ended');
    const counters = {
      ...{ audioDroppedMs: 500, staleAudioDroppedMs: 1_000, captionsDropped: 1, captionsOnly: 0 },
      ...{ wrongLanguage: 1, answers: 0, ownVoice: 1, reconnects: 2, rotations: 3, responsesRetried: 1 },
    };
    const emitted = lines([
      caption({ mark: 'doubtful' }),
      caption({ turnId: 't2', mark: 'failed' }),
      caption({
        turnId: 't3',
        kind: 'notice',
        interruption: 'resumed',
        translatedText: 'Lucía is interpreted again.',
      }),
      { type: 'playback', v: 1, atMs: 4_100, turnId: 't1', speakerId: 'lucia', to: 'en', what: 'withheld' },
      { ...end!, cost: { usd: 1.234, responses: 3, audioMs: 0, unpriced: 0, budgetUsd: 5 }, counters },
      { ...end!, cost: { usd: 0.05, responses: 0, audioMs: 60_000, unpriced: 0, isLowerBound: true } },
    ]);
    expect(emitted).toEqual([
      ' 0:04.0  Lucía [es]: Hola  →  [en] Hello (taken back)',
      ' 0:04.0  Lucía [es]: Hola  →  [en] Hello (not to its end)',
      expect.stringMatching(
        /; about \$1\.23 of \$5\.00, by list prices; 2 lost connections replaced, 1\.50 s of speech dropped, 2 translations taken back, 1 caption not sent$/,
      ),
      expect.stringMatching(/; at least \$0\.05, by list prices/),
    ]);
  });

  it('lets no name or text steer the terminal', () => {
    const text = lines([
      { type: 'joined', v: 1, atMs: 0, person: { ...EMMA, name: HOSTILE } },
      { type: 'speaking', v: 1, atMs: 0, participantId: 'emma', speaking: true },
      caption({ speakerName: HOSTILE, sourceText: HOSTILE, translatedText: HOSTILE }),
      { type: 'notice', v: 1, atMs: 0, kind: 'room', message: HOSTILE },
      { type: 'left', v: 1, atMs: 0, person: { ...EMMA, name: HOSTILE } },
    ]);
    expect(text).toHaveLength(5);
    for (const line of text) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('tells words once, says where there is no translation, and nothing of what is withdrawn', () => {
    const captions = [
      caption({}),
      caption({ mark: 'cut' }),
      caption({ turnId: 't2', translatedText: '', mark: 'failed' }),
      caption({ turnId: 't3', translatedText: 'Hel', mark: 'failed' }),
      caption({ turnId: 't4', targetLanguage: '', translatedText: '' }),
      caption({ turnId: 't5', sourceText: '', translatedText: '' }),
      caption({ turnId: 't6', sourceText: '' }),
      caption({ turnId: 't7', sourceText: '', translatedText: '[not in the phrasebook: 3.4 s played back]' }),
      caption({
        ...{ turnId: 't9', targetLanguage: 'es', sourceText: '' },
        translatedText: '[no está entre las frases del intérprete de prueba: 2.8 s repetidos tal cual]',
      }),
      caption({ turnId: 't8', kind: 'notice', speakerName: 'Parley', sourceLanguage: '', sourceText: '' }),
    ];
    expect(lines(captions).map((line) => line.slice(9))).toEqual([
      'Lucía [es]: Hola  →  [en] Hello',
      'Lucía [es]: Hola  →  [en] (could not be translated)',
      'Lucía [es]: Hola  →  [en] Hel (not to its end)',
      'Lucía [es]: Hola',
      'Lucía [es]  →  [en] Hello',
      'Lucía [es]: not in the phrasebook: 3.4 s played back',
      'Lucía [es]: not in the phrasebook: 2.8 s played back',
      'Parley  →  [en] Hello',
    ]);
  });

  it('says why a translation was not heard to its end, and who left whom', () => {
    const cut = {
      type: 'playback',
      v: 1,
      atMs: 0,
      turnId: 't',
      speakerId: 'lucia',
      to: 'en',
      what: 'cut',
    } as const;
    const ended = MEETING.find((event) => event.type === 'ended')!;
    expect(
      lines([
        { type: 'joined', v: 1, atMs: 0, person: LUCIA },
        cut,
        { ...cut, why: 'barge_in' },
        { ...cut, why: 'stalled' },
        { ...cut, why: 'gone' },
        { ...ended, reason: { kind: 'removed', message: 'by the host' } },
        { ...ended, reason: { kind: 'room_closed', message: 'the host ended it' } },
        { ...ended, reason: { kind: 'lost', message: 'no answer' } },
      ])
        .slice(1)
        .map((line) => line.slice(9).split(';')[0]),
    ).toEqual([
      'Lucía’s translation into English was cut short',
      'Lucía’s translation into English was cut short: somebody else spoke',
      'Lucía’s translation into English was cut short: the rest of it did not come from the server',
      'Lucía’s translation into English was cut short: the voice that spoke it left the meeting',
      'Parley was removed from the meeting: by the host',
      'the meeting is over: the host ended it',
      'Parley is not in the meeting any more: no answer',
    ]);
  });

  it('knows no negative delay, and counts apart what a stand-in played back', () => {
    const [end] = MEETING.filter((event) => event.type === 'ended');
    const counters = {
      ...{ audioDroppedMs: 0, staleAudioDroppedMs: 0, captionsDropped: 0, captionsOnly: 0, wrongLanguage: 0 },
      ...{ answers: 0, ownVoice: 0, reconnects: 0, rotations: 0, responsesRetried: 0, playedBack: 2 },
    };
    const latency = { turns: 2, lastMs: -400, medianMs: -100 };
    const playback = MEETING.find((event) => event.type === 'playback')!;
    expect(
      lines([
        { ...playback, firstAudioDelayMs: -400 },
        { ...end!, latency, cost: undefined, counters },
      ]).map((line) => line.slice(9)),
    ).toEqual([
      'Somebody is heard in English, while speaking',
      'Parley left the meeting: it was stopped here; 2 translations heard, the last while speaking, the median while speaking; 2 phrases not in the phrasebook, played back',
    ]);
  });

  it('names the room, and no direction, where one session hears everybody', () => {
    const playback = { type: 'playback', v: 1, atMs: 0, turnId: 't', speakerId: '', to: 'und' } as const;
    expect(
      lines([
        { type: 'instructions', v: 1, atMs: 0, speakerId: '', to: 'es', text: 'Translate.' },
        { ...playback, what: 'heard', firstAudioDelayMs: 900 },
        { ...playback, what: 'cut' },
        { ...playback, what: 'cut', why: 'stalled' },
        { ...playback, what: 'cut', why: 'gone' },
      ]),
    ).toEqual([
      ' 0:00.0  The room, both ways: the model is told:',
      '         | Translate.',
      ' 0:00.0  The room is heard, 0.90 s after speaking',
      ' 0:00.0  The room’s translation was cut short',
      ' 0:00.0  The room’s translation was cut short: the rest of it did not come from the server',
      ' 0:00.0  The room’s translation was cut short: the voice that spoke it left the meeting',
    ]);
  });

  it('calls those by name who have left already', () => {
    const events = [
      { type: 'joined', v: 1, atMs: 0, person: LUCIA },
      { type: 'left', v: 1, atMs: 1, person: LUCIA },
      MEETING.find((event) => event.type === 'playback')!,
    ] as const;
    expect(lines(events).at(-1)).toMatch(/Lucía is heard in English/);
  });
});

describe('LiveView', () => {
  function watch(columns = 80, rows = 24) {
    const clock = new VirtualClock();
    const screen = new Screen(columns);
    let writes = 0;
    const view = new LiveView({
      write: (text) => {
        writes++;
        screen.write(text);
      },
      size: () => ({ columns, rows }),
      clock,
      colour: false,
    });
    return { clock, screen, view, writes: () => writes };
  }
  const upTo = (type: string): typeof MEETING =>
    MEETING.slice(0, MEETING.findIndex((event) => event.type === type) + 1);

  it('shows who is here, who speaks, levels, the caption as it comes, and the delay', () => {
    const { clock, screen, view } = watch();
    for (const event of upTo('speaking')) view.show(event);
    view.show(caption({ final: false, sourceText: '¿Me oyen', translatedText: 'Can you' }));
    view.level('lucia', -30);
    clock.advanceBy(100);
    expect(screen.lines.slice(-5)).toEqual([
      expect.stringMatching(/^── abcd-efgh-ijkl · connected · 2 here · no translation yet · 0:00$/),
      '● Lucía (español)  █████',
      '  Emma (English)',
      '  Lucía: ¿Me oyen',
      '  → en: Can you',
    ]);
    expect(screen.lines[0]).toMatch(/^ 0:00\.0 {2}joining abcd-efgh-ijkl/);
  });

  it('draws no line for a translation that nobody makes', () => {
    const { screen, view, clock } = watch();
    view.show(caption({ final: false, targetLanguage: '', translatedText: '' }));
    clock.advanceBy(200);
    expect(screen.lines.filter((line) => line.includes('Hola') || line.includes('→'))).toEqual([
      '  Lucía: Hola',
    ]);
  });

  it('keeps what happened above, and draws the picture over itself', () => {
    const { clock, screen, view } = watch(200);
    for (const event of MEETING.slice(0, -1)) {
      view.show(event);
      clock.advanceBy(100);
    }
    const heads = screen.lines.filter((line) => line.startsWith('──'));
    expect(heads).toEqual([
      expect.stringMatching(
        /reconnecting · 1 here · delay 0\.90 s, median 0\.90 s · \$0\.50 of \$5\.00 · 0:0\d$/,
      ),
    ]);
    expect(screen.lines.filter((line) => line.includes('Hola  →  [en] Hello'))).toHaveLength(1);
    expect(screen.lines.at(-1)).toMatch(/^ {2}Emma \(Deutsch\)/);
  });

  it('says that it records, and leaves nothing out at 80 columns', () => {
    const { clock, screen, view } = watch(80);
    for (const event of MEETING.slice(0, -1))
      view.show(event.type === 'started' ? { ...event, recorded: true } : event);
    clock.advanceBy(100);
    const from = screen.lines.findIndex((line) => line.startsWith('──'));
    expect(screen.lines.slice(from, from + 2)).toEqual([
      '── abcd-efgh-ijkl · reconnecting · RECORDING · 1 here',
      '── delay 0.90 s, median 0.90 s · $0.50 of $5.00 · 0:00',
    ]);
    expect(screen.wrapped).toBe(0);
  });

  it('leaves lines only when it is closed, and writes nothing afterwards', () => {
    const { clock, screen, view, writes } = watch();
    for (const event of MEETING) view.show(event);
    clock.advanceBy(100);
    view.close();
    view.close();
    const after = writes();
    clock.advanceBy(1_000);
    expect(writes()).toBe(after);
    expect(screen.lines.some((line) => line.startsWith('──'))).toBe(false);
    expect(screen.lines.join(' ')).toContain('Parley left the meeting: it was stopped here');
  });

  it('writes only when something changed, at most ten times a second, each time in one piece', () => {
    const { clock, view, writes } = watch();
    for (const event of upTo('joined')) view.show(event);
    clock.advanceBy(100);
    const before = writes();
    clock.advanceBy(800); // the clock of the headline shows whole seconds
    expect(writes() - before).toBe(0);
    for (let n = 0; n < 100; n++) {
      view.level('lucia', -60 + (n % 60));
      clock.advanceBy(10);
    }
    expect(writes() - before).toBeLessThanOrEqual(11);
  });

  it('fits a small terminal: no line wraps, and the picture is not taller than it', () => {
    const { clock, screen, view } = watch(40, 8);
    for (const event of upTo('joined')) view.show(event);
    for (let n = 0; n < 20; n++) {
      const person = { ...EMMA, id: `p${n}`, name: `Somebody with a long name ${n}` };
      view.show({ type: 'joined', v: 1, atMs: 1, person });
    }
    for (let n = 0; n < 5; n++)
      view.show(caption({ turnId: `t${n}`, final: false, sourceText: 'long '.repeat(50) }));
    clock.advanceBy(100);
    const pictureFrom = screen.lines.findIndex((line) => line.startsWith('──'));
    expect(screen.lines.length - pictureFrom).toBeLessThanOrEqual(6);
    expect(screen.wrapped).toBe(0);
  });

  it('lets no name or text steer the terminal', () => {
    const { clock, screen, view } = watch();
    view.show({ type: 'joined', v: 1, atMs: 0, person: { ...EMMA, name: HOSTILE } });
    view.show(caption({ final: false, speakerName: HOSTILE, sourceText: HOSTILE }));
    view.note('a line\nand another');
    clock.advanceBy(100);
    expect(screen.unknown).toEqual([]);
    expect(screen.lines).toContain('and another');
  });
});
