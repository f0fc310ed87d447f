/** The elements of an HTML document become headings and paragraphs. Pure. */
import type { Block } from '../document.js';

/** What stands on lines of its own. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 ' +
    'h4 h5 h6 header hr html legend li main menu nav ol p pre search section summary table tbody tfoot thead tr ul'
  ).split(' '),
);
const CELLS: ReadonlySet<string> = new Set(['td', 'th']);

/**
 * Blocks of what the parsing process tells of a document (`parser-source.ts`): `<p` an element begins, `>p` it ends, `=words`
 * text. A row of a table is a line, its cells apart by ` | `.
 */
export function htmlBlocks(events: readonly string[]): { title?: string; blocks: Block[] } {
  const blocks: Block[] = [];
  let title = '';
  let text = '';
  let level: number | undefined;
  let preformatted = 0;
  let inTitle = false;
  const end = (): void => {
    const clean = (preformatted > 0 ? text : text.replace(/[^\S\n]+/g, ' ').replace(/ ?\n ?/g, '\n'))
      .replace(/(?: \| )+$/, '')
      .trim();
    if (clean !== '') blocks.push({ text: clean, ...(level === undefined ? {} : { headingLevel: level }) });
    text = '';
  };
  for (const event of events) {
    const name = event.slice(1);
    if (event.startsWith('=')) {
      if (inTitle) title += name;
      else text += preformatted > 0 ? name : name.replace(/\s+/g, ' ');
      continue;
    }
    const begins = event.startsWith('<');
    if (name === 'title') inTitle = begins;
    else if (name === 'br' && begins) text += '\n';
    else if (CELLS.has(name) && !begins) text += ' | ';
    else if (BLOCKS.has(name)) {
      end();
      if (name === 'pre') preformatted = Math.max(0, preformatted + (begins ? 1 : -1));
      const heading = /^h([1-6])$/.exec(name)?.[1];
      if (heading !== undefined) level = begins ? Number(heading) : undefined;
    }
  }
  end();
  const said = title.replace(/\s+/g, ' ').trim();
  return { blocks, ...(said === '' ? {} : { title: said }) };
}
