/** What may happen to the connection of one speaker, when, and what it costs: how a row of the fault matrix is run. */
import type { EngineName } from '../../src/realtime/engines.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { EnduringWorld } from '../soak/world.js';

/** What Ana says, in Spanish, one after the other; the fault strikes around the second, or with the first where it strikes at the start. */
export const PHRASES = [
  'where-is-the-station',
  'send-the-report',
  'share-my-screen',
  'see-you-next-week',
] as const;
const [FIRST, SECOND, THIRD, FOURTH] = PHRASES;
/** Between two sentences. */
const PAUSE_MS = 1_000;
/** Something heard may be so late. */
const HEARD_WITHIN_MS = 15_000;
const READY_WITHIN_MS = 120_000;

/** When a fault strikes. */
export type Moment =
  | 'start' // before anything was said
  | 'speech' // a second into a phrase
  | 'playback' // 300 ms into its translation
  | 'between'; // nobody has spoken, or been spoken for, for 1.5 s

/** One fault. */
export type Fault = {
  name: string;
  moment: Moment;
  strike: (world: EnduringWorld, engine: EngineName) => Promise<void> | void;
  /** The server is well again so long after the second phrase, a second by default. */
  healAfterMs?: number;
  /** Whether the third phrase is said as soon as the server is well, or once the session is. */
  speaksAgain: 'at once' | 'when ready';
  /** Nothing happens at first: the connection must be found to be dead before it is replaced. */
  isSilent?: true;
  sessionDurationMs?: number;
  /** Between the session and its socket. */
  between?: (open: OpenTransport) => OpenTransport;
};

/** What came of it. */
export type FaultOutcome = {
  /** Phrases that were not heard whole. */
  lost: string[];
  /** Phrases that were heard more than once. */
  repeated: string[];
  /** From the server being well until every session was ready; Infinity where that never came. */
  recoveredMs: number;
  /** What was heard in which no phrase was understood. */
  garbled: number;
  /** What whoever runs the meeting was told. */
  notices: string[];
};

/** Ana speaks Spanish, Ben hears English. */
export async function runFault(fault: Fault, engine: EngineName): Promise<FaultOutcome> {
  const { sessionDurationMs, between } = fault;
  const world = await EnduringWorld.open({
    engine,
    server: sessionDurationMs === undefined ? {} : { sessionDurationMs },
    ...(between === undefined ? {} : { between }),
    settings: { voices: 'one' },
  });
  try {
    return await new Run(world, fault, engine).outcome();
  } finally {
    await world.server.close();
  }
}

class Run {
  readonly #world: EnduringWorld;
  readonly #fault: Fault;
  readonly #engine: EngineName;
  readonly #heard: string[] = [];
  readonly #notices: string[] = [];
  #garbled = 0;
  #sounding = 0;
  #losses = 0;
  #healedMs: number | undefined;
  #recoveredMs: number | undefined;

  constructor(world: EnduringWorld, fault: Fault, engine: EngineName) {
    this.#world = world;
    this.#fault = fault;
    this.#engine = engine;
    world.onHeard = ({ phraseId, language }) => {
      if (phraseId === undefined) this.#garbled++;
      else if (language === 'en') this.#heard.push(phraseId);
    };
    world.onNotice = ({ message, kind }) => {
      if (kind === 'interruption') this.#losses++;
      this.#notices.push(message);
    };
    world.events.on('playback', ({ what }) => {
      if (what === 'heard') this.#sounding++;
    });
  }

  async outcome(): Promise<FaultOutcome> {
    const world = this.#world;
    const { moment, healAfterMs = 0, speaksAgain } = this.#fault;
    world.join('ana', 'es');
    world.join('ben', 'en');
    await this.#pass(500);
    if (moment === 'start') await this.#strike();
    await this.#speak(FIRST);
    if (moment !== 'start') {
      await this.#untilHeard(FIRST);
      await this.#pass(1_000);
      await this.#speakSecond();
    }
    await this.#pass(Math.max(PAUSE_MS, healAfterMs));
    world.server.faults.set({});
    this.#healedMs = world.clock.nowMs();
    if (speaksAgain === 'when ready') await this.#untilRecovered();
    if (moment === 'start') {
      await this.#speak(SECOND);
      await this.#pass(PAUSE_MS);
    }
    await this.#speak(THIRD);
    await this.#untilRecovered();
    await this.#untilHeard(THIRD);
    await this.#speak(FOURTH);
    await this.#untilHeard(FOURTH);
    await this.#pass(2_000);
    await world.close(20_000);
    return {
      lost: PHRASES.filter((phraseId) => !this.#heard.includes(phraseId)),
      repeated: PHRASES.filter((phraseId) => this.#heard.filter((each) => each === phraseId).length > 1),
      recoveredMs: this.#recoveredMs ?? Infinity,
      garbled: this.#garbled,
      notices: this.#notices,
    };
  }

  async #speakSecond(): Promise<void> {
    const world = this.#world;
    const before = this.#sounding;
    switch (this.#fault.moment) {
      case 'speech': {
        const durationMs = world.say('ana', 'es', SECOND);
        await this.#pass(1_000);
        await this.#strike();
        await this.#pass(durationMs - 1_000);
        break;
      }
      case 'playback':
        await this.#speak(SECOND);
        await this.#passUntil(() => this.#sounding > before, HEARD_WITHIN_MS);
        await this.#pass(300);
        await this.#strike();
        break;
      default:
        await this.#speak(SECOND);
        await this.#untilHeard(SECOND);
        await this.#pass(1_500);
        await this.#strike();
    }
  }

  async #strike(): Promise<void> {
    await this.#fault.strike(this.#world, this.#engine);
  }

  async #speak(phraseId: string): Promise<void> {
    await this.#pass(this.#world.say('ana', 'es', phraseId));
  }

  async #untilHeard(phraseId: string): Promise<void> {
    await this.#passUntil(() => this.#heard.includes(phraseId), HEARD_WITHIN_MS);
  }

  async #untilRecovered(): Promise<void> {
    await this.#passUntil(() => this.#recoveredMs !== undefined, READY_WITHIN_MS);
  }

  async #passUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
    for (let passedMs = 0; !condition() && passedMs < timeoutMs; passedMs += 10) await this.#pass(10);
  }

  async #pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      await this.#world.pass(10);
      if (this.#healedMs === undefined || this.#recoveredMs !== undefined) continue;
      const { sessions, allReady, clock } = this.#world;
      const isFound = this.#fault.isSilent !== true || this.#losses > 0;
      if (isFound && sessions.size > 0 && allReady) this.#recoveredMs = clock.nowMs() - this.#healedMs;
    }
  }
}
