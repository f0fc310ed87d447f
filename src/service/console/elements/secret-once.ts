import { html, type TemplateResult } from 'lit';
import { text } from '../texts.js';
import { View } from '../view.js';

/** A secret that is shown this once, to be copied. */
export class SecretOnce extends View {
  static override properties = { label: {}, secret: {}, _isCopied: { state: true } };
  declare label: string;
  declare secret: string;
  declare private _isCopied: boolean;

  constructor() {
    super();
    this.label = '';
    this.secret = '';
    this._isCopied = false;
  }

  protected override willUpdate(changed: ReadonlyMap<PropertyKey, unknown>): void {
    if (changed.has('secret')) this._isCopied = false;
  }

  protected override render(): TemplateResult {
    return html`<div class="secret">
      <label for="secret-once">${this.label}</label>
      <div class="secret-line">
        <input
          id="secret-once"
          readonly
          dir="ltr"
          .value=${this.secret}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
        />
        <button type="button" class="quiet" @click=${this.#copy}>
          ${text(this._isCopied ? 'secret.copied' : 'secret.copy')}
        </button>
      </div>
      <p class="hint">${text('secret.once')}</p>
    </div>`;
  }

  readonly #copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.secret);
      this._isCopied = true;
    } catch {
      // Not allowed to: it is selected, to be copied by hand.
      this.querySelector('input')?.select();
    }
  };
}
customElements.define('parley-secret', SecretOnce);
