/** What a supervisor does about a process, with a process that a script plays and a clock that it moves. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';
import { EventEmitter } from '../../src/events.js';
import { createLogger } from '../../src/log.js';
import {
  assignmentSchema,
  type Beat,
  type ChildMessage,
  type MeetingEnd,
  type ParentMessage,
} from '../../src/meeting-process/protocol.js';
import type { JournalEvent } from '../../src/meeting-process/read-journal.js';
import type { ChildExit, ChildHandle } from '../../src/supervisor/child-handle.js';
import type { AnswerQuestion } from '../../src/supervisor/open-questions.js';
import { SupervisedMeeting } from '../../src/supervisor/supervised-meeting.js';
import type { SupervisorEvents } from '../../src/supervisor/supervisor-events.js';

const BEAT: Beat = {
  ...{ framesPulled: 0, framesHeard: 0, speaking: false, openMicrophones: 0, roomState: 'connected' },
  ...{ loopDelayMs: 20, rssBytes: 100, fenced: false, journalLost: 0 },
};

/** A process that a script plays. */
class PlayedChild implements ChildHandle {
  readonly pid: number;
  readonly received: ParentMessage[] = [];
  readonly signals: string[] = [];
  readonly exited: Promise<ChildExit>;
  #exit: (exit: ChildExit) => void = () => undefined;
  #listener: (message: ChildMessage) => void = () => undefined;
  readonly channel: ChildHandle['channel'] = {
    send: (message) => {
      this.received.push(message);
      return true;
    },
    onMessage: (listener) => (this.#listener = listener),
    onClose: () => undefined,
    counters: { dropped: 0, refused: 0 },
    flush: () => Promise.resolve(),
    close: () => undefined,
  };

  constructor(pid: number) {
    this.pid = pid;
    this.exited = new Promise((resolve) => (this.#exit = resolve));
  }

  kill(signal: NodeJS.Signals): void {
    this.signals.push(signal);
    this.exits(undefined, signal);
  }

  output(): string {
    return 'its last words';
  }

  says(message: ChildMessage): void {
    this.#listener(message);
  }

  beats(change: Partial<Beat> = {}): void {
    this.says({ v: 1, type: 'beat', beat: { ...BEAT, ...change } });
  }

  exits(code: number | undefined, signal?: NodeJS.Signals): void {
    this.#exit({ code, signal });
  }

  ends(ended: MeetingEnd): void {
    this.says({ v: 1, type: 'ended', ended });
    this.exits(ended.exitCode);
  }

  /** It is in the meeting. */
  joins(): void {
    this.says({ v: 1, type: 'state', state: 'preparing' });
    this.says({ v: 1, type: 'state', state: 'joining' });
    this.says({ v: 1, type: 'state', state: 'active' });
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

function setUp(claims: (number | 'fenced' | 'away')[] = [], answerQuestion?: AnswerQuestion) {
  const clock = new VirtualClock();
  const events = new EventEmitter<SupervisorEvents>();
  const children: PlayedChild[] = [];
  let epoch = 1;
  const told: string[] = [];
  const kept: JournalEvent[] = [];
  /** A disk may take its time. */
  const reading = { done: Promise.resolve() };
  events.on('state', (_, of, state) => told.push(`${of} ${state}`));
  events.on('attempt', (attempt) => told.push(`${attempt.epoch} process ${attempt.kind}`));
  events.on('ended', (_, __, end) => told.push(`ended: ${end.reason}`));
  const meeting = new SupervisedMeeting(
    {
      ...{
        botId: 'bot',
        epoch: 1,
        place: 'here',
        meetingId: 'room',
        participantId: 'parley-bot',
        incarnation: 1,
      },
      ...{ settings: {}, journalFolder: '/nowhere' },
      platform: { kind: 'embedded', credentials: { kind: 'token', token: 't' } },
      backend: { kind: 'embedded', url: 'ws://x', key: 'k', model: 'm', description: 'd' },
    },
    {
      ...{ clock, events, log: createLogger({ level: 'silent' }), maxRssBytes: 1_000 },
      takeChild: () => {
        const child = new PlayedChild(children.length + 1);
        children.push(child);
        return child;
      },
      nextEpoch: () => {
        const claim = claims.shift() ?? ++epoch;
        return claim === 'away' ? Promise.reject(new Error('no database')) : Promise.resolve(claim);
      },
      confirmEpoch: () => Promise.resolve(true),
      answerQuestion,
      readJournal: async (_, of) => {
        await reading.done;
        return { events: kept.filter((each) => each.epoch === of), unreadableLines: 0 };
      },
    },
  );
  /** Time passes, second by second; the latest process beats. */
  const pass = async (seconds: number, beat: Partial<Beat> | 'none' = {}) => {
    for (let second = 0; second < seconds; second++) {
      clock.advanceBy(1_000);
      if (beat !== 'none') children.at(-1)!.beats(beat);
      await settled();
    }
  };
  const assignment = (index: number) =>
    (children[index]!.received.find(({ type }) => type === 'assign') as ParentMessage & { type: 'assign' })
      .assignment;
  return { clock, meeting, children, told, kept, reading, events, pass, assignment };
}

it('five crashes in ten minutes are put up with, each a little longer; the sixth ends it', async () => {
  const { meeting, children, told, pass } = setUp();
  meeting.start();
  const startedAfterS: number[] = [];
  for (let crash = 1; crash <= 5; crash++) {
    children.at(-1)!.exits(undefined, 'SIGSEGV');
    await settled();
    let seconds = 0;
    for (; children.length === crash; seconds++) await pass(1, 'none');
    startedAfterS.push(seconds);
  }
  expect(startedAfterS).toEqual([0, 1, 3, 10, 30]);
  children.at(-1)!.exits(undefined, 'SIGSEGV');
  await settled();
  expect(told.at(-1)).toBe('ended: crash_loop');
  expect(children.length).toBe(6);
  await meeting.over;
});

it('a meeting that was joined recovers: the next process has the next epoch, and takes the meeting up again', async () => {
  const { meeting, children, told, assignment } = setUp();
  meeting.start();
  children[0]!.joins();
  children[0]!.exits(1);
  await settled();
  children[1]!.joins();
  expect(told).toEqual([
    ...['1 process started', '1 joining', '1 active', '1 process ended', '1 recovering'],
    ...['2 process started', '2 recovering', '2 active'],
  ]);
  expect(assignment(1)).toMatchObject({ epoch: 2, incarnation: 2, participantId: 'parley-bot' });
});

it('the next process goes on with the agent’s notes: those that were told, and those that only the journal has', async () => {
  const { meeting, children, kept, assignment } = setUp();
  meeting.start();
  children[0]!.joins();
  const note = (seq: number, what: 'taken' | 'changed' | 'removed', id: string, text: string) =>
    ({ v: 1, atMs: 5, seq, type: 'note', what, id, kind: 'note', text, noteAtMs: 5 }) as const;
  const says = (event: ReturnType<typeof note>) =>
    children[0]!.says({ v: 1, type: 'event', seq: event.seq, at: 5, event });
  says(note(1, 'taken', 'note_a', 'Ship on Friday.'));
  says(note(2, 'taken', 'note_b', 'Gone soon.'));
  says(note(3, 'changed', 'note_a', 'Ship on Monday.'));
  kept.push({ epoch: 1, at: 5, event: note(4, 'removed', 'note_b', 'Gone soon.') });
  says(note(5, 'taken', 'note_c', 'Book the room.'));
  await settled();
  children[0]!.exits(undefined, 'SIGKILL');
  await settled();
  expect(assignment(1).notes).toEqual([
    { id: 'note_a', kind: 'note', text: 'Ship on Monday.', noteAtMs: 5 },
    { id: 'note_c', kind: 'note', text: 'Book the room.', noteAtMs: 5 },
  ]);
  expect(assignmentSchema.parse(assignment(1))).toEqual(assignment(1));
});

it('one that was not joined yet begins anew', async () => {
  const { meeting, children, assignment } = setUp();
  meeting.start();
  children[0]!.exits(1);
  await settled();
  expect(assignment(1)).toMatchObject({ epoch: 2, incarnation: 1 });
});

it('a claim that somebody else has is final', async () => {
  const { meeting, children, told } = setUp(['fenced']);
  meeting.start();
  children[0]!.exits(undefined, 'SIGKILL');
  await settled();
  expect(told.at(-1)).toBe('ended: fenced');
  expect(children.length).toBe(1);
});

it('a claim that cannot be renewed is asked for until it can', async () => {
  const { meeting, children, pass } = setUp(['away', 'away', 'away', 7]);
  meeting.start();
  children[0]!.joins();
  children[0]!.exits(undefined, 'SIGKILL');
  await pass(2, 'none');
  expect(children.length).toBe(1);
  expect(meeting.status).toMatchObject({ state: 'recovering', pid: undefined });
  await pass(2, 'none');
  expect(meeting.status).toMatchObject({ epoch: 7, pid: 2 });
});

it('an end in order, a failure, and being put out are final', async () => {
  for (const [end, reason] of [
    [{ reason: 'meeting_ended', exitCode: 0 }, 'meeting_ended'],
    [{ reason: 'key_refused', exitCode: 77, failure: { code: 'key_refused', message: 'no' } }, 'key_refused'],
    [{ reason: 'fenced', exitCode: 75 }, 'fenced'],
  ] as const) {
    const { meeting, children, told } = setUp();
    meeting.start();
    children[0]!.ends(end);
    await settled();
    expect(told.at(-1)).toBe(`ended: ${reason}`);
    expect(children.length).toBe(1);
  }
});

it('a meeting that cannot be joined for now is tried again, and ends with why', async () => {
  const { meeting, children, told, pass } = setUp();
  meeting.start();
  for (let turn = 1; turn <= 6; turn++) {
    while (children.length < turn) await pass(1, 'none');
    children.at(-1)!.ends({ reason: 'join_timeout', exitCode: 69, retry: true });
    await settled();
  }
  expect(told.at(-1)).toBe('ended: join_timeout');
});

it('a process that says nothing for ten seconds is killed', async () => {
  const { meeting, children, pass } = setUp();
  meeting.start();
  children[0]!.joins();
  await pass(5);
  await pass(10, 'none');
  expect(children[0]!.signals).toEqual([]);
  await pass(1, 'none');
  expect(children[0]!.signals).toEqual(['SIGKILL']);
  expect(children.length).toBe(2);
});

it('one whose media stands still in the meeting is killed, though it beats', async () => {
  const { meeting, children, pass } = setUp();
  meeting.start();
  children[0]!.joins();
  await pass(15, { speaking: true, framesPulled: 100 });
  expect(children[0]!.signals).toEqual(['SIGKILL']);
});

it('one that takes too much memory is replaced when it has nothing to say, and that is no crash', async () => {
  const { meeting, children, pass } = setUp();
  meeting.start();
  children[0]!.joins();
  await pass(5, { rssBytes: 2_000, speaking: true, framesPulled: 5 });
  expect(children[0]!.received.map(({ type }) => type)).toEqual(['assign']);
  await pass(1, { rssBytes: 2_000 });
  expect(children[0]!.received.at(-1)).toMatchObject({ type: 'command', command: { kind: 'stop' } });
  children[0]!.ends({ reason: 'asked', exitCode: 0 });
  await settled();
  expect(meeting.status).toMatchObject({ epoch: 2, restarts: 0 });
});

it('one that does not leave when it is asked to is killed, and the meeting is over', async () => {
  const { meeting, children, told, pass } = setUp();
  meeting.start();
  children[0]!.joins();
  const left = meeting.command({ kind: 'stop', drainMs: 2_000 });
  await pass(18);
  expect(children[0]!.signals).toEqual(['SIGKILL']);
  await left;
  expect(told.at(-1)).toBe('ended: asked');
});

it('what is asked of a process that is gone is answered by an error that says so', async () => {
  const { meeting, children } = setUp();
  meeting.start();
  const status = meeting.command({ kind: 'status' });
  children[0]!.exits(undefined, 'SIGKILL');
  await expect(status).rejects.toBeInstanceOf(ParleyError);
  await expect(status).rejects.toMatchObject({ code: 'service_unavailable', retryable: true });
});

it('one that does not answer is not waited for for ever', async () => {
  const { meeting, pass } = setUp();
  meeting.start();
  const status = expect(meeting.command({ kind: 'status' })).rejects.toMatchObject({
    code: 'service_unavailable',
  });
  await pass(61);
  await status;
});

it('what a process kept and did not deliver is told in its order, when there is a gap and when it is gone', async () => {
  const { meeting, children, kept, reading, events } = setUp();
  const seen: [number, number][] = [];
  events.on('event', (_, epoch, { seq }) => seen.push([epoch, seq]));
  const notice = (seq: number) =>
    ({ v: 1, type: 'notice', atMs: 0, kind: 'room', message: '', seq }) as const;
  const say = (seq: number) => {
    children[0]!.says({ v: 1, type: 'event', seq, at: 0, event: notice(seq) });
  };
  const numbers = () => seen.map(([, seq]) => seq);
  kept.push(...[1, 2, 3, 4, 5, 8, 9].map((seq) => ({ epoch: 1, at: 0, event: notice(seq) })));
  meeting.start();
  say(1);
  say(2);
  let isRead: () => void = () => undefined;
  reading.done = new Promise<void>((resolve) => (isRead = resolve));
  say(4); // the third was dropped: the process was ahead of us
  say(5);
  say(7); // the sixth is one that no journal keeps
  await settled();
  expect(numbers()).toEqual([1, 2]); // whoever keeps them would take the third no more after the fourth
  isRead();
  await settled();
  expect(numbers()).toEqual([1, 2, 3, 4, 5, 7]);
  children[0]!.exits(undefined, 'SIGKILL');
  await settled();
  expect(numbers()).toEqual([1, 2, 3, 4, 5, 7, 8, 9]);
  expect(seen.every(([epoch]) => epoch === 1)).toBe(true);
});

describe('what the agent of a meeting looks up', () => {
  const question = { kind: 'documents', queries: ['wifi'], limit: 3 } as const;
  const answer = {
    kind: 'documents',
    passages: [{ source: 'guide.md', text: 'The key is on the wall.' }],
  } as const;
  const asks = (child: PlayedChild, id: number, epoch = 1): void =>
    child.says({
      v: 1,
      type: 'question',
      id,
      epoch,
      question: { ...question, queries: [...question.queries] },
    });
  const answers = (child: PlayedChild): unknown[] =>
    child.received.flatMap((message) =>
      message.type !== 'answer'
        ? []
        : [{ id: message.id, ...(message.answer === undefined ? {} : { answer: message.answer }) }],
    );

  it('is answered to the process that has the meeting, and to none of an epoch before', async () => {
    const asked: [string, number][] = [];
    const { meeting, children } = setUp([], (botId, epoch) => {
      asked.push([botId, epoch]);
      return Promise.resolve({ ...answer, passages: [...answer.passages] });
    });
    meeting.start();
    children[0]!.joins();
    asks(children[0]!, 4);
    await settled();
    expect(answers(children[0]!)).toEqual([{ id: 4, answer }]);
    children[0]!.exits(1);
    await settled();
    children[1]!.joins();
    asks(children[0]!, 5); // it is gone, and says so late
    asks(children[1]!, 0, 1); // an epoch that is not its own
    asks(children[1]!, 1, 2);
    await settled();
    expect(answers(children[0]!).slice(1)).toEqual([{ id: 5 }]);
    expect(answers(children[1]!)).toEqual([{ id: 0 }, { id: 1, answer }]);
    expect(asked).toEqual([
      ['bot', 1],
      ['bot', 2],
    ]);
  });

  it('is not known where nobody answers, too many ask, or it takes longer than 8 s', async () => {
    const signals: AbortSignal[] = [];
    const { meeting, children, pass } = setUp([], (_botId, _epoch, _question, signal) => {
      signals.push(signal);
      return signals.length === 1 ? Promise.reject(new Error('no database')) : new Promise(() => undefined);
    });
    meeting.start();
    const [child] = children;
    child!.joins();
    asks(child!, 0);
    await settled();
    expect(answers(child!)).toEqual([{ id: 0 }]);
    for (let id = 1; id <= 9; id++) asks(child!, id);
    await settled();
    expect(answers(child!).slice(1)).toEqual([{ id: 9 }]);
    await pass(7);
    expect(answers(child!).length).toBe(2);
    await pass(1);
    expect(answers(child!).length).toBe(10);
    expect(signals.slice(1).every(({ aborted }) => aborted)).toBe(true);

    const unanswered = setUp();
    unanswered.meeting.start();
    unanswered.children[0]!.joins();
    asks(unanswered.children[0]!, 0);
    await settled();
    expect(answers(unanswered.children[0]!)).toEqual([{ id: 0 }]);
  });
});
