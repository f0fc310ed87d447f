import { startAuthentication } from '@simplewebauthn/browser';
import { html, nothing, type TemplateResult } from 'lit';
import { auth } from '../api/auth.js';
import { formProblem } from '../elements/fields.js';
import { type FormProblems, NO_PROBLEMS } from '../problems.js';
import { hashOf } from '../router.js';
import { session } from '../session.js';
import { hasText, text } from '../texts.js';
import { View } from '../view.js';
import { passkeyProblem } from './setup-view.js';

/** The way in for people who have been here. */
export class SignInView extends View {
  static override properties = {
    problem: {},
    token: {},
    _problems: { state: true },
    _isBusy: { state: true },
  };
  /** Why somebody came back from the provider without being signed in. */
  declare problem: string;
  /** Of the link that the service printed; empty without one. */
  declare token: string;
  declare private _problems: FormProblems;
  declare private _isBusy: boolean;

  constructor() {
    super();
    this.problem = '';
    this.token = '';
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
          this.token === ''
            ? nothing
            : html`<button class="primary big" ?disabled=${this._isBusy} @click=${this.#link}>
                ${text('signIn.heading')}
              </button>`
        }
        ${
          passkeys
            ? html`<button
                class=${this.token === '' ? 'primary big' : 'quiet'}
                ?disabled=${this._isBusy}
                @click=${this.#passkey}
              >
                ${text('signIn.passkey')}
              </button>`
            : nothing
        }
        ${
          oidc === undefined
            ? nothing
            : html`<a class="button quiet" href=${oidc.start}>${text('signIn.oidc', { name: oidc.name })}</a>`
        }
        ${formProblem(this._problems.general === '' ? this.#cameBack(oidc?.name) : this._problems)}
        ${this.token === '' ? html`<p class="soft hint">${text('signIn.help')}</p>` : nothing}
      </div>
    </section>`;
  }

  /** Said until something else is tried. */
  #cameBack(name = ''): FormProblems {
    return this._isBusy ? NO_PROBLEMS : { general: oidcProblemText(this.problem, name), fields: new Map() };
  }

  readonly #passkey = (): Promise<void> =>
    this.#signIn(async () => {
      const optionsJSON = await auth.signInOptions();
      await auth.signIn(await startAuthentication({ optionsJSON }));
    });

  /** The link is used up by this: it goes on to where a passkey is made. */
  readonly #link = (): Promise<void> =>
    this.#signIn(async () => {
      await auth.signInByLink(this.token);
      location.hash = hashOf({ view: 'settings', part: 'sign-in' });
    });

  async #signIn(by: () => Promise<void>): Promise<void> {
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      await by();
      await session.load();
    } catch (error) {
      this._problems = { general: passkeyProblem(error), fields: new Map() };
    } finally {
      this._isBusy = false;
    }
  }
}
customElements.define('parley-sign-in', SignInView);

/** With what somebody came back from the OpenID provider, in words; empty for nothing, and for what is none of our codes. */
export function oidcProblemText(code: string, name: string): string {
  const key = `signIn.problem.${code}`;
  return hasText(key) ? text(key, { name }) : '';
}
