import { html, nothing, type TemplateResult } from 'lit';
import { checkField, focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import '../elements/secret-once.js';
import { agoText, whenText } from '../format.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';

type Key = {
  readonly id: string;
  readonly name: string;
  readonly prefix?: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly lastUsedAt?: string;
  readonly revokedAt?: string;
};

const SCOPES = ['bots:read', 'bots:write', 'records:read', 'records:erase', 'agent:write', 'admin'] as const;

/** API keys: made here, shown once, revoked. */
export class SettingsKeys extends ListPart<Key> {
  static override properties = {
    ...ListPart.properties,
    _name: { state: true },
    _scopes: { state: true },
    _made: { state: true },
  };
  protected readonly path = '/v1/keys';
  declare private _name: string;
  declare private _scopes: ReadonlySet<string>;
  declare private _made: string;

  constructor() {
    super();
    this._name = '';
    this._scopes = new Set(['bots:read', 'bots:write', 'records:read']);
    this._made = '';
  }

  protected override render(): TemplateResult {
    const language = regionalLanguage();
    return html`<h2>${text('settings.keys')}</h2>
      <p class="soft">${text('keys.lead')}</p>
      <form class="panel" novalidate @submit=${this.#make}>
        ${textField({
          id: 'key-name',
          label: text('keys.name'),
          value: this._name,
          problem: this.problems.fields.get('name'),
          onInput: (value) => (this._name = value),
        })}
        <fieldset class="scopes">
          <legend>${text('keys.scopes')}</legend>
          ${SCOPES.map((scope) =>
            checkField({
              id: `scope-${scope.replace(':', '-')}`,
              label: text(`scope.${scope}`),
              checked: this._scopes.has(scope),
              onChange: (checked) => this.#choose(scope, checked),
            }),
          )}
          ${
            this.problems.fields.has('scopes')
              ? html`<p class="problem" dir="auto">${this.problems.fields.get('scopes')}</p>`
              : nothing
          }
        </fieldset>
        <button class="primary" ?disabled=${this.isBusy}>${text('keys.make')}</button>
        ${formProblem(this.problems)}
      </form>
      <div role="status">
        ${
          this._made === ''
            ? nothing
            : html`<parley-secret .label=${text('keys.made')} .secret=${this._made}></parley-secret>`
        }
      </div>
      ${this.notes()}
      ${this.list(
        text('keys.none'),
        ({ id, name, prefix, scopes, createdAt, lastUsedAt, revokedAt }) => html`
          <div class="card-row-main">
            <strong dir="auto">${name}</strong>
            <span class="soft"><code>${prefix ?? id}…</code> · ${scopes.map(scopeText).join(', ')}</span>
            <span class="soft"
              >${whenText(createdAt, language, Date.now())} ·
              ${
                lastUsedAt === undefined
                  ? text('keys.unused')
                  : text('keys.used', { ago: agoText(lastUsedAt, language, Date.now()) })
              }</span
            >
          </div>
          ${
            revokedAt === undefined
              ? html`<button
                  class="quiet small"
                  aria-label=${text('keys.revokeOf', { name })}
                  @click=${() => void this.act('DELETE', `/v1/keys/${id}`, text('keys.revoked'))}
                >
                  ${text('keys.revoke')}
                </button>`
              : html`<span class="tone" data-tone="done">${text('keys.revoked')}</span>`
          }
        `,
      )}`;
  }

  #choose(scope: string, checked: boolean): void {
    const scopes = new Set(this._scopes);
    if (checked) scopes.add(scope);
    else scopes.delete(scope);
    this._scopes = scopes;
  }

  readonly #make = async (event: Event): Promise<void> => {
    event.preventDefault();
    this._made = '';
    const missing = new Map<string, string>();
    if (this._name.trim() === '') missing.set('name', text('keys.nameMissing'));
    if (this._scopes.size === 0) missing.set('scopes', text('keys.scopesMissing'));
    this.problems = { general: '', fields: missing };
    if (missing.size === 0) {
      const body = { name: this._name.trim(), scopes: [...this._scopes] };
      const made = await this.submit<{ key: string }>('POST', '/v1/keys', body, ['name', 'scopes']);
      if (made !== undefined) {
        this._made = made.key;
        this._name = '';
      }
    }
    await focusFirstProblem(this);
  };
}
customElements.define('parley-settings-keys', SettingsKeys);

/** What a key may do, in words; a scope that this console does not know is shown as it is. */
function scopeText(scope: string): string {
  const key = `scope.${scope}`;
  return hasText(key) ? text(key) : scope;
}
