import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { field, focusFirstProblem, formProblem, selectField, textField } from '../elements/fields.js';
import { icon } from '../elements/icons.js';
import { NO_PROBLEMS } from '../problems.js';
import { type TextKey, text } from '../texts.js';
import { ListPart } from './list-part.js';

/** What a tool may do. */
export const LEVELS = ['confirm', 'read', 'write', 'host'] as const;
/** One of them. */
export type Level = (typeof LEVELS)[number];

/** Whose value a header has: a secret's, with what stands before it. */
type Header = { readonly secret: string; readonly prefix?: string };

/** What HTTP tools and MCP servers have in common. Texts are untrusted. */
export type ToolRow = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, Header>>;
};
type HeaderDraft = { readonly name: string; readonly prefix: string; readonly secret: string };

/** A number of seconds as it was written, in milliseconds; undefined for none, NaN for what is no number. */
export function millisecondsOf(written: string): number | undefined {
  return written.trim() === '' ? undefined : Math.round(Number(written.trim().replace(',', '.')) * 1_000);
}

/** A part in which tools of one kind are added, changed and deleted. What it edits is a draft of texts by the names of fields. */
export abstract class ToolPart<Row extends ToolRow> extends ListPart<Row> {
  static override properties = {
    ...ListPart.properties,
    draft: { state: true },
    headers: { state: true },
    edited: { state: true },
    _secrets: { state: true },
  };
  protected override readonly query = {};
  declare protected draft: Readonly<Record<string, string>>;
  declare protected headers: readonly HeaderDraft[];
  /** The row that the form changes; undefined: it adds one. */
  declare protected edited: Row | undefined;
  declare private _secrets: readonly string[];

  constructor() {
    super();
    this.draft = {};
    this.headers = [];
    this.edited = undefined;
    this._secrets = [];
  }

