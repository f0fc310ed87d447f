/** What a document is here: text in chunks, each of which knows where in the document it stands. */

/** The kinds of files that are read. */
export const DOCUMENT_FORMATS = ['text', 'markdown', 'html', 'pdf', 'docx'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** A piece of text in its document's order. */
export type Block = {
  /** Of a heading: 1 to 6. */
  readonly headingLevel?: number;
  readonly text: string;
  /** In files that have pages: the one on which it begins, from 1. */
  readonly page?: number;
};

/** A file as it was read. Its text is untrusted. */
export type DocumentText = {
  readonly format: DocumentFormat;
  /** What the file says of itself. */
  readonly title?: string;
  readonly blocks: readonly Block[];
  readonly pages?: number;
  /** What its owner should know, each in one line: text that could not be read. */
  readonly warnings: readonly string[];
};

/** A passage that search finds. */
export type Chunk = {
  /** Its place in the document, from 0. */
  readonly index: number;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
  readonly page?: number;
  readonly text: string;
};
