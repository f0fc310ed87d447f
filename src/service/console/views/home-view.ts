import { html, nothing, type TemplateResult } from 'lit';
import { ApiProblem, request } from '../api/client.js';
import { makeRoom } from '../api/rooms.js';
import type { Bot, BotSummary, Page } from '../api/types.js';
import { focusFirstProblem, formProblem, textField } from '../elements/fields.js';
import '../elements/language-picker.js';
import { agoText, clockText, whenText } from '../format.js';
import { likelyLanguages } from '../languages.js';
import { meetingIdIn, reasonText, stateText, toneOf } from '../meeting-words.js';
import { type FormProblems, NO_PROBLEMS, problemsFor, problemText } from '../problems.js';
import { hashOf } from '../router.js';
import { session } from '../session.js';
import { regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';
import {
  changesOf,
  DRAFT_FIELDS,
  draftOf,
  recordField,
  type SettingsDraft,
  settingsFields,
} from './meeting-settings.js';

const POLL_MS = 3_000;
const RUNNING = 'queued,starting,staged,joining,active,recovering,leaving,processing';
const KEPT_LANGUAGES = 'parley.languages';
const FIELDS = ['meetingId', 'joinAt', 'record', ...DRAFT_FIELDS];

/** Where a host invites the interpreter, and sees the meetings that run, come and were. */
export class HomeView extends View {
  static override properties = {
    _meeting: { state: true },
    _draft: { state: true },
    _joinAt: { state: true },
    _record: { state: true },
    _problems: { state: true },
    _existing: { state: true },
    _isBusy: { state: true },
    _lists: { state: true },
    _listProblem: { state: true },
    _room: { state: true },
  };
  declare private _meeting: string;
  declare private _draft: SettingsDraft;
  declare private _joinAt: string;
  declare private _record: boolean;
  declare private _problems: FormProblems;
  declare private _existing: string;
  declare private _isBusy: boolean;
  declare private _lists: Record<'running' | 'upcoming' | 'past', readonly BotSummary[]> | undefined;
  declare private _listProblem: string;
  declare private _room: { readonly page: string | undefined } | undefined;

  constructor() {
    super();
    this._meeting = '';
    this._draft = { ...draftOf({}), languages: keptLanguages() };
    this._joinAt = '';
    this._record = true;
    this._problems = NO_PROBLEMS;
    this._existing = '';
    this._isBusy = false;
    this._lists = undefined;
    this._listProblem = '';
    this._room = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
    this.every(POLL_MS, () => void this.#load());
  }

  protected override render(): TemplateResult {
    return html`<section class="hero" aria-labelledby="invite-heading">
        <h1 id="invite-heading" tabindex="-1">${text('invite.heading')}</h1>
        <p class="soft lead">${text('invite.lead')}</p>
        ${session.mayInvite ? this.#form() : html`<p class="refusal">${text('invite.viewer')}</p>`}
      </section>
      ${this.#meetings()}`;
  }

  #form(): TemplateResult {
    const { fields } = this._problems;
    return html`<form class="invite card" novalidate @submit=${this.#invite}>
      ${textField({
        id: 'meeting',
        label: text('invite.meeting'),
        placeholder: text('invite.meetingPlaceholder'),
        value: this._meeting,
        problem: fields.get('meetingId'),
        required: true,
        onInput: (value) => (this._meeting = value),
      })}
      <parley-languages
        field-id="languages"
        label=${text('invite.languages')}
        problem=${fields.get('languages') ?? ''}
        .value=${this._draft.languages}
        .suggested=${['en', 'es', 'de', 'fr', 'ja', 'pt-BR', 'zh-Hans']}
        @languages=${(event: CustomEvent<readonly string[]>) => this.#change({ languages: event.detail })}
      ></parley-languages>
      <div class="go">
        <button class="primary big" ?disabled=${this._isBusy}>
          ${this._joinAt === '' ? text('invite.button') : text('invite.schedule')}
        </button>
        <button type="button" class="quiet" ?disabled=${this._isBusy} @click=${this.#makeRoom}>
          ${text('room.make')}
        </button>
      </div>
      <div role="status">
        ${
          this._room === undefined
            ? nothing
            : html`<p class="note">
                ${
                  this._room.page === undefined
                    ? text('room.madeElsewhere')
                    : html`${text('room.made')}
                        <a href=${this._room.page} target="_blank" rel="noopener">${text('room.open')}</a>`
                }
              </p>`
        }
      </div>
      ${formProblem(this._problems)}
      ${
        this._existing === ''
          ? nothing
          : html`<p>
              <a href=${hashOf({ view: 'meeting', botId: this._existing })}>${text('invite.openExisting')}</a>
            </p>`
      }
      <details class="more" ?open=${this.#hasFoldedProblem}>
        <summary>${text('invite.more')}</summary>
        ${settingsFields({
          draft: this._draft,
          problems: this._problems,
          prefix: 'invite',
          onChange: (change) => this.#change(change),
        })}
        <div class="fields">
          ${textField({
            id: 'join-at',
            type: 'datetime-local',
            label: text('invite.joinAt'),
            hint: text('invite.joinAtHint'),
            value: this._joinAt,
            problem: fields.get('joinAt'),
            onInput: (value) => (this._joinAt = value),
          })}
        </div>
        ${recordField(this._record, (record) => (this._record = record))}
      </details>
    </form>`;
  }

  get #hasFoldedProblem(): boolean {
    return [...this._problems.fields.keys()].some((name) => name !== 'meetingId' && name !== 'languages');
  }

  #change(change: Partial<SettingsDraft>): void {
    this._draft = { ...this._draft, ...change };
  }

  readonly #invite = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this._isBusy) return;
    const { patch, problems } = changesOf(draftOf({}), this._draft);
    const found = new Map(problems);
    const meetingId = meetingIdIn(this._meeting);
    if (meetingId === undefined)
      found.set(
        'meetingId',
        this._meeting.trim() === '' ? text('invite.meetingMissing') : text('invite.meetingWrong'),
      );
    this._existing = '';
    if (found.size > 0) {
      this._problems = { general: '', fields: found };
      await focusFirstProblem(this);
      return;
    }
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      const joinAt = this._joinAt === '' ? {} : { joinAt: new Date(this._joinAt).toISOString() };
      const body = {
        meetingId,
        ...withoutNull(patch),
        ...joinAt,
        ...(this._record ? {} : { record: false }),
      };
      const bot = await request<Bot>('POST', '/v1/bots', { body });
      localStorage.setItem(KEPT_LANGUAGES, JSON.stringify(this._draft.languages));
      location.hash = hashOf({ view: 'meeting', botId: bot.id });
    } catch (error) {
      this._problems = problemsFor(error, FIELDS);
      this._existing = existingBot(error);
      await focusFirstProblem(this);
    } finally {
      this._isBusy = false;
    }
  };

  readonly #makeRoom = async (): Promise<void> => {
    this._isBusy = true;
    this._problems = NO_PROBLEMS;
    try {
      const { meetingId, page } = await makeRoom();
      this._room = { page };
      this._meeting = meetingId;
    } catch (error) {
      this._problems = problemsFor(error, FIELDS);
    } finally {
      this._isBusy = false;
    }
  };

  async #load(): Promise<void> {
    try {
      const list = (state: string, limit: number): Promise<Page<BotSummary>> =>
        request('GET', '/v1/bots', { query: { state, limit } });
      const [running, upcoming, past] = await Promise.all([
        list(RUNNING, 50),
        list('scheduled', 25),
        list('ended,failed,cancelled', 5),
      ]);
      const soonest = [...upcoming.data].sort((a, b) => (a.joinAt ?? '').localeCompare(b.joinAt ?? ''));
      this._lists = { running: running.data, upcoming: soonest, past: past.data };
      this._listProblem = '';
    } catch (error) {
      this._listProblem = problemText(error);
    }
  }

  #meetings(): TemplateResult {
    const { _lists: lists, _listProblem: problem } = this;
    if (lists === undefined)
      return html`<p class="soft centre" role="status">${problem === '' ? text('loading') : problem}</p>`;
    const all = lists.running.length + lists.upcoming.length + lists.past.length;
    return html`${problem === '' ? nothing : html`<p class="lost" role="status">${problem}</p>`}
    ${all === 0 ? html`<p class="soft centre">${text('home.empty')}</p>` : nothing}
    ${this.#list('running', lists.running)} ${this.#list('upcoming', lists.upcoming)}
    ${this.#list('past', lists.past)}
    ${
      lists.past.length === 0
        ? nothing
        : html`<p>
            <a href=${hashOf({ view: 'past', query: '', language: '' })}>${text('home.allPast')}</a>
          </p>`
    }`;
  }

  #list(name: 'running' | 'upcoming' | 'past', bots: readonly BotSummary[]): TemplateResult | typeof nothing {
    if (bots.length === 0) return nothing;
    return html`<section class="list" aria-labelledby="list-${name}">
      <h2 id="list-${name}">${text(`home.${name}`)}</h2>
      <ul class="rows">
        ${bots.map((bot) => html`<li>${meetingRow(bot)}</li>`)}
      </ul>
    </section>`;
  }
}
customElements.define('parley-home', HomeView);

