import { html, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import { type FormProblems, NO_PROBLEMS, problemsFor } from '../problems.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';

type Workspace = {
  readonly name: string;
  readonly retentionDays?: number | null;
  readonly limits?: { readonly maxBots?: number };
};

/** The workspace: its name, how many meetings at once, how long words are kept. */
export class SettingsWorkspace extends View {
  static override properties = {
    _loaded: { state: true },
    _name: { state: true },
    _maxBots: { state: true },
    _days: { state: true },
    _problems: { state: true },
    _said: { state: true },
  };
  declare private _loaded: Workspace | undefined;
  declare private _name: string;
  declare private _maxBots: string;
  declare private _days: string;
  declare private _problems: FormProblems;
  declare private _said: string;

  constructor() {
    super();
    this._loaded = undefined;
    this._name = '';
    this._maxBots = '';
    this._days = '';
    this._problems = NO_PROBLEMS;
    this._said = '';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
  }

  protected override render(): TemplateResult {
    const { fields } = this._problems;
    if (this._loaded === undefined)
      return html`<h2>${text('settings.workspace')}</h2>
        ${this._problems.general === '' ? html`<p class="soft">${text('loading')}</p>` : formProblem(this._problems)}`;
    return html`<h2>${text('settings.workspace')}</h2>
      <form class="panel" novalidate @submit=${this.#save}>
        ${textField({
          id: 'workspace',
          label: text('setup.workspace'),
          value: this._name,
          problem: fields.get('name'),
          onInput: (value) => (this._name = value),
        })}
        ${textField({
          id: 'max-bots',
          label: text('workspace.maxBots'),
          hint: text('workspace.maxBotsHint'),
          value: this._maxBots,
          problem: fields.get('limits'),
          onInput: (value) => (this._maxBots = value),
        })}
        ${textField({
          id: 'retention',
          label: text('workspace.retention'),
          hint: text('workspace.retentionHint'),
          value: this._days,
          problem: fields.get('retentionDays'),
          onInput: (value) => (this._days = value),
        })}
        <button class="primary">${text('save')}</button>
        ${formProblem(this._problems)}
        <p role="status" class="said">${this._said}</p>
      </form>`;
  }

  async #load(): Promise<void> {
    try {
      this.#take(await request<Workspace>('GET', '/v1/workspace'));
    } catch (error) {
      this._problems = problemsFor(error, []);
    }
  }

  #take(workspace: Workspace): void {
    this._loaded = workspace;
    this._name = workspace.name;
    this._maxBots = String(workspace.limits?.maxBots ?? '');
    this._days = String(workspace.retentionDays ?? '');
  }

  readonly #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    this._said = '';
    const wrong = new Map<string, string>();
    const number = (field: string, written: string): number | null => {
      if (written.trim() === '') return null;
      const value = Number(written.trim());
      if (!Number.isInteger(value) || value < 1) wrong.set(field, text('number.wrong'));
      return value;
    };
    const maxBots = number('limits', this._maxBots);
    const retentionDays = number('retentionDays', this._days);
    this._problems = { general: '', fields: wrong };
    if (wrong.size === 0) {
      try {
        const body = { name: this._name.trim(), limits: maxBots === null ? {} : { maxBots }, retentionDays };
        this.#take(await request<Workspace>('PATCH', '/v1/workspace', { body }));
        this._said = text('saved');
        void session.load();
      } catch (error) {
        this._problems = problemsFor(error, ['name', 'limits', 'retentionDays']);
      }
    }
    await focusFirstProblem(this);
  };
}
customElements.define('parley-settings-workspace', SettingsWorkspace);
