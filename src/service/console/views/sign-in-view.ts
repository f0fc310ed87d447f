import { startAuthentication } from '@simplewebauthn/browser';
import { html, nothing, type TemplateResult } from 'lit';
import { auth } from '../api/auth.js';
import { formProblem } from '../elements/fields.js';
import { type FormProblems, NO_PROBLEMS } from '../problems.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';
import { passkeyProblem } from './setup-view.js';

/** The way in for people who have been here. */
export class SignInView extends View {
  static override properties = { _problems: { state: true }, _isBusy: { state: true } };
  declare private _problems: FormProblems;
  declare private _isBusy: boolean;

  constructor() {
    super();
    this._problems = NO_PROBLEMS;
    this._isBusy = false;
  }

  protected override render(): TemplateResult {
    const { passkeys, oidc } = session.methods;
    return html`<section class="way-in card" aria-labelledby="sign-in-heading">
      <h1 id="sign-in-heading" tabindex="-1">${text('signIn.heading')}</h1>
      <p class="soft">${text('signIn.lead')}</p>
      <div class="stack">
        ${
          passkeys
            ? html`<button class="primary big" ?disabled=${this._isBusy} @click=${this.#passkey}>
                ${text('signIn.passkey')}
              </button>`
            : nothing
        }
        ${
          oidc === undefined
            ? nothing
            : html`<a class="button quiet" href=${oidc.start}>${text('signIn.oidc', { name: oidc.name })}</a>`
        }
        ${formProblem(this._problems)}
        <p class="soft hint">${text('signIn.help')}</p>
      </div>
    </section>`;
  }

  readonly #passkey = async (): Promise<void> => {
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      const optionsJSON = await auth.signInOptions();
      await auth.signIn(await startAuthentication({ optionsJSON }));
      await session.load();
    } catch (error) {
      this._problems = { general: passkeyProblem(error), fields: new Map() };
    } finally {
      this._isBusy = false;
    }
  };
}
customElements.define('parley-sign-in', SignInView);
