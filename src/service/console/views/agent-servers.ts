import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { checkField, selectField } from '../elements/fields.js';
import { problemText } from '../problems.js';
import { plural, text } from '../texts.js';
import { type Level, LEVELS, millisecondsOf, ToolPart, type ToolRow } from './tool-part.js';

type Server = ToolRow & {
  readonly levels?: Readonly<Record<string, Level>>;
  readonly trustsReadOnlyHint?: boolean;
  readonly timeoutMs?: number;
};
/** What came of connecting to a server. What it says is untrusted. */
type ServerTest = {
  readonly ok: boolean;
  readonly tools: readonly {
    readonly name: string;
    readonly description: string;
    readonly level: Level;
    readonly usable: boolean;
  }[];
  readonly problem?: string;
};

/** MCP servers whose tools agents call; each can be tried, and each of its tools gets what it may do. */
export class AgentServers extends ToolPart<Server> {
  static override properties = { ...ToolPart.properties, _tested: { state: true }, _test: { state: true } };
  protected readonly path = '/v1/mcp-servers';
  protected readonly nameHint = 'servers.nameHint';
  protected readonly fields = ['name', 'url', 'headers', 'trustsReadOnlyHint', 'timeoutMs'];
  /** The server that is tried. */
  declare private _tested: string;
  declare private _test: ServerTest | undefined;

  constructor() {
    super();
    this._tested = '';
    this._test = undefined;
  }

  protected override render(): TemplateResult {
    return html`<h2 tabindex="-1">${text('material.servers')}</h2>
      <p class="soft">${text('servers.lead')}</p>
      ${this.form()} ${this.notes()}
      ${this.list(
        text('servers.none'),
        (server) =>
          html`<div class="card-row-main">
              <strong><code>${server.name}</code></strong>
              <span class="soft url" dir="ltr">${server.url}</span>
              ${this.rowQuestion(server)}
            </div>
            <div class="actions">
              ${
                this.asked === server.id
                  ? nothing
                  : html`<button
                      class="quiet small"
                      aria-label=${text('servers.testOf', { name: server.name })}
                      @click=${() => void this.#try(server)}
                    >
                      ${text('servers.test')}
                    </button>`
              }
              ${this.rowButtons(server)}
            </div>
            <div role="status" class="history" ?hidden=${this._tested !== server.id}>
              ${this._tested === server.id ? this.#tools(server) : nothing}
            </div>`,
      )}`;
  }

  protected ownFields(): TemplateResult {
    return html`${checkField({
        ...{ id: 'tool-trusts', label: text('servers.trusts'), hint: text('servers.trustsHint') },
        checked: this.written('trusts') === 'yes',
        onChange: (checked) => {
          this.write('trusts', checked ? 'yes' : '');
        },
      })}
      <div class="fields">${this.line('timeoutMs', 'tools.timeout', 'tools.timeoutHint')}</div>`;
  }

  protected draftOf({ trustsReadOnlyHint, timeoutMs }: Server) {
    return {
      trusts: trustsReadOnlyHint === true ? 'yes' : '',
      timeoutMs: timeoutMs === undefined ? '' : String(timeoutMs / 1_000),
    };
  }

  protected bodyOf(wrong: Map<string, string>): Readonly<Record<string, unknown>> {
    const timeoutMs = millisecondsOf(this.written('timeoutMs'));
    if (Number.isNaN(timeoutMs)) wrong.set('timeoutMs', text('number.wrong'));
    return { trustsReadOnlyHint: this.written('trusts') === 'yes', timeoutMs: timeoutMs ?? null };
  }

  #tools(server: Server): TemplateResult {
    const test = this._test;
    if (test === undefined) return html`<p class="soft">${text('servers.testing')}</p>`;
    if (!test.ok)
      return html`<p class="tone" data-tone="bad">${text('servers.unreachable')}</p>
        <p class="soft" lang="en" dir="auto">${test.problem ?? ''}</p>`;
    return html`<p class="tone" data-tone="good">${plural('servers.tools', test.tools.length)}</p>
      <ul class="stack">
        ${test.tools.map(
          ({ name, description, level, usable }, index) =>
            html`<li class="server-tool">
              <div class="card-row-main">
                <strong><code>${name}</code></strong>
                <span class="soft" dir="auto">${description}</span>
                ${usable ? nothing : html`<span class="tone" data-tone="warn">${text('servers.unusable')}</span>`}
              </div>
              ${selectField({
                ...{ id: `server-tool-${index}`, label: text('servers.levelOf', { name }), value: level },
                options: LEVELS.map((each): [string, string] => [each, text(`level.${each}`)]),
                onChange: (value) => void this.#allow(server, name, value as Level),
              })}
            </li>`,
        )}
      </ul>`;
  }

  async #try({ id }: Server): Promise<void> {
    this.problem = '';
    this.said = '';
    this._tested = id;
    this._test = undefined;
    try {
      const test = await request<ServerTest>('POST', `${this.path}/${id}/test`);
      if (this._tested === id) this._test = test;
    } catch (error) {
      this._tested = '';
      this.problem = problemText(error);
    }
  }

  async #allow({ id, levels = {} }: Server, name: string, level: Level): Promise<void> {
    const body = { levels: { ...levels, [name]: level } };
    const changed = await this.act('PATCH', `${this.path}/${id}`, text('tools.kept', { name }), body);
    if (changed === undefined || this._test === undefined) return;
    const tools = this._test.tools.map((tool) => (tool.name === name ? { ...tool, level } : tool));
    this._test = { ...this._test, tools };
  }
}
customElements.define('parley-agent-servers', AgentServers);
