/** Text for HTML: everything a page is made of goes through here, transcripts and file names above all. */

/** A piece of markup that is safe to put into a page. */
export type Html = { readonly markup: string };

/** Marks `markup`, written by us, as safe. */
export function trusted(markup: string): Html {
  return { markup };
}

type Value = string | number | Html | readonly Html[];

/** Markup with values: strings and numbers are escaped for text and for quoted attributes alike. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = parts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (parts[index + 1] ?? '');
  });
  return { markup: text };
}

function render(value: Value): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map((piece) => piece.markup).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes markup, and turns into spaces what HTML does not allow, control characters, and what would turn a word or its
 * neighbours around, bidirectional embeddings, overrides and isolates. Marks of direction stay: Hebrew and Arabic are written with them.
 */
function escapeHtml(text: string): string {
  return text
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
