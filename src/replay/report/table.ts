import { type Html, markup } from './html.js';

/** A table of a report, with a heading for each column. */
export function table(headings: readonly string[], rows: readonly Html[]): Html {
  return markup`<table>
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
