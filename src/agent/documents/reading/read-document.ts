/** A file becomes text with headings and pages. */
import { ParleyError } from '../../../errors.js';
import { type DocumentFormat, type DocumentText } from '../document.js';
import { MAX_FILE_BYTES, MAX_TEXT_BYTES, MAX_TEXT_CHARS } from '../limits.js';
import { declaredEncoding, decodedText } from './decode-text.js';
import { formatOf } from './formats.js';
import { htmlBlocks } from './html-blocks.js';
import { parseApart } from './parse-apart.js';
import { pdfBlocks } from './pdf-blocks.js';
import { textBlocks } from './text-blocks.js';

const DAMAGED =
  'letters are missing in the text of this PDF, so that some of its words will not be found: give it as DOCX or HTML';
const NO_TEXT = 'the document holds no text: of a scanned one, give a version whose text can be selected';

/**
 * Reads a file: text, Markdown, HTML, PDF or DOCX, told apart by its content and its name.
 * @throws ParleyError `input_unusable` that says what is wrong: too large, of another kind, locked, damaged, without text, or
 * taking longer than 30 s.
 */
export async function readDocument(name: string, bytes: Uint8Array): Promise<DocumentText> {
  checkSize(bytes, MAX_FILE_BYTES, 'a file');
  const format = formatOf(name, bytes);
  const read = await textOf(format, bytes);
  const chars = read.blocks.reduce((sum, { text }) => sum + text.length, 0);
  if (chars === 0) throw new ParleyError('input_unusable', NO_TEXT);
  if (chars > MAX_TEXT_CHARS)
    throw new ParleyError(
      'input_unusable',
      `the document is longer than ${MAX_TEXT_CHARS} characters: split it`,
    );
  return { format, ...read };
}

async function textOf(format: DocumentFormat, bytes: Uint8Array): Promise<Omit<DocumentText, 'format'>> {
  if (format === 'pdf') {
    const parsed = await parseApart('pdf', bytes);
    if (!('pages' in parsed)) throw unexpected();
    const { blocks, isDamaged } = pdfBlocks(parsed.pages);
    const title = parsed.title.trim();
    return {
      ...(title === '' ? {} : { title }),
      ...{ blocks, pages: parsed.pages.length, warnings: isDamaged ? [DAMAGED] : [] },
    };
  }
  if (format === 'docx') return htmlOf('docx', bytes);
  checkSize(bytes, MAX_TEXT_BYTES, 'a text');
  if (format === 'text') return { blocks: textBlocks(decodedText(bytes)), warnings: [] };
  const text = decodedText(bytes, format === 'html' ? declaredEncoding(bytes) : undefined);
  return htmlOf(format, Buffer.from(text));
}

async function htmlOf(
  format: 'docx' | 'html' | 'markdown',
  bytes: Uint8Array,
): Promise<Omit<DocumentText, 'format'>> {
  const parsed = await parseApart(format, bytes);
  if (!('events' in parsed)) throw unexpected();
  return { ...htmlBlocks(parsed.events), warnings: [] };
}

function checkSize(bytes: Uint8Array, max: number, what: string): void {
  if (bytes.length <= max) return;
  throw new ParleyError('input_unusable', `${what} has at most ${max / 1_048_576} MiB`);
}

function unexpected(): ParleyError {
  return new ParleyError('internal', 'the process that reads documents answered for another kind of file');
}
