import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Page } from '../api/types.js';
import { type FormProblems, NO_PROBLEMS, problemsFor, problemText } from '../problems.js';
import { text } from '../texts.js';
import { View } from '../view.js';

/** A part of the settings that is a list, and what is done to its rows. */
export abstract class ListPart<Row> extends View {
  static override properties = {
    rows: { state: true },
    problem: { state: true },
    problems: { state: true },
    isBusy: { state: true },
    said: { state: true },
    asked: { state: true },
  };
  declare protected rows: readonly Row[] | undefined;
  declare protected problem: string;
  declare protected problems: FormProblems;
  declare protected isBusy: boolean;
  declare protected said: string;
  /** The row that is asked about once more before something is done to it. */
  declare protected asked: string;

  constructor() {
    super();
    this.rows = undefined;
    this.problem = '';
    this.problems = NO_PROBLEMS;
    this.isBusy = false;
    this.said = '';
    this.asked = '';
  }

  protected abstract readonly path: string;
  /** Of lists that come whole: nothing. */
  protected readonly query: Readonly<Record<string, number>> = { limit: 100 };

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  protected async load(): Promise<void> {
    try {
      this.rows = (await request<Page<Row>>('GET', this.path, { query: this.query })).data;
      this.problem = '';
    } catch (error) {
      this.problem = problemText(error);
    }
  }

  /** Sends a form; problems stand beside `fields`. Undefined where it was not done. */
  protected async submit<Json>(
    method: string,
    path: string,
    body: unknown,
    fields: readonly string[],
  ): Promise<Json | undefined> {
    this.isBusy = true;
    this.problems = NO_PROBLEMS;
    try {
      const answer = await request<Json>(method, path, { body });
      await this.load();
      return answer;
    } catch (error) {
      this.problems = problemsFor(error, fields);
      return undefined;
    } finally {
      this.isBusy = false;
    }
  }

  /** Does something to a row, then shows the list anew. */
  protected async act<Json>(
    method: string,
    path: string,
    said = '',
    body?: unknown,
  ): Promise<Json | undefined> {
    this.problem = '';
    this.said = '';
    try {
      const answer = await request<Json>(method, path, body === undefined ? {} : { body });
      await this.load();
      this.said = said;
      return answer;
    } catch (error) {
      this.problem = problemText(error);
      return undefined;
    }
  }

  /** Asks about a row once more. The focus goes to the first answer, since what was pressed is not there any more. */
  protected async ask(id: string): Promise<void> {
    this.asked = id;
    await this.updateComplete;
    this.querySelector<HTMLElement>('.question button')?.focus();
  }

  /** Asks no more, and leaves the row as it is; the focus goes back to the row. */
  protected async unask(): Promise<void> {
    const row = this.querySelector('.question')?.closest('.card-row');
    this.asked = '';
    await this.updateComplete;
    row?.querySelector<HTMLElement>('button')?.focus();
  }

  /** The question about a row, with what can be answered to it. */
  protected question(words: string, answers: TemplateResult): TemplateResult {
    return html`<div class="question" role="group" aria-label=${words}>
      <p>${words}</p>
      <div class="actions">
        ${answers}
        <button class="quiet small" @click=${() => void this.unask()}>${text('cancel')}</button>
      </div>
    </div>`;
  }

  /** Deletes a row after it was asked about. */
  protected async deleteAsked(path: string, said: string): Promise<void> {
    this.asked = '';
    await this.act('DELETE', path, said);
    this.querySelector<HTMLElement>('h2')?.focus();
  }

  /** What stands above the list: what happened, what went wrong. */
  protected notes(): TemplateResult {
    return html`<p role="status" class="said">${this.said}</p>
      <div role="alert">
        ${this.problem === '' ? nothing : html`<p class="refusal" dir="auto">${this.problem}</p>`}
      </div>`;
  }

  protected list(none: string, row: (row: Row) => TemplateResult): TemplateResult {
    if (this.rows === undefined)
      return html`<p class="soft" role="status">${this.problem === '' ? text('loading') : ''}</p>`;
    if (this.rows.length === 0) return html`<p class="soft">${none}</p>`;
    return html`<ul class="cards">
      ${this.rows.map((each) => html`<li class="card-row">${row(each)}</li>`)}
    </ul>`;
  }
}
