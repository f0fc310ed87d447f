import type { TurnSpan } from '../meeting/meeting-events.js';
import { SpanMeter } from '../interpreter/span/span-meter.js';
import type { RouteSpans } from './events.js';

/** Routes that are told apart; further ones are not measured. */
const MAX_ROUTES = 200;

/** How far a route has come to be behind, and was before. */
export type GrownSpan = Pick<TurnSpan, 'speakerId' | 'to'> & {
  readonly fromMs: number;
  readonly toMs: number;
};

type Measured = Pick<TurnSpan, 'speakerId' | 'to' | 'engine'> & { readonly meter: SpanMeter };

/** The ear-voice spans of a meeting, by route and engine. */
export class RouteSpanMeters {
  readonly #routes = new Map<string, Measured>();

  /** Returns how far it has grown, where whoever runs the meeting should know. */
  add({ turnId, speakerId, to, engine, spanMs }: TurnSpan): GrownSpan | undefined {
    const key = JSON.stringify([speakerId, to, engine]);
    let measured = this.#routes.get(key);
    if (measured === undefined) {
      if (this.#routes.size >= MAX_ROUTES) return undefined;
      measured = { speakerId, to, engine, meter: new SpanMeter() };
      this.#routes.set(key, measured);
    }
    const grown = measured.meter.add(turnId, spanMs);
    return grown === undefined ? undefined : { speakerId, to, ...grown };
  }

  /** What was heard of this turn was no translation. */
  remove(turnId: string): void {
    for (const { meter } of this.#routes.values()) meter.remove(turnId);
  }

  get summary(): RouteSpans {
    return [...this.#routes.values()].flatMap(({ meter, ...route }) => {
      const { summary } = meter;
      return summary === undefined ? [] : [{ ...route, ...summary }];
    });
  }
}
