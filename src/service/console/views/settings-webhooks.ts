import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Page } from '../api/types.js';
import { checkField, focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import '../elements/secret-once.js';
import { whenText } from '../format.js';
import { problemText } from '../problems.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';

type Webhook = {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly disabledAt?: string;
  readonly disabledReason?: string;
  readonly failingSince?: string;
};
type Delivery = {
  readonly event: string;
  readonly type: string;
  readonly attempt: number;
  readonly state: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly response?: string;
  readonly at: string;
};

/** Events that are asked for by themselves; without any, a webhook gets all but the words. */
const EVENTS = [
  ...['bot.joined', 'bot.ended', 'bot.failed'],
  ...['transcript.ready', 'minutes.ready', 'caption.final'],
] as const;

/** Webhooks: where events are sent, with what became of each delivery. */
export class SettingsWebhooks extends ListPart<Webhook> {
  static override properties = {
    ...ListPart.properties,
    _url: { state: true },
    _events: { state: true },
    _secret: { state: true },
    _open: { state: true },
    _deliveries: { state: true },
  };
  protected readonly path = '/v1/webhooks';
  declare private _url: string;
  declare private _events: ReadonlySet<string>;
  declare private _secret: string;
  declare private _open: string;
  declare private _deliveries: readonly Delivery[] | undefined;

  constructor() {
    super();
    this._url = '';
    this._events = new Set();
    this._secret = '';
    this._open = '';
    this._deliveries = undefined;
  }

  protected override render(): TemplateResult {
    return html`<h2>${text('settings.webhooks')}</h2>
      <p class="soft">${text('webhooks.lead')}</p>
      <form class="panel" novalidate @submit=${this.#make}>
        ${textField({
          id: 'webhook-url',
          type: 'url',
          label: text('webhooks.url'),
          placeholder: 'https://example.com/parley',
          value: this._url,
          problem: this.problems.fields.get('url'),
          onInput: (value) => (this._url = value),
        })}
        <fieldset class="scopes">
          <legend>${text('webhooks.events')}</legend>
          ${EVENTS.map((name) =>
            checkField({
              id: `event-${name.replace('.', '-')}`,
              label: html`<code>${name}</code>`,
              checked: this._events.has(name),
              onChange: (checked) => {
                const events = new Set(this._events);
                if (checked) events.add(name);
                else events.delete(name);
                this._events = events;
              },
            }),
          )}
          <p class="hint">${text('webhooks.eventsHint')}</p>
        </fieldset>
        <button class="primary" ?disabled=${this.isBusy}>${text('webhooks.make')}</button>
        ${formProblem(this.problems)}
      </form>
      <div role="status">
        ${
          this._secret === ''
            ? nothing
            : html`<parley-secret .label=${text('webhooks.secret')} .secret=${this._secret}></parley-secret>`
        }
      </div>
      ${this.notes()} ${this.list(text('webhooks.none'), (webhook) => this.#webhook(webhook))}`;
  }

  #webhook({ id, url, events, disabledAt, disabledReason, failingSince }: Webhook): TemplateResult {
    const isOpen = this._open === id;
    return html`<div class="card-row-main">
        <strong class="url" dir="ltr">${url}</strong>
        <span class="soft">${events.length === 0 ? text('webhooks.all') : events.join(', ')}</span>
        ${
          disabledAt !== undefined
            ? html`<span class="tone" data-tone="bad"
                >${text('webhooks.disabled')} <bdi>${disabledReason ?? ''}</bdi></span
              >`
            : failingSince !== undefined
              ? html`<span class="tone" data-tone="warn"
                  >${text('webhooks.failing', { when: whenText(failingSince, regionalLanguage(), Date.now()) })}</span
                >`
              : nothing
        }
      </div>
      <div class="actions">
        <button
          class="quiet small"
          @click=${() => void this.act('POST', `/v1/webhooks/${id}/test`, text('webhooks.tested'))}
        >
          ${text('webhooks.test')}
        </button>
        <button class="quiet small" @click=${() => void this.#rotate(id)}>${text('webhooks.rotate')}</button>
        <button
          class="quiet small"
          aria-expanded=${isOpen ? 'true' : 'false'}
          @click=${() => void this.#toggle(id)}
        >
          ${text('webhooks.history')}
        </button>
        <button
          class="quiet small"
          @click=${() => void this.act('DELETE', `/v1/webhooks/${id}`, text('webhooks.deleted'))}
        >
          ${text('delete')}
        </button>
      </div>
      ${isOpen ? this.#history() : nothing}`;
  }

  #history(): TemplateResult {
    const { _deliveries: deliveries } = this;
    if (deliveries === undefined) return html`<p class="soft" role="status">${text('loading')}</p>`;
    if (deliveries.length === 0) return html`<p class="soft history">${text('webhooks.noDeliveries')}</p>`;
    return html`<ul class="history">
      ${deliveries.map(
        ({ event, type, attempt, state, status, durationMs, response, at }) =>
          html`<li>
            <span
              class="tone"
              data-tone=${state === 'delivered' ? 'good' : state === 'waiting' ? 'waiting' : 'bad'}
              >${deliveryText(state)}${status === undefined ? '' : ` (${status})`}</span
            >
            <code>${type}</code>
            <span class="soft"
              >${whenText(at, regionalLanguage(), Date.now())} ·
              ${text('webhooks.attempt', { n: attempt })}${
                durationMs === undefined ? '' : ` · ${Math.round(durationMs)} ms`
              }</span
            >
            ${response === undefined || response === '' ? nothing : html`<span class="soft response" dir="auto">${response}</span>`}
            <button class="quiet small" @click=${() => void this.#redeliver(event)}>
              ${text('webhooks.redeliver')}
            </button>
          </li>`,
      )}
    </ul>`;
  }

  async #toggle(id: string): Promise<void> {
    this._open = this._open === id ? '' : id;
    this._deliveries = undefined;
    if (this._open !== '') await this.#loadDeliveries(id);
  }

  async #loadDeliveries(id: string): Promise<void> {
    try {
      this._deliveries = (await request<Page<Delivery>>('GET', `/v1/webhooks/${id}/deliveries`)).data;
    } catch (error) {
      this.problem = problemText(error);
    }
  }

  async #redeliver(event: string): Promise<void> {
    await this.act(
      'POST',
      `/v1/webhooks/${this._open}/deliveries/${event}/redeliver`,
      text('webhooks.redelivered'),
    );
    await this.#loadDeliveries(this._open);
  }

  async #rotate(id: string): Promise<void> {
    const answer = await this.act<{ secret: string }>(
      'POST',
      `/v1/webhooks/${id}/rotate`,
      text('webhooks.rotated'),
    );
    if (answer !== undefined) this._secret = answer.secret;
  }

  readonly #make = async (event: Event): Promise<void> => {
    event.preventDefault();
    this._secret = '';
    if (this._url.trim() === '') {
      this.problems = { general: '', fields: new Map([['url', text('webhooks.urlMissing')]]) };
    } else {
      const body = { url: this._url.trim(), events: [...this._events] };
      const made = await this.submit<{ secret: string }>('POST', '/v1/webhooks', body, ['url', 'events']);
      if (made !== undefined) {
        this._secret = made.secret;
        this._url = '';
      }
    }
    await focusFirstProblem(this);
  };
}
customElements.define('parley-settings-webhooks', SettingsWebhooks);

function deliveryText(state: string): string {
  const key = `delivery.${state}`;
  return hasText(key) ? text(key) : state;
}
