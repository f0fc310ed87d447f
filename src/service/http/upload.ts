/** A file in the body of a request: as it is, or as a form. */
import { Problem } from './problem.js';

/** Beside the file a form has its parts' heads. */
const FORM_EXTRA_BYTES = 64 * 1_024;

/** Media types that an upload may have; any other is the file itself. */
export const FORM_TYPE = 'multipart/form-data';

/** What came. */
export type Upload = {
  readonly bytes: Uint8Array;
  /** Of the form's file. */
  readonly name?: string;
  /** Other fields of the form. */
  readonly fields: ReadonlyMap<string, string>;
};

/**
 * Reads the file of a request: the body, or the part `file` of a form. Throws Problem `payload_too_large`, and
 * `malformed_request` for a form that is none.
 */
export async function uploadOf(request: Request, maxBytes: number): Promise<Upload> {
  const type = request.headers.get('content-type') ?? '';
  const isForm = type.split(';')[0]?.trim().toLowerCase() === FORM_TYPE;
  const bytes = await bytesOf(request, isForm ? maxBytes + FORM_EXTRA_BYTES : maxBytes, maxBytes);
  if (!isForm) return { bytes, fields: new Map() };
  const form = await new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } })
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- for bodies without a limit; this one has been read within its own
    .formData()
    .catch((cause: unknown) => {
      throw new Problem('malformed_request', 'the body is no form', { cause });
    });
  const file = form.get('file');
  if (file === null || typeof file === 'string')
    throw new Problem('malformed_request', 'the form has no file: name its part "file"');
  if (file.size > maxBytes) throw tooLarge(maxBytes);
  const fields = new Map<string, string>();
  for (const [name, value] of form) if (typeof value === 'string') fields.set(name, value);
  return { bytes: new Uint8Array(await file.arrayBuffer()), name: file.name, fields };
}

async function bytesOf(request: Request, limit: number, said: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge(said);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(said);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Problem {
  return new Problem('payload_too_large', `a file has at most ${maxBytes / 1_048_576} MiB`);
}
