import { join } from 'node:path';
import {
  loadPhrasebook,
  type Phrasebook,
  type Rendering,
} from '../../../src/embedded/phrasebook/phrasebook.js';
import { packageRoot } from '../../../src/package-root.js';

const BOOK_PATH = join(packageRoot(), 'fixtures', 'phrasebook.json');

let book: Promise<Phrasebook> | undefined;

/** Read once: what recognisers make of its renderings is kept with them. */
export const loadBook = (): Promise<Phrasebook> => (book ??= loadPhrasebook(BOOK_PATH));

/** Every rendering of a book, in its order. */
export const renderingsOf = (book: Phrasebook): Rendering[] =>
  [...book.values()].flatMap((renderings) => [...renderings.values()]);
