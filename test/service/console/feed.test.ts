/** How a meeting is put together from its events, and how all windows share one connection. */
import { describe, expect, test } from 'vitest';
import type { Caption } from '../../../src/service/console/api/types.js';
import { rowsOf } from '../../../src/service/console/feed/caption-rows.js';
import {
  type Connection,
  FeedHub,
  type HubMessage,
  type HubPort,
} from '../../../src/service/console/feed/feed-hub.js';
import { EMPTY, type FeedState, reduce } from '../../../src/service/console/feed/feed-state.js';
import { unreadColumns } from '../../../src/service/console/feed/unread-columns.js';
import { botRow } from './fake-service.js';

type Event = readonly [type: string, data: unknown];
const after = (...events: readonly Event[]): FeedState =>
  events.reduce((state, [type, data]) => reduce(state, type, data), EMPTY);

function caption(fields: Partial<Caption> = {}): Caption {
  return {
    ...{ kind: 'speech', segmentId: 's1', turnId: 't1', part: 0, speakerId: 'ana', speakerName: 'Ana' },
    ...{ sourceLanguage: 'es', targetLanguage: 'en', sourceText: 'Hola.', translatedText: 'Hello.' },
    ...{ original: true, final: true, startMs: 0, endMs: 1_000 },
    ...fields,
  };
}
const ANA = { id: 'ana', name: 'Ana', speaks: ['es'] };
const TOM = { id: 'tom', name: 'Tom', speaks: ['en'] };

describe('a column in a language that nobody reads', () => {
  const people = [
    { ...ANA, prefers: 'es' },
    { ...TOM, prefers: 'en-GB' },
    { id: 'bot', name: 'Bot', isBot: true, speaks: [], prefers: 'fr' },
  ];
  const routes = [
    { speakerId: 'ana', to: 'en', state: 'open' },
    { speakerId: 'tom', to: 'es', state: 'open' },
  ];
  test('is named, and no other', () => {
    expect(unreadColumns(['fr', 'es'], { people, routes })).toEqual(['fr']);
    expect(unreadColumns(['es-MX', 'en'], { people, routes })).toEqual([]);
    expect(unreadColumns(['fr', 'fr'], { people, routes })).toEqual(['fr']);
  });
  test('is none as soon as something is translated into it, or somebody chose it', () => {
    const french = { speakerId: 'ana', to: 'fr', state: 'opening' };
    expect(unreadColumns(['fr'], { people, routes: [...routes, french] })).toEqual([]);
    expect(
      unreadColumns(['fr'], { people: [...people, { ...TOM, id: 'x', prefers: 'fr-CA' }], routes }),
    ).toEqual([]);
  });
  test('is nobody’s fault while nobody is there', () => {
    expect(unreadColumns(['fr'], { people: [], routes: [] })).toEqual([]);
  });
});

