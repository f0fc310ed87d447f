/** Makes minutes of meetings that are over, one after the other, and when they are asked for. */
import { makeMinutes } from '../../agent/minutes/make-minutes.js';
import { MinutesCost } from '../../agent/minutes/minutes-cost.js';
import { languagesOf } from '../../agent/minutes/minutes-material.js';
import { openAiTextModel, type TextModel } from '../../agent/minutes/text-model.js';
import type { OpenAiAccess } from '../../agent/openai/openai-call.js';
import { BoundedMap } from '../../bounded-map.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { LIST_PRICES, type PriceTable } from '../../cost/prices.js';
import type { Database } from '../../database/database.js';
import type { Minutes } from '../../agent/minutes/minutes.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { Logger } from '../../log.js';
import { type BotRow, listWithoutMinutes } from '../../records/store/bots.js';
import { keepMinutes, readMinutesMaterial } from '../../records/store/minutes.js';
import { addUsage, usageOfBot } from '../../records/store/usage.js';
import { isKept } from '../meetings/bot-life.js';

/** Languages that minutes are made in by themselves, which participants choose: each is a call of the model. */
const MAX_LANGUAGES = 32;
/** Of meetings that ended while no service ran. */
const LOOKED_BACK_MS = 86_400_000;
const MAX_CAUGHT_UP = 100;
const FIRST_MS = 5_000;
const EVERY_MS = 60_000;
const MAX_SEEN = 1_000;

type MinutesMakerOptions = {
  readonly database: Database;
  readonly openAi: OpenAiAccess | undefined;
  /** Of the model; by default the list prices. */
  readonly prices?: PriceTable | undefined;
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

  /** A meeting is over, and all of it is kept: where minutes were asked for, they are made, in each language that people there read. */
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

  /**
   * Makes them anew; without languages in each that was interpreted into, and each participant's. Empty where nothing was said. What a
   * model uses counts as the meeting's, and in its budget.
   */
  async make(
    bot: BotRow,
    languages: readonly LanguageTag[],
    how: { onlyFirst?: boolean } = {},
  ): Promise<Minutes[]> {
    const { database, log, wakeSender } = this.#options;
    const material = await readMinutesMaterial(database.orm, bot);
    const wanted = languages.length > 0 ? languages : languagesOf(material).slice(0, MAX_LANGUAGES);
    const cost = await this.#costOf(bot);
    const making = makeMinutes(material, wanted, {
      ...{ model: this.#model, cost, signal: this.#stop.signal },
      onProblem: (message) => {
        log.warn({ botId: bot.id }, message);
      },
    });
    const made = await making.finally(() => this.#keepCost(bot, cost));
    if (await database.transaction((tx) => keepMinutes(tx, bot.id, made, how))) wakeSender();
    return made;
  }

  /** What is being made is given up; it is made when the service is there again. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#stop.abort(new Error('the service is closing'));
    await this.#working;
  }

  /** What the model may still cost: what is left of the meeting's budget. */
  async #costOf({ id, settings }: BotRow): Promise<MinutesCost | undefined> {
    if (this.#model === undefined) return undefined;
    const { database, prices = LIST_PRICES } = this.#options;
    const budgetUsd = settings['budgetUsd'];
    const used = await usageOfBot(database.orm, id);
    const spentUsd = used.reduce((sum, { usd }) => sum + usd, 0);
    const leftUsd = typeof budgetUsd === 'number' ? budgetUsd - spentUsd : undefined;
    return new MinutesCost({ model: this.#model.name, prices, leftUsd });
  }

  async #keepCost({ id: botId, epoch }: BotRow, cost: MinutesCost | undefined): Promise<void> {
    if (cost === undefined || cost.tokens === 0) return;
    const { model, tokens: units, usd } = cost;
    await addUsage(
      this.#options.database.orm,
      { botId, epoch },
      { model, kind: 'minutes_tokens', units, usd },
    );
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
