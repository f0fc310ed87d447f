/** Colours that tell people apart; from the ninth person on they come again. */
export const PERSON_COLOURS = 8;

const LIGHT = ['#4457c9', '#a8480f', '#0b7f68', '#8a35b0', '#2f7a1d', '#b0285f', '#0a68a6', '#756000'];
const DARK = ['#98a5ff', '#ff9f6b', '#4fd0b2', '#d69cf5', '#8fd67c', '#ff8fb8', '#6cc0ff', '#dcc558'];

function colours(list: readonly string[]): string {
  return list.map((colour, index) => `--p${index}: ${colour};`).join(' ');
}

function classes(): string {
  return LIGHT.map(
    (_, index) =>
      `.key.p${index} { background: var(--p${index}); }
.timeline .p${index} { fill: var(--p${index}); } .timeline .block.p${index} { fill: var(--p${index}); fill-opacity: 0.14; }
.who.p${index} { color: var(--p${index}); }`,
  ).join('\n');
}

/** What the report of a meeting adds to the style sheet of all reports: a colour per person, and rows. */
export const MEETING_STYLE = `
:root { ${colours(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${colours(DARK)} } }
${classes()}
.about { margin: 0.75rem 0 0; max-width: 48rem; }
.key.original { background: var(--soft); }
.key.voice { background: var(--ink); }
.timeline .voice { fill: var(--soft); }
.timeline .present { fill: var(--line); fill-opacity: 0.4; }
.timeline .muted { fill: url(#muted); }
.timeline .hatch { stroke: var(--soft); stroke-width: 1.5; stroke-opacity: 0.45; }
.timeline .block.unheard { fill: none; stroke-dasharray: 3 3; stroke: var(--soft); }
.lanes { position: sticky; left: 0; width: 0; height: 0; z-index: 1; font-size: 12px; line-height: 18px; }
.lanes p { position: absolute; margin: 0; padding: 0 10px; white-space: nowrap; max-width: min(60rem, 86vw); overflow: hidden; text-overflow: ellipsis; pointer-events: none; }
.lanes b { font-size: 13px; }
.scroll { position: relative; }
.timeline .absent { fill: var(--card); }
.who { font-weight: 600; }
.who .key { margin-right: 0.5rem; }
.translation { display: grid; grid-template-columns: 2.6rem 1fr; }
.translation + .translation { margin-top: 0.55rem; }
.tongue { font-size: 0.8rem; font-weight: 600; line-height: 1.9; color: var(--soft); }
@media (min-width: 40.01rem) { td.what { width: 42%; } }
.files { margin: 0; padding: 0.8rem 1rem 0.8rem 2.2rem; }
.files a { color: inherit; }
`;
