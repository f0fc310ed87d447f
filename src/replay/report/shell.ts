/** What the pages of all reports have in common. */
import { createHash } from 'node:crypto';
import { markup, trusted, type Html } from './html.js';
import { REPORT_SCRIPT } from './script.js';
import { REPORT_STYLE } from './style.js';

/** One recording that the page plays: the class of its colour, its name, its path beside the page; `isOff`: not heard until it is ticked. */
export type PlayerTrack = { kind: string; name: string; href: string; isOff?: boolean };

/**
 * A self-contained page. It loads nothing but the recordings of its player, if they lie where the page expects them; a
 * content security policy holds it to that. `style` adds to the style sheet of all reports.
 */
export function pageOf({ title, style, main }: { title: string; style: string; main: Html }): string {
  const sheet = `${REPORT_STYLE}${style}`;
  const policy = [
    "default-src 'none'",
    `style-src '${digest(sheet)}'`,
    `script-src '${digest(REPORT_SCRIPT)}'`,
    "media-src 'self' file:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}: Parley replay</title>
        <style>${trusted(sheet)}</style>
      </head>
      <body>
        <main>${main}</main>
        <script>${trusted(REPORT_SCRIPT)}</script>
      </body>
    </html>`;
  return page.markup;
}

/** Figures that stand out, each with its term. */
export function factsOf(entries: readonly (readonly [term: string, value: string])[]): Html {
  const items = entries.map(
    ([term, value]) =>
      markup`<div>
        <dt>${term}</dt>
        <dd>${value}</dd>
      </div>`,
  );
  return markup`<dl class="facts">${items}</dl>`;
}

/** The player of several recordings that share a timeline; its script shows it where one can be loaded. */
export function playerOf(tracks: readonly PlayerTrack[]): Html {
  const labels = tracks.map(
    ({ kind, name, href, isOff = false }) =>
      markup`<label class="${kind}"
        ><input type="checkbox" ${trusted(isOff ? '' : 'checked ')}disabled /><span class="key ${kind}"></span>${name}<audio
          preload="metadata"
          src="${urlOf(href)}"
        ></audio
      ></label>`,
  );
  return markup`<div class="player" hidden>
    <button type="button">Play</button
    ><output aria-label="Position"></output> ${labels}
  </div>`;
}

/** Each folder's name percent-encoded, so that nothing in it is taken for a scheme, a query or a fragment. */
export function urlOf(href: string): string {
  return `./${href.split('/').map(encodeURIComponent).join('/')}`;
}

/** What the reader should know of a run; nothing where there is nothing. */
export function warningsOf(messages: readonly string[]): Html {
  if (messages.length === 0) return markup``;
  const items = messages.map((message) => markup`<li>${message}</li>`);
  return markup`<ul class="warnings" aria-label="Warnings">
    ${items}
  </ul>`;
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
