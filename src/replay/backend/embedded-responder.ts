import { join } from 'node:path';
import { loadPhrasebook } from '../../embedded/phrasebook/phrasebook.js';
import { createEchoResponder, createPhrasebookResponder } from '../../embedded/phrasebook/responders.js';
import type { Responder } from '../../embedded/realtime-server/index.js';
import { packageRoot } from '../../package-root.js';
import type { ResponderName } from '../settings.js';

/** What the embedded server says: from the phrasebook that comes with this package, or back what it heard. */
export async function createResponder(name: ResponderName): Promise<Responder> {
  if (name === 'echo') return createEchoResponder();
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  return createPhrasebookResponder(book);
}
