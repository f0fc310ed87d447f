/** What kind of file something is: by its content first, since names lie. Pure. */
import { ParleyError } from '../../../errors.js';
import type { DocumentFormat } from '../document.js';

/** By a name's ending. */
const BY_ENDING: ReadonlyMap<string, DocumentFormat> = new Map([
  ['txt', 'text'],
  ['text', 'text'],
  ['log', 'text'],
  ['csv', 'text'],
  ['md', 'markdown'],
  ['markdown', 'markdown'],
  ['html', 'html'],
  ['htm', 'html'],
  ['xhtml', 'html'],
  ['pdf', 'pdf'],
  ['docx', 'docx'],
]);
const OTHERS =
  /\.(?:doc|odt|rtf|pages|xlsx?|pptx?|key|numbers|epub|zip|7z|rar|gz|png|jpe?g|gif|webp|mp[34]|wav)$/i;

/**
 * The format of a file.
 * @throws ParleyError `input_unusable` where it is none of those that are read.
 */
export function formatOf(name: string, bytes: Uint8Array): DocumentFormat {
  const refuse = (what: string) =>
    new ParleyError('input_unusable', `${what}: give it as text, Markdown, HTML, PDF or DOCX`);
  if (bytes.length === 0) throw new ParleyError('input_unusable', 'the file is empty');
  const start = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1');
  if (start.includes('%PDF-')) return 'pdf';
  const byName = BY_ENDING.get(/\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '');
  if (start.startsWith('PK\x03\x04')) {
    if (byName === 'docx' || Buffer.from(bytes).includes('word/document.xml')) return 'docx';
    throw refuse('this is an archive, or a document of another program');
  }
  if (start.startsWith('\xd0\xcf\x11\xe0'))
    throw refuse('this is a document of an old Office, or one with a password');
  if (byName === 'pdf' || byName === 'docx')
    throw refuse(`this is no ${byName.toUpperCase()} file, whatever its name says`);
  if (start.startsWith('{\\rtf')) throw refuse('this is RTF');
  if (byName !== undefined) return byName;
  if (OTHERS.test(name)) throw refuse('files of this kind are not read');
  return /^\s*(?:<!doctype html|<html|<\?xml[^>]*>\s*<(?:!doctype html|html))/i.test(
    start.replace(/^\xef\xbb\xbf/, ''),
  )
    ? 'html'
    : 'text';
}
