import type { DocumentLibrary } from '../document-library.js';
import type { SearchPassages } from '../documents-extension.js';

/** Passages out of a library in this process. */
export function passagesOf(library: Pick<DocumentLibrary, 'search'>): SearchPassages {
  return async (queries, options) =>
    (await library.search(queries, options)).map(({ source, document, chunk }) => ({
      source,
      text: chunk.text,
      ...(document.language === undefined ? {} : { language: document.language }),
    }));
}
