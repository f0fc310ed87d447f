/** What the page of a comparison adds to the style sheets of all reports and of meetings. */
export const COMPARE_STYLE = `
.standin { margin: 1.25rem 0 1.75rem; padding: 0.8rem 1rem; border: 2px solid var(--cut); border-radius: 12px; font-weight: 600; max-width: 60rem; }
.figures tbody th { width: 30%; color: var(--ink); font-weight: 500; }
.figures td { font-variant-numeric: tabular-nums; }
.hint { margin: 0; padding: 0.6rem 1rem; color: var(--soft); font-size: 0.85rem; border-bottom: 1px solid var(--line); }
.engines { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.engine { padding: 1rem; min-width: 0; }
.engine h3 { margin: 0 0 0.4rem; font-size: 1rem; overflow-wrap: anywhere; }
.engine p { margin: 0.4rem 0; overflow-wrap: anywhere; }
.engine a { color: inherit; }
.engine audio { display: block; width: 100%; margin-top: 0.25rem; }
.engine figure { margin: 0.75rem 0 0; }
.engine figcaption { font-size: 0.85rem; color: var(--soft); }
.engine ul { margin: 0.5rem 0 0; padding-left: 1.2rem; font-size: 0.85rem; overflow-wrap: anywhere; }
.language + .language { margin-top: 1rem; padding-top: 0.8rem; border-top: 1px dashed var(--line); }
.language dl { margin: 0; display: grid; grid-template-columns: minmax(6rem, 9rem) 1fr; gap: 0.35rem 0.75rem; }
.language dt { color: var(--soft); font-size: 0.85rem; line-height: 1.8; overflow-wrap: anywhere; }
.language dd { margin: 0; min-width: 0; }
.language .tongue { margin: 0 0 0.25rem; }
@media (min-width: 40.01rem) { td.what { width: 27%; } }
.listed { margin: 0; padding: 0.8rem 1rem 0.8rem 2.2rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  .figures tbody th { width: 100%; font-weight: 600; }
  .figures td { display: inline-block; width: 49%; vertical-align: top; }
  .language dl { grid-template-columns: 1fr; gap: 0; }
  .language dd { margin-bottom: 0.5rem; }
}
`;
