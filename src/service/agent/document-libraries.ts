/** The documents of each workspace, opened when they are first asked for. */
import { DocumentLibrary } from '../../agent/documents/document-library.js';
import { openAiEmbedder } from '../../agent/documents/search/embedder.js';
import type { OpenAiAccess } from '../../agent/openai/openai-call.js';
import { BoundedMap } from '../../bounded-map.js';
import type { Clock } from '../../clock.js';
import type { Database } from '../../database/database.js';
import type { Logger } from '../../log.js';
import { DatabaseDocuments } from '../../records/store/documents.js';

const KEPT = 100;

export class DocumentLibraries {
  readonly #about: { database: Database; openAi: OpenAiAccess | undefined; clock: Clock; log: Logger };
  /** A library keeps no more than the questions that it was asked. */
  readonly #opened = new BoundedMap<DocumentLibrary>(KEPT);

  constructor(about: { database: Database; openAi: OpenAiAccess | undefined; clock: Clock; log: Logger }) {
    this.#about = about;
  }

  of(workspaceId: string): DocumentLibrary {
    const known = this.#opened.get(workspaceId);
    if (known !== undefined) return known;
    const { database, openAi, clock, log } = this.#about;
    const library = new DocumentLibrary({
      store: new DatabaseDocuments(database, workspaceId),
      embedder: openAi === undefined ? undefined : openAiEmbedder(openAi),
      clock,
      onNotice: (message) => {
        log.warn(message);
      },
    });
    this.#opened.set(workspaceId, library);
    return library;
  }
}
