import { type Html, markup } from './html.js';

/** A table of a report, with a heading for each column. `className` is for its style. */
export function table(headings: readonly string[], rows: readonly Html[], className?: string): Html {
  return markup`<table${className === undefined ? '' : markup` class="${className}"`}>
    <thead>
      <tr>
        ${headings.map((heading) => markup`<th scope="col">${heading}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
