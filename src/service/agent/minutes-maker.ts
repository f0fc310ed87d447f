/** Makes minutes of meetings that are over, one after the other, and when they are asked for. */
import { makeMinutes } from '../../agent/minutes/make-minutes.js';
import { languagesOf } from '../../agent/minutes/minutes-material.js';
import { openAiTextModel, type TextModel } from '../../agent/minutes/text-model.js';
import type { OpenAiAccess } from '../../agent/openai/openai-call.js';
import { BoundedMap } from '../../bounded-map.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database } from '../../database/database.js';
import type { Minutes } from '../../agent/minutes/minutes.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { Logger } from '../../log.js';
import { type BotRow, listWithoutMinutes } from '../../records/store/bots.js';
import { keepMinutes, readMinutesMaterial } from '../../records/store/minutes.js';
import { isKept } from '../meetings/bot-life.js';

/** Languages that minutes are made in by themselves: each is a call of the model. */
const MAX_LANGUAGES = 8;
/** Of meetings that ended while no service ran. */
const LOOKED_BACK_MS = 86_400_000;
const MAX_CAUGHT_UP = 100;
const FIRST_MS = 5_000;
const EVERY_MS = 60_000;
const MAX_SEEN = 1_000;

type MinutesMakerOptions = {
  readonly database: Database;
  readonly openAi: OpenAiAccess | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Webhooks are to be delivered. */
  readonly wakeSender: () => void;
};

export class MinutesMaker {
  readonly #options: MinutesMakerOptions;
  readonly #model: TextModel | undefined;
  readonly #stop = new AbortController();
  /** Tried once: of a meeting in which nobody spoke nothing is kept. */
  readonly #seen = new BoundedMap<true>(MAX_SEEN);
  #timer: TimerHandle | undefined;
  #working: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: MinutesMakerOptions) {
    this.#options = options;
    this.#model = options.openAi === undefined ? undefined : openAiTextModel(options.openAi);
  }

  /** From now on, meetings that ended without minutes get theirs: those of workers, and of times when nothing ran. */
  start(): void {
    this.#plan(FIRST_MS);
  }

  /** Meetings whose minutes are still to be made. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Meetings that ended without theirs, since nobody was there to make them. */
  async catchUp(nowMs: number): Promise<void> {
    const since = new Date(nowMs - LOOKED_BACK_MS);
    for (const bot of await listWithoutMinutes(this.#options.database.orm, since, MAX_CAUGHT_UP))
      this.over(bot);
  }

  /** A meeting is over, and all of it is kept: where minutes were asked for, they are made, in each language that was interpreted into. */
  over(bot: BotRow): void {
    if (bot.settings['minutes'] !== true || bot.joinedAt === null || !isKept(bot)) return;
    if (this.#seen.has(bot.id)) return;
    this.#seen.set(bot.id, true);
    this.#waiting++;
    this.#working = this.#working
      .then(async () => {
        if (!this.#stop.signal.aborted) await this.make(bot, [], { onlyFirst: true });
      })
      .catch((err: unknown) => {
        if (!this.#stop.signal.aborted)
          this.#options.log.error({ err, botId: bot.id }, 'minutes could not be made');
      })
      .finally(() => this.#waiting--);
  }

  /** Makes them anew; without languages in those that were interpreted into. Empty where nothing was said. */
  async make(
    bot: BotRow,
    languages: readonly LanguageTag[],
    how: { onlyFirst?: boolean } = {},
  ): Promise<Minutes[]> {
    const { database, log, wakeSender } = this.#options;
    const material = await readMinutesMaterial(database.orm, bot);
    const wanted = languages.length > 0 ? languages : languagesOf(material).slice(0, MAX_LANGUAGES);
    const made = await makeMinutes(material, wanted, {
      model: this.#model,
      signal: this.#stop.signal,
      onProblem: (message) => {
        log.warn({ botId: bot.id }, message);
      },
    });
    if (await database.transaction((tx) => keepMinutes(tx, bot.id, made, how))) wakeSender();
    return made;
  }

  /** What is being made is given up; it is made when the service is there again. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#stop.abort(new Error('the service is closing'));
    await this.#working;
  }

  #plan(delayMs: number): void {
    const { clock, database, log } = this.#options;
    this.#timer = clock.setTimer(() => {
      const since = new Date(clock.epochMs() - LOOKED_BACK_MS);
      listWithoutMinutes(database.orm, since, MAX_CAUGHT_UP)
        .then((bots) => {
          for (const bot of bots) this.over(bot);
        })
        .catch((err: unknown) => {
          log.warn({ err }, 'meetings without minutes could not be looked for');
        })
        .finally(() => {
          if (!this.#stop.signal.aborted) this.#plan(EVERY_MS);
        });
    }, delayMs);
  }
}
