/** What the agent of parley join has beside what every agent has: documents of the installation, records, profiles. */
import { join } from 'node:path';
import type { MakeAgentExtension } from '../../agent/built-in/agent-meeting.js';
import { DocumentLibrary } from '../../agent/documents/document-library.js';
import { documentsExtension } from '../../agent/documents/documents-extension.js';
import { passagesOf } from '../../agent/documents/search/passages.js';
import { openAiEmbedder } from '../../agent/documents/search/embedder.js';
import { FolderDocuments } from '../../agent/documents/store/folder-documents.js';
import type { OpenAiAccess } from '../../agent/openai/openai-call.js';
import { profileExtension } from '../../agent/profile/profile-extension.js';
import { meetingsExtension } from '../../agent/search/meetings-extension.js';
import type { ProfileIds } from '../../profiles/profile-ids.js';
import type { ProfileSource } from '../../profiles/profile-source.js';
import { pastRecords } from '../../records/past-records.js';
import type { CliIo } from '../io.js';
import { dataFolderOf } from '../service/data-folder.js';

/** Where documents of an installation are, beside the data of its service. */
export function documentsFolderOf(io: Pick<CliIo, 'env'>): string {
  return join(dataFolderOf(io), 'documents');
}

/** `records`: the folder of past ones, where there is one. */
export function agentExtensionsOf(
  io: Pick<CliIo, 'env'>,
  about: {
    records: string | undefined;
    openAi: OpenAiAccess | undefined;
    profiles: { source: ProfileSource; ids?: ProfileIds } | undefined;
    onNotice: (message: string) => void;
  },
): MakeAgentExtension[] {
  const { records, openAi, profiles, onNotice } = about;
  const library = new DocumentLibrary({
    store: new FolderDocuments(documentsFolderOf(io)),
    embedder: openAi === undefined ? undefined : openAiEmbedder(openAi),
    onNotice,
  });
  return [
    documentsExtension(passagesOf(library)),
    meetingsExtension(records === undefined ? undefined : pastRecords(records)),
    ...(profiles === undefined ? [] : [profileExtension(profiles)]),
  ];
}
