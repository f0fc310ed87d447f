/** The documents that the agent of a workspace answers from. */
import { z } from 'zod';
import { DOCUMENT_FORMATS } from '../../../agent/documents/document.js';
import { MAX_FILE_BYTES, MAX_NAME_CHARS } from '../../../agent/documents/limits.js';
import type { DocumentInfo } from '../../../agent/documents/store/document-store.js';
import { parseLanguage } from '../../../languages/languages.js';
import { audited } from '../../auth/audited.js';
import type { ServiceParts } from '../../service-parts.js';
import { present } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';
import { uploadOf } from '../upload.js';

const TAG = 'Agent';
const name = z.string().trim().min(1).max(MAX_NAME_CHARS);
const language = z
  .string()
  .max(100)
  .refine((text) => parseLanguage(text) !== undefined, 'is no language: use a tag such as es, or a name')
  .meta({ description: 'Its language, such as `es`; by default it is recognised.' });
const documentSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    title: z.string().optional().meta({ description: 'What the document says of itself.' }),
    format: z.enum(DOCUMENT_FORMATS),
    language: z.string().optional(),
    bytes: z.int(),
    pages: z.int().optional(),
    passages: z.int().meta({ description: 'Pieces of it that are found by themselves.' }),
    warnings: z.array(z.string()).meta({ description: 'What of it could not be read.' }),
    addedAt: z.string(),
  })
  .meta({ id: 'Document' });
const hit = z
  .object({
    document: z.string(),
    name: z.string(),
    source: z.string().meta({ description: 'Where it is, for people: name, page and headings.' }),
    page: z.int().optional(),
    headings: z.array(z.string()),
    text: z.string(),
    quote: z.object({ text: z.string(), matches: z.array(z.tuple([z.int(), z.int()])) }),
    score: z.number(),
  })
  .meta({ id: 'DocumentHit' });
const documentPath = z.strictObject({ documentId: z.string().regex(/^doc_[\w-]{1,64}$/) });

export function documentRoutes(parts: ServiceParts): Route[] {
  return [
    route(
      {
        ...{ method: 'GET', path: '/v1/documents', id: 'listDocuments', tag: TAG, scope: 'records:read' },
        ...{
          summary: 'Documents that the agent answers from',
          answer: z.object({ data: z.array(documentSchema) }),
        },
      },
      async ({ caller }) => {
        const documents = await parts.documentsOf(caller.workspaceId).list();
        return { json: { data: documents.map(documentOf) } };
      },
    ),
    route(
      {
        ...{ method: 'POST', path: '/v1/documents', id: 'addDocument', tag: TAG, scope: 'agent:write' },
        summary: 'Adds a document: text, Markdown, HTML, PDF or DOCX',
        description:
          'The body is the file itself, with its name in the query, or a form with the parts `file`, `name` and `language`. The same file is kept once.',
        query: z.strictObject({ name: z.exactOptional(name), language: z.exactOptional(language) }),
        ...{ uploads: true, repeatable: true, status: 201, answer: documentSchema },
        otherStatuses: { 200: 'It is there already' },
        problems: ['malformed_request', 'payload_too_large'],
      },
      async (call) => {
        const upload = await uploadOf(call.request, MAX_FILE_BYTES);
        const named = name.safeParse(call.query.name ?? upload.fields.get('name') ?? upload.name);
        if (!named.success) {
          const errors = [{ path: 'query.name', problem: 'is missing', code: 'missing' as const }];
          throw new Problem('invalid_request', 'a document needs a name: add ?name=handbook.pdf', { errors });
        }
        const said = call.query.language ?? upload.fields.get('language');
        const tag = said === undefined ? undefined : parseLanguage(said);
        if (said !== undefined && tag === undefined) {
          const errors = [{ path: 'language', problem: 'is no language', code: 'no_language' as const }];
          throw new Problem('invalid_request', 'language: is no language', { errors });
        }
        const library = parts.documentsOf(call.caller.workspaceId);
        const { document, isNew } = await library.add({
          name: named.data,
          bytes: upload.bytes,
          language: tag,
        });
        if (isNew) await noted(parts, call, 'document.add', document.id);
        return {
          status: isNew ? 201 : 200,
          headers: { location: `/v1/documents/${document.id}` },
          json: documentOf(document),
        };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/documents/search',
          id: 'searchDocuments',
          tag: TAG,
          scope: 'records:read',
        },
        summary: 'Finds passages of documents, in any language, the best first',
        query: z.strictObject({
          q: z.string().trim().min(1).max(500),
          limit: z.coerce.number().int().min(1).max(20).default(5),
        }),
        answer: z.object({ data: z.array(hit) }),
      },
      async ({ caller, query: { q, limit }, request }) => {
        const hits = await parts
          .documentsOf(caller.workspaceId)
          .search([q], { limit, signal: request.signal });
        return {
          json: {
            data: hits.map(({ document, chunk, source, quote, score }) =>
              present({
                ...{ document: document.id, name: document.name, source, page: chunk.page, score },
                ...{ headings: [...chunk.headings], text: chunk.text, quote },
              }),
            ),
          },
        };
      },
    ),
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/documents/{documentId}',
          id: 'getDocument',
          tag: TAG,
          scope: 'records:read',
        },
        ...{ summary: 'One document', params: documentPath, answer: documentSchema },
      },
      async ({ caller, params }) => {
        const document = await parts.documentsOf(caller.workspaceId).find(params.documentId);
        if (document === undefined) throw noSuchDocument(params.documentId);
        return { json: documentOf(document) };
      },
    ),
    route(
      {
        ...{
          method: 'DELETE',
          path: '/v1/documents/{documentId}',
          id: 'deleteDocument',
          tag: TAG,
          scope: 'agent:write',
        },
        ...{ summary: 'Deletes a document', params: documentPath },
      },
      async (call) => {
        const { documentId } = call.params;
        const wasThere = await parts.documentsOf(call.caller.workspaceId).remove(documentId);
        if (!wasThere) throw noSuchDocument(documentId);
        await noted(parts, call, 'document.delete', documentId);
        parts.scrubSoon();
        return { json: undefined };
      },
    ),
  ];
}

async function noted(
  parts: ServiceParts,
  call: Parameters<typeof audited>[1],
  action: string,
  target: string,
): Promise<void> {
  await audited(parts, call, { action, target }, () => Promise.resolve());
}

function noSuchDocument(id: string): Problem {
  return new Problem('not_found', `there is no document ${id} in this workspace`);
}

function documentOf(info: DocumentInfo): z.input<typeof documentSchema> {
  const { id, title, format, language: tag, bytes, pages, chunkCount, warnings, addedAt } = info;
  return present({
    ...{ id, name: info.name, title, format, language: tag, bytes, pages, passages: chunkCount },
    ...{ warnings: [...warnings], addedAt: addedAt.toISOString() },
  });
}
