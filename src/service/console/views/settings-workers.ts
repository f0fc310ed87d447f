import { html, type TemplateResult } from 'lit';
import { agoText, shareText } from '../format.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';

type Worker = {
  readonly id: string;
  readonly address?: string;
  readonly version: string;
  readonly slots: number;
  readonly used: number;
  readonly load?: number;
  readonly rssMib?: number;
  readonly state: string;
  readonly seenAt?: string;
};
const POLL_MS = 5_000;

/** The machines that carry meetings. */
export class SettingsWorkers extends ListPart<Worker> {
  protected readonly path = '/v1/workers';

  override connectedCallback(): void {
    super.connectedCallback();
    this.every(POLL_MS, () => void this.load());
  }

  protected override render(): TemplateResult {
    const language = regionalLanguage();
    return html`<h2>${text('settings.workers')}</h2>
      <p class="soft">${text('workers.lead')}</p>
      ${this.notes()}
      ${this.list(
        text('workers.none'),
        ({ id, address, version, slots, used, load, rssMib, state, seenAt }) => html`
          <div class="card-row-main">
            <strong dir="ltr">${address ?? id}</strong>
            <span class="soft"
              >${text('workers.meetings', { used, slots })}${
                load === undefined ? '' : ` · ${text('workers.load', { load: shareText(load, language) })}`
              }${rssMib === undefined ? '' : ` · ${rssMib} MiB`}
              · ${version}</span
            >
            <meter
              min="0"
              max=${Math.max(1, slots)}
              .value=${used}
              aria-label=${text('workers.meetings', { used, slots })}
            ></meter>
          </div>
          <span class="tone" data-tone=${state === 'running' ? 'good' : state === 'gone' ? 'bad' : 'warn'}
            >${stateText(state)}${
              seenAt === undefined || state !== 'gone' ? '' : ` · ${agoText(seenAt, language, Date.now())}`
            }</span
          >
        `,
      )}`;
  }
}
customElements.define('parley-settings-workers', SettingsWorkers);

function stateText(state: string): string {
  const key = `worker.${state}`;
  return hasText(key) ? text(key) : state;
}
