import { html, nothing, type TemplateResult } from 'lit';
import { AGENT_PARTS, type AgentPart, hashOf } from '../router.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';
import './agent-documents.js';
import './agent-secrets.js';
import './agent-servers.js';
import './agent-tools.js';

/** Parts that everybody has; the others are for administrators. */
const FOR_ALL: ReadonlySet<AgentPart> = new Set(['documents']);

/** What the agent of meetings works with, part by part. */
export class AgentView extends View {
  static override properties = { section: {} };
  declare section: AgentPart;

  constructor() {
    super();
    this.section = 'documents';
  }

  protected override render(): TemplateResult {
    const parts = AGENT_PARTS.filter((part) => session.isAdmin || FOR_ALL.has(part));
    const part = parts.includes(this.section) ? this.section : 'documents';
    return html`<h1 tabindex="-1">${text('material.heading')}</h1>
      <p class="soft">${text('material.lead')}</p>
      <div class="settings">
        <nav class="tabs" aria-label=${text('material.heading')}>
          ${parts.map(
            (each) =>
              html`<a
                href=${hashOf({ view: 'agent', part: each })}
                aria-current=${each === part ? 'page' : nothing}
                >${text(`material.${each}`)}</a
              >`,
          )}
        </nav>
        <div class="settings-part">${partView(part)}</div>
      </div>`;
  }
}
customElements.define('parley-agent-material', AgentView);

function partView(part: AgentPart): TemplateResult {
  switch (part) {
    case 'documents':
      return html`<parley-agent-documents></parley-agent-documents>`;
    case 'tools':
      return html`<parley-agent-tools></parley-agent-tools>`;
    case 'servers':
      return html`<parley-agent-servers></parley-agent-servers>`;
    case 'secrets':
      return html`<parley-agent-secrets></parley-agent-secrets>`;
  }
}
