import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { type JoinEvent, joinEventSchema, type JoinView } from '../../src/bot/events.js';
import { phraseOf } from '../../src/cli/views/phrases.js';
import { type StayOptions, stayInMeeting } from '../../src/bot/run.js';
import { VirtualClock } from '../../src/clock.js';
import { CostMeter } from '../../src/cost/cost-meter.js';
import { LIST_PRICES } from '../../src/cost/prices.js';
import { ParleyError } from '../../src/errors.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { createLogger } from '../../src/log.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';

beforeAll(async () => {
  // In real time, which the virtual clock does not know.
  await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
});

class Recorder implements JoinView {
  readonly events: JoinEvent[] = [];
  readonly levels = new Set<string>();
  show(event: JoinEvent): void {
    this.events.push(joinEventSchema.parse(event)); // nothing is told that the schema does not know
  }
  level(participantId: string): void {
    this.levels.add(participantId);
  }
  close(): void {
    throw new Error('whoever opened a view closes it');
  }
  types(): string[] {
    return this.events.map(({ type }) => type);
  }
}

function setUp(change: Partial<StayOptions> = {}) {
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
  const view = new Recorder();
  const abort = new AbortController();
  const options: StayOptions = {
    meetingId: 'abcd',
    name: 'Parley',
    room,
    openSession: () => {
      throw new Error('nobody speaks in these meetings');
    },
    place: 'a hall',
    interpreter: 'nobody',
    announcement: undefined,
    speaking: { bargeIn: 'others' },
    languages: ['es', 'en'],
    captions: {},
    briefing: {},
    explain: false,
    maxSessions: 24,
    closeAfterSilenceMs: 120_000,
    leaveWhenEmptyMs: undefined,
    maxDurationMs: undefined,
    clock,
    view,
    log: createLogger({ level: 'silent' }),
    signal: abort.signal,
    ...change,
  };
  return { clock, hall, room, view, abort, run: () => stayInMeeting(options) };
}

