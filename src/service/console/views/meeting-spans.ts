import { html, nothing, type TemplateResult } from 'lit';
import type { RouteSpan } from '../api/types.js';
import type { FeedState } from '../feed/feed-state.js';
import { delayText } from '../format.js';
import { ownName } from '../languages.js';
import { regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';

/** Routes that are shown: those that are farthest behind. */
const MAX_SHOWN = 20;

/** How far each route is behind its speaker, by engine. */
export class MeetingSpans extends View {
  static override properties = { feed: { attribute: false } };
  declare feed: FeedState;

  protected override render(): TemplateResult | typeof nothing {
    const { spans } = this.feed;
    if (spans.length === 0) return nothing;
    const shown = [...spans].sort((a, b) => b.medianMs - a.medianMs).slice(0, MAX_SHOWN);
    return html`<section class="panel" aria-labelledby="spans-heading">
      <h2 id="spans-heading">${text('spans.heading')}</h2>
      <p class="soft hint">${text('spans.hint')}</p>
      <ul class="spans">
        ${shown.map((span) => this.#route(span))}
      </ul>
    </section>`;
  }

  #route({ speakerId, to, engine, lastMs, medianMs, p95Ms, isGrowing }: RouteSpan): TemplateResult {
    const name = this.feed.people.find(({ id }) => id === speakerId)?.name.trim() ?? '';
    const figure = (label: string, ms: number): TemplateResult =>
      html`<div>
        <dt>${label}</dt>
        <dd>${delayText(ms, regionalLanguage())}</dd>
      </div>`;
    return html`<li>
      <p>
        <bdi>${name === '' ? text('people.nameless') : name}</bdi> → <bdi>${ownName(to)}</bdi>
        <span class="tag">${engine}</span>
        ${isGrowing === true ? html`<span class="tone" data-tone="warn">${text('spans.growing')}</span>` : nothing}
      </p>
      <dl>
        ${figure(text('spans.last'), lastMs)} ${figure(text('spans.median'), medianMs)}
        ${figure(text('spans.p95'), p95Ms)}
      </dl>
    </li>`;
  }
}
customElements.define('parley-spans', MeetingSpans);
