import { html, nothing, type TemplateResult } from 'lit';
import { agoText, shareText, whenText } from '../format.js';
import { session } from '../session.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';

type DrainMode = 'wait' | 'handover';
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
  readonly drain?: { readonly mode: DrainMode; readonly until: string };
};
const POLL_MS = 5_000;
const TONES: Readonly<Record<string, string>> = { running: 'good', gone: 'bad', drained: 'done' };

/** The machines that carry meetings, and what empties one of them. */
export class SettingsWorkers extends ListPart<Worker> {
  protected readonly path = '/v1/workers';

  override connectedCallback(): void {
    super.connectedCallback();
    this.every(POLL_MS, () => void this.load());
  }

  protected override render(): TemplateResult {
    return html`<h2>${text('settings.workers')}</h2>
      <p class="soft">${text('workers.lead')}</p>
      ${this.notes()} ${this.list(text('workers.none'), (worker) => this.#worker(worker))}`;
  }

  #worker(worker: Worker): TemplateResult {
    const { id, address, version, slots, used, load, rssMib, state, seenAt } = worker;
    const language = regionalLanguage();
    return html`
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
        ${this.#drainOf(worker)} ${this.asked === id ? this.#question(worker) : nothing}
      </div>
      <span class="tone" data-tone=${TONES[state] ?? 'warn'}
        >${stateText(state)}${
          seenAt === undefined || state !== 'gone' ? '' : ` · ${agoText(seenAt, language, Date.now())}`
        }</span
      >
      ${this.#buttons(worker)}
    `;
  }

  #buttons(worker: Worker): TemplateResult | typeof nothing {
    const { id, address, state } = worker;
    const mayDrain = this.#mayDrain(worker) && this.asked !== id;
    const mayUndrain =
      session.isAdmin && worker.drain !== undefined && (state === 'draining' || state === 'drained');
    if (!mayDrain && !mayUndrain) return nothing;
    return html`<div class="actions">
      ${
        mayDrain
          ? html`<button
              class="quiet small"
              aria-label=${text('workers.drainOf', { name: address ?? id })}
              @click=${() => void this.ask(id)}
            >
              ${text('workers.drain')}
            </button>`
          : nothing
      }
      ${
        mayUndrain
          ? html`<button
              class="quiet small"
              aria-label=${text('workers.undrainOf', { name: address ?? id })}
              @click=${() => void this.#undrain(worker)}
            >
              ${text('workers.undrain')}
            </button>`
          : nothing
      }
    </div>`;
  }

  /** What it was asked for, while it does that. */
  #drainOf({ state, drain }: Worker): TemplateResult | typeof nothing {
    if (state !== 'draining' || drain === undefined) return nothing;
    const until = whenText(drain.until, regionalLanguage(), Date.now());
    return html`<span class="soft"
      >${text(drain.mode === 'wait' ? 'workers.waits' : 'workers.handsOver', { until })}</span
    >`;
  }

  #question(worker: Worker): TemplateResult {
    const others = (this.rows ?? []).some(
      ({ id, state }) => id !== worker.id && (state === 'running' || state === 'full'),
    );
    return this.question(
      text('workers.drainHow'),
      html`<button class="quiet small" @click=${() => void this.#drain(worker, 'wait')}>
          ${text('workers.drainWait')}
        </button>
        ${
          others
            ? html`<button class="quiet small" @click=${() => void this.#drain(worker, 'handover')}>
                ${text('workers.drainHandover')}
              </button>`
            : nothing
        }`,
    );
  }

  async #drain({ id }: Worker, mode: DrainMode): Promise<void> {
    this.asked = '';
    await this.act('POST', `/v1/workers/${id}/drain`, text('workers.drainAsked'), { mode });
  }

  async #undrain({ id }: Worker): Promise<void> {
    await this.act('DELETE', `/v1/workers/${id}/drain`, text('workers.undrainAsked'));
  }

  #mayDrain({ state, drain }: Worker): boolean {
    if (!session.isAdmin) return false;
    // One that waits can be asked to hand over.
    return state === 'running' || state === 'full' || (state === 'draining' && drain?.mode === 'wait');
  }
}
customElements.define('parley-settings-workers', SettingsWorkers);

function stateText(state: string): string {
  const key = `worker.${state}`;
  return hasText(key) ? text(key) : state;
}
