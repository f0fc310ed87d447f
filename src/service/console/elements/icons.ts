import { svg, type SVGTemplateResult, html, type TemplateResult } from 'lit';

const SHAPES = {
  add: svg`<path d="M12 5v14M5 12h14" />`,
  close: svg`<path d="M6 6l12 12M18 6L6 18" />`,
  down: svg`<path d="M6 9l6 6 6-6" />`,
  back: svg`<path d="M15 6l-6 6 6 6" />`,
  stop: svg`<rect x="6.5" y="6.5" width="11" height="11" rx="2" />`,
  muted: svg`<path d="M4 9.5v5h3.5L12 18V6L7.5 9.5H4Zm11.5 0 5 5m0-5-5 5" />`,
  voice: svg`<path d="M4 9.5v5h3.5L12 18V6L7.5 9.5H4Zm11.5-.5a4 4 0 0 1 0 6m2.5-8.5a7.5 7.5 0 0 1 0 11" />`,
  search: svg`<circle cx="11" cy="11" r="6" /><path d="M15.5 15.5 20 20" />`,
  home: svg`<path d="M4 11l8-7 8 7M6.5 9.5V19h11V9.5" />`,
  past: svg`<circle cx="12" cy="12" r="8" /><path d="M12 7.5V12l3 2" />`,
  agent: svg`<path d="M12 3.5l1.9 5.6 5.6 1.9-5.6 1.9L12 18.5l-1.9-5.6L4.5 11l5.6-1.9Z" /><path d="M18.5 16.5v4m-2-2h4" />`,
  settings: svg`<path d="M4 7h9m4 0h3M4 17h3m4 0h9" /><circle cx="15" cy="7" r="2" /><circle cx="9" cy="17" r="2" />`,
  download: svg`<path d="M12 4v11m-4.5-4L12 15l4.5-4M5 19.5h14" />`,
  globe: svg`<circle cx="12" cy="12" r="8" /><path d="M4 12h16M12 4c3 2.5 3 13.5 0 16c-3-2.5-3-13.5 0-16Z" />`,
} as const satisfies Readonly<Record<string, SVGTemplateResult>>;

/** A drawing beside words: nothing is read out of it. */
export function icon(name: keyof typeof SHAPES): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${SHAPES[name]}</svg>`;
}

/** The product's mark. */
export const MARK = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" />
  <path
    class="said"
    d="M7 8.5h10a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-6l-3.5 3v-3H7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1Z"
  />
  <path class="heard" d="M21.5 13.5H24a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2v3l-3.5-3H16a2 2 0 0 1-1.7-1" />
</svg>`;
