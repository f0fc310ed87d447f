/** Fields of forms: a label, a control, a hint, and what is wrong, tied together for screen readers. */
import { html, nothing, type TemplateResult } from 'lit';
import type { FormProblems } from '../problems.js';

/** A field around a control that has `id`, and the describing ids that this gives. */
export function field(
  about: {
    readonly id: string;
    readonly label: string;
    readonly hint?: string | TemplateResult;
    readonly problem?: string | undefined;
    readonly wide?: boolean;
  },
  control: (described: string | typeof nothing, invalid: 'true' | typeof nothing) => TemplateResult,
): TemplateResult {
  const { id, label, hint, problem, wide = false } = about;
  const described = [
    hint === undefined ? '' : `${id}-hint`,
    problem === undefined ? '' : `${id}-problem`,
  ].filter(Boolean);
  return html`<div class="field ${wide ? 'wide' : ''}">
    <label for=${id}>${label}</label>
    ${control(described.length > 0 ? described.join(' ') : nothing, problem === undefined ? nothing : 'true')}
    ${hint === undefined ? nothing : html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${problem === undefined ? nothing : html`<p class="problem" id="${id}-problem" dir="auto">${problem}</p>`}
  </div>`;
}

/** A line of text. */
export function textField(
  about: Parameters<typeof field>[0] & {
    readonly value?: string;
    readonly type?: string;
    readonly placeholder?: string;
    readonly autocomplete?: string;
    readonly required?: boolean;
    readonly onInput?: (value: string) => void;
  },
): TemplateResult {
  const {
    id,
    value = '',
    type = 'text',
    placeholder,
    autocomplete = 'off',
    required = false,
    onInput,
  } = about;
  return field(
    about,
    (described, invalid) =>
      html`<input
        id=${id}
        name=${id}
        type=${type}
        dir="auto"
        .value=${value}
        placeholder=${placeholder ?? nothing}
        autocomplete=${autocomplete}
        spellcheck="false"
        aria-required=${required ? 'true' : nothing}
        aria-describedby=${described}
        aria-invalid=${invalid}
        @input=${(event: InputEvent) => onInput?.((event.target as HTMLInputElement).value)}
      />`,
  );
}

/** One of a few. */
export function selectField(
  about: Parameters<typeof field>[0] & {
    readonly value: string;
    readonly options: readonly (readonly [value: string, name: string])[];
    readonly onChange: (value: string) => void;
  },
): TemplateResult {
  const { id, value, options, onChange } = about;
  return field(
    about,
    (described, invalid) =>
      html`<select
        id=${id}
        aria-describedby=${described}
        aria-invalid=${invalid}
        @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}
      >
        ${options.map(([each, name]) => html`<option value=${each} ?selected=${each === value}>${name}</option>`)}
      </select>`,
  );
}

/** Yes or no. */
export function checkField(about: {
  readonly id: string;
  readonly label: string | TemplateResult;
  readonly checked: boolean;
  readonly hint?: string;
  readonly onChange: (checked: boolean) => void;
}): TemplateResult {
  const { id, label, checked, hint, onChange } = about;
  return html`<div class="check">
    <input
      id=${id}
      type="checkbox"
      .checked=${checked}
      aria-describedby=${hint === undefined ? nothing : `${id}-hint`}
      @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)}
    />
    <label for=${id}>${label}</label>
    ${hint === undefined ? nothing : html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** What is wrong with a form as a whole: read out when it comes. */
export function formProblem({ general }: FormProblems): TemplateResult {
  return html`<div role="alert">
    ${general === '' ? nothing : html`<p class="refusal" dir="auto">${general}</p>`}
  </div>`;
}

/** Puts the focus on the first field that is wrong. */
export async function focusFirstProblem(
  view: HTMLElement & { updateComplete: Promise<unknown> },
): Promise<void> {
  await view.updateComplete;
  view.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
