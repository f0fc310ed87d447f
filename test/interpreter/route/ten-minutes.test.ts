/** A voice under load: translations of people who never pause, on a virtual clock in steps of one frame. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import {
  FRAME_MS,
  FRAME_SAMPLES,
  OutputChannel,
  type ChannelClient,
  type OutputChannelOptions,
} from '../../../src/interpreter/playback/output-channel.js';

const TEN_MINUTES_MS = 600_000;

type Turn = {
  turnId: string;
  endMs: number;
  /** At the usual speed. */
  lengthMs: number;
  comesAtMs: number;
  sentMs: number;
  speed: number;
  heardAtMs?: number;
  finishedAtMs?: number;
  fate?: 'finished' | 'captions_only';
};

/** Speaks without a pause, phrase after phrase; translations come after a moment, faster than they are spoken. */
class Talker implements ChannelClient {
  readonly turns: Turn[] = [];
  readonly speakerId: string;
  #speed = 1;
  #nextEndMs = 0;
  readonly #clock: VirtualClock;

  constructor(speakerId: string, clock: VirtualClock) {
    this.speakerId = speakerId;
    this.#clock = clock;
  }

  /** What happens within 10 ms. */
  step(voice: OutputChannel, phraseMs: () => number): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs >= this.#nextEndMs) {
      if (this.#nextEndMs > 0) this.#said(voice, phraseMs);
      else this.#nextEndMs = phraseMs();
    }
    for (const turn of this.turns) {
      const lengthMs = turn.lengthMs / turn.speed;
      if (turn.comesAtMs > nowMs || turn.sentMs >= lengthMs || turn.fate !== undefined) continue;
      const pieceMs = Math.min(30, lengthMs - turn.sentMs); // three times as fast as it is spoken
      turn.sentMs += pieceMs;
      voice.say(this, turn, turn.turnId, new Int16Array(Math.round(pieceMs * 48)).fill(5_000));
      if (turn.sentMs >= lengthMs) {
        voice.end(turn.turnId);
        voice.settle(turn.turnId);
      }
    }
  }

  #said(voice: OutputChannel, phraseMs: () => number): void {
    const endMs = this.#nextEndMs;
    const saidMs = phraseMs();
    const turn: Turn = {
      turnId: `${this.speakerId}-${this.turns.length}`,
      endMs,
      lengthMs: saidMs * (0.9 + 0.4 * this.#clock.random()), // languages differ in length
      comesAtMs: endMs + 500 + 700 * this.#clock.random(),
      sentMs: 0,
      speed: this.#speed,
    };
    this.turns.push(turn);
    voice.expect(this, turn);
    this.#nextEndMs = endMs + saidMs;
  }

  onStarted(): void {
    // told by onAudible
  }
  onAudible(outputId: string, atMs: number): void {
    this.#turn(outputId).heardAtMs = atMs;
  }
  onFinished(outputId: string, atMs: number): void {
    const turn = this.#turn(outputId);
    expect(turn.fate).toBeUndefined();
    turn.fate = 'finished';
    turn.finishedAtMs = atMs;
  }
  onCut(items: readonly { outputId: string; playedMs: number }[], _untilMs: number, why: string): void {
    expect(why).toBe('backlog');
    for (const { outputId, playedMs } of items) {
      const turn = this.#turn(outputId);
      expect([turn.fate, playedMs]).toEqual([undefined, 0]); // whole, and never one that is being spoken
      turn.fate = 'captions_only';
    }
  }
  onHold(): void {
    throw new Error('nothing is held');
  }
  onHurry(hurry: boolean): void {
    this.#speed = hurry ? 1.2 : 1;
  }

  #turn(outputId: string): Turn {
    return this.turns.find(({ turnId }) => turnId === outputId)!;
  }
}

function talk(
  options: { speakers: number; seed: number; phraseMs: [number, number] } & Partial<OutputChannelOptions>,
) {
  const { speakers, seed, phraseMs, ...voiceOptions } = options;
  const clock = new VirtualClock({ seed });
  const voice = new OutputChannel({ bargeIn: 'off', maxBacklogMs: 8_000, ...voiceOptions });
  const talkers = Array.from({ length: speakers }, (_, n) => new Talker(`speaker${n}`, clock));
  for (const talker of talkers) voice.join(talker);
  const out = new Int16Array(FRAME_SAMPLES);
  const [fromMs, toMs] = phraseMs;
  const lengthMs = () => fromMs + (toMs - fromMs) * clock.random();
  while (clock.nowMs() < TEN_MINUTES_MS) {
    for (const talker of talkers) talker.step(voice, lengthMs);
    voice.pull(out, clock.nowMs());
    clock.advanceBy(FRAME_MS);
  }
  const turns = talkers
    .flatMap((talker) => talker.turns)
    .filter(({ endMs }) => endMs < TEN_MINUTES_MS - 30_000);
  const spoken = turns.filter(({ fate }) => fate === 'finished');
  return {
    turns,
    spoken,
    longestDelayMs: Math.max(...spoken.map(({ heardAtMs, endMs }) => heardAtMs! - endMs)),
    hurriedShare: turns.filter(({ speed }) => speed > 1).length / turns.length,
  };
}

describe('ten minutes of two people who talk without a pause', () => {
  it.each([
    [1, [1_000, 4_000]],
    [2, [2_000, 8_000]],
    [3, [500, 15_000]],
    [4, [12_000, 15_000]],
  ] as const)(
    'seed %i, phrases of %j ms: spoken within 10 s, or read, and each once',
    (seed, [fromMs, toMs]) => {
      const { turns, spoken, longestDelayMs, hurriedShare } = talk({
        speakers: 2,
        seed,
        phraseMs: [fromMs, toMs],
      });
      expect(longestDelayMs).toBeLessThanOrEqual(10_000);
      expect(turns.every(({ fate }) => fate !== undefined)).toBe(true);
      expect(spoken.length / turns.length).toBeGreaterThan(0.4); // one voice has time for little more than half
      expect(hurriedShare).toBeGreaterThan(0.5);
      const inOrder = [...spoken].sort((a, b) => a.heardAtMs! - b.heardAtMs!);
      for (let n = 1; n < inOrder.length; n++) {
        expect(inOrder[n]!.heardAtMs).toBeGreaterThanOrEqual(inOrder[n - 1]!.finishedAtMs!); // never two at once
      }
    },
  );

  it('one person who talks without a pause keeps up: nothing is left to captions', () => {
    const { turns, spoken, longestDelayMs } = talk({ speakers: 1, seed: 5, phraseMs: [12_000, 15_000] });
    expect(spoken).toHaveLength(turns.length);
    expect(longestDelayMs).toBeLessThan(10_000);
  });

  it('without a limit the delay grows beyond all bounds: the limit is what holds it', () => {
    const { longestDelayMs } = talk({
      speakers: 2,
      seed: 2,
      phraseMs: [2_000, 8_000],
      maxBacklogMs: 1e9,
      capacityMs: 1e9,
    });
    expect(longestDelayMs).toBeGreaterThan(60_000);
  });
});
