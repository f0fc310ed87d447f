/** The settings of a meeting as a form: for an invitation and for a running meeting. */
import { html, nothing, type TemplateResult } from 'lit';
import type { BotSettings } from '../api/types.js';
import { checkField, field, selectField, textField } from '../elements/fields.js';
import { glossaryLines, readGlossary, valueText } from '../meeting-words.js';
import type { FormProblems } from '../problems.js';
import { text } from '../texts.js';

/** What the form holds. Everything is text until it is sent. */
export type SettingsDraft = {
  readonly languages: readonly string[];
  readonly engine: string;
  readonly voices: string;
  readonly voice: string;
  readonly bargeIn: string;
  readonly glossary: string;
  readonly budget: string;
  readonly budgetPolicy: string;
};

/** Names of the fields, as the service names them. */
export const DRAFT_FIELDS = [
  ...['languages', 'engine', 'voices', 'voice', 'bargeIn', 'glossary', 'budgetUsd', 'budgetPolicy'],
] as const;

const ENGINES = ['conversation', 'translate', 'live', 'auto'] as const;
const VOICES = ['auto', 'one', 'per-language'] as const;
const BARGE_IN = ['others', 'any', 'off'] as const;
const BUDGET = ['captions', 'stop'] as const;
/** Voices of the models. The service takes other names too. */
const VOICE_NAMES = ['marin', 'cedar', 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse'];

/** The settings of a bot, to be changed. */
export function draftOf(settings: BotSettings): SettingsDraft {
  return {
    languages: settings.languages ?? [],
    engine: settings.engine ?? 'conversation',
    voices: settings.voices ?? 'auto',
    voice: settings.voice ?? 'marin',
    bargeIn: settings.bargeIn ?? 'others',
    glossary: glossaryLines(settings.glossary),
    budget: settings.budgetUsd === undefined ? '' : String(settings.budgetUsd),
    budgetPolicy: settings.budgetPolicy ?? 'captions',
  };
}

/** What differs between two drafts, as the service takes it; null stands for the default. And what cannot be sent. */
export function changesOf(
  before: SettingsDraft,
  after: SettingsDraft,
): { readonly patch: Record<string, unknown>; readonly problems: ReadonlyMap<string, string> } {
  const patch: Record<string, unknown> = {};
  const problems = new Map<string, string>();
  if (after.languages.join() !== before.languages.join()) {
    if (after.languages.length === 1) problems.set('languages', text('languages.two'));
    else patch['languages'] = after.languages.length === 0 ? null : after.languages;
  }
  for (const name of ['engine', 'voices', 'voice', 'bargeIn', 'budgetPolicy'] as const)
    if (after[name] !== before[name]) patch[name] = after[name];
  if (after.glossary !== before.glossary) {
    const { glossary, wrongLines } = readGlossary(after.glossary);
    if (wrongLines.length > 0)
      problems.set('glossary', text('glossary.wrong', { lines: wrongLines.join(', ') }));
    else patch['glossary'] = Object.keys(glossary).length === 0 ? null : glossary;
  }
  if (after.budget.trim() !== before.budget.trim()) {
    const usd = Number(after.budget.trim().replace(',', '.'));
    if (after.budget.trim() === '') patch['budgetUsd'] = null;
    else if (Number.isFinite(usd) && usd > 0) patch['budgetUsd'] = usd;
    else problems.set('budgetUsd', text('budget.wrong'));
  }
  return { patch, problems };
}

/** The fields beside the languages. `prefix` keeps the ids of two forms apart. */
export function settingsFields(about: {
  readonly draft: SettingsDraft;
  readonly problems: FormProblems;
  readonly prefix: string;
  readonly onChange: (change: Partial<SettingsDraft>) => void;
}): TemplateResult {
  const { draft, problems, prefix, onChange } = about;
  const id = (name: string): string => `${prefix}-${name}`;
  const choice = (
    name: 'engine' | 'voices' | 'bargeIn' | 'budgetPolicy',
    values: readonly string[],
  ): TemplateResult =>
    selectField({
      id: id(name),
      label: text(`setting.${name}`),
      value: draft[name],
      options: values.map((value) => [value, valueText(name, value)] as const),
      problem: problems.fields.get(name),
      onChange: (value) => onChange({ [name]: value }),
    });
  const voices = VOICE_NAMES.includes(draft.voice) ? VOICE_NAMES : [draft.voice, ...VOICE_NAMES];
  return html`<div class="fields">
    ${choice('engine', ENGINES)} ${choice('voices', VOICES)}
    ${selectField({
      id: id('voice'),
      label: text('setting.voice'),
      value: draft.voice,
      options: voices.map((name) => [name, name.replace(/^./, (letter) => letter.toUpperCase())] as const),
      problem: problems.fields.get('voice'),
      onChange: (voice) => onChange({ voice }),
    })}
    ${choice('bargeIn', BARGE_IN)}
    ${textField({
      id: id('budget'),
      label: text('setting.budgetUsd'),
      hint: text('budget.hint'),
      value: draft.budget,
      problem: problems.fields.get('budgetUsd'),
      onInput: (budget) => onChange({ budget }),
    })}
    ${draft.budget.trim() === '' ? nothing : choice('budgetPolicy', BUDGET)}
    ${field(
      {
        id: id('glossary'),
        label: text('setting.glossary'),
        hint: text('glossary.hint'),
        problem: problems.fields.get('glossary'),
        wide: true,
      },
      (described, invalid) =>
        html`<textarea
          id=${id('glossary')}
          rows="3"
          dir="auto"
          spellcheck="false"
          placeholder="Parley = Parley&#10;es>en: acta = minutes"
          aria-describedby=${described}
          aria-invalid=${invalid}
          .value=${draft.glossary}
          @input=${(event: Event) => onChange({ glossary: (event.target as HTMLTextAreaElement).value })}
        ></textarea>`,
    )}
  </div>`;
}

/** The box for whether words are kept. */
export function recordField(checked: boolean, onChange: (checked: boolean) => void): TemplateResult {
  return checkField({
    id: 'record',
    label: text('invite.record'),
    hint: text('invite.recordHint'),
    checked,
    onChange,
  });
}
