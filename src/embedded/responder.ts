import { join } from 'node:path';
import { packageRoot } from '../package-root.js';
import { loadPhrasebook } from './phrasebook/phrasebook.js';
import { createEchoResponder, createPhrasebookResponder } from './phrasebook/responders.js';
import type { Responder } from './realtime-server/index.js';

/** What the embedded server says: translations of the phrases that it knows, or what it heard. */
export type ResponderName = 'phrasebook' | 'echo';

/** What the embedded server says: from the phrasebook that comes with this package, or back what it heard. */
export async function createResponder(name: ResponderName): Promise<Responder> {
  if (name === 'echo') return createEchoResponder();
  const book = await loadPhrasebook(join(packageRoot(), 'fixtures', 'phrasebook.json'));
  return createPhrasebookResponder(book);
}
