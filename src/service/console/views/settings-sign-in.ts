import { html, nothing, type TemplateResult } from 'lit';
import { auth } from '../api/auth.js';
import { agoText, whenText } from '../format.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';
import { makePasskey, passkeyProblem } from './setup-view.js';
import { oidcProblemText } from './sign-in-view.js';

type Passkey = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt?: string;
};

/** How somebody signs in themselves: passkeys, their account of the OpenID provider, and the way out. */
export class SettingsSignIn extends ListPart<Passkey> {
  static override properties = { ...ListPart.properties, cameBackWith: {} };
  /** With what they came back from the provider. */
  declare cameBackWith: string;
  protected readonly path = '/v1/passkeys';

  constructor() {
    super();
    this.cameBackWith = '';
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('cameBackWith') && this.cameBackWith !== '')
      this.problem = oidcProblemText(this.cameBackWith, session.methods.oidc?.name ?? '');
  }

  protected override async load(): Promise<void> {
    if (session.methods.passkeys) await super.load();
  }

  protected override render(): TemplateResult {
    const language = regionalLanguage();
    const { name = '', role = '' } = session.me ?? {};
    const { workspaceName: workspace } = session;
    const { passkeys, oidc } = session.methods;
    return html`<h2>${text('settings.sign-in')}</h2>
      <p class="soft">
        <bdi>${name}</bdi>${role === '' ? nothing : html` · ${roleText(role)}`}${
          workspace === '' ? nothing : html` · <bdi>${workspace}</bdi>`
        }
      </p>
      ${this.notes()}
      ${
        passkeys
          ? this.list(
              text('passkey.none'),
              ({ id, name: passkey, createdAt, lastUsedAt }) => html`
                <div class="card-row-main">
                  <strong dir="auto">${passkey}</strong>
                  <span class="soft"
                    >${whenText(createdAt, language, Date.now())}${
                      lastUsedAt === undefined
                        ? ''
                        : ` · ${text('keys.used', { ago: agoText(lastUsedAt, language, Date.now()) })}`
                    }</span
                  >
                </div>
                <button
                  class="quiet small"
                  @click=${() => void this.act('DELETE', `/v1/passkeys/${encodeURIComponent(id)}`, text('passkey.removed'))}
                >
                  ${text('delete')}
                </button>
              `,
            )
          : nothing
      }
      ${oidc !== undefined && session.me?.oidc === true ? html`<p>${text('signIn.linked', { name: oidc.name })}</p>` : nothing}
      <p class="actions">
        ${
          passkeys
            ? html`<button class="primary" ?disabled=${this.isBusy} @click=${this.#make}>
                ${text('passkey.make')}
              </button>`
            : nothing
        }
        ${
          oidc === undefined || session.me?.oidc === true
            ? nothing
            : html`<button class="quiet" ?disabled=${this.isBusy} @click=${this.#link}>
                ${text('signIn.link', { name: oidc.name })}
              </button>`
        }
        <button
          class="quiet"
          @click=${() => this.dispatchEvent(new CustomEvent('sign-out', { bubbles: true }))}
        >
          ${text('signOut')}
        </button>
      </p>`;
  }

  readonly #link = async (): Promise<void> => {
    this.isBusy = true;
    this.problem = '';
    try {
      location.assign(await auth.linkOidc());
    } catch (error) {
      this.problem = problemText(error);
      this.isBusy = false;
    }
  };

  readonly #make = async (): Promise<void> => {
    this.isBusy = true;
    this.problem = '';
    try {
      await makePasskey();
      await this.load();
      this.said = text('passkey.made');
    } catch (error) {
      this.problem = passkeyProblem(error);
    } finally {
      this.isBusy = false;
    }
  };
}
customElements.define('parley-settings-sign-in', SettingsSignIn);

function roleText(role: string): string {
  const key = `role.${role}`;
  return hasText(key) ? text(key) : role;
}