/** A meeting in a list. */
export function meetingRow(bot: BotSummary): TemplateResult {
  const language = regionalLanguage();
  const nowMs = Date.now();
  const reason = reasonText(bot);
  const state = bot.state === 'ended' && reason !== '' ? reason : stateText(bot);
  const more = bot.state === 'failed' && reason !== '' ? `${state}: ${reason}` : state;
  return html`<a class="row" href=${hashOf({ view: 'meeting', botId: bot.id })}>
    <span class="row-name"><bdi>${bot.meetingId}</bdi></span>
    <span class="tone" data-tone=${toneOf(bot)}>${more}</span>
    <span class="row-when soft">${rowTime(bot, language, nowMs)}</span>
  </a>`;
}

function rowTime(bot: BotSummary, language: string, nowMs: number): string {
  if (bot.state === 'scheduled' && bot.joinAt !== undefined)
    return `${whenText(bot.joinAt, language, nowMs)} · ${agoText(bot.joinAt, language, nowMs)}`;
  if (bot.endedAt !== undefined) return whenText(bot.joinedAt ?? bot.createdAt, language, nowMs);
  if (bot.joinedAt !== undefined) return clockText(nowMs - new Date(bot.joinedAt).getTime());
  return agoText(bot.createdAt, language, nowMs);
}

function keptLanguages(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_LANGUAGES) ?? 'null');
    if (Array.isArray(kept) && kept.every((tag) => typeof tag === 'string')) return kept;
  } catch {
    // Somebody else wrote there.
  }
  return likelyLanguages(navigator.languages);
}

function withoutNull(patch: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null));
}

function existingBot(error: unknown): string {
  if (!(error instanceof ApiProblem) || error.code !== 'bot_exists') return '';
  const { bot } = error.document;
  if (typeof bot === 'string') return bot;
  const id = (bot as { id?: unknown } | undefined)?.id;
  return typeof id === 'string' ? id : '';
}
