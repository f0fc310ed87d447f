import { html, nothing, type TemplateResult } from 'lit';
import { agoText, whenText } from '../format.js';
import { session } from '../session.js';
import { hasText, regionalLanguage, text } from '../texts.js';
import { ListPart } from './list-part.js';
import { makePasskey, passkeyProblem } from './setup-view.js';

type Passkey = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsedAt?: string;
};

/** How somebody signs in themselves: passkeys, and the way out. */
export class SettingsSignIn extends ListPart<Passkey> {
  protected readonly path = '/v1/passkeys';

  protected override async load(): Promise<void> {
    if (session.methods.passkeys) await super.load();
  }

  protected override render(): TemplateResult {
    const language = regionalLanguage();
    const { name = '', role = '' } = session.me ?? {};
    const { workspaceName: workspace } = session;
    const { passkeys } = session.methods;
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
      <p class="actions">
        ${
          passkeys
            ? html`<button class="primary" ?disabled=${this.isBusy} @click=${this.#make}>
                ${text('passkey.make')}
              </button>`
            : nothing
        }
        <button
          class="quiet"
          @click=${() => this.dispatchEvent(new CustomEvent('sign-out', { bubbles: true }))}
        >
          ${text('signOut')}
        </button>
      </p>`;
  }

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
