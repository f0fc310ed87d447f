import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { embeddedRoomPage } from '../api/rooms.js';
import { type Bot, OVER } from '../api/types.js';
import type { Connection } from '../feed/feed-hub.js';
import { EMPTY, type FeedState } from '../feed/feed-state.js';
import { watchMeeting } from '../feed/feeds.js';
import { icon } from '../elements/icons.js';
import { clockText, delayText, moneyText, whenText } from '../format.js';
import { costText, reasonText, stateText, toneOf } from '../meeting-words.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';
import './live-captions.js';
import './meeting-agent.js';
import './meeting-changes.js';
import './meeting-notes.js';
import './meeting-people.js';
import './meeting-spans.js';
import './meeting-voice.js';
import './past-meeting.js';

/** One meeting: live while it runs, in writing after it. */
export class MeetingView extends View {
  static override properties = {
    botId: { attribute: 'bot-id' },
    _bot: { state: true },
    _feed: { state: true },
    _connection: { state: true },
    _problem: { state: true },
    _isStopping: { state: true },
    _roomPage: { state: true },
  };
  declare botId: string;
  declare private _bot: Bot | undefined;
  declare private _feed: FeedState;
  declare private _connection: Connection;
  declare private _problem: string;
  declare private _isStopping: boolean;
  declare private _roomPage: string | undefined;
  #watched = '';
  #endWatch: () => void = () => undefined;

  constructor() {
    super();
    this.botId = '';
    this._bot = undefined;
    this._feed = EMPTY;
    this._connection = 'connecting';
    this._problem = '';
    this._isStopping = false;
    this._roomPage = undefined;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#watched = '';
    // Clocks go on between events.
    this.every(1_000, () => this.requestUpdate());
    this.whileHere(() => this.#endWatch());
  }

  protected override willUpdate(): void {
    if (this.botId === this.#watched) return;
    this.#endWatch();
    this.#watched = this.botId;
    this._bot = undefined;
    this._feed = EMPTY;
    this._problem = '';
    this._isStopping = false;
    this._roomPage = undefined;
    void this.#load();
  }

  protected override render(): TemplateResult {
    const bot = this.#now;
    if (bot === undefined)
      return html`<p class="centre soft" role="status">
          ${this._problem === '' ? text('loading') : this._problem}
        </p>
        <p class="centre"><a href="#/">${text('nav.back')}</a></p>`;
    return html`<header class="meeting-head">
        <a class="back" href="#/" aria-label=${text('nav.back')}>${icon('back')}</a>
        <div class="meeting-title">
          <h1 tabindex="-1"><bdi>${bot.meetingId}</bdi></h1>
          <p class="meeting-state" role="status">
            <span class="tone" data-tone=${toneOf(bot)}>${stateText(bot)}</span>
            ${this.#stateHint(bot)} ${this.#roomLink(bot)}
          </p>
        </div>
        ${this.#stop(bot)}
      </header>
      ${this._problem === '' ? nothing : html`<p class="refusal" role="alert" dir="auto">${this._problem}</p>`}
      ${
        OVER.has(bot.state)
          ? html`<parley-past-meeting .bot=${bot} .cost=${this._feed.cost}></parley-past-meeting>`
          : this.#live(bot)
      }`;
  }

  /** The feed knows the newest; what lists do not tell comes from the first answer. */
  get #now(): Bot | undefined {
    const { _bot: bot, _feed: feed } = this;
    return bot === undefined ? feed.bot : { ...bot, ...feed.bot };
  }

  #live(bot: Bot): TemplateResult {
    const feed = this._feed;
    const mayChange = session.mayInvite;
    return html`${this.#connectionLine()}
      ${session.standIn ? html`<p class="note stand-in">${text('live.standIn')}</p>` : nothing}
      <div class="meeting">
        <div class="meeting-main">
          ${this.#numbers(bot, feed)}
          <parley-live-captions .feed=${feed} .bot=${bot}></parley-live-captions>
        </div>
        <div class="meeting-side">
          <parley-people .bot=${bot} .feed=${feed} ?fixed=${!mayChange}></parley-people>
          ${
            mayChange
              ? html`<parley-voice .bot=${bot} .feed=${feed}></parley-voice>
                  ${
                    session.allows('agent:write')
                      ? html`<parley-agent .bot=${bot} .feed=${feed}></parley-agent>`
                      : nothing
                  }
                  <parley-changes
                    .bot=${bot}
                    .feed=${feed}
                    @changed=${() => void this.#reload()}
                  ></parley-changes>`
              : nothing
          }
          <parley-notes .botId=${bot.id} .live=${feed.notes}></parley-notes>
          <parley-spans .feed=${feed}></parley-spans>
          ${this.#notices(feed)}
        </div>
      </div>`;
  }

  #numbers(bot: Bot, { latency, cost, people }: FeedState): TemplateResult {
    const language = regionalLanguage();
    const since = bot.joinedAt === undefined ? '–' : clockText(Date.now() - new Date(bot.joinedAt).getTime());
    const delay = latency?.medianMs ?? latency?.lastMs;
    const share = cost?.budgetUsd === undefined ? undefined : Math.min(1, cost.usd / cost.budgetUsd);
    return html`<dl class="numbers">
      <div>
        <dt>${text('live.time')}</dt>
        <dd>${since}</dd>
      </div>
      <div>
        <dt>${text('live.people')}</dt>
        <dd>${people.filter(({ isBot }) => isBot !== true).length}</dd>
      </div>
      <div>
        <dt>${text('live.delay')}</dt>
        <dd>${delay === undefined ? '–' : delayText(delay, language)}</dd>
      </div>
      <div>
        <dt>${text('live.cost')}</dt>
        <dd>
          ${cost === undefined ? '–' : costText(cost, language)}
          ${
            share === undefined
              ? nothing
              : html`<span class="soft"
                    >${text('live.ofBudget', { budget: moneyText(cost?.budgetUsd ?? 0, language) })}</span
                  >
                  <meter
                    min="0"
                    max="1"
                    high="0.8"
                    .value=${share}
                    aria-label=${text('live.budget')}
                  ></meter>`
          }
        </dd>
      </div>
    </dl>`;
  }

