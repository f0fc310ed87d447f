import { html, nothing, type TemplateResult } from 'lit';
import { focusFirstProblem, formProblem, selectField, textField } from '../elements/fields.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { ListPart } from './list-part.js';

type User = {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly role: string;
  readonly disabledAt?: string;
};
const ROLES = ['admin', 'host', 'viewer'] as const;

/** Who uses the workspace, and what they may do. */
export class SettingsPeople extends ListPart<User> {
  static override properties = {
    ...ListPart.properties,
    _name: { state: true },
    _role: { state: true },
    _email: { state: true },
  };
  protected readonly path = '/v1/users';
  declare private _name: string;
  declare private _role: string;
  declare private _email: string;

  constructor() {
    super();
    this._name = '';
    this._role = 'host';
    this._email = '';
  }

  protected override render(): TemplateResult {
    return html`<h2>${text('settings.people')}</h2>
      <p class="soft">${text('users.lead')}</p>
      ${session.methods.oidc === undefined ? html`<p class="note">${text('users.noProvider')}</p>` : nothing}
      <form class="panel" novalidate @submit=${this.#add}>
        ${textField({
          id: 'user-name',
          label: text('users.name'),
          value: this._name,
          problem: this.problems.fields.get('name'),
          onInput: (value) => (this._name = value),
        })}
        ${textField({
          id: 'user-email',
          type: 'email',
          label: text('users.email'),
          hint: text('users.emailHint'),
          value: this._email,
          problem: this.problems.fields.get('email'),
          onInput: (value) => (this._email = value),
        })}
        ${selectField({
          id: 'user-role',
          label: text('users.role'),
          value: this._role,
          options: ROLES.map((role) => [role, text(`role.${role}`)] as const),
          problem: this.problems.fields.get('role'),
          onChange: (role) => (this._role = role),
        })}
        <button class="primary" ?disabled=${this.isBusy}>${text('users.add')}</button>
        ${formProblem(this.problems)}
      </form>
      ${this.notes()}
      ${this.list(
        text('users.none'),
        ({ id, name, email, role }) => html`
          <div class="card-row-main">
            <strong dir="auto">${name}</strong>
            ${email === undefined ? nothing : html`<span class="soft" dir="ltr">${email}</span>`}
          </div>
          ${
            role === 'owner'
              ? html`<span class="soft">${text('role.owner')}</span>`
              : html`<div class="actions">
                  <select
                    aria-label=${text('users.roleOf', { name })}
                    @change=${(event: Event) =>
                      void this.act('PATCH', `/v1/users/${id}`, text('saved'), {
                        role: (event.target as HTMLSelectElement).value,
                      })}
                  >
                    ${ROLES.map((each) => html`<option value=${each} ?selected=${each === role}>${text(`role.${each}`)}</option>`)}
                  </select>
                  <button
                    class="quiet small"
                    aria-label=${text('users.removeOf', { name })}
                    @click=${() => void this.act('DELETE', `/v1/users/${id}`, text('users.removed'))}
                  >
                    ${text('delete')}
                  </button>
                </div>`
          }
        `,
      )}`;
  }

  readonly #add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const missing = new Map<string, string>();
    if (this._name.trim() === '') missing.set('name', text('setup.nameMissing'));
    if (this._email.trim() === '') missing.set('email', text('users.emailMissing'));
    this.problems = { general: '', fields: missing };
    if (missing.size === 0) {
      const body = { name: this._name.trim(), email: this._email.trim(), role: this._role };
      if ((await this.submit<User>('POST', '/v1/users', body, ['name', 'email', 'role'])) !== undefined) {
        this._name = '';
        this._email = '';
        this.said = text('users.added');
      }
    }
    await focusFirstProblem(this);
  };
}
customElements.define('parley-settings-people', SettingsPeople);