  /** What a name is made of. */
  protected abstract readonly nameHint: TextKey;
  /** Names of fields that problems stand beside. */
  protected abstract readonly fields: readonly string[];
  /** A row as texts of the form. */
  protected abstract draftOf(row: Row): Readonly<Record<string, string>>;
  /** What the form sends beside name, address and headers; what is wrong with it goes into `wrong`. Null stands for the default. */
  protected abstract bodyOf(wrong: Map<string, string>): Readonly<Record<string, unknown>>;
  /** The fields of its kind. */
  protected abstract ownFields(): TemplateResult;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#loadSecrets();
  }

  protected written(name: string): string {
    return this.draft[name] ?? '';
  }

  protected write(name: string, value: string): void {
    this.draft = { ...this.draft, [name]: value };
  }

  /** A field of the draft. */
  protected about(name: string, label: TextKey, hint?: TextKey) {
    return {
      ...{ id: `tool-${name}`, label: text(label), value: this.written(name) },
      problem: this.problems.fields.get(name),
      ...(hint === undefined ? {} : { hint: text(hint) }),
    };
  }

  protected line(name: string, label: TextKey, hint?: TextKey, placeholder?: string): TemplateResult {
    return textField({
      ...this.about(name, label, hint),
      ...(placeholder === undefined ? {} : { placeholder }),
      onInput: (value) => {
        this.write(name, value);
      },
    });
  }

  protected block(name: string, label: TextKey, hint: TextKey, rows: number): TemplateResult {
    const about = this.about(name, label, hint);
    return field(
      about,
      (described, invalid) =>
        html`<textarea
          id=${about.id}
          rows=${rows}
          dir="auto"
          spellcheck="false"
          .value=${about.value}
          aria-describedby=${described}
          aria-invalid=${invalid}
          @input=${(event: Event) => {
            this.write(name, (event.target as HTMLTextAreaElement).value);
          }}
        ></textarea>`,
    );
  }

  /** Names of secrets, and none. */
  protected secretOptions(chosen: string, none: string): [string, string][] {
    const names =
      chosen === '' || this._secrets.includes(chosen) ? this._secrets : [...this._secrets, chosen];
    return [['', none], ...names.map((name): [string, string] => [name, name])];
  }

  protected form(): TemplateResult {
    const isNew = this.edited === undefined;
    return html`<form class="panel" novalidate @submit=${this.#submit}>
      ${isNew ? nothing : html`<h3 tabindex="-1">${text('tools.change', { name: this.edited?.name ?? '' })}</h3>`}
      <div class="fields">
        ${this.line('name', 'tools.name', this.nameHint)}
        ${this.line('url', 'tools.url', undefined, 'https://example.com/…')}
      </div>
      ${this.ownFields()} ${this.#headerFields()}
      <div class="actions">
        <button class="primary" ?disabled=${this.isBusy}>${text(isNew ? 'tools.add' : 'save')}</button>
        ${
          isNew
            ? nothing
            : html`<button type="button" class="quiet" @click=${() => void this.#edit(undefined)}>
                ${text('cancel')}
              </button>`
        }
      </div>
      ${formProblem(this.problems)}
    </form>`;
  }

  /** Changing and deleting, beside a row. */
  protected rowButtons(row: Row): TemplateResult | typeof nothing {
    const { id, name } = row;
    if (this.asked === id) return nothing;
    return html`<button
        class="quiet small"
        aria-label=${text('tools.change', { name })}
        @click=${() => void this.#edit(row)}
      >
        ${text('people.change')}
      </button>
      <button
        class="quiet small"
        aria-label=${text('tools.deleteOf', { name })}
        @click=${() => void this.ask(id)}
      >
        ${text('delete')}
      </button>`;
  }

  /** The question before a row is deleted. */
  protected rowQuestion({ id }: Row): TemplateResult | typeof nothing {
    if (this.asked !== id) return nothing;
    return this.question(
      text('tools.sure'),
      html`<button class="danger small" @click=${() => void this.#delete(id)}>${text('delete')}</button>`,
    );
  }

  #headerFields(): TemplateResult {
    const problem = this.problems.fields.get('headers');
    const set = (index: number, change: Partial<HeaderDraft>): void => {
      this.headers = this.headers.map((each, at) => (at === index ? { ...each, ...change } : each));
    };
    return html`<fieldset class="headers">
      <legend>${text('tools.headers')}</legend>
      <p class="hint">${text(this._secrets.length === 0 ? 'tools.headersNoSecrets' : 'tools.headersHint')}</p>
      ${this.headers.map(
        ({ name, prefix, secret }, index) =>
          html`<div class="header-line">
            ${textField({
              ...{ id: `header-${index}-name`, label: text('tools.header'), value: name },
              onInput: (value) => {
                set(index, { name: value });
              },
            })}
            ${textField({
              ...{ id: `header-${index}-prefix`, label: text('tools.prefix'), value: prefix },
              onInput: (value) => {
                set(index, { prefix: value });
              },
            })}
            ${selectField({
              ...{ id: `header-${index}-secret`, label: text('tools.secret'), value: secret },
              options: this.secretOptions(secret, '—'),
              onChange: (value) => {
                set(index, { secret: value });
              },
            })}
            <button
              type="button"
              class="quiet small"
              aria-label=${text('tools.headerRemove', { name })}
              @click=${() => (this.headers = this.headers.filter((_, at) => at !== index))}
            >
              ${icon('close')}
            </button>
          </div>`,
      )}
      ${problem === undefined ? nothing : html`<p class="problem" dir="auto">${problem}</p>`}
      <button
        type="button"
        class="quiet small"
        ?disabled=${this._secrets.length === 0}
        @click=${() => {
          const [secret = ''] = this._secrets;
          this.headers = [...this.headers, { name: 'Authorization', prefix: 'Bearer', secret }];
        }}
      >
        ${icon('add')}${text('tools.headerAdd')}
      </button>
    </fieldset>`;
  }

  async #edit(row: Row | undefined): Promise<void> {
    this.edited = row;
    this.problems = NO_PROBLEMS;
    this.said = '';
    this.draft = row === undefined ? {} : { name: row.name, url: row.url, ...this.draftOf(row) };
    this.headers = Object.entries(row?.headers ?? {}).map(([name, { secret, prefix = '' }]) => ({
      ...{ name, secret, prefix: prefix.trim() },
    }));
    await this.updateComplete;
    const heading = this.querySelector<HTMLElement>(row === undefined ? 'h2' : 'h3');
    heading?.focus();
    heading?.scrollIntoView({ block: 'nearest' });
  }

  async #delete(id: string): Promise<void> {
    if (this.edited?.id === id) await this.#edit(undefined);
    await this.deleteAsked(`${this.path}/${id}`, text('tools.deleted'));
  }

  readonly #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    this.said = '';
    const wrong = new Map<string, string>();
    const [name, url] = [this.written('name').trim(), this.written('url').trim()];
    if (name === '') wrong.set('name', text('tools.nameMissing'));
    if (url === '') wrong.set('url', text('webhooks.urlMissing'));
    const headers = Object.fromEntries(
      this.headers.map(({ name: header, prefix, secret }) => [
        header.trim(),
        // A word is parted from what follows: "Bearer abc".
        { secret, ...(prefix === '' ? {} : { prefix: /\w$/.test(prefix) ? `${prefix} ` : prefix }) },
      ]),
    );
    if (this.headers.some(({ name: header, secret }) => header.trim() === '' || secret === ''))
      wrong.set('headers', text('tools.headersMissing'));
    const { edited } = this;
    const all = { name, url, ...this.bodyOf(wrong), headers: this.headers.length === 0 ? null : headers };
    this.problems = { general: '', fields: wrong };
    if (wrong.size === 0) {
      const [method, path] =
        edited === undefined ? ['POST', this.path] : ['PATCH', `${this.path}/${edited.id}`];
      const body =
        edited === undefined
          ? Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
          : all;
      if ((await this.submit(method, path, body, this.fields)) !== undefined) {
        await this.#edit(undefined);
        this.said = text('tools.kept', { name });
      }
    }
    await focusFirstProblem(this);
  };

  async #loadSecrets(): Promise<void> {
    try {
      const { data } = await request<{ data: { name: string }[] }>('GET', '/v1/agent/secrets');
      this._secrets = data.map(({ name }) => name);
    } catch {
      // The list itself says what is wrong.
    }
  }
}
