import { html, nothing, type TemplateResult } from 'lit';
import { ApiProblem, request } from '../api/client.js';
import type { Bot, BotSettings } from '../api/types.js';
import { focusFirstProblem, formProblem } from '../elements/fields.js';
import '../elements/language-picker.js';
import type { FeedState, FieldOutcome } from '../feed/feed-state.js';
import { settingText } from '../meeting-words.js';
import { type FormProblems, NO_PROBLEMS, problemsFor, refusalText } from '../problems.js';
import { text } from '../texts.js';
import { View } from '../view.js';
import { changesOf, DRAFT_FIELDS, draftOf, type SettingsDraft, settingsFields } from './meeting-settings.js';

/** Changes of a meeting that runs or is to come, and what became of them. */
export class MeetingChanges extends View {
  static override properties = {
    bot: { attribute: false },
    feed: { attribute: false },
    _draft: { state: true },
    _base: { state: true },
    _problems: { state: true },
    _outcome: { state: true },
    _isBusy: { state: true },
    _isStale: { state: true },
  };
  declare bot: Bot;
  declare feed: FeedState;
  declare private _draft: SettingsDraft;
  declare private _base: SettingsDraft;
  declare private _problems: FormProblems;
  declare private _outcome: Readonly<Record<string, FieldOutcome>> | undefined;
  declare private _isBusy: boolean;
  declare private _isStale: boolean;
  #revision = 0;
  #sentRevision = 0;

  constructor() {
    super();
    this._draft = draftOf({});
    this._base = this._draft;
    this._problems = NO_PROBLEMS;
    this._outcome = undefined;
    this._isBusy = false;
    this._isStale = false;
  }

  protected override willUpdate(): void {
    this.#takeOutcome();
    if (this.bot.revision === this.#revision) return;
    // Somebody changed something: an untouched form shows it, one that is being filled in says so.
    const isTouched = JSON.stringify(this._draft) !== JSON.stringify(this._base);
    if (!isTouched || this.bot.revision === this.#sentRevision) {
      this.#revision = this.bot.revision;
      this.#begin(this.bot.settings);
    } else this._isStale = true;
  }

  protected override render(): TemplateResult {
    const isChanged = JSON.stringify(this._draft) !== JSON.stringify(this._base);
    return html`<section class="panel" aria-labelledby="changes-heading">
      <h2 id="changes-heading">${text('changes.heading')}</h2>
      <form novalidate @submit=${this.#send}>
        <parley-languages
          field-id="change-languages"
          label=${text('invite.languages')}
          problem=${this._problems.fields.get('languages') ?? ''}
          .value=${this._draft.languages}
          .suggested=${[]}
          @languages=${(event: CustomEvent<readonly string[]>) => this.#change({ languages: event.detail })}
        ></parley-languages>
        <details class="more">
          <summary>${text('changes.more')}</summary>
          ${settingsFields({
            draft: this._draft,
            problems: this._problems,
            prefix: 'change',
            onChange: (change) => this.#change(change),
          })}
        </details>
        ${
          this._isStale
            ? html`<p class="note">
                ${text('changes.stale')}
                <button type="button" class="bare-link" @click=${this.#discard}>
                  ${text('changes.reload')}
                </button>
              </p>`
            : nothing
        }
        <button class="primary" ?disabled=${this._isBusy || !isChanged}>${text('changes.button')}</button>
        ${formProblem(this._problems)}
      </form>
      <div role="status">${this.#outcomes()}</div>
    </section>`;
  }

  #outcomes(): TemplateResult | typeof nothing {
    const { _outcome: outcome } = this;
    if (outcome === undefined) return nothing;
    return html`<ul class="outcomes">
      ${Object.entries(outcome).map(([name, what]) =>
        typeof what === 'object'
          ? html`<li data-tone="bad">
              <strong>${name === '' ? text('changes.all') : settingText(name)}:</strong>
              ${text('changes.refused')}
              <span dir="auto">${refusalText(what)}</span>
            </li>`
          : html`<li data-tone="good"><strong>${settingText(name)}:</strong> ${text(`changes.${what}`)}</li>`,
      )}
    </ul>`;
  }

  #change(change: Partial<SettingsDraft>): void {
    this._draft = { ...this._draft, ...change };
  }

  #begin(settings: BotSettings): void {
    this._base = draftOf(settings);
    this._draft = this._base;
    this._isStale = false;
  }

  /** What the running meeting made of our change comes by the feed. */
  #takeOutcome(): void {
    const { change } = this.feed;
    if (change?.revision !== this.#sentRevision) return;
    const { refused, code, fields } = change;
    this._outcome =
      refused === undefined ? fields : { '': { refused, ...(code === undefined ? {} : { code }) } };
  }

  readonly #discard = (): void => {
    this.#revision = this.bot.revision;
    this._problems = NO_PROBLEMS;
    this.#begin(this.bot.settings);
  };

  readonly #send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { patch, problems } = changesOf(this._base, this._draft);
    this._outcome = undefined;
    if (problems.size > 0) {
      this._problems = { general: '', fields: problems };
      await focusFirstProblem(this);
      return;
    }
    if (Object.keys(patch).length === 0) return;
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      const { revision, changes } = await request<{
        revision: number;
        changes: Record<string, FieldOutcome>;
      }>('PATCH', `/v1/bots/${this.bot.id}`, { body: patch, ifMatch: this.#revision });
      this.#sentRevision = revision;
      this._outcome = changes;
      this.dispatchEvent(new CustomEvent('changed'));
    } catch (error) {
      this._problems = problemsFor(error, DRAFT_FIELDS);
      if (error instanceof ApiProblem && error.code === 'changed_meanwhile') this._isStale = true;
      await focusFirstProblem(this);
    } finally {
      this._isBusy = false;
    }
  };
}
customElements.define('parley-changes', MeetingChanges);