/** Advances step by step, with time for what is asynchronous in between, until `done` or `limitMs`. */
async function advance(
  clock: VirtualClock,
  limitMs: number,
  done: () => boolean = () => false,
): Promise<void> {
  const endMs = clock.nowMs() + limitMs;
  while (clock.nowMs() < endMs && !done()) {
    clock.advanceBy(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function settled(run: Promise<void>, clock: VirtualClock, limitMs = 60_000): Promise<'left' | Error> {
  let outcome: 'left' | Error | undefined;
  run.then(
    () => (outcome = 'left'),
    (error: unknown) => (outcome = error as Error),
  );
  await advance(clock, limitMs, () => outcome !== undefined);
  if (outcome === undefined) throw new Error(`still in the meeting after ${limitMs} ms`);
  return outcome;
}

const endOf = (view: Recorder) => view.events.at(-1) as Extract<JoinEvent, { type: 'ended' }>;

describe('stayInMeeting', () => {
  it('leaves when the budget is spent and the policy says so; the end tells what it cost, by route, and what was dropped', async () => {
    const meter = new CostMeter({ prices: LIST_PRICES, budgetUsd: 1 });
    const { clock, view, run } = setUp({ budget: { meter, policy: 'stop' } });
    const staying = run();
    await advance(clock, 1_000);
    const tokens = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 20_000 };
    meter.add('ana > en', 'gpt-realtime-2.1', { kind: 'response', tokens });
    expect(await settled(staying, clock)).toBe('left');
    const end = joinEventSchema.parse(endOf(view));
    expect(end).toMatchObject({
      reason: { kind: 'asked', message: 'the budget of $1.00 is spent' },
      cost: { usd: 1.28, responses: 1, unpriced: 0, budgetUsd: 1 },
      costByRoute: [{ route: 'ana > en', usd: 1.28, responses: 1, audioMs: 0 }],
      counters: { audioDroppedMs: 0, captionsDropped: 0, wrongLanguage: 0, ownVoice: 0, reconnects: 0 },
    });
    expect(phraseOf(end, String)).toBe(
      'the meeting is over: the budget of $1.00 is spent; no translation was heard yet; about $1.28 of $1.00, by list prices',
    );
    expect(view.events.find(({ type }) => type === 'notice')).toMatchObject({ kind: 'budget' });
  });

  it('tells of the start, of who comes and goes, of levels, and of the end', async () => {
    const { clock, hall, view, abort, run } = setUp();
    const staying = run();
    await advance(clock, 1_000);
    const ana = hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'Spanish' } });
    await advance(clock, 6_000);
    ana.leave();
    await advance(clock, 1_000);
    abort.abort();
    expect(await settled(staying, clock)).toBe('left');
    expect(view.types()).toEqual(['started', 'state', 'state', 'joined', 'status', 'left', 'state', 'ended']);
    expect(view.events[0]).toMatchObject({ meetingId: 'abcd', participantId: 'parley-1', atMs: 0 });
    expect(view.events[3]).toMatchObject({ person: { id: 'ana', speaks: ['es'], prefers: 'es' } });
    expect(view.events[4]).toMatchObject({ levelsDbfs: { ana: -100 }, latency: { turns: 0 } });
    expect([...view.levels]).toEqual(['ana']);
    expect(endOf(view).reason).toEqual({ kind: 'asked', message: 'stopped by a signal' });
    const times = view.events.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('leaves when nobody has been there for so long, interpreters not counted', async () => {
    const { clock, hall, view, run } = setUp({ leaveWhenEmptyMs: 5_000 });
    const staying = run();
    hall.enter({ id: 'parley-2', name: 'Other' });
    await advance(clock, 4_000);
    const ana = hall.enter({ id: 'ana', name: 'Ana' });
    await advance(clock, 20_000);
    expect(view.types()).not.toContain('ended');
    ana.leave();
    await advance(clock, 4_800);
    expect(view.types()).not.toContain('ended');
    expect(await settled(staying, clock, 1_000)).toBe('left');
    expect(endOf(view).reason.message).toBe('nobody was in the meeting for 5 s');
  });

  it('leaves after the longest stay', async () => {
    const { clock, view, hall, run } = setUp({ maxDurationMs: 120_000 });
    const staying = run();
    hall.enter({ id: 'ana', name: 'Ana' });
    await advance(clock, 119_000);
    expect(view.types()).not.toContain('ended');
    expect(await settled(staying, clock, 3_000)).toBe('left');
    expect(endOf(view).reason.message).toBe('the longest stay, 2 min, is over');
  });

  it('ends in good order when the host ends the meeting', async () => {
    const { clock, hall, view, run } = setUp();
    const staying = run();
    await advance(clock, 1_000);
    hall.remove('parley-1', { kind: 'room_closed', code: 1006, message: 'the room was closed' });
    expect(await settled(staying, clock)).toBe('left');
    expect(endOf(view)).toMatchObject({ reason: { kind: 'room_closed', code: 1006 } });
    expect(endOf(view).error).toBeUndefined();
  });

  it.each(['lost', 'duplicate'] as const)('rejects when it is %s, after telling so', async (kind) => {
    const { clock, hall, view, run } = setUp();
    const staying = run();
    await advance(clock, 1_000);
    hall.remove('parley-1', { kind, message: 'against our will' });
    const outcome = await settled(staying, clock);
    expect(outcome).toBeInstanceOf(ParleyError);
    expect(endOf(view)).toMatchObject({
      reason: { kind },
      error: { code: (outcome as ParleyError).code, message: (outcome as ParleyError).message },
    });
  });

  it('rejects when it cannot join', async () => {
    const { clock, hall, view, run } = setUp();
    hall.refusal = { kind: 'refused', code: 4002, message: 'a wrong token' };
    const outcome = await settled(run(), clock);
    expect(outcome).toBeInstanceOf(ParleyError);
    expect(endOf(view)).toMatchObject({ reason: { kind: 'refused', code: 4002 } });
  });

  it('leaves at once when it was interrupted before it began', async () => {
    const { clock, room, view, abort, run } = setUp();
    abort.abort();
    expect(await settled(run(), clock)).toBe('left');
    expect(room.state.kind).toBe('left');
    expect(endOf(view).reason.message).toBe('stopped by a signal');
  });
});