describe('the state', () => {
  test('knows what is translated at present', () => {
    const route = (to: string, state: string): Event => ['route', { speakerId: 'ana', to, state }];
    const state = after(
      ['snapshot', { routes: [{ speakerId: 'ana', to: 'en', state: 'open' }] }],
      route('fr', 'opening'),
      route('fr', 'open'),
      route('de', 'open'),
      route('en', 'closed'),
    );
    expect(state.routes.map(({ to, state: at }) => [to, at])).toEqual([
      ['fr', 'open'],
      ['de', 'open'],
    ]);
    expect(after(route('fr', 'open'), ['started', {}]).routes).toEqual([]);
  });
  test('begins with a snapshot and follows people', () => {
    const state = after(
      [
        'snapshot',
        {
          bot: botRow(),
          people: [ANA],
          speaking: ['ana'],
          captions: [caption()],
          cost: { usd: 1 },
          roomState: 'connected',
        },
      ],
      ['joined', { person: TOM }],
      ['changed', { person: { ...TOM, prefers: 'en' } }],
      ['speaking', { participantId: 'tom', speaking: true }],
      ['left', { person: ANA }],
    );
    expect(state.people).toEqual([{ ...TOM, prefers: 'en' }]);
    expect(state.speaking).toEqual(['tom']);
    expect(state.captions).toHaveLength(1);
    expect(state.cost).toEqual({ usd: 1 });
    expect(state.bot?.meetingId).toBe('abcd-efgh-ijkl');
  });

  test('a later caption replaces its segment, a final one only by a final one, and an empty one takes it back', () => {
    const open = caption({ final: false, translatedText: 'Hel' });
    expect(after(['caption', open], ['caption', caption()]).captions).toEqual([caption()]);
    expect(after(['caption', caption()], ['caption', open]).captions).toEqual([caption()]);
    const marked = caption({ mark: 'cut' });
    expect(after(['caption', caption()], ['caption', marked]).captions).toEqual([marked]);
    const withdrawn = caption({ sourceText: '', translatedText: '' });
    expect(after(['caption', caption()], ['caption', withdrawn]).captions).toEqual([]);
    expect(after(['caption', withdrawn]).captions).toEqual([]);
  });

  test('captions are bounded, the oldest go first', () => {
    const many = Array.from({ length: 650 }, (_, n): Event => ['caption', caption({ segmentId: `s${n}` })]);
    const { captions } = after(...many);
    expect(captions).toHaveLength(600);
    expect(captions[0]?.segmentId).toBe('s50');
  });

  test('a snapshot after a lost connection keeps what was finished, and drops what never was', () => {
    const finished = caption({ segmentId: 's1' });
    const open = caption({ segmentId: 's2', final: false });
    const next = caption({ segmentId: 's3' });
    const state = after(
      ['caption', finished],
      ['caption', open],
      ['snapshot', { people: [TOM], captions: [finished, next] }],
    );
    expect(state.captions).toEqual([finished, next]);
    expect(state.people).toEqual([TOM]);
  });

  test('another process tells everybody of anew', () => {
    const state = after(['joined', { person: ANA }], ['caption', caption({ final: false })], ['started', {}]);
    expect(state.people).toEqual([]);
    expect(state.captions).toEqual([]);
  });

  test('what became of a change, and of a text that was not said', () => {
    const fields = { languages: 'applied', name: { refused: 'participants keep their name' } };
    expect(after(['change', { revision: 2, changes: fields }]).change).toEqual({ revision: 2, fields });
    expect(after(['change', { revision: 3, refused: 'it left' }]).change).toEqual({
      revision: 3,
      fields: {},
      refused: 'it left',
    });
    const { notices, change } = after(['change', { say: { refused: 'no such language' } }]);
    expect(change).toBeUndefined();
    expect(notices.map(({ message }) => message)).toEqual(['no such language']);
  });

  test('the last five notices, each once', () => {
    const told = ['a', 'b', 'a', 'c', 'd', 'e', 'f'].map((message): Event => [
      'notice',
      { kind: 'x', message },
    ]);
    expect(after(...told).notices.map(({ message }) => message)).toEqual(['a', 'c', 'd', 'e', 'f']);
  });

  test('what is not known, or is no event, changes nothing', () => {
    const state = after(['joined', { person: ANA }]);
    expect(reduce(state, 'brand-new', { person: TOM })).toBe(state);
    expect(reduce(state, 'joined', undefined)).toBe(state);
    expect(reduce(state, 'joined', 'text')).toBe(state);
  });

  test('a gap is said', () => {
    expect(after(['lost', { after: '1-2', until: '1-9' }]).hasGap).toBe(true);
  });
});

