/** The style sheet of the report. */
export const REPORT_STYLE = `
:root {
  color-scheme: light dark;
  --page: #faf9f7; --card: #ffffff; --ink: #1d1c1a; --soft: #6b6862; --line: #e4e1db;
  --said: #4457c9; --said-tint: #4457c91f; --heard: #0b7f68; --heard-tint: #0b7f681f; --cut: #b4491a; --head: #c2264b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141517; --card: #1c1e21; --ink: #ecebe8; --soft: #9c9a95; --line: #303338;
    --said: #93a1ff; --said-tint: #93a1ff26; --heard: #4fd0b2; --heard-tint: #4fd0b224; --cut: #ff9a68; --head: #ff6b8b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { margin: 0; font-size: clamp(1.3rem, 4vw, 1.9rem); line-height: 1.2; overflow-wrap: anywhere; letter-spacing: -0.01em; }
h2 { margin: 2.25rem 0 0.75rem; font-size: 1.05rem; }
.soft { color: var(--soft); }
.lead { margin: 0.4rem 0 0; color: var(--soft); overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem; margin: 1.5rem 0 1.75rem; padding: 0; }
.facts div { display: flex; flex-direction: column-reverse; }
.facts dt { color: var(--soft); font-size: 0.85rem; }
.facts dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.player { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem 1.1rem; padding: 0.75rem 1rem; border-bottom: 1px solid var(--line); }
.player[hidden] { display: none; }
.player button {
  font: inherit; font-weight: 600; color: var(--card); background: var(--ink); border: 0; border-radius: 999px;
  padding: 0.35rem 1.1rem; min-width: 5.5rem; cursor: pointer;
}
.player output { font-variant-numeric: tabular-nums; color: var(--soft); min-width: 8.5rem; }
.player label { display: inline-flex; align-items: center; gap: 0.4rem; cursor: pointer; }
.player .said input { accent-color: var(--said); }
.player .heard input { accent-color: var(--heard); }
.missing { opacity: 0.5; }
.scroll { overflow-x: auto; }
.timeline { display: block; width: 100%; cursor: pointer; }
.timeline text { font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums; }
.timeline .lane { font-weight: 600; }
.timeline .said { fill: var(--said); } .timeline .heard { fill: var(--heard); }
.timeline .block.said { fill: var(--said-tint); } .timeline .block.heard { fill: var(--heard-tint); }
.timeline .number { font-weight: 700; }
.timeline .cut { stroke: var(--cut); stroke-width: 3; }
.timeline .tick { stroke: var(--line); }
.timeline .wait { stroke: var(--soft);  }
.timeline .playhead { stroke: var(--head); stroke-width: 2; visibility: hidden; }
.timeline a:hover .block, .timeline a:focus .block { fill-opacity: 0.55; stroke: currentColor; }
.timeline a:focus { outline: none; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: 0.8rem 1rem; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 0.85rem; }
tbody th { color: var(--soft); font-weight: 600; width: 3rem; }
td p { margin: 0; overflow-wrap: anywhere; }
td .when { color: var(--soft); font-size: 0.85rem; font-variant-numeric: tabular-nums; }
tr:target { background: var(--said-tint); }
.delay { width: 11rem; font-variant-numeric: tabular-nums; font-weight: 600; }
.delay svg { display: block; width: 100%; height: 5px; margin-top: 0.35rem; border-radius: 3px; background: var(--line); }
.delay rect { fill: var(--heard); }
.note { color: var(--cut); font-size: 0.85rem; }
.key { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 3px; }
.key.said { background: var(--said); } .key.heard { background: var(--heard); }
.warnings { margin: 1.25rem 0 0; padding: 0.8rem 1rem 0.8rem 2rem; border: 1px solid var(--cut); border-radius: 12px; overflow-wrap: anywhere; }
.empty { padding: 1.5rem 1rem; margin: 0; color: var(--soft); }
footer { margin-top: 2rem; font-size: 0.85rem; color: var(--soft); }
footer a, .lead a { color: inherit; }
@media (max-width: 40rem) {
  main { padding: 1.5rem 0.9rem 3rem; }
  .facts { gap: 0.75rem 1.75rem; }
  .facts dd { font-size: 1.25rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, tbody th, td { display: block; width: 100%; }
  tbody th, td { border: 0; padding: 0.2rem 1rem; }
  tbody tr { border-top: 1px solid var(--line); padding: 0.7rem 0; }
  tbody tr:first-child { border-top: 0; }
  td::before { content: attr(data-label); display: block; color: var(--soft); font-size: 0.8rem; }
}
@media print { .player, .playhead { display: none; } }
`;
