import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { AGENT_MODES, type AgentMode, type Bot } from '../api/types.js';
import { selectField } from '../elements/fields.js';
import type { AgentTurn, FeedState, WaitingCall } from '../feed/feed-state.js';
import { problemText } from '../problems.js';
import { text } from '../texts.js';
import { View } from '../view.js';

/** Of what it was asked, the last ones. */
const SHOWN_TURNS = 5;

/** The meeting's agent: when it answers, what it was asked, what it wants to do and needs a yes for, and a way to ask it. */
export class MeetingAgent extends View {
  static override properties = {
    bot: { attribute: false },
    feed: { attribute: false },
    _words: { state: true },
    _said: { state: true },
    _problem: { state: true },
    _isBusy: { state: true },
    _decided: { state: true },
  };
  declare bot: Bot;
  declare feed: FeedState;
  declare private _words: string;
  declare private _said: string;
  declare private _problem: string;
  declare private _isBusy: boolean;
  /** Calls that were decided here and that the feed still tells of. */
  declare private _decided: ReadonlySet<string>;

  constructor() {
    super();
    this._words = '';
    this._said = '';
    this._problem = '';
    this._isBusy = false;
    this._decided = new Set();
  }

  protected override render(): TemplateResult {
    const mode = this.bot.settings.agent ?? 'off';
    return html`<section class="panel" aria-labelledby="agent-heading">
      <h2 id="agent-heading">${text('agent.heading')}</h2>
      ${this.#waiting()}
      ${selectField({
        id: 'agent-mode',
        label: text('agent.mode'),
        value: mode,
        options: AGENT_MODES.map((each) => [each, text(`agent.mode.${each}`)] as const),
        onChange: (value) => void this.#setMode(value as AgentMode),
      })}
      ${mode === 'off' ? nothing : html`${this.#turns()}${this.#form()}`}
      <p role="status" class="said">${this._said}</p>
      <div role="alert">
        ${this._problem === '' ? nothing : html`<p class="refusal" dir="auto">${this._problem}</p>`}
      </div>
    </section>`;
  }

  /** What it wants to do: in full, as text, whatever it holds. */
  #waiting(): TemplateResult {
    const calls = this.feed.approvals.filter(({ callId }) => !this._decided.has(callId));
    return html`<div role="alert">
      ${
        calls.length === 0
          ? nothing
          : html`<ul class="approvals">
              ${calls.map((call) => this.#call(call))}
            </ul>`
      }
    </div>`;
  }

  #call({ callId, tool, arguments: args, askedBy }: WaitingCall): TemplateResult {
    return html`<li>
      <p>${text('agent.wants')} <code dir="ltr">${tool}</code></p>
      <pre dir="ltr">${args}</pre>
      ${askedBy === undefined ? nothing : html`<p class="soft hint">${this.#nameOf(askedBy)}</p>`}
      <p class="actions">
        <button type="button" class="primary" @click=${() => void this.#decide(callId, true)}>
          ${text('agent.approve')}
        </button>
        <button type="button" class="quiet" @click=${() => void this.#decide(callId, false)}>
          ${text('agent.deny')}
        </button>
      </p>
    </li>`;
  }

  #turns(): TemplateResult | typeof nothing {
    const turns = this.feed.agent.slice(-SHOWN_TURNS);
    if (turns.length === 0) return nothing;
    return html`<ul class="notes">
      ${turns.map((turn) => this.#turn(turn))}
    </ul>`;
  }

  #turn({ askedBy, question, answer, state }: AgentTurn): TemplateResult {
    return html`<li>
      <p class="soft hint" dir="auto">
        ${askedBy === undefined ? text('agent.host') : this.#nameOf(askedBy)}: ${question}
      </p>
      <p dir="auto">${answer === undefined || answer === '' ? text(`agent.${state}`) : answer}</p>
    </li>`;
  }

  #form(): TemplateResult {
    return html`<form class="say" novalidate @submit=${this.#ask}>
      <label for="agent-words">${text('agent.ask')}</label>
      <textarea
        id="agent-words"
        rows="2"
        dir="auto"
        maxlength="2000"
        .value=${this._words}
        @input=${(event: Event) => (this._words = (event.target as HTMLTextAreaElement).value)}
      ></textarea>
      <p class="actions">
        <button class="quiet" ?disabled=${this._isBusy || this._words.trim() === '' || !this.#isThere}>
          ${text('agent.askButton')}
        </button>
        <button type="button" class="quiet" ?disabled=${!this.#isThere} @click=${() => void this.#hush()}>
          ${text('agent.hush')}
        </button>
      </p>
    </form>`;
  }

  get #isThere(): boolean {
    return this.bot.state === 'active';
  }

  #nameOf(participantId: string): TemplateResult {
    const name = this.feed.people.find(({ id }) => id === participantId)?.name ?? '';
    return html`<bdi>${name || text('people.nameless')}</bdi>`;
  }

  async #setMode(agent: AgentMode): Promise<void> {
    await this.#send('PATCH', '', { agent }, text('agent.changed'));
  }

  async #decide(callId: string, approve: boolean): Promise<void> {
    const path = `/agent/approvals/${encodeURIComponent(callId)}`;
    const isDone = await this.#send(
      'POST',
      path,
      { approve },
      text(approve ? 'agent.approved' : 'agent.denied'),
    );
    if (isDone) this._decided = new Set([...this._decided, callId]);
  }

  async #hush(): Promise<void> {
    await this.#send('POST', '/agent/hush', undefined, text('agent.hushed'));
  }

  readonly #ask = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = this._words.trim();
    if (words === '') return;
    this._isBusy = true;
    // What it answers comes by the feed.
    if (await this.#send('POST', '/agent/ask', { text: words, waitS: 0 }, '')) this._words = '';
    this._isBusy = false;
  };

  async #send(
    method: 'POST' | 'PATCH',
    path: string,
    body: object | undefined,
    said: string,
  ): Promise<boolean> {
    this._said = '';
    this._problem = '';
    try {
      await request(method, `/v1/bots/${this.bot.id}${path}`, body === undefined ? {} : { body });
      this._said = said;
      return true;
    } catch (error) {
      this._problem = problemText(error);
      return false;
    }
  }
}
customElements.define('parley-agent', MeetingAgent);