describe('rows of two columns', () => {
  const words = (captions: readonly Caption[], columns: readonly string[]): unknown =>
    rowsOf(captions, columns).map((row) => row.words.map(({ text }) => text));

  test('what was said in one, its translation in the other, whichever was chosen', () => {
    expect(words([caption()], ['es', 'en'])).toEqual([['Hola.', 'Hello.']]);
    expect(words([caption()], ['en', 'es'])).toEqual([['Hello.', 'Hola.']]);
  });

  test('translations by different sessions are one row', () => {
    const german = caption({
      segmentId: 's2',
      turnId: 't2',
      targetLanguage: 'de',
      translatedText: 'Hallo.',
      original: false,
      startMs: 100,
      endMs: 1_100,
    });
    expect(words([caption(), german], ['de', 'en'])).toEqual([['Hallo.', 'Hello.']]);
    const later = { ...german, startMs: 5_000, endMs: 6_000 };
    expect(words([caption(), later], ['de', 'en'])).toEqual([
      ['Hola.', 'Hello.'],
      ['Hallo.', 'Hola.'],
    ]);
  });

  test('segments of a turn are one text, without spaces where the language has none', () => {
    const second = caption({
      segmentId: 's2',
      part: 1,
      sourceText: '¿Qué tal?',
      translatedText: 'How are you?',
    });
    expect(words([second, caption()], ['es', 'en'])).toEqual([['Hola. ¿Qué tal?', 'Hello. How are you?']]);
    const ja = caption({ sourceLanguage: 'ja', sourceText: 'こんにちは。' });
    expect(
      words([ja, { ...ja, segmentId: 's2', part: 1, sourceText: '元気ですか。' }], ['ja', 'en']),
    ).toEqual([['こんにちは。元気ですか。', 'Hello. Hello.']]);
  });

  test('where there is no translation the original stands, said to be another language', () => {
    const [row] = rowsOf([caption()], ['fr', 'en']);
    expect(row?.words[0]).toEqual({ text: 'Hola.', language: 'es', isOriginal: true, isForeign: true });
    expect(row?.words[1]?.isForeign).toBe(false);
  });

  test('the nearer writing is taken', () => {
    const simplified = caption({ targetLanguage: 'zh-Hans', translatedText: '你们好' });
    const traditional = caption({
      segmentId: 's2',
      turnId: 't2',
      targetLanguage: 'zh-Hant',
      translatedText: '你們好',
      original: false,
    });
    expect(words([simplified, traditional], ['zh-Hant', 'zh-Hans'])).toEqual([['你們好', '你们好']]);
  });

  test('notices of the first column only, in their place', () => {
    const notice = { kind: 'notice', turnId: 'n', sourceText: '', sourceLanguage: '' } as const;
    const rows = rowsOf(
      [
        caption({ startMs: 5_000, endMs: 6_000 }),
        caption({
          ...notice,
          segmentId: 'n1',
          targetLanguage: 'en',
          translatedText: 'Interrupted.',
          startMs: 1_000,
        }),
        caption({
          ...notice,
          segmentId: 'n2',
          targetLanguage: 'es',
          translatedText: 'Interrumpido.',
          startMs: 1_000,
        }),
      ],
      ['en', 'es'],
    );
    expect(rows.map(({ kind, words: [first] }) => [kind, first?.text])).toEqual([
      ['notice', 'Interrupted.'],
      ['speech', 'Hello.'],
    ]);
  });
});

/** A connection that does what a test says. */
class FakeSource {
  readonly botId: string;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  readonly #listeners = new Map<string, (event: { data: string }) => void>();

  constructor(botId: string) {
    this.botId = botId;
  }

  addEventListener(name: string, listener: (event: { data: string }) => void): void {
    this.#listeners.set(name, listener);
  }

