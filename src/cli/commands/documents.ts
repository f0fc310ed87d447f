import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { DocumentLibrary } from '../../agent/documents/document-library.js';
import { MAX_FILE_BYTES } from '../../agent/documents/limits.js';
import type { DocumentInfo, DocumentStore } from '../../agent/documents/store/document-store.js';
import { ParleyError } from '../../errors.js';
import { plain } from '../../text.js';
import type { CliIo, CommandContext } from '../io.js';
import {
  type DatabaseFlags,
  databaseOptions,
  namedDatabase,
  openExisting,
} from '../options/database-place.js';
import { openAiAccessOf } from '../options/openai-access.js';
import { languageOption, parseWhole } from '../options/options.js';
import { loadSettings } from '../options/settings-options.js';

const EXAMPLES = `
Examples:
  parley documents add handbook.pdf minutes-2025.docx faq.md
  parley documents search "how many days of leave"
  parley documents list --database postgres://parley@db.example.com/parley
  parley documents remove doc_019b0a5e3f7c7d0f9a52c1f08e6d3b17

Without --data or --database they are kept in a folder of this installation, for parley join. With one of them they are the
service's: while parley serve has its embedded database open, add them by its API (POST /v1/documents). With OPENAI_API_KEY they
are found by their meaning, too: their text is sent to OpenAI for that.`;

type Flags = DatabaseFlags & { json?: boolean };

/** `parley documents`: what the agent answers from. */
export function addDocuments(program: Command, context: CommandContext): void {
  const { io } = context;
  const documents = program
    .command('documents')
    .summary('documents that the agent answers from: add, list, remove, search')
    .description(
      'Looks after the documents that the meeting agent answers from: text, Markdown, HTML, PDF and DOCX.',
    )
    .addHelpText('after', EXAMPLES);
  const add = (usage: string, description: string): Command => {
    const command = documents.command(usage).description(description);
    for (const option of databaseOptions()) command.addOption(option);
    return command.option('--json', 'print JSON lines');
  };
  add('add <file...>', 'Reads files and keeps their text. The same file is kept once.')
    .option('--language <language>', 'their language (default: recognised)')
    .action(async (files: readonly string[], flags: Flags & { language?: string }) => {
      const language =
        flags.language === undefined ? undefined : languageOption(flags.language, '--language');
      await withLibrary(flags, context, async (library) => {
        for (const file of files) await addFile(library, file, language, flags, context);
      });
    });
  add('list', 'Lists them.').action((flags: Flags) =>
    withLibrary(flags, context, async (library) => {
      const all = await library.list();
      for (const each of all) io.out(flags.json === true ? jsonLine(jsonOf(each)) : lineOf(each));
      if (all.length === 0 && flags.json !== true) io.out('no documents: parley documents add FILE\n');
    }),
  );
  add('remove <id...>', 'Removes documents by their ids.').action((ids: readonly string[], flags: Flags) =>
    withLibrary(flags, context, async (library) => {
      for (const id of ids) {
        if (await library.remove(id))
          io.out(flags.json === true ? jsonLine({ removed: id }) : `${plain(id)}: removed\n`);
        else context.fail(new ParleyError('input_missing', `there is no document ${plain(id)}`));
      }
    }),
  );
  add('search <words...>', 'Finds passages, the best first.')
    .option('--limit <n>', 'how many (default 5)', parseWhole(1, 20), 5)
    .action((words: readonly string[], flags: Flags & { limit: number }) =>
      withLibrary(flags, context, async (library) => {
        const hits = await library.search([words.join(' ')], { limit: flags.limit });
        for (const { document, chunk, source, quote, score } of hits) {
          if (flags.json === true)
            io.out(
              jsonLine({
                document: document.id,
                source,
                page: chunk.page,
                headings: chunk.headings,
                text: chunk.text,
                score,
              }),
            );
          else io.out(`${plain(source)}\n  ${plain(quote.text.replace(/\s+/g, ' ').trim())}\n`);
        }
        if (hits.length > 0) return;
        if (flags.json !== true) io.out('nothing found\n');
        context.answerNo();
      }),
    );
}

async function addFile(
  library: DocumentLibrary,
  file: string,
  language: string | undefined,
  flags: Flags,
  context: CommandContext,
): Promise<void> {
  const { io } = context;
  try {
    const { document, isNew } = await library.add({ name: file, bytes: await bytesOf(file), language });
    io.out(
      flags.json === true
        ? jsonLine({ ...jsonOf(document), isNew })
        : isNew
          ? lineOf(document)
          : `${plain(file)}: is there already (${document.id})\n`,
    );
    for (const warning of isNew ? document.warnings : []) io.err(`parley: ${plain(file)}: ${warning}\n`);
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    context.fail(new ParleyError(error.code, `${plain(file)}: ${error.message}`, { cause: error }));
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new ParleyError('input_missing', 'there is no such file');
  if (found.size > MAX_FILE_BYTES)
    throw new ParleyError('input_unusable', `a file has at most ${MAX_FILE_BYTES / 1_048_576} MiB`);
  return readFile(file);
}

async function withLibrary(
  flags: Flags,
  context: CommandContext,
  work: (library: DocumentLibrary) => Promise<void>,
): Promise<void> {
  const { io } = context;
  const { process: config } = loadSettings({}, context, {
    ...{ realtime: true, videoSdk: false, fastino: false, meeting: 'none' },
  });
  const { openAiEmbedder } = await import('../../agent/documents/search/embedder.js');
  const { DocumentLibrary: Library } = await import('../../agent/documents/document-library.js');
  const { store, close } = await openStore(flags, io);
  const access = openAiAccessOf(config);
  try {
    await work(
      new Library({
        store,
        embedder: access === undefined ? undefined : openAiEmbedder(access),
        onNotice: (message) => {
          io.err(`parley: ${plain(message)}\n`);
        },
      }),
    );
  } finally {
    await close();
  }
}

async function openStore(
  flags: DatabaseFlags,
  io: CliIo,
): Promise<{ store: DocumentStore; close: () => Promise<void> }> {
  const place = namedDatabase(flags, io);
  if (place === undefined) {
    const { FolderDocuments } = await import('../../agent/documents/store/folder-documents.js');
    const { documentsFolderOf } = await import('../options/agent-extensions.js');
    return { store: new FolderDocuments(documentsFolderOf(io)), close: () => Promise.resolve() };
  }
  const { listWorkspaces } = await import('../../records/store/workspaces.js');
  const { DatabaseDocuments } = await import('../../records/store/documents.js');
  const database = await openExisting(place);
  try {
    const [workspace] = await listWorkspaces(database.orm);
    if (workspace === undefined)
      throw new ParleyError(
        'input_missing',
        'the service has no workspace yet: start parley serve and set it up',
      );
    return { store: new DatabaseDocuments(database, workspace.id), close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function lineOf({ id, name, language, pages, chunkCount }: DocumentInfo): string {
  const facts = [
    ...(language === undefined ? [] : [language]),
    ...(pages === undefined ? [] : [pages === 1 ? '1 page' : `${pages} pages`]),
    chunkCount === 1 ? '1 passage' : `${chunkCount} passages`,
  ];
  return `${id}  ${plain(name)}  (${facts.join(', ')})\n`;
}

function jsonOf({ addedAt, chunkCount, ...info }: DocumentInfo): object {
  return { ...info, passages: chunkCount, addedAt: addedAt.toISOString() };
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