  #stateHint(bot: Bot): TemplateResult | typeof nothing {
    const reason = reasonText(bot);
    if (bot.state === 'failed')
      return html`<span dir="auto">${reason}${bot.message === undefined ? '' : ` (${bot.message})`}</span>`;
    if (OVER.has(bot.state)) return reason === '' ? nothing : html`<span class="soft">${reason}</span>`;
    if (bot.state === 'scheduled' && bot.joinAt !== undefined)
      return html`<span class="soft">${whenText(bot.joinAt, regionalLanguage(), Date.now())}</span>`;
    if (bot.state === 'joining' && bot.waitingFor === 'admission')
      return html`<span>${text('state.admissionHint')}</span>`;
    if (bot.state === 'recovering') return html`<span>${text('state.recoveringHint')}</span>`;
    return nothing;
  }

  #roomLink(bot: Bot): TemplateResult | typeof nothing {
    if (this._roomPage === undefined || OVER.has(bot.state)) return nothing;
    return html`<a href=${this._roomPage} target="_blank" rel="noopener">${text('room.open')}</a>`;
  }

  #stop(bot: Bot): TemplateResult | typeof nothing {
    if (OVER.has(bot.state) || !session.mayInvite) return nothing;
    const isLeaving = this._isStopping || bot.state === 'leaving' || bot.state === 'processing';
    const label =
      bot.state === 'scheduled' || bot.state === 'queued' ? text('live.cancel') : text('live.stop');
    return html`<button class="danger" ?disabled=${isLeaving} @click=${this.#leave}>
      ${icon('stop')}${label}
    </button>`;
  }

  #connectionLine(): TemplateResult | typeof nothing {
    const words: Partial<Record<Connection, string>> = {
      lost: text('connection.lost'),
      paused: text('connection.paused'),
      'signed-out': text('connection.signedOut'),
    };
    const line = words[this._connection];
    return html`<div role="status">
      ${line === undefined ? nothing : html`<p class="lost">${line}</p>`}
      ${this._feed.hasGap ? html`<p class="lost">${text('connection.gap')}</p>` : nothing}
    </div>`;
  }

  #notices({ notices }: FeedState): TemplateResult | typeof nothing {
    if (notices.length === 0) return nothing;
    return html`<section class="panel" aria-labelledby="notices-heading">
      <h2 id="notices-heading">${text('live.notices')}</h2>
      <ul class="notices">
        ${notices.map(({ message }) => html`<li dir="auto">${message}</li>`)}
      </ul>
    </section>`;
  }

  async #load(): Promise<void> {
    const { botId } = this;
    try {
      const bot = await request<Bot>('GET', `/v1/bots/${botId}`);
      if (botId !== this.#watched) return;
      this._bot = bot;
      if (OVER.has(bot.state)) return;
      void this.#findRoomPage(bot);
    } catch (error) {
      if (botId === this.#watched) this._problem = problemText(error);
      return;
    }
    if (!this.isConnected) return;
    this.#endWatch = watchMeeting(botId, (feed, connection) => {
      if (connection === 'signed-out') session.signedOut();
      this._feed = feed;
      this._connection = connection;
      // What the end brings, such as its reason, is read once more.
      if (feed.bot !== undefined && OVER.has(feed.bot.state) && !OVER.has(this._bot?.state ?? ''))
        void this.#reload();
    });
  }

  /** Only the embedded room has a page of its own; without it the meeting is followed all the same. */
  async #findRoomPage({ place, meetingId }: Bot): Promise<void> {
    if (place !== 'embedded') return;
    const { botId } = this;
    try {
      const page = await embeddedRoomPage(meetingId);
      if (botId === this.#watched) this._roomPage = page;
    } catch {
      // The room is gone, or was never opened by anybody.
    }
  }

  async #reload(): Promise<void> {
    const { botId } = this;
    try {
      const bot = await request<Bot>('GET', `/v1/bots/${botId}`);
      if (botId !== this.#watched) return;
      this._bot = bot;
      this._feed = { ...this._feed, bot };
    } catch (error) {
      this._problem = problemText(error);
    }
  }

  readonly #leave = async (): Promise<void> => {
    const bot = this.#now;
    if (bot === undefined) return;
    this._isStopping = true;
    this._problem = '';
    try {
      await request('POST', `/v1/bots/${bot.id}/leave`, { body: {} });
      await this.#reload();
    } catch (error) {
      this._problem = problemText(error);
      await this.#reload();
    } finally {
      this._isStopping = false;
    }
  };
}
customElements.define('parley-meeting', MeetingView);
