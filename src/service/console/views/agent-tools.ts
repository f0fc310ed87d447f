import { html, type TemplateResult } from 'lit';
import { selectField } from '../elements/fields.js';
import { text } from '../texts.js';
import { type Level, LEVELS, millisecondsOf, ToolPart, type ToolRow } from './tool-part.js';

type HttpTool = ToolRow & {
  readonly description: string;
  readonly level: Level;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly signedWith?: string;
  readonly timeoutMs?: number;
};

/** HTTP services that agents call. */
export class AgentTools extends ToolPart<HttpTool> {
  protected readonly path = '/v1/tools';
  protected readonly nameHint = 'tools.nameHint';
  protected readonly fields = [
    ...['name', 'url', 'description', 'level', 'headers', 'parameters', 'signedWith', 'timeoutMs'],
  ];

  protected override render(): TemplateResult {
    return html`<h2 tabindex="-1">${text('material.tools')}</h2>
      <p class="soft">${text('tools.lead')}</p>
      ${this.form()} ${this.notes()}
      ${this.list(
        text('tools.none'),
        (tool) =>
          html`<div class="card-row-main">
              <strong><code>${tool.name}</code></strong>
              <span dir="auto">${tool.description}</span>
              <span class="soft url" dir="ltr">${tool.url}</span>
              <span class="soft">${text(`level.${tool.level}`)}</span>
              ${this.rowQuestion(tool)}
            </div>
            <div class="actions">${this.rowButtons(tool)}</div>`,
      )}`;
  }

  protected ownFields(): TemplateResult {
    return html`${this.block('description', 'tools.description', 'tools.descriptionHint', 2)}
      ${selectField({
        ...this.about('level', 'tools.level'),
        value: this.written('level') === '' ? 'confirm' : this.written('level'),
        options: LEVELS.map((level): [string, string] => [level, text(`level.${level}`)]),
        onChange: (value) => {
          this.write('level', value);
        },
      })}
      <details>
        <summary>${text('invite.more')}</summary>
        <div class="stack">
          ${this.block('parameters', 'tools.parameters', 'tools.parametersHint', 5)}
          <div class="fields">
            ${selectField({
              ...this.about('signedWith', 'tools.signedWith', 'tools.signedWithHint'),
              options: this.secretOptions(this.written('signedWith'), text('tools.unsigned')),
              onChange: (value) => {
                this.write('signedWith', value);
              },
            })}
            ${this.line('timeoutMs', 'tools.timeout', 'tools.timeoutHint')}
          </div>
        </div>
      </details>`;
  }

  protected draftOf({ description, level, parameters, signedWith = '', timeoutMs }: HttpTool) {
    return {
      ...{ description, level, signedWith },
      parameters: parameters === undefined ? '' : JSON.stringify(parameters, null, 2),
      timeoutMs: timeoutMs === undefined ? '' : String(timeoutMs / 1_000),
    };
  }

  protected bodyOf(wrong: Map<string, string>): Readonly<Record<string, unknown>> {
    const description = this.written('description').trim();
    if (description === '') wrong.set('description', text('tools.descriptionMissing'));
    const timeoutMs = millisecondsOf(this.written('timeoutMs'));
    if (Number.isNaN(timeoutMs)) wrong.set('timeoutMs', text('number.wrong'));
    let parameters: unknown = null;
    try {
      if (this.written('parameters').trim() !== '') parameters = JSON.parse(this.written('parameters'));
    } catch {
      wrong.set('parameters', text('tools.parametersWrong'));
    }
    const signedWith = this.written('signedWith');
    return {
      ...{ description, parameters, timeoutMs: timeoutMs ?? null },
      level: this.written('level') === '' ? 'confirm' : this.written('level'),
      signedWith: signedWith === '' ? null : signedWith,
    };
  }
}
customElements.define('parley-agent-tools', AgentTools);
