import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Transcript } from '../api/types.js';
import { selectField } from '../elements/fields.js';
import { problemText } from '../problems.js';
import { text } from '../texts.js';
import { View } from '../view.js';

/** Erases the words of a meeting that is over, or those of one person. Tells by `erased` that it was done, with `all` or the person's id. */
export class MeetingErasure extends View {
  static override properties = {
    botId: {},
    transcript: { attribute: false },
    _person: { state: true },
    _isAsking: { state: true },
    _problem: { state: true },
    _said: { state: true },
  };
  declare botId: string;
  /** Whose people can be chosen. */
  declare transcript: Transcript | undefined;
  /** Empty: everybody. */
  declare private _person: string;
  declare private _isAsking: boolean;
  declare private _problem: string;
  declare private _said: string;

  constructor() {
    super();
    this.botId = '';
    this.transcript = undefined;
    this._person = '';
    this._isAsking = false;
    this._problem = '';
    this._said = '';
  }

  protected override render(): TemplateResult {
    const people = this.#people();
    return html`<section class="panel stack" aria-labelledby="erase-heading">
      <h2 id="erase-heading" tabindex="-1">${text('erase.heading')}</h2>
      <p class="soft hint">${text('erase.hint')}</p>
      ${
        people.length < 2
          ? nothing
          : selectField({
              ...{ id: 'erase-whose', label: text('erase.whose'), value: this._person },
              options: [['', text('erase.all')], ...people],
              onChange: (value) => {
                this._person = value;
                this._isAsking = false;
                this._said = '';
              },
            })
      }
      ${
        this._isAsking
          ? html`<p>${this.#question()}</p>
              <p class="actions">
                <button class="danger" @click=${this.#erase}>${text('erase.button')}</button>
                <button class="quiet" @click=${() => (this._isAsking = false)}>${text('cancel')}</button>
              </p>`
          : html`<div><button class="quiet" @click=${this.#ask}>${text('erase.ask')}</button></div>`
      }
      <p role="status" class="said">${this._said}</p>
      <div role="alert">
        ${this._problem === '' ? nothing : html`<p class="refusal" dir="auto">${this._problem}</p>`}
      </div>
    </section>`;
  }

  /** Everybody who said something, once each. */
  #people(): [id: string, name: string][] {
    const said = this.transcript?.speeches ?? [];
    const names = new Map(said.map(({ speakerId, speakerName }) => [speakerId, speakerName]));
    return [...names].map(([id, name]) => [id, name === '' ? text('people.nameless') : name]);
  }

  #question(): string {
    const name = this.#people().find(([id]) => id === this._person)?.[1];
    return name === undefined ? text('erase.sure') : text('erase.sureOf', { name });
  }

  readonly #ask = async (): Promise<void> => {
    this._isAsking = true;
    this._said = '';
    await this.updateComplete;
    this.querySelector<HTMLElement>('.danger')?.focus();
  };

  readonly #erase = async (): Promise<void> => {
    const person = this._person;
    this._problem = '';
    try {
      if (person === '') await request('POST', `/v1/bots/${this.botId}/erase`);
      else await request('DELETE', `/v1/bots/${this.botId}/people/${encodeURIComponent(person)}/words`);
      this._person = '';
      this._said = person === '' ? '' : text('erase.erasedOf');
      this.dispatchEvent(new CustomEvent('erased', { detail: person === '' ? 'all' : person }));
      this.querySelector<HTMLElement>('h2')?.focus();
    } catch (error) {
      this._problem = problemText(error);
    } finally {
      this._isAsking = false;
    }
  };
}
customElements.define('parley-erasure', MeetingErasure);