  emit(name: string, data: unknown): void {
    this.#listeners.get(name)?.({ data: JSON.stringify(data) });
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** The browser tries again by itself, or, `refused`, never again. */
  fail(refused = false): void {
    this.readyState = refused ? 2 : 0;
    this.onerror?.();
  }

  close(): void {
    this.readyState = 2;
  }
}

class FakeWindow implements HubPort {
  readonly messages: HubMessage[] = [];
  send(message: HubMessage): void {
    this.messages.push(message);
  }
  connectionOf(botId: string): Connection | undefined {
    const told = this.messages.findLast((message) => message.botId === botId && message.type !== 'event');
    return told?.type === 'event' ? undefined : told?.connection;
  }
}

function hubOf(answer: 'live' | 'over' | 'signed-out' | 'unreachable' = 'live') {
  const sources: FakeSource[] = [];
  const timers: { callback: () => void; ms: number }[] = [];
  const hub = new FeedHub({
    openSource: (botId) => {
      const source = new FakeSource(botId);
      sources.push(source);
      return source as unknown as EventSource;
    },
    check: () => Promise.resolve(answer),
    setTimer: (callback, ms) => timers.push({ callback, ms }),
    clearTimer: (timer) => {
      timers.splice(timer - 1, 1);
    },
  });
  const watch = (window: FakeWindow, botId: string): void => hub.handle(window, { type: 'watch', botId });
  return { hub, sources, timers, watch };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the hub', () => {
  test('two windows on one meeting share a connection, and the second one begins with all that is known', () => {
    const { sources, watch } = hubOf();
    const [first, second] = [new FakeWindow(), new FakeWindow()];
    watch(first, 'bot_1');
    sources[0]?.open();
    sources[0]?.emit('joined', { person: ANA });
    watch(second, 'bot_1');
    expect(sources).toHaveLength(1);
    const [state] = second.messages;
    expect(state?.type === 'state' && state.state.people).toEqual([ANA]);
    expect(second.connectionOf('bot_1')).toBe('open');
    sources[0]?.emit('joined', { person: TOM });
    expect(first.messages.at(-1)).toEqual({
      type: 'event',
      botId: 'bot_1',
      name: 'joined',
      data: { person: TOM },
    });
    expect(second.messages.at(-1)).toEqual(first.messages.at(-1));
  });

  test('the connection ends with the last window that watches', () => {
    const { hub, sources, watch } = hubOf();
    const [first, second] = [new FakeWindow(), new FakeWindow()];
    watch(first, 'bot_1');
    watch(second, 'bot_1');
    hub.handle(first, { type: 'unwatch', botId: 'bot_1' });
    expect(sources[0]?.readyState).not.toBe(2);
    hub.drop(second);
    expect(sources[0]?.readyState).toBe(2);
  });

  test('of four meetings the one that was looked at longest ago is paused, and goes on when there is room', () => {
    const { hub, sources, watch } = hubOf();
    const windows = ['bot_1', 'bot_2', 'bot_3', 'bot_4'].map((botId) => {
      const window = new FakeWindow();
      watch(window, botId);
      sources.at(-1)?.open();
      return window;
    });
    expect(windows[0]?.connectionOf('bot_1')).toBe('paused');
    expect(sources[0]?.readyState).toBe(2);
    hub.drop(windows[2]!);
    expect(sources.at(-1)?.botId).toBe('bot_1');
    expect(windows[0]?.connectionOf('bot_1')).toBe('connecting');
  });

  test('whoever looks at a paused meeting again has it, and another one pauses', () => {
    const { sources, watch } = hubOf();
    const windows = ['bot_1', 'bot_2', 'bot_3', 'bot_4'].map((botId) => {
      const window = new FakeWindow();
      watch(window, botId);
      return window;
    });
    watch(windows[0]!, 'bot_1');
    expect(sources.at(-1)?.botId).toBe('bot_1');
    expect(windows[1]?.connectionOf('bot_2')).toBe('paused');
  });

  test('a lost connection is said, and left to the browser while it tries', () => {
    const { sources, timers, watch } = hubOf();
    const window = new FakeWindow();
    watch(window, 'bot_1');
    sources[0]?.open();
    sources[0]?.fail();
    expect(window.connectionOf('bot_1')).toBe('lost');
    expect(sources).toHaveLength(1);
    expect(timers).toHaveLength(0);
    sources[0]?.open();
    expect(window.connectionOf('bot_1')).toBe('open');
  });

  test('a refusal ends an EventSource for good: a new one is made, later each time', async () => {
    const { sources, timers, watch } = hubOf();
    const window = new FakeWindow();
    watch(window, 'bot_1');
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) {
      sources.at(-1)?.fail(true);
      await settled();
      const { callback, ms } = timers.pop()!;
      waits.push(ms);
      callback();
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(window.connectionOf('bot_1')).toBe('lost');
    sources.at(-1)?.open();
    expect(window.connectionOf('bot_1')).toBe('open');
    sources.at(-1)?.fail(true);
    await settled();
    expect(timers.pop()?.ms).toBe(500);
  });

  test('whoever comes back to the window need not wait', async () => {
    const { hub, sources, timers, watch } = hubOf('unreachable');
    const window = new FakeWindow();
    watch(window, 'bot_1');
    sources[0]?.fail(true);
    await settled();
    expect(timers).toHaveLength(1);
    hub.handle(window, { type: 'wake' });
    expect(timers).toHaveLength(0);
    expect(sources).toHaveLength(2);
  });

  test.each(['over', 'signed-out'] as const)('a service that says %s is asked no more', async (answer) => {
    const { sources, timers, watch } = hubOf(answer);
    const window = new FakeWindow();
    watch(window, 'bot_1');
    sources[0]?.fail(true);
    await settled();
    expect(window.connectionOf('bot_1')).toBe(answer);
    expect(timers).toHaveLength(0);
  });

  test('the end of a meeting is no lost connection', () => {
    const { sources, watch } = hubOf();
    const window = new FakeWindow();
    watch(window, 'bot_1');
    sources[0]?.open();
    sources[0]?.emit('bot', { ...botRow(), state: 'ended' });
    sources[0]?.fail();
    expect(window.connectionOf('bot_1')).toBe('over');
    expect(sources[0]?.readyState).toBe(2);
  });
});
