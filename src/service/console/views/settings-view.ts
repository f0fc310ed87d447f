import { html, nothing, type TemplateResult } from 'lit';
import { hashOf, SETTINGS_PARTS, type SettingsPart } from '../router.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';
import './settings-keys.js';
import './settings-people.js';
import './settings-sign-in.js';
import './settings-webhooks.js';
import './settings-workers.js';
import './settings-workspace.js';

/** Parts that everybody has; the others are for administrators. */
const FOR_ALL: ReadonlySet<SettingsPart> = new Set(['sign-in']);

/** The settings, part by part. */
export class SettingsView extends View {
  static override properties = { section: {}, problem: {} };
  declare section: SettingsPart;
  /** With what somebody came back from the OpenID provider. */
  declare problem: string;

  constructor() {
    super();
    this.section = 'keys';
    this.problem = '';
  }

  protected override render(): TemplateResult {
    const parts = SETTINGS_PARTS.filter((part) => session.isAdmin || FOR_ALL.has(part));
    const part = parts.includes(this.section) ? this.section : 'sign-in';
    return html`<h1 tabindex="-1">${text('settings.heading')}</h1>
      <div class="settings">
        <nav class="tabs" aria-label=${text('settings.heading')}>
          ${parts.map(
            (each) =>
              html`<a
                href=${hashOf({ view: 'settings', part: each })}
                aria-current=${each === part ? 'page' : nothing}
                >${text(`settings.${each}`)}</a
              >`,
          )}
        </nav>
        <div class="settings-part">${partView(part, this.problem)}</div>
      </div>`;
  }
}
customElements.define('parley-settings', SettingsView);

function partView(part: SettingsPart, problem: string): TemplateResult {
  switch (part) {
    case 'keys':
      return html`<parley-settings-keys></parley-settings-keys>`;
    case 'webhooks':
      return html`<parley-settings-webhooks></parley-settings-webhooks>`;
    case 'workers':
      return html`<parley-settings-workers></parley-settings-workers>`;
    case 'workspace':
      return html`<parley-settings-workspace></parley-settings-workspace>`;
    case 'people':
      return html`<parley-settings-people></parley-settings-people>`;
    case 'sign-in':
      return html`<parley-settings-sign-in .cameBackWith=${problem}></parley-settings-sign-in>`;
  }
}
