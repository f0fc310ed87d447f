import { startRegistration } from '@simplewebauthn/browser';
import { html, nothing, type TemplateResult } from 'lit';
import { auth } from '../api/auth.js';
import { request } from '../api/client.js';
import { focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import { type FormProblems, NO_PROBLEMS, problemsFor } from '../problems.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';

/** The first way in: by the link that the service printed. Names the workspace and its owner, and makes a passkey. */
export class SetupView extends View {
  static override properties = {
    token: {},
    _name: { state: true },
    _workspace: { state: true },
    _problems: { state: true },
    _isBusy: { state: true },
    _isIn: { state: true },
  };
  declare token: string;
  declare private _name: string;
  declare private _workspace: string;
  declare private _problems: FormProblems;
  declare private _isBusy: boolean;
  /** The link was taken; only the passkey is left. */
  declare private _isIn: boolean;

  constructor() {
    super();
    this.token = '';
    this._name = '';
    this._workspace = '';
    this._problems = NO_PROBLEMS;
    this._isBusy = false;
    this._isIn = false;
  }

  protected override render(): TemplateResult {
    return html`<section class="way-in card" aria-labelledby="setup-heading">
      <h1 id="setup-heading" tabindex="-1">${text(this._isIn ? 'passkey.heading' : 'setup.heading')}</h1>
      <p class="soft">${text(this._isIn ? 'passkey.lead' : 'setup.lead')}</p>
      ${this._isIn ? this.#passkey() : this.#names()}
    </section>`;
  }

  #names(): TemplateResult {
    const { fields } = this._problems;
    return html`<form novalidate @submit=${this.#setUp}>
      ${textField({
        id: 'workspace-name',
        label: text('setup.workspace'),
        hint: text('setup.workspaceHint'),
        value: this._workspace,
        problem: fields.get('workspace'),
        required: true,
        autocomplete: 'organization',
        onInput: (value) => (this._workspace = value),
      })}
      ${textField({
        id: 'own-name',
        label: text('setup.name'),
        value: this._name,
        problem: fields.get('name'),
        required: true,
        autocomplete: 'name',
        onInput: (value) => (this._name = value),
      })}
      <button class="primary big" ?disabled=${this._isBusy}>${text('setup.button')}</button>
      ${formProblem(this._problems)}
    </form>`;
  }

  #passkey(): TemplateResult {
    return html`<div class="stack">
      ${
        session.methods.passkeys
          ? html`<button class="primary big" ?disabled=${this._isBusy} @click=${this.#makePasskey}>
              ${text('passkey.make')}
            </button>`
          : nothing
      }
      <button class="quiet" @click=${this.#finish}>${text('passkey.later')}</button>
      <p class="soft hint">${text('passkey.laterHint')}</p>
      ${formProblem(this._problems)}
    </div>`;
  }

  readonly #setUp = async (event: Event): Promise<void> => {
    event.preventDefault();
    const missing = new Map<string, string>();
    if (this._workspace.trim() === '') missing.set('workspace', text('setup.workspaceMissing'));
    if (this._name.trim() === '') missing.set('name', text('setup.nameMissing'));
    if (missing.size > 0) {
      this._problems = { general: '', fields: missing };
      await focusFirstProblem(this);
      return;
    }
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      await auth.setUp({ token: this.token, name: this._name.trim() });
      await request('PATCH', '/v1/workspace', { body: { name: this._workspace.trim() } });
      await session.load();
      if (session.methods.passkeys) this._isIn = true;
      else location.hash = '#/';
    } catch (error) {
      this._problems = problemsFor(error, ['workspace', 'name']);
      await focusFirstProblem(this);
    } finally {
      this._isBusy = false;
    }
  };

  readonly #makePasskey = async (): Promise<void> => {
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      await makePasskey();
      await this.#finish();
    } catch (error) {
      this._problems = { general: passkeyProblem(error), fields: new Map() };
    } finally {
      this._isBusy = false;
    }
  };

  readonly #finish = async (): Promise<void> => {
    await session.load();
    location.hash = '#/';
  };
}
customElements.define('parley-setup', SetupView);

/** Makes a passkey on this device for whoever is signed in. */
export async function makePasskey(): Promise<void> {
  const optionsJSON = await auth.passkeyOptions();
  await auth.keepPasskey(await startRegistration({ optionsJSON }), navigator.platform || 'Passkey');
}

/** What went wrong with a passkey, in words. */
export function passkeyProblem(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return text('passkey.cancelled');
  if (name === 'InvalidStateError') return text('passkey.known');
  if (name === 'SecurityError' || name === 'NotSupportedError') return text('passkey.unsupported');
  return problemsFor(error, []).general;
}
