import { html, nothing, type TemplateResult } from 'lit';
import { focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import { whenText } from '../format.js';
import { regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';

type Secret = { readonly name: string; readonly createdAt: string; readonly updatedAt: string };

/** As the service has it. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** Secrets that tools are called with: set, replaced, deleted, and never shown. */
export class AgentSecrets extends ListPart<Secret> {
  static override properties = {
    ...ListPart.properties,
    _name: { state: true },
    _value: { state: true },
  };
  protected readonly path = '/v1/agent/secrets';
  protected override readonly query = {};
  declare private _name: string;
  declare private _value: string;

  constructor() {
    super();
    this._name = '';
    this._value = '';
  }

  protected override render(): TemplateResult {
    const { fields } = this.problems;
    const isKnown = (this.rows ?? []).some(({ name }) => name === this._name.trim());
    return html`<h2 tabindex="-1">${text('material.secrets')}</h2>
      <p class="soft">${text('secrets.lead')}</p>
      <form class="panel" novalidate @submit=${this.#set}>
        ${textField({
          ...{ id: 'secret-name', label: text('secrets.name'), hint: text('secrets.nameHint') },
          ...{ value: this._name, problem: fields.get('name') },
          onInput: (value) => (this._name = value),
        })}
        ${textField({
          ...{ id: 'secret-value', type: 'password', autocomplete: 'new-password' },
          ...{ label: text('secrets.value'), hint: text('secrets.valueHint') },
          ...{ value: this._value, problem: fields.get('value') },
          onInput: (value) => (this._value = value),
        })}
        <button class="primary" ?disabled=${this.isBusy}>
          ${text(isKnown ? 'secrets.replace' : 'secrets.set')}
        </button>
        ${formProblem(this.problems)}
      </form>
      ${this.notes()} ${this.list(text('secrets.none'), (secret) => this.#row(secret))}`;
  }

  #row({ name, createdAt, updatedAt }: Secret): TemplateResult {
    const when = whenText(updatedAt, regionalLanguage(), Date.now());
    const isAsked = this.asked === name;
    return html`<div class="card-row-main">
        <strong><code>${name}</code></strong>
        <span class="soft"
          >${text(updatedAt === createdAt ? 'secrets.setAt' : 'secrets.replacedAt', { when })}</span
        >
        ${
          isAsked
            ? this.question(
                text('secrets.sure'),
                html`<button class="danger small" @click=${() => void this.#delete(name)}>
                  ${text('delete')}
                </button>`,
              )
            : nothing
        }
      </div>
      ${
        isAsked
          ? nothing
          : html`<div class="actions">
              <button
                class="quiet small"
                aria-label=${text('secrets.replaceOf', { name })}
                @click=${() => void this.#replace(name)}
              >
                ${text('secrets.replace')}
              </button>
              <button
                class="quiet small"
                aria-label=${text('secrets.deleteOf', { name })}
                @click=${() => void this.ask(name)}
              >
                ${text('delete')}
              </button>
            </div>`
      }`;
  }

  async #replace(name: string): Promise<void> {
    this._name = name;
    this._value = '';
    await this.updateComplete;
    this.querySelector<HTMLElement>('#secret-value')?.focus();
  }

  async #delete(name: string): Promise<void> {
    await this.deleteAsked(`${this.path}/${name}`, text('secrets.deleted'));
  }

  readonly #set = async (event: Event): Promise<void> => {
    event.preventDefault();
    this.said = '';
    const name = this._name.trim();
    const wrong = new Map<string, string>();
    if (!NAME.test(name)) wrong.set('name', text(name === '' ? 'secrets.nameMissing' : 'secrets.nameHint'));
    if (this._value === '') wrong.set('value', text('secrets.valueMissing'));
    this.problems = { general: '', fields: wrong };
    if (wrong.size === 0) {
      const path = `${this.path}/${name}`;
      const kept = await this.submit<Secret>('PUT', path, { value: this._value }, ['name', 'value']);
      if (kept !== undefined) {
        this._name = '';
        this._value = '';
        this.said = text('secrets.kept', { name });
      }
    }
    await focusFirstProblem(this);
  };
}
customElements.define('parley-agent-secrets', AgentSecrets);
