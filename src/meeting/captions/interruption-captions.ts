import type { Caption } from '../../captions/caption.js';
import { interruptionNotice } from '../../interpreter/notices/interruption-notices.js';
import type { LanguageNotice } from '../../interpreter/notices/language-notices.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import type { LanguageTag } from '../../languages/languages.js';

/** What a route's readers are told of. */
type InterruptedRoute = Pick<RouteSpec, 'key' | 'to'> & {
  /** Whose words these are, fit for showing. */
  readonly speakerName: string;
};

/** What these captions are made with. */
type InterruptionCaptionsOptions = {
  /** A final caption of kind `notice`, with an id of its own. */
  noticeOf: (notice: LanguageNotice) => Caption;
  /** To those who read `to`; where it is undefined, to all who read what is said as it is. */
  publish: (caption: Caption, to: LanguageTag | undefined) => void;
};

/**
 * Tells those who follow a speaker's translation that it is interrupted, and what becomes of that: one caption per interruption,
 * not final while the connection is being opened again.
 */
export class InterruptionCaptions {
  readonly #options: InterruptionCaptionsOptions;
  /** By route, what was told of its present interruption. */
  readonly #notified = new Map<string, { readonly route: InterruptedRoute; readonly caption: Caption }>();

  constructor(options: InterruptionCaptionsOptions) {
    this.#options = options;
  }

  /** The route's connection is being opened again. */
  reconnecting(route: InterruptedRoute): void {
    if (!this.#notified.has(route.key)) this.#notify(route, 'reconnecting');
  }

  /** It could not be opened, for now. */
  stopped(route: InterruptedRoute): void {
    if (this.#notified.get(route.key)?.caption.interruption !== 'stopped') this.#notify(route, 'stopped');
  }

  /** It is open. Nothing is told where nothing was before. */
  resumed(route: InterruptedRoute): void {
    if (!this.#notified.has(route.key)) return;
    this.#notify(route, 'resumed');
    this.#notified.delete(route.key);
  }

  /** Nobody is to be interpreted on it at present: that it was being opened again is withdrawn. */
  over({ key }: Pick<InterruptedRoute, 'key'>): void {
    const notified = this.#notified.get(key);
    if (notified?.caption.final !== false) return;
    this.#notified.delete(key);
    this.#options.publish({ ...notified.caption, translatedText: '', final: true }, notified.route.to);
  }

  /** Of other routes than these, nothing is to be told any more. */
  keep(routes: readonly Pick<InterruptedRoute, 'key'>[]): void {
    const keys = new Set(routes.map(({ key }) => key));
    for (const { route } of [...this.#notified.values()]) {
      if (keys.has(route.key)) continue;
      this.over(route);
      this.#notified.delete(route.key);
    }
  }

  /** In the place of what was told of the same interruption before. To readers of the translation, in their language. */
  #notify(route: InterruptedRoute, what: 'reconnecting' | 'resumed' | 'stopped'): void {
    const { key, to, speakerName } = route;
    const notice = this.#options.noticeOf(interruptionNotice(what, to ?? 'en', speakerName));
    const { segmentId, turnId } = this.#notified.get(key)?.caption ?? notice;
    const original = to === undefined;
    const caption = {
      ...notice,
      segmentId,
      turnId,
      original,
      final: what !== 'reconnecting',
      interruption: what,
    };
    this.#notified.set(key, { route, caption });
    this.#options.publish(caption, to);
  }
}
