import { html, nothing, type TemplateResult } from 'lit';
import { auth } from './api/auth.js';
import { whenSignedOut } from './api/client.js';
import { icon, MARK } from './elements/icons.js';
import { ownName } from './languages.js';
import { problemText } from './problems.js';
import { hashOf, type Route, routeOf } from './router.js';
import { session } from './session.js';
import { TEXT_LANGUAGES, text, textLanguage, useTextLanguage } from './texts.js';
import { View } from './view.js';
import './views/agent-view.js';
import './views/home-view.js';
import './views/meeting-view.js';
import './views/past-view.js';
import './views/settings-view.js';
import './views/setup-view.js';
import './views/sign-in-view.js';

const KEPT_LANGUAGE = 'parley.language';
const RETRY_MS = 3_000;

/** The console: its frame, and the view that the address names. */
export class ConsoleApp extends View {
  static override properties = {
    _route: { state: true },
    _isLoaded: { state: true },
    _problem: { state: true },
    _isOnline: { state: true },
  };
  declare private _route: Route;
  declare private _isLoaded: boolean;
  declare private _problem: string;
  declare private _isOnline: boolean;

  constructor() {
    super();
    this._route = routeOf(location.hash);
    this._isLoaded = false;
    this._problem = '';
    this._isOnline = navigator.onLine;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const onHash = (): void => this.#goTo(routeOf(location.hash));
    const onNetwork = (): void => {
      this._isOnline = navigator.onLine;
    };
    addEventListener('hashchange', onHash);
    addEventListener('online', onNetwork);
    addEventListener('offline', onNetwork);
    this.whileHere(() => {
      removeEventListener('hashchange', onHash);
      removeEventListener('online', onNetwork);
      removeEventListener('offline', onNetwork);
    });
    this.whileHere(session.onChange(() => this.requestUpdate()));
    whenSignedOut(() => session.signedOut());
    void this.#load();
  }

  protected override willUpdate(): void {
    document.documentElement.lang = textLanguage();
  }

  protected override render(): TemplateResult {
    return html`<a class="skip" href="#main" @click=${this.#skip}>${text('nav.skip')}</a>
      <header class="bar">
        <a class="brand" href="#/" aria-label="Parley">${MARK}<span aria-hidden="true">Parley</span></a>
        ${session.me !== undefined && this._route.view !== 'setup' ? this.#nav() : html`<span class="grow"></span>`}
        <label class="language-choice">
          ${icon('globe')}<span class="unseen">${text('nav.language')}</span>
          <select @change=${this.#chooseLanguage}>
            ${TEXT_LANGUAGES.map(
              (tag) =>
                html`<option value=${tag} lang=${tag} ?selected=${tag === textLanguage()}>
                  ${ownName(tag)}
                </option>`,
            )}
          </select>
        </label>
      </header>
      <div role="status">
        ${this._isOnline ? nothing : html`<p class="lost">${text('connection.offline')}</p>`}
      </div>
      <main id="main" tabindex="-1">${this.#view()}</main>`;
  }

  #nav(): TemplateResult {
    const { view } = this._route;
    const item = (
      name: 'home' | 'past' | 'agent' | 'settings',
      href: string,
      isHere: boolean,
    ): TemplateResult =>
      html`<a href=${href} aria-current=${isHere ? 'page' : nothing}
        >${icon(name)}<span>${text(`nav.${name}`)}</span></a
      >`;
    return html`<nav aria-label=${text('nav.label')}>
      ${item('home', '#/', view === 'home' || view === 'meeting')}
      ${item('past', hashOf({ view: 'past', query: '', language: '' }), view === 'past')}
      ${item('agent', hashOf({ view: 'agent', part: 'documents' }), view === 'agent')}
      ${item('settings', hashOf({ view: 'settings', part: 'keys' }), view === 'settings')}
    </nav>`;
  }

  #view(): TemplateResult {
    const route = this._route;
    if (route.view === 'setup') return html`<parley-setup .token=${route.token}></parley-setup>`;
    if (!this._isLoaded)
      return html`<p class="centre soft" role="status">
        ${this._problem === '' ? text('loading') : this._problem}
      </p>`;
    if (session.me === undefined)
      return html`<parley-sign-in
        .problem=${route.view === 'sign-in' ? route.problem : ''}
        .token=${route.view === 'sign-in' ? (route.token ?? '') : ''}
      ></parley-sign-in>`;
    switch (route.view) {
      case 'home':
      case 'sign-in':
        return html`<parley-home></parley-home>`;
      case 'past':
        return html`<parley-past .query=${route.query}></parley-past>`;
      case 'meeting':
        return html`<parley-meeting .botId=${route.botId}></parley-meeting>`;
      case 'agent':
        return html`<parley-agent-material .section=${route.part}></parley-agent-material>`;
      case 'settings':
        return html`<parley-settings
          .section=${route.part}
          .problem=${route.problem ?? ''}
          @sign-out=${this.#signOut}
        ></parley-settings>`;
      case 'nowhere':
        return html`<div class="centre">
          <h1 tabindex="-1">${text('nowhere.heading')}</h1>
          <p><a href="#/">${text('nav.back')}</a></p>
        </div>`;
    }
  }

  /** A new view is read out from its heading. */
  #goTo(route: Route): void {
    const isOther = route.view !== this._route.view;
    this._route = route;
    if (!isOther) return;
    scrollTo(0, 0);
    void this.updateComplete
      .then(() => new Promise((resolve) => requestAnimationFrame(resolve)))
      .then(() =>
        (this.querySelector<HTMLElement>('main h1') ?? this.querySelector<HTMLElement>('main'))?.focus({
          preventScroll: true,
        }),
      );
  }

  async #load(): Promise<void> {
    try {
      await session.load();
      this._isLoaded = true;
      this._problem = '';
    } catch (error) {
      this._problem = problemText(error);
      setTimeout(() => void this.#load(), RETRY_MS);
    }
  }

  readonly #chooseLanguage = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    localStorage.setItem(KEPT_LANGUAGE, value);
    useTextLanguage(value, navigator.languages);
  };

  readonly #skip = (event: Event): void => {
    event.preventDefault();
    this.querySelector('main')?.focus();
  };

  readonly #signOut = async (): Promise<void> => {
    try {
      await auth.signOut();
    } finally {
      session.signedOut();
      location.hash = '#/';
    }
  };
}
customElements.define('parley-console', ConsoleApp);
